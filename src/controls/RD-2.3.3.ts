import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Direction, NetworkPolicy } from '../domain/network-policy.ts';
import { directions } from '../domain/network-policy.ts';
import type { Gap, Snapshot } from '../domain/snapshot.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { pass, unknown } from '../domain/verdict.ts';
import {
  identityOfAny,
  sortPolicies,
  isolationIn,
  isolationOf,
  policyDoubt,
  talkersOf,
  talking,
  undecidedGap,
} from './shared/isolation.ts';

function evaluate({ snapshot }: EvaluationInput): Verdict {
  const { networkPolicies, namespace } = snapshot;
  if (!networkPolicies.available) return unknown(networkPolicies.reason, networkPolicies.message);
  const policies = sortPolicies(networkPolicies.items);
  const any = identityOfAny(snapshot);
  const missing = directions.filter((direction) => isolationOf(policies, any, direction) !== 'isolated');
  if (missing.length === 0) {
    return pass(`Every pod is denied ingress and egress by default, by ${listDefaults(policies, snapshot)}.`);
  }
  const finding: Finding = {
    subject: { kind: 'Namespace', name: namespace.name },
    observed: policies.length === 0 ? 'no network policy' : `no default deny of ${list(missing)}`,
    message: `No network policy that selects every pod restricts ${list(missing)}.`,
  };
  const doubt = policyDoubt(snapshot) ?? selectionDoubt(policies, snapshot, missing);
  if (doubt !== undefined) return unknown(doubt.reason, `${doubt.message} ${finding.message}`, [finding]);
  if (missing.length === 1) {
    const message = `A default deny restricts ${list(directions.filter((one) => !missing.includes(one)))} only.`;
    return { status: 'Warn', message, findings: [finding] };
  }
  return judgeNarrower(snapshot, finding);
}

/** The policies that would do alone; where none does, those that speak of every pod. */
function listDefaults(policies: readonly NetworkPolicy[], snapshot: Snapshot): string {
  const any = identityOfAny(snapshot);
  const alone = directions.map((direction) =>
    policies.find((one) => isolationOf([one], any, direction) === 'isolated'),
  );
  const names = new Set(alone.flatMap((one) => (one === undefined ? [] : [`"${one.name}"`])));
  return alone.includes(undefined) ? 'several policies together' : [...names].join(' and ');
}

/** A pod without labels, of an account without any, shows whether those decide, or others that are not known. */
function selectionDoubt(
  policies: readonly NetworkPolicy[],
  snapshot: Snapshot,
  missing: readonly Direction[],
): Gap | undefined {
  const plain = {
    ...identityOfAny(snapshot),
    pod: {},
    serviceAccount: {},
    serviceAccountName: { name: 'default' },
  };
  const direction = missing.find((each) => isolationOf(policies, plain, each) === 'undecided');
  return direction && undecidedGap(direction);
}

/** Only selectors that select some pods are there: today's pods may all be isolated, tomorrow's are not. */
function judgeNarrower(snapshot: Snapshot, finding: Finding): Verdict {
  const { workloads } = snapshot;
  const talkers = workloads.available ? talking(workloads.items).flatMap(talkersOf) : [];
  const isolated = directions.map((direction) => isolationIn(snapshot, direction));
  const of = talkers.flatMap((talker) =>
    talker.spec.hostNetwork === true ? ['exposed' as const] : isolated.map((isolation) => isolation(talker)),
  );
  const all = of.every((each) => each === 'isolated' || each === 'undecided');
  const gap: Gap | undefined = workloads.available ? workloads.gap : workloads;
  // One pod that is not isolated decides; if there is none among those that were read, the others would.
  if (all && gap !== undefined) return unknown(gap.reason, gap.message);
  if (all && of.includes('undecided')) {
    const { reason, message } = undecidedGap('Ingress');
    return unknown(reason, message, [finding]);
  }
  if (all && talkers.length > 0) {
    const message =
      'Every present pod is isolated by policies that select it; a new pod may be selected by none.';
    return { status: 'Warn', message, findings: [finding] };
  }
  return { status: 'Fail', message: finding.message, findings: [finding] };
}

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
    'Pass: for ingress and for egress, policies that select every pod of the namespace isolate it (RD-2.3.1 and RD-2.3.2 say when), be they of the namespace or of the cluster. ' +
    'Warn: for one of the two only, or for neither while narrower selectors isolate every present pod for both. ' +
    'Fail: otherwise. Unknown (PartialEvidence): instead of Warn and Fail, where the cluster has another policy API that is not read, or where what is not known decides. ' +
    'Unknown, with its reason: a policy could not be read. It is judged in namespaces without workloads too.',
  notes: [
    'A default deny that another policy neutralises by allowing everything still passes here; RD-2.3.4 fails.',
    'Only a selector that no pod can fall out of counts: the empty one, all() of Calico, one that asks for the namespace alone. One that happens to select all present pods does not cover the next.',
    "A present pod on its node's network is not isolated.",
    'A policy for administrators that denies egress to every pod, and not to addresses outside of the cluster, is no default deny of egress.',
  ],
  remediation:
    'Add a NetworkPolicy named default-deny with podSelector: {} and policyTypes: [Ingress, Egress], and allow what is needed by others; or one for the whole cluster: a GlobalNetworkPolicy of Calico, a CiliumClusterwideNetworkPolicy, a ClusterNetworkPolicy of tier Baseline.',
  evidence: ['networkpolicies'],
  // Where a policy selects every pod, it does not matter which there are.
  alsoReads: ['workloads'],
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
