import control from '../../src/controls/RD-2.3.3.ts';
import type { NetworkPolicy } from '../../src/domain/network-policy.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { input, pod, podSpec, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';
import { denyAll, policy, selecting } from '../support/policies.ts';

const given = (policies: NetworkPolicy[], workloads: Workload[] = [], more: SnapshotOverrides = {}) =>
  input({ networkPolicies: read(policies), workloads: read(workloads), ...more });

const denyIngress = policy('deny-ingress', { policyTypes: ['Ingress'] });
const denyEgress = policy('deny-egress', { policyTypes: ['Egress'] });
const web = policy('web', { podSelector: selecting('web'), policyTypes: ['Ingress', 'Egress'] });
const app = (name: string, hostNetwork = false): Workload =>
  workload({ name, pods: [pod({ labels: { app: name }, spec: podSpec({ hostNetwork }) })] });
const cilium = { cluster: { unreadPolicyApis: ['cilium.io'] } };
const namespace = { kind: 'Namespace', name: 'shop' };
const nothing = {
  subject: namespace,
  observed: 'no network policy',
  message: 'No network policy that selects every pod restricts ingress and egress.',
};
const halfway = {
  subject: namespace,
  observed: 'no default deny of egress',
  message: 'No network policy that selects every pod restricts egress.',
};
const narrow = { ...nothing, observed: 'no default deny of ingress and egress' };

describeControl(control, {
  'passes one policy for both directions': {
    given: given([web, denyAll]),
    status: 'Pass',
    message: 'Every pod is denied ingress and egress by default, by "default-deny".',
  },
  'passes two policies, one for each direction': {
    given: given([denyIngress, denyEgress]),
    status: 'Pass',
    message: 'Every pod is denied ingress and egress by default, by "deny-ingress" and "deny-egress".',
  },
  'passes policies without types by what they have rules for': {
    given: given([policy('allow-dns', { egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] })]),
    status: 'Pass',
  },
  'passes a default deny that an allow-all neutralises: RD-2.3.4 does not': {
    given: given([denyAll, policy('allow-all', { ingress: [{}] })]),
    status: 'Pass',
  },
  'passes whatever other policy APIs there are': { given: given([denyAll], [], cilium), status: 'Pass' },
  'passes while the workloads cannot be read': {
    given: given([denyAll], [], { workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Pass',
  },
  'warns of a default deny in one direction': {
    given: given([denyIngress]),
    status: 'Warn',
    message: 'A default deny restricts ingress only.',
    findings: [halfway],
  },
  'warns of egress: [] without types, which is for ingress only': {
    given: given([policy('p', { egress: [] })]),
    status: 'Warn',
    findings: [halfway],
  },
  'warns when narrower selectors isolate every present pod': {
    given: given([web], [app('web')]),
    status: 'Warn',
    message: 'Every present pod is isolated by policies that select it; a new pod may be selected by none.',
    findings: [narrow],
  },
  'warns when narrower selectors isolate every template that has no pods': {
    given: given([web], [workload({ template: template({ labels: { app: 'web' } }) })]),
    status: 'Warn',
  },
  'fails a namespace without policies': {
    given: given([], [app('web')]),
    status: 'Fail',
    message: nothing.message,
    findings: [nothing],
  },
  'fails an empty namespace without policies': { given: given([]), status: 'Fail', findings: [nothing] },
  'fails an empty namespace with narrow policies only': {
    given: given([web]),
    status: 'Fail',
    findings: [narrow],
  },
  'fails when one present pod is not selected': {
    given: given([web], [app('web'), app('db')]),
    status: 'Fail',
  },
  'fails when narrower selectors isolate the present pods in one direction': {
    given: given([policy('web', { podSelector: selecting('web') })], [app('web')]),
    status: 'Fail',
  },
  'fails when a present pod is on the host network': {
    given: given([web], [app('web', true)]),
    status: 'Fail',
  },
  'fails a selector that is met by every present pod and is not empty, when another is not': {
    given: given(
      [policy('p', { podSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } })],
      [app('web')],
    ),
    status: 'Fail',
  },
  'is Unknown instead of failing where another policy API may deny by default': {
    given: given([], [], cilium),
    status: 'Unknown',
    reason: 'PartialEvidence',
    message: /^Policies of cilium\.io exist in this cluster and are not read\./,
    findings: [nothing],
  },
  'is Unknown instead of warning where another policy API may deny by default': {
    given: given([denyIngress], [], cilium),
    status: 'Unknown',
    reason: 'PartialEvidence',
    findings: [halfway],
  },
  'is Unknown while the policies cannot be read': {
    given: given([], [], { networkPolicies: unread('Forbidden', 'NetworkPolicies may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'NetworkPolicies may not be listed.',
  },
  'is Unknown when a policy that could not be read may be the default deny': {
    given: given([], [], {
      networkPolicies: {
        available: true,
        items: [],
        gap: { reason: 'EvaluationError', message: 'NetworkPolicy x cannot be read.' },
      },
    }),
    status: 'Unknown',
    reason: 'EvaluationError',
    findings: [nothing],
  },
  'is Unknown when it depends on workloads that cannot be read': {
    given: given([web], [], { workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'Pods may not be listed.',
  },
  'fails on the pod that was read, whatever others were not': {
    given: given([web], [], {
      workloads: {
        available: true,
        items: [app('db')],
        gap: { reason: 'EvaluationError', message: 'Pod x cannot be read.' },
      },
    }),
    status: 'Fail',
  },
});
