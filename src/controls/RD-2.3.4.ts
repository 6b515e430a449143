import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { isEmptySelector, selects } from '../domain/label-selector.ts';
import type { NetworkPolicy } from '../domain/network-policy.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, pass, unknown } from '../domain/verdict.ts';
import type { Labels } from '../domain/workload.ts';
import { sortFindings } from './shared/findings.ts';
import { policyDoubt, talkersOf, talking } from './shared/isolation.ts';
import type { Opening } from './shared/openness.ts';
import { openingsOf, unreadableBlocks } from './shared/openness.ts';

interface Found extends Opening {
  readonly policy: string;
}

function evaluate({ snapshot }: EvaluationInput): Verdict {
  const { workloads, networkPolicies, cluster } = snapshot;
  if (!networkPolicies.available) return unknown(networkPolicies.reason, networkPolicies.message);
  const talkers = workloads.available ? talking(workloads.items).flatMap(talkersOf) : [];
  const labels = [...new Set(talkers.map((talker) => talker.labels))];
  const selecting = networkPolicies.items.filter((policy) => selectsAny(policy, labels));
  const found = selecting.flatMap(openings);
  const failing = found.filter(({ weight }) => weight === 'fail');
  if (failing.length > 0) return summarise('Fail', failing, selecting.length);

  const doubt = policyDoubt(networkPolicies, cluster);
  if (doubt !== undefined) return unknown(doubt.reason, doubt.message, sortFindings(found.map(toFinding)));
  const broken = selecting.flatMap((policy) => unreadableBlocks(policy).map((block) => ({ policy, block })));
  const [first] = broken;
  if (first !== undefined) {
    return unknown(
      'EvaluationError',
      `NetworkPolicy ${first.policy.name} has the block "${first.block}", which cannot be read.`,
    );
  }
  // Without the pods, whom the others select is not known.
  const others = workloads.available
    ? []
    : networkPolicies.items.filter((policy) => !selecting.includes(policy));
  const depends = selecting.length === 0 || others.some((policy) => openings(policy).length > 0);
  if (!workloads.available && others.length > 0 && depends) {
    return unknown(workloads.reason, workloads.message);
  }
  if (found.length > 0) return summarise('Warn', found, selecting.length);
  if (selecting.length + others.length === 0) {
    return notApplicable(
      'NoPolicies',
      `No NetworkPolicy selects a pod of namespace ${snapshot.namespace.name}.`,
    );
  }
  return pass(`No policy allows everything (${describeCount(selecting.length + others.length)}).`);
}

/** The empty selector selects the pods to come too, so that it counts in a namespace without any. */
const selectsAny = ({ podSelector }: NetworkPolicy, labels: readonly Labels[]) =>
  isEmptySelector(podSelector) || labels.some((some) => selects(podSelector, some));

const openings = (policy: NetworkPolicy): Found[] =>
  openingsOf(policy).map((opening) => ({ ...opening, policy: policy.name }));

const describeCount = (n: number) => (n === 1 ? '1 policy' : `${n} policies`);

function summarise(status: 'Fail' | 'Warn', found: readonly Found[], total: number): Verdict {
  const names = new Set(found.map(({ policy }) => policy));
  const subject = `${names.size} of ${total} selecting ${total === 1 ? 'policy' : 'policies'}`;
  const verb = names.size === 1 ? 'allows' : 'allow';
  const what = status === 'Fail' ? 'everything in a direction' : 'more than it should, though not everything';
  return {
    status,
    ...(found.every(({ exposed }) => exposed) && status === 'Warn' ? { reason: 'Exposed' } : {}),
    message: `${subject} ${verb} ${what}.`,
    findings: sortFindings(found.map(toFinding)),
  };
}

const toFinding = ({ policy, path, observed, message }: Found): Finding => ({
  subject: { kind: 'NetworkPolicy', name: policy },
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
    'Judged are the NetworkPolicies that select a live pod or a template, or have the empty podSelector, each in the directions that it isolates. ' +
    'Fail: a rule allows every port from or to anybody (no peers), every namespace, or every address. ' +
    'Warn: a rule allows that on some ports, every port to addresses outside private networks, or every port of the whole namespace (podSelector: {}). ' +
    'Warn (Exposed): a rule allows ingress from the internet on some ports. Pass: otherwise. ' +
    'Unknown (PartialEvidence): instead of Pass and Warn, where the cluster has another policy API that is not read. ' +
    'Unknown (EvaluationError): an address block cannot be read. Unknown, with its reason: NetworkPolicies could not be read, or workloads could not, and it depends on them. ' +
    'NotApplicable (NoPolicies): no policy selects a pod.',
  notes: [
    'Without any policy everything is allowed too: that is what RD-2.3.1 to RD-2.3.3 fail.',
    'A rule has no effect in a direction that policyTypes leaves out, and is not judged.',
    'Ports leave nothing out when they hold every port of TCP and of UDP, as whole protocols or as ranges. Named ports are some ports.',
    'Address blocks of a rule, and those of several rules for every port, are put together first: 0.0.0.0/1 and 128.0.0.0/1 are everything. Exceptions are taken off.',
    'Half of the addresses of the internet or more count as all of them, so that leaving out a few (169.254.169.254/32) changes nothing. If one of the private networks (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16; fc00::/7) is left out as a whole, what remains counts as addresses outside private networks, which is a warning.',
    'Services are not read: whether a load balancer or an ingress controller stands before the pods, for which ingress from the internet is meant to be open, is not known. On some ports such a rule is therefore a warning (Exposed) everywhere; on every port it fails everywhere, since nobody serves on all ports.',
    'A namespaceSelector that asks only for the label kubernetes.io/metadata.name, which every namespace has, is every namespace.',
    'Policies are judged one by one: what two allow only together is not seen as everything.',
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
    kubescape: ['C-0030'],
    other: ['kubeaudit netpols', 'netpol-analyzer exposure analysis'],
  },
  evaluate,
};
export default control;
