import control from '../../src/controls/RD-5.H.1.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import { input, pod, podSpec, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const approved = {
  'images.allowedBases': ['harbor.example/base'],
  'images.thirdPartyBases': ['quay.io/ubi'],
};
const on = (baseImage: string | undefined): Workload =>
  workload({ template: template(), settings: baseImage === undefined ? {} : { baseImage } });
const given = (one: Workload, parameters: object = approved) => input({ workloads: read([one]) }, parameters);
const live = (baseImage: string, other: string) =>
  workload({
    pods: [pod({ spec: podSpec({ settings: { references: [], tracing: [], baseImage } }) })],
    settings: { baseImage: other },
  });

describeControl(control, {
  'passes an approved base': { given: given(on('harbor.example/base/java:21')), status: 'Pass' },
  'passes an approved base of a third party': { given: given(on('quay.io/ubi:9')), status: 'Pass' },
  'lets what the pods say count first': {
    given: given(live('harbor.example/base:1', 'evil.io/base')),
    status: 'Pass',
  },
  'fails a base that is not approved': {
    given: given(on('evil.io/base:1')),
    status: 'Fail',
    message: '1 of 1 workload states a base image that is not approved.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'metadata.annotations[plumbline.dev/base-image]',
        observed: 'evil.io/base:1',
        message: 'The base evil.io/base:1 is not approved.',
      },
    ],
  },
  'fails a base that cannot be read': { given: given(on('not A base')), status: 'Fail' },
  'warns of scratch': { given: given(on('scratch')), status: 'Warn' },
  'asks a person where nothing is stated': {
    given: given(on(undefined)),
    status: 'Manual',
    reason: 'NotStated',
    message: /\? 1 of 1 workload does not say what its images are built on\.$/,
  },
  'asks a person also while nothing is approved': {
    given: given(on(undefined), {}),
    status: 'Manual',
    reason: 'NotStated',
  },
  'does not know what a base is worth while nothing is approved': {
    given: given(on('harbor.example/base:1'), {}),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
