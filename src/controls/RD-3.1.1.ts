import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { pass, unknown } from '../domain/verdict.ts';
import { count, sortFindings } from './shared/findings.ts';
import type { Coverage, CoveredNode } from './shared/log-coverage.ts';
import { coverNodes } from './shared/log-coverage.ts';
import { judgeNodes } from './shared/running-nodes.ts';

const messages: Readonly<Record<Exclude<Coverage, 'covered'>, string>> = {
  bare: 'No log collector is ready on it.',
  recent: 'No log collector is ready on it, for less than logs.uncoveredGrace.',
  doubtful: 'A pod reads the logs of its pods, and is of no collector that is known.',
  unseen: 'Whether a log collector runs on it is not known.',
  skewed: 'Clock skew: no log collector is ready on it since a time in the future.',
};

const evaluate = (input: EvaluationInput): Verdict =>
  judgeNodes(input, input.snapshot.logNodes, coverNodes, judge);

function judge(nodes: readonly CoveredNode[], { parameters }: EvaluationInput): Verdict {
  const of = (...which: readonly Coverage[]) => nodes.filter(({ is }) => which.includes(is));
  const some = (found: readonly CoveredNode[]) =>
    `${found.length} of ${count(nodes.length, 'node')} that run pods of the namespace`;
  const external = parameters['logs.externalNodeAgent'];
  const bare = external ? [] : of('bare');
  if (bare.length > 0) {
    const message = `No log collector is ready on ${some(bare)}.`;
    return { status: 'Fail', message, findings: findingsOf(bare) };
  }
  const [unsettled] = of('unseen', 'skewed');
  if (unsettled !== undefined) {
    const reason = unsettled.is === 'skewed' ? 'EvaluationError' : 'PartialEvidence';
    return unknown(reason, `Node ${unsettled.name}: ${messageOf(unsettled)}`);
  }
  const asked = external ? of('bare', 'recent') : [];
  if (asked.length > 0) {
    const message = `To be answered by a person: does an agent outside Kubernetes collect the logs of ${some(asked)}, on which no log collector is ready? Nobody has attested it.`;
    return { status: 'Manual', reason: 'NotAttested', message, findings: [] };
  }
  const fragile = of('recent', 'doubtful');
  if (fragile.length > 0) {
    const message = `No log collector that is known is ready on ${some(fragile)} at the moment.`;
    return { status: 'Warn', message, findings: findingsOf(fragile) };
  }
  return pass(
    `A log collector is ready on every node that runs pods of the namespace (${count(nodes.length, 'node')}).`,
  );
}

const messageOf = ({ is }: CoveredNode): string => (is === 'covered' ? '' : messages[is]);

const findingsOf = (nodes: readonly CoveredNode[]): readonly Finding[] =>
  sortFindings(
    nodes.map((node) => ({
      subject: { kind: 'Node', name: node.name },
      example: node.example,
      message: messageOf(node),
    })),
  );

const control: BaseControl = {
  id: 'RD-3.1.1',
  title: "A log collector runs on every node that runs the namespace's pods",
  requirement: '§3: Logging Agent',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'On a node without a collector, what a container wrote is gone with its pod, and nobody can tell later what happened.',
  rule: 'Judged over the nodes that run live pods of the namespace. A collector is a pod that mounts /var/log of its node, or the directories of pods or containers below it, and whose label app.kubernetes.io/name, container or image is in logs.collectors. Pass: each of these nodes has a ready one. Warn: a node has had none for less than logs.uncoveredGrace; or a pod that is in no list mounts /var/log/pods or /var/log/containers there. Fail: a node has had none for longer, or there is none in the cluster. Manual (NotAttested): with logs.externalNodeAgent, a node has none. NotApplicable (NoWorkloads, NoPods): no pod of the namespace runs on a node. Unknown (PartialEvidence): of a node it is not known what reads its logs. Unknown (EvaluationError): a time is further in the future than platform.maxClockSkew. Unknown: pods could not be read, or manifests are judged, which do not show it.',
  notes: [
    'Since when a node has none is taken from the condition Ready of the collector’s pod, and else from what was seen to happen. Of a node that had none when Plumbline started nobody knows how long: it counts as longer.',
    'That a collector went is told a quarter of a minute later, so that one that starts anew does not change every report of its node.',
    'A DaemonSet that wants no pods runs none: it counts for nothing.',
    'What a Job runs is no collector. A collector in the application’s own pod is one for that pod alone, and does not count here.',
    'Agents of the node outside Kubernetes cannot be seen: logs.externalNodeAgent says that there is one.',
  ],
  remediation:
    'Mend the tolerations and the affinity of the collector’s DaemonSet, so that it runs on every node; control-plane nodes often need one of their own.',
  evidence: ['workloads', 'logcollectors'],
  parameters: ['logs.collectors', 'logs.uncoveredGrace', 'logs.externalNodeAgent', 'platform.maxClockSkew'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'Manual', 'NotApplicable'],
  references: {
    nist80053: ['AU-2', 'AU-6(3)', 'AU-12'],
    nsaCisa: ['Worker node and container logging'],
    srg: ['V-233052 (AU-6(4))'],
    other: ['Reference Design v2.1 table 1: Logging agent REQUIRED (secondary)'],
  },
  evaluate,
};
export default control;
