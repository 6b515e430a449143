import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { isEmptySelector } from '../domain/label-selector.ts';
import type { Direction, NetworkPolicy } from '../domain/network-policy.ts';
import type { Gap } from '../domain/snapshot.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { pass, unknown } from '../domain/verdict.ts';
import { isolates, isolationOf, policyDoubt, talkersOf, talking } from './shared/isolation.ts';

const directions = ['Ingress', 'Egress'] as const;

function evaluate(input: EvaluationInput): Verdict {
  const { networkPolicies, cluster, namespace } = input.snapshot;
  if (!networkPolicies.available) return unknown(networkPolicies.reason, networkPolicies.message);
  const policies = networkPolicies.items;
  const defaults = directions.map((direction) => policies.find((policy) => deniesAll(policy, direction)));
  const [ingress, egress] = defaults;
  if (ingress !== undefined && egress !== undefined) {
    const names = [...new Set([ingress.name, egress.name])].map((name) => `"${name}"`).join(' and ');
    return pass(`Every pod is denied ingress and egress by default, by ${names}.`);
  }
  const missing = directions.filter((_, index) => defaults[index] === undefined);
  const finding: Finding = {
    subject: { kind: 'Namespace', name: namespace.name },
    observed: policies.length === 0 ? 'no NetworkPolicy' : `no default deny of ${list(missing)}`,
    message: `No NetworkPolicy that selects every pod restricts ${list(missing)}.`,
  };
  const doubt = policyDoubt(networkPolicies, cluster);
  if (doubt !== undefined) return unknown(doubt.reason, `${doubt.message} ${finding.message}`, [finding]);
  if (missing.length === 1) {
    const message = `A default deny restricts ${list(directions.filter((one) => !missing.includes(one)))} only.`;
    return { status: 'Warn', message, findings: [finding] };
  }
  return judgeNarrower(input, policies, finding);
}

/** Only selectors that select some pods are there: today's pods may all be isolated, tomorrow's are not. */
function judgeNarrower(
  input: EvaluationInput,
  policies: readonly NetworkPolicy[],
  finding: Finding,
): Verdict {
  const { workloads } = input.snapshot;
  const talkers = workloads.available ? talking(workloads.items).flatMap(talkersOf) : [];
  const isolated = directions.map((direction) => isolationOf(policies, direction));
  const all = talkers.every(
    ({ spec, labels }) => spec.hostNetwork !== true && isolated.every((isIsolated) => isIsolated(labels)),
  );
  const gap: Gap | undefined = workloads.available ? workloads.gap : workloads;
  // One pod that is not isolated decides; if there is none among those that were read, the others would.
  if (all && gap !== undefined) return unknown(gap.reason, gap.message);
  if (all && talkers.length > 0) {
    const message =
      'Every present pod is isolated by policies that select it; a new pod may be selected by none.';
    return { status: 'Warn', message, findings: [finding] };
  }
  return { status: 'Fail', message: finding.message, findings: [finding] };
}

const deniesAll = (policy: NetworkPolicy, direction: Direction) =>
  isEmptySelector(policy.podSelector) && isolates(policy, direction);

const list = (some: readonly Direction[]) => some.map((direction) => direction.toLowerCase()).join(' and ');

const control: BaseControl = {
  id: 'RD-2.3.3',
  title: 'Namespace has a default deny that also covers future pods',
  requirement: '§2: requiring microsegmentation via Network Policies',
  severity: 'medium',
  scope: 'namespace',
  rationale:
    'A policy that selects the pods of today leaves those of tomorrow open. A default deny makes a forgotten policy show as a connection that fails, and not as one that nobody notices.',
  rule:
    'Pass: for ingress and for egress, a NetworkPolicy with the empty podSelector has that type (without policyTypes: Ingress, and Egress with at least one egress rule). ' +
    'Warn: for one of the two only, or for neither while narrower selectors isolate every present pod for both. ' +
    'Fail: otherwise. Unknown (PartialEvidence): instead of Warn and Fail, where the cluster has another policy API that is not read. ' +
    'Unknown, with its reason: the NetworkPolicies could not be read. It is judged in namespaces without workloads too.',
  notes: [
    'A default deny that another policy neutralises by allowing everything still passes here; RD-2.3.4 fails.',
    'Only the selector without labels and expressions counts: one that happens to select all present pods does not cover the next.',
    "A present pod on its node's network is not isolated.",
  ],
  remediation:
    'Add a NetworkPolicy named default-deny with podSelector: {} and policyTypes: [Ingress, Egress], and allow what is needed by others.',
  evidence: ['networkpolicies'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown'],
  references: {
    nist80053: ['SC-7(5)'],
    nist800190: ['4.3.3'],
    cis: ['5.3.2'],
    nsaCisa: ['Network separation and hardening › Network policies'],
    kubescape: ['C-0030'],
    other: ['kubeaudit netpols'],
  },
  evaluate,
};
export default control;
