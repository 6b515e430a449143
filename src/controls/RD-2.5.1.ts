import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { pass, unknown } from '../domain/verdict.ts';
import { count, sortFindings } from './shared/findings.ts';
import type { SensorCoverage, WatchedNode } from './shared/sensor-coverage.ts';
import { listGaps, listNodes, metricsGap, watchNodes } from './shared/sensor-coverage.ts';
import { judgeNodes } from './shared/running-nodes.ts';

const evaluate = (input: EvaluationInput): Verdict =>
  judgeNodes(input, input.snapshot.sensorNodes, watchLife, judge);

/** A page of metrics is a sign of life as an event is. */
const watchLife: typeof watchNodes = (nodes, known, input) =>
  watchNodes(
    nodes,
    known.map((node) => ({ ...node, ...node.withPages })),
    input,
  );

/** That metrics are not read, which a profile asks for, is told whatever else gave a sign. */
function judge(nodes: readonly WatchedNode[], { parameters }: EvaluationInput): Verdict {
  const verdict = judgeSigns(nodes, parameters['runtime.scrapeFalcoMetrics']);
  if (!parameters['runtime.scrapeFalcoMetrics']) return verdict;
  const unread = nodes.flatMap(({ name, is, known }) => {
    const gap = ready.includes(is) ? metricsGap(known?.metrics) : undefined;
    return gap === undefined ? [] : [{ name, gap }];
  });
  if (unread.length === 0) return verdict;
  return { ...verdict, message: `${verdict.message} Metrics are not read of ${listGaps(unread)}.` };
}

/** A sensor is ready there, and is to answer. */
const ready: readonly SensorCoverage[] = ['alive', 'silent', 'unheard'];

function judgeSigns(nodes: readonly WatchedNode[], withMetrics: boolean): Verdict {
  const of = (...which: readonly SensorCoverage[]) => nodes.filter(({ is }) => which.includes(is));
  const some = (found: readonly WatchedNode[]) =>
    `${found.length} of ${count(nodes.length, 'node')} that run pods of the namespace`;
  const bare = of('bare', 'uncoverable');
  if (bare.length > 0) {
    const reason = bare.every(({ is }) => is === 'uncoverable') ? { reason: 'Uncoverable' } : {};
    const message = `No runtime sensor is ready on ${some(bare)}.`;
    return { status: 'Fail', ...reason, message, findings: findingsOf(bare) };
  }
  const [unsettled] = of('unseen', 'skewed');
  if (unsettled !== undefined) {
    const reason = unsettled.is === 'skewed' ? 'EvaluationError' : 'PartialEvidence';
    return unknown(reason, `Node ${unsettled.name}: ${messageOf(unsettled)}`);
  }
  const unheard = of('unheard');
  if (unheard.length > 0)
    return unknown(
      'NoEvidence',
      `A sensor is ready on ${some(unheard)}, and no sign of life of it has ever been seen: ${listNodes(unheard)}.`,
    );
  const silent = of('silent');
  if (silent.length > 0)
    return unknown(
      'StaleEvidence',
      `A sensor is ready on ${some(silent)}, and nothing is heard of it: ${listNodes(silent.map(sinceSign))}.`,
    );
  const recent = of('recent');
  if (recent.length > 0)
    return {
      status: 'Warn',
      message: `No runtime sensor is ready on ${some(recent)} at the moment.`,
      findings: findingsOf(recent),
    };
  return pass(
    `A runtime sensor is ready on every node that runs pods of the namespace, and its events are received${withMetrics ? ' or its metrics read' : ''} (${count(nodes.length, 'node')}).`,
  );
}

const sinceSign = ({ name, known }: WatchedNode) => ({ name, since: known?.lastSign });

function messageOf({ is, known }: WatchedNode): string {
  if (is === 'uncoverable')
    return known?.uncoverable === 'windows'
      ? 'It runs Windows, where no sensor can run.'
      : 'It is a virtual node, where no sensor can run.';
  if (is === 'recent') return 'No runtime sensor is ready on it, for less than runtime.uncoveredGrace.';
  if (is === 'unseen') return 'Whether a runtime sensor runs on it is not known.';
  if (is === 'skewed') return 'Clock skew: no runtime sensor is ready on it since a time in the future.';
  return 'No runtime sensor is ready on it.';
}

const findingsOf = (nodes: readonly WatchedNode[]): readonly Finding[] =>
  sortFindings(
    nodes.map((node) => ({
      subject: { kind: 'Node', name: node.name },
      example: node.example,
      message: messageOf(node),
    })),
  );

const control: BaseControl = {
  id: 'RD-2.5.1',
  title: "Intrusion detection covers every node that runs the namespace's pods",
  requirement: '§2: intrusion detection for running applications',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'On a node without a sensor an intruder works unseen; and a sensor whose events reach nobody sees in vain.',
  rule:
    'Judged over the nodes that run live pods of the namespace. A sensor is a pod of one of runtime.sensors. Its proof of life: the pod is ready, and within the last runtime.blindSensorAfter an event of its node reached Plumbline, or with runtime.scrapeFalcoMetrics its metrics were read and had counted new events of the kernel. ' +
    'Pass: proof of life on each of these nodes. Warn: a node has had no ready sensor for less than runtime.uncoveredGrace. Fail: a node has had none for longer, or there is none in the cluster. Fail (Uncoverable): a node runs Windows or is virtual, where none can run. ' +
    'Unknown (NoEvidence): a sensor is ready, and nothing was ever heard of its node. Unknown (StaleEvidence): nothing for longer than runtime.blindSensorAfter. Unknown (PartialEvidence): of a node nothing is known. Unknown (EvaluationError): a time is further in the future than platform.maxClockSkew. Unknown: pods could not be read, or manifests are judged, which do not show it. ' +
    'NotApplicable (NoWorkloads, NoPods): no pod of the namespace runs on a node.',
  notes: [
    'Pods of Falco bear the label app.kubernetes.io/name=falco or run an image falcosecurity/falco; a DaemonSet owns them, or nobody. A Falco that a Deployment runs reads the audit log, and watches no node.',
    'Every event is a sign of life, also one that repeats another, one of no namespace, and Falco’s own snapshots of its metrics. The host name in it is that of the node, or with older charts that of Falco’s pod.',
    'Snapshots of metrics have the priority Informational: a higher minimum priority in Falco or Falcosidekick drops them.',
    'Metrics are read once a minute from the address of each ready pod of Falco (/metrics). A page without the counters of kernel events, or on which they stand still, is no sign. Whoever may run a pod that looks like Falco’s may forge one.',
    'Of other sensors than Falco no signs are read: one that is ready is Unknown (NoEvidence).',
    'Several replicas of Plumbline tell each other once a minute what they heard.',
    'Where the last sensor of the cluster has just gone, as in a rollout on one node, the grace counts as well: RD-3.5.1 fails at once.',
    'Since when a node has no ready sensor is taken from the condition Ready of the sensor’s pod, and else from what was seen to happen. Of a node that had none when Plumbline started nobody knows how long: it counts as longer.',
  ],
  remediation:
    'Mend the tolerations and the driver of the sensor’s DaemonSet (Falco: modern_ebpf or kmod), so that it runs on every node. Turn on Falco’s metrics snapshots with an interval below runtime.blindSensorAfter, so that a quiet node gives a sign too, or let Plumbline read its metrics (runtime.scrapeFalcoMetrics).',
  evidence: ['workloads', 'sensors'],
  parameters: [
    'runtime.sensors',
    'runtime.blindSensorAfter',
    'runtime.scrapeFalcoMetrics',
    'runtime.uncoveredGrace',
    'platform.maxClockSkew',
  ],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-4', 'SI-4(2)', 'SI-3'],
    nist800190: ['4.4.4', '4.1.3'],
    nsaCisa: ['Threat detection'],
    other: ['Reference Design v2.1 §5.1: behaviour and signature-based detection at run time (secondary)'],
  },
  evaluate,
};
export default control;
