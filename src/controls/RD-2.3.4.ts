import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { NetworkPolicy } from '../domain/network-policy.ts';
import type { PodIdentity } from '../domain/pod-test.ts';
import { holds } from '../domain/pod-test.ts';
import type { Gap, Snapshot } from '../domain/snapshot.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, pass, unknown } from '../domain/verdict.ts';
import { sortFindings } from './shared/findings.ts';
import { identitiesOf, identityOfAny, policyDoubt } from './shared/isolation.ts';
import type { Opening } from './shared/openness.ts';
import { openingsOf, unreadableBlocks } from './shared/openness.ts';

interface Found extends Opening {
  readonly policy: NetworkPolicy;
}

function evaluate({ snapshot }: EvaluationInput): Verdict {
  const { workloads, networkPolicies } = snapshot;
  if (!networkPolicies.available) return unknown(networkPolicies.reason, networkPolicies.message);
  const policies = networkPolicies.items;
  const identities = identitiesOf(snapshot);
  const answers = new Map(policies.map((policy) => [policy, selectsAny(policy, snapshot, identities)]));
  const selecting = policies.filter((policy) => answers.get(policy) === true);
  const found = selecting.flatMap(openings);
  const failing = found.filter(({ weight }) => weight === 'fail');
  if (failing.length > 0) return summarise('Fail', failing, selecting.length);

  const doubt = policyDoubt(snapshot);
  if (doubt !== undefined) return unknown(doubt.reason, doubt.message, sortFindings(found.map(toFinding)));
  const broken = selecting.flatMap((policy) => unreadableBlocks(policy).map((block) => ({ policy, block })));
  const [first] = broken;
  if (first !== undefined) {
    const { kind, name } = first.policy;
    return unknown(
      'EvaluationError',
      `${kind} ${name} has the block "${first.block}", which cannot be read.`,
    );
  }
  // Whom the others select may not be known.
  const others = policies.filter((policy) => answers.get(policy) === undefined);
  const wide = others.find((policy) => openings(policy).length > 0);
  const depends = wide !== undefined || (selecting.length === 0 && !workloads.available);
  if (others.length > 0 && depends) {
    const { reason, message } = workloads.available ? unknownSelection(wide ?? others[0]) : workloads;
    return unknown(reason, message);
  }
  if (found.length > 0) return summarise('Warn', found, selecting.length);
  if (selecting.length + others.length === 0) {
    return notApplicable(
      'NoPolicies',
      `No network policy selects a pod of namespace ${snapshot.namespace.name}.`,
    );
  }
  return pass(`No policy allows everything (${describeCount(selecting.length + others.length)}).`);
}

/**
 * A policy that selects every pod selects those to come too, so that it counts in a namespace without any.
 * @returns undefined where it is not known
 */
function selectsAny(
  { selects }: NetworkPolicy,
  snapshot: Snapshot,
  identities: readonly PodIdentity[],
): boolean | undefined {
  if (holds(selects, identityOfAny(snapshot)) === true) return true;
  if (!snapshot.workloads.available) return undefined;
  let answer: boolean | undefined = false;
  for (const identity of identities) {
    const own = holds(selects, identity);
    if (own === true) return true;
    if (own === undefined) answer = undefined;
  }
  return answer;
}

const unknownSelection = (policy: NetworkPolicy | undefined): Gap => ({
  reason: 'PartialEvidence',
  message: `Whether ${policy?.kind ?? 'a policy'} ${policy?.name ?? ''} selects a pod depends on what is not known: labels of the namespace or of a ServiceAccount, or labels that the network plugin may leave out.`,
});

const openings = (policy: NetworkPolicy): Found[] =>
  openingsOf(policy).map((opening) => ({ ...opening, policy }));

const describeCount = (n: number) => (n === 1 ? '1 policy' : `${n} policies`);

function summarise(status: 'Fail' | 'Warn', found: readonly Found[], total: number): Verdict {
  const wide = new Set(found.map(({ policy }) => policy));
  const subject = `${wide.size} of ${total} selecting ${total === 1 ? 'policy' : 'policies'}`;
  const verb = wide.size === 1 ? 'allows' : 'allow';
  const what = status === 'Fail' ? 'everything in a direction' : 'more than it should, though not everything';
  return {
    status,
    ...(found.every(({ exposed }) => exposed) && status === 'Warn' ? { reason: 'Exposed' } : {}),
    message: `${subject} ${verb} ${what}.`,
    findings: sortFindings(found.map(toFinding)),
  };
}

const toFinding = ({ policy, path, observed, message }: Found): Finding => ({
  subject: { kind: policy.kind, name: policy.name },
  path,
  observed,
  message,
});

const control: BaseControl = {
  id: 'RD-2.3.4',
  title: 'No policy allows everything',
  requirement: '§2: requiring microsegmentation via Network Policies',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'Policies add up: one that allows everything undoes every other that selects the same pods, and a list of policies still looks as if the namespace were segmented.',
  rule:
    'Judged are the policies of every API that is read which select a live pod or a template, or every pod of the namespace, each in the directions that it speaks of. ' +
    'Fail: a rule allows every port from or to anybody (no peers), every namespace, or every address. ' +
    'Warn: a rule allows that on some ports, every port to addresses outside private networks, or every port of the whole namespace (podSelector: {}). ' +
    'Warn (Exposed): a rule allows ingress from the internet on some ports. Pass: otherwise. ' +
    'Unknown (PartialEvidence): instead of Pass and Warn, where the cluster has another policy API that is not read, or where it is not known whether a wide policy selects a pod. ' +
    'Unknown (EvaluationError): a policy, or an address block of one, cannot be read. Unknown, with its reason: policies could not be read, or workloads could not, and it depends on them. ' +
    'NotApplicable (NoPolicies): no policy selects a pod.',
  notes: [
    'Without any policy everything is allowed too: that is what RD-2.3.1 to RD-2.3.3 fail.',
    'A rule has no effect in a direction that policyTypes (types) leaves out, and is not judged.',
    'What allows is Allow (Accept in a ClusterNetworkPolicy) and, in Cilium, a rule of ingress or egress. Pass leaves the traffic to others, who are judged themselves. A rule that stands behind one of the same policy that denies or passes all that it speaks of is not judged.',
    'Cilium: entity all, or world together with cluster, is anybody; cluster is every namespace; world is every address outside private networks, and so is a toFQDNs pattern of every name. The empty endpoint selector is the whole namespace in a CiliumNetworkPolicy and the whole cluster in a CiliumClusterwideNetworkPolicy. A rule {} allows nothing.',
    'Calico: a rule without source, destination and ports is anybody; the selector all() is the whole cluster in a GlobalNetworkPolicy or beside a namespaceSelector all(), else the whole namespace. A rule with more conditions (source ports, HTTP, a choice among the selected pods) counts as one on some ports.',
    'Ports leave nothing out when they hold every port of TCP and of UDP, as whole protocols or as ranges. Named ports are some ports.',
    'Address blocks of a rule, and those of several rules for every port, are put together first: 0.0.0.0/1 and 128.0.0.0/1 are everything. Exceptions are taken off.',
    'Half of the addresses of the internet or more count as all of them, so that leaving out a few (169.254.169.254/32) changes nothing. If one of the private networks (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16; fc00::/7) is left out as a whole, what remains counts as addresses outside private networks, which is a warning.',
    'Services are not read: whether a load balancer or an ingress controller stands before the pods, for which ingress from the internet is meant to be open, is not known. On some ports such a rule is therefore a warning (Exposed) everywhere; on every port it fails everywhere, since nobody serves on all ports.',
    'A namespaceSelector that asks only for the label kubernetes.io/metadata.name, which every namespace has, is every namespace.',
    'Policies are judged one by one: what two allow only together is not seen as everything, and what one allows counts although another may deny it first. A policy of the cluster that allows everything fails every namespace of which it selects a pod.',
  ],
  remediation:
    'Narrow the peers to pod and namespace selectors or to the address blocks that are needed, and name the ports.',
  evidence: ['workloads', 'networkpolicies'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SC-7(5)', 'AC-4'],
    nist800190: ['4.3.3', '4.4.2'],
    cis: ['5.3.2'],
    nsaCisa: ['Network separation and hardening › Network policies'],
    kubescape: ['C-0030 (partly)'],
    other: ['kubeaudit netpols', 'netpol-analyzer exposure analysis'],
  },
  evaluate,
};
export default control;
