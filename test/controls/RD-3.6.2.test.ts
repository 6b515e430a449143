import control from '../../src/controls/RD-3.6.2.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import { projectPodSpec } from '../../src/evidence/workloads/project-pod-spec.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { input, pod, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const specOf = (spec: object) => projectPodSpec({ containers: [{ name: 'app' }], ...spec }, {});
const token = { volumes: [{ name: 'kube-api-access-abcde', projected: { sources: [] } }] };
const written = (spec: object, name = 'app'): Workload =>
  workload({ name, template: template({ spec: specOf(spec) }) });
const live = (spec: object): Workload => workload({ pods: [pod({ spec: specOf(spec) })] });
const running = (workloads: Workload[], overrides: SnapshotOverrides = {}) =>
  input({ workloads: read(workloads), ...overrides });
const bound = { roleBindings: read([{ name: 'b', accounts: ['web'] }]) };
const own = { serviceAccountName: 'web' };
const gap = { reason: 'EvaluationError', message: 'Broken.' } as const;

describeControl(control, {
  'passes an account of its own without its token': { given: running([live(own)]), status: 'Pass' },
  'passes a token that something is bound to': {
    given: running([live({ ...own, ...token })], bound),
    status: 'Pass',
  },
  'passes what is bound to all accounts of the namespace': {
    given: running([live({ ...own, ...token })], { roleBindings: read([{ name: 'b', accounts: ['*'] }]) }),
    status: 'Pass',
  },
  'passes a projected token that the pod asks for itself': {
    given: running([live({ ...own, volumes: [{ name: 'mesh-token', projected: { sources: [] } }] })]),
    status: 'Pass',
  },
  'fails the default account with its token': {
    given: running([live(token)]),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'spec.template.spec.serviceAccountName',
        observed: 'default',
        message: 'It has no account of its own, and holds the token of the one that all share.',
      },
    ],
  },
  'fails a template that leaves both open': { given: running([written({})]), status: 'Fail' },
  'warns of the default account without its token': {
    given: running([written({ automountServiceAccountToken: false })]),
    status: 'Warn',
  },
  'lets the account switch its token off': {
    given: running([written({})], {
      serviceAccounts: read([{ name: 'default', automountToken: false, labels: {} }]),
    }),
    status: 'Warn',
  },
  'warns of a token to which nothing is bound': {
    given: running([live({ ...own, ...token })]),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'spec.template.spec.automountServiceAccountToken',
        observed: 'true',
        message: 'It holds a token of ServiceAccount web, to which nothing is bound.',
      },
    ],
  },
  'warns of an account that workloads share': {
    given: running([
      written({ ...own, automountServiceAccountToken: false }),
      written({ ...own, automountServiceAccountToken: false }, 'other'),
    ]),
    status: 'Warn',
    message: '2 of 2 workloads have an identity that is not their own, or a token to no purpose.',
  },
  'does not know what is bound while the bindings cannot be read': {
    given: running([live({ ...own, ...token })], {
      roleBindings: unread('Forbidden', 'They may not be listed.'),
    }),
    status: 'Unknown',
    reason: 'PartialEvidence',
    message: 'Deployment app runs as ServiceAccount web, and what is bound to it could not be read.',
  },
  'does not know of a template while the accounts cannot be read': {
    given: running([written({})], { serviceAccounts: unread('Forbidden', 'They may not be listed.') }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'does not know of a template while its account may be the one that was not read': {
    given: running([written({})], { serviceAccounts: { available: true, items: [], gap } }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'does not know an account that is not among the manifests': {
    given: running([written(own)], { cluster: { live: false } }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'fails the default account in manifests too': {
    given: running([written({})], { cluster: { live: false } }),
    status: 'Fail',
  },
  'judges a pod of a manifest as what it will be': {
    given: running([live({})], { cluster: { live: false } }),
    status: 'Fail',
  },
  'does not apply to static pods': {
    given: running([workload({ kind: 'Pod', pods: [pod({ mirror: true })] })]),
    status: 'NotApplicable',
    reason: 'StaticPods',
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
