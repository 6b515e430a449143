import { expect } from 'chai';
import control from '../../src/controls/RD-2.0.2.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { input, pod, workload } from '../support/builders.ts';
import type { ControlCase } from '../support/control-cases.ts';
import { describeControl } from '../support/control-cases.ts';

const bucket = { group: 's3.services.k8s.aws', kind: 'Bucket', name: 'pictures' };
const running = workload({ pods: [pod()] });
const forbidden = { reason: 'Forbidden', message: 'Buckets may not be listed.' } as const;

/** A namespace with one workload that nothing is to be said of. */
const given = (overrides: SnapshotOverrides = {}, parameters: Partial<Parameters> = {}) =>
  input({ workloads: read([running]), ...overrides }, parameters);

const marked = (kind: string, name: string, observed: string) => ({
  subject: { kind, name },
  path: 'metadata',
  observed,
  message: 'Its labels or annotations are for what only one vendor has.',
});

const cases: Record<string, ControlCase> = {
  'passes a namespace in which nothing is of one vendor': {
    given: given(),
    status: 'Pass',
    message: 'Nothing in namespace shop is of, or made for, an API of one vendor.',
  },
  'passes custom resources and domains of others': {
    given: given({
      proprietaryObjects: read([{ group: 'cert-manager.io', kind: 'Certificate', name: 'web' }]),
      workloads: read([{ ...running, keyDomains: ['prometheus.io', 'notcloud.google.com'] }]),
    }),
    status: 'Pass',
  },
  'warns of a custom resource of a cloud': {
    given: given({ proprietaryObjects: read([bucket]) }),
    status: 'Warn',
    reason: 'ProprietaryApis',
    message: '1 object is of, or is made for, an API of one vendor: s3.services.k8s.aws.',
    findings: [
      {
        subject: { kind: 'Bucket', name: 'pictures' },
        path: 'apiVersion',
        observed: 's3.services.k8s.aws',
        message: 'It is of an API that only one vendor has.',
      },
    ],
  },
  'warns of labels and annotations of a workload, a Service and an Ingress': {
    given: given({
      workloads: read([{ ...running, keyDomains: ['cloud.google.com', 'prometheus.io'] }]),
      services: read([{ name: 'web', ports: [], keyDomains: ['cloud.google.com', 'networking.gke.io'] }]),
      ingresses: read([{ name: 'web', keyDomains: ['networking.gke.io'] }, { name: 'plain' }]),
    }),
    status: 'Warn',
    reason: 'ProprietaryApis',
    message: '3 objects are of, or are made for, APIs of one vendor: cloud.google.com, networking.gke.io.',
    findings: [
      marked('Deployment', 'app', 'cloud.google.com'),
      marked('Ingress', 'web', 'networking.gke.io'),
      marked('Service', 'web', 'cloud.google.com, networking.gke.io'),
    ],
  },
  'names five groups and counts the others': {
    given: given({
      proprietaryObjects: read(
        ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((part) => ({ ...bucket, group: `${part}.azure.com` })),
      ),
    }),
    status: 'Warn',
    reason: 'ProprietaryApis',
    message: /: a\.azure\.com, .*, e\.azure\.com and 2 more\.$/,
  },
  'warns of what was found, whatever else could not be read': {
    given: input({
      proprietaryObjects: read([bucket], forbidden),
      workloads: unread('Forbidden', 'Pods may not be listed.'),
    }),
    status: 'Warn',
    reason: 'ProprietaryApis',
  },
  'lets a profile say which groups are meant': {
    given: given(
      { proprietaryObjects: read([bucket, { ...bucket, group: 'db.example.com' }]) },
      { 'platform.proprietaryApiGroups': ['*.example.com'] },
    ),
    status: 'Warn',
    reason: 'ProprietaryApis',
    message: '1 object is of, or is made for, an API of one vendor: db.example.com.',
  },
  'passes anything where a profile names no group': {
    given: given({ proprietaryObjects: read([bucket]) }, { 'platform.proprietaryApiGroups': [] }),
    status: 'Pass',
  },
  'names identities and volumes of a cloud, and passes': {
    given: given({
      serviceAccounts: read(
        ['a', 'b'].map((name) => ({ name, labels: {}, keyDomains: ['eks.amazonaws.com', 'example.com'] })),
      ),
      claims: read([
        { name: 'data', accessModes: [], provisioner: 'ebs.csi.aws.com' },
        { name: 'none', accessModes: [] },
      ]),
    }),
    status: 'Pass',
    message:
      'Nothing in namespace shop is of, or made for, an API of one vendor. Service accounts are annotated for eks.amazonaws.com. Volumes come from ebs.csi.aws.com.',
  },
  "names Azure's identities, whose domain is no API group": {
    given: given({
      serviceAccounts: read([{ name: 'a', labels: {}, keyDomains: ['azure.workload.identity'] }]),
    }),
    status: 'Pass',
    message: /Service accounts are annotated for azure\.workload\.identity\.$/,
  },
  'does not know while kinds of such a group may not be read': {
    given: given({ proprietaryObjects: read([], forbidden) }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'Buckets may not be listed.',
  },
  'does not know before the server has said what it serves': {
    given: given({ proprietaryObjects: unread('NoEvidence', 'Nobody has said it.') }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know while Ingresses cannot be read': {
    given: given({ ingresses: unread('Forbidden', 'Ingresses may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not know while some Services cannot be read': {
    given: given({ services: read([], { reason: 'EvaluationError', message: 'One is broken.' }) }),
    status: 'Unknown',
    reason: 'EvaluationError',
  },
  'passes whatever is known of accounts and claims, which decide nothing': {
    given: given({
      serviceAccounts: unread('Forbidden', 'They may not be listed.'),
      claims: unread('Forbidden', 'They may not be listed.'),
    }),
    status: 'Pass',
  },
  'does not apply to a namespace that has only what each has': {
    given: input({ serviceAccounts: read([{ name: 'default', labels: {} }]) }),
    status: 'NotApplicable',
    reason: 'NoObjects',
    message: 'Namespace shop has no workloads, Services or Ingresses.',
  },
};
const alone: Record<string, SnapshotOverrides> = {
  workloads: { workloads: read([running]) },
  Services: { services: read([{ name: 'web', ports: [] }]) },
  Ingresses: { ingresses: read([{ name: 'web' }]) },
};
for (const [what, overrides] of Object.entries(alone))
  cases[`applies where there are ${what} alone`] = { given: input(overrides), status: 'Pass' };

describeControl(control, cases);

describe('RD-2.0.2', () => {
  it('never fails', () => expect(control.verdicts).to.not.include('Fail'));
});
