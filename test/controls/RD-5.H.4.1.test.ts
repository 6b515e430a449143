import control from '../../src/controls/RD-5.H.4.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { TemplateField } from '../../src/domain/parameters.ts';
import { projectPodSpec } from '../../src/evidence/workloads/project-pod-spec.ts';
import { input, podSpec, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const full = {
  automountServiceAccountToken: false,
  serviceAccountName: 'web',
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 30,
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'app',
      imagePullPolicy: 'Always',
      resources: { requests: { cpu: '1' } },
      readinessProbe: { httpGet: { port: 80 } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    },
  ],
};
const written = ['imagePullPolicy/app', 'strategy', 'terminationGracePeriodSeconds'];

const given = (spec: object, own: readonly string[] | undefined, explicitFields?: TemplateField[]) =>
  input(
    {
      workloads: read([
        workload({
          template: template({ spec: projectPodSpec(spec, {}) }),
          settings: { strategy: { type: 'RollingUpdate' }, ...(own === undefined ? {} : { written: own }) },
        }),
      ]),
    },
    explicitFields === undefined ? {} : { 'workloads.explicitFields': explicitFields },
  );

describeControl(control, {
  'passes where everything is written': { given: given(full, written), status: 'Pass' },
  'warns of what is not written, and lists it': {
    given: given({ ...full, serviceAccountName: undefined, enableServiceLinks: true }, ['strategy']),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        observed: 'serviceAccountName, enableServiceLinks, imagePullPolicy, terminationGracePeriodSeconds',
        message: '4 of 14 fields are left to defaults.',
      },
    ],
  },
  'warns of a container that lacks what another has': {
    given: given({ ...full, initContainers: [{ name: 'init' }] }, written, ['resources']),
    status: 'Warn',
  },
  'asks no init container for probes': {
    given: given({ ...full, initContainers: [{ name: 'init' }] }, written, ['probes']),
    status: 'Pass',
  },
  'does not know who wrote what the API server fills in': {
    given: given(full, undefined),
    status: 'Unknown',
    reason: 'PartialEvidence',
    message:
      'Whether somebody wrote imagePullPolicy, strategy, terminationGracePeriodSeconds of Deployment app, or the API server filled it in, cannot be told.',
  },
  'warns even then of what is missing': {
    given: given({ containers: [{ name: 'app' }] }, undefined),
    status: 'Warn',
  },
  'takes the fields of the profile': {
    given: given({ containers: full.containers }, undefined, ['resources', 'probes']),
    status: 'Pass',
  },
  'does not judge a specification without containers': {
    given: input({
      workloads: read([workload({ template: template({ spec: podSpec({ containers: [] }) }) })]),
    }),
    status: 'NotApplicable',
    reason: 'NoContainers',
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
