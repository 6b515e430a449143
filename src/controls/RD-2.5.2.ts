import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import { atLeast } from '../domain/runtime.ts';
import type { Finding, Severity, Verdict } from '../domain/verdict.ts';
import { notApplicable, pass, soonest, unknown } from '../domain/verdict.ts';
import { count, sortFindings } from './shared/findings.ts';
import { nodesOf } from './shared/running-nodes.ts';
import { isInWindow, leavesAt, thresholdUntil } from './shared/runtime-window.ts';
import type { WatchedNode } from './shared/sensor-coverage.ts';
import { listGaps, listNodes, metricsGap, moment, watchNodes } from './shared/sensor-coverage.ts';

function evaluate(input: EvaluationInput): Verdict {
  const { runtime } = input.snapshot;
  const window = input.parameters['runtime.alertWindow'];
  const recent = runtime.available ? runtime.items.filter((each) => isInWindow(each, window, input.now)) : [];
  return judgeAlerts(input, recent) ?? judgeSilence(input, recent);
}

function judgeAlerts(
  { parameters, now }: EvaluationInput,
  recent: readonly RuntimeFinding[],
): Verdict | undefined {
  const window = parameters['runtime.alertWindow'];
  const worst = parameters['runtime.alertPriority'];
  const threshold = parameters['runtime.noticeThreshold'];
  const alerts = recent.filter(({ priority }) => atLeast(priority, worst));
  const notices = recent.filter(({ priority }) => priority === 'Notice' && !atLeast('Notice', worst));
  const noticesUntil = thresholdUntil(notices, threshold, window, now);
  if (alerts.length === 0 && noticesUntil === undefined) return undefined;
  const deciding = noticesUntil === undefined ? alerts : [...alerts, ...notices];
  const until = deciding
    .map((each) => leavesAt(each, window))
    .reduce<number | undefined>(soonest, noticesUntil);
  const sentences = [
    ...(alerts.length === 0 ? [] : [`${countOf(alerts.length)} of priority ${worst} or worse.`]),
    ...(noticesUntil === undefined ? [] : [`${threshold} or more Notice alerts (runtime.noticeThreshold).`]),
  ];
  return {
    status: 'Fail',
    message: `Within runtime.alertWindow: ${sentences.join(' ')}`,
    findings: sortFindings(deciding.map(toFinding)),
    ...(until === undefined ? {} : { validUntil: until }),
  };
}

const countOf = (findings: number): string => (findings === 1 ? '1 finding' : `${findings} findings`);

/** Silence is evidence only with proof that somebody listened. */
function judgeSilence(input: EvaluationInput, recent: readonly RuntimeFinding[]): Verdict {
  const { snapshot, parameters } = input;
  const { runtime, workloads, cluster, namespace, sensorNodes } = snapshot;
  if (!runtime.available) return unknown(runtime.reason, runtime.message);
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const runs = workloads.items.some(({ pods, template, completed, replicas }) => {
    return pods.length > 0 || (!cluster.live && template !== undefined && !completed && replicas !== 0);
  });
  if (!runs && recent.length === 0) {
    return notApplicable('NoWorkloads', `Namespace ${namespace.name} has neither pods nor runtime events.`);
  }
  if (!runs) {
    // Without pods, the last event's leaving ends all concern.
    const window = parameters['runtime.alertWindow'];
    const until = Math.max(...recent.map((each) => leavesAt(each, window)));
    return { ...unproven('no pod of the namespace is there any more.'), validUntil: until };
  }
  if (!cluster.live) return unproven('manifests do not show whether a runtime sensor watches.');
  const nodes = nodesOf(workloads.items);
  if (nodes.size === 0)
    return unproven('no pod of the namespace runs on a node, so that no sensor watches any.');
  if (!sensorNodes.available) return unknown(sensorNodes.reason, sensorNodes.message);
  return judgeProof(watchNodes(nodes, sensorNodes.items, input), input);
}

const unproven = (why: string): Verdict => unknown('NoEvidence', `No alert was received, and ${why}`);

/** Whether somebody listened all the while. That a sensor lives, as its page of metrics shows, is not that. */
function judgeProof(nodes: readonly WatchedNode[], { parameters, now }: EvaluationInput): Verdict {
  const window = parameters['runtime.alertWindow'];
  const some = (found: readonly unknown[]) =>
    `on ${found.length} of ${count(nodes.length, 'node')} that run pods of the namespace`;
  const silent = nodes.filter(({ is }) => is === 'silent');
  const lacking = nodes.filter(({ is }) => is !== 'silent' && is !== 'alive');
  if (lacking.length > 0)
    return unproven(`nothing proves that a runtime sensor watches ${some(lacking)}: ${listNodes(lacking)}.`);
  if (silent.length > 0) {
    const since = silent.map(({ name, known }) => ({ name, since: known?.lastSign }));
    return unknown(
      'StaleEvidence',
      `No alert was received, and no event of the sensors any more ${some(silent)}: ${listNodes(since)}.`,
    );
  }
  const isAsked = parameters['runtime.scrapeFalcoMetrics'];
  return (
    judgeHoles(nodes, window, now) ??
    (isAsked ? judgeMetrics(nodes) : undefined) ??
    judgeWatch(nodes, window, now)
  );
}

/** What is lost where nobody looks is not known. */
function judgeMetrics(nodes: readonly WatchedNode[]): Verdict | undefined {
  const unread = nodes.flatMap(({ name, known }) => {
    const gap = metricsGap(known?.metrics);
    return gap === undefined ? [] : [{ name, gap }];
  });
  if (unread.length === 0) return undefined;
  return unknown(
    'PartialEvidence',
    `No alert was received, and whether events were lost is not known, since metrics are not read of ${listGaps(unread)}.`,
  );
}

/** Gaps between signs, and events that are known to be lost, for as long as they lie in the window. */
function judgeHoles(nodes: readonly WatchedNode[], window: number, now: number): Verdict | undefined {
  const gaps = nodes.flatMap(({ name, known }) => {
    const since = known?.broken === true ? known.unbrokenSince : undefined;
    return since !== undefined && since + window > now ? [{ name, since, until: since + window }] : [];
  });
  const losses = nodes.flatMap(({ name, known }) =>
    known?.lost !== undefined && known.lost.until + window > now
      ? [{ name, since: known.lost.since, until: known.lost.until + window }]
      : [],
  );
  if (gaps.length + losses.length === 0) return undefined;
  const sentences = [
    ...(gaps.length === 0
      ? []
      : [
          `Within runtime.alertWindow there was a gap between the events of a sensor; without one are ${listNodes(gaps)}.`,
        ]),
    ...(losses.length === 0 ? [] : [`Events are known to be lost: ${listNodes(losses)}.`]),
  ];
  const until = Math.min(...[...gaps, ...losses].map((each) => each.until));
  return { ...unknown('PartialEvidence', sentences.join(' ')), validUntil: until };
}

/** A window that is shorter, because the sensor or Plumbline is young, counts and is told. */
function judgeWatch(nodes: readonly WatchedNode[], window: number, now: number): Verdict {
  const since = Math.max(...nodes.map(({ known }) => known?.unbrokenSince ?? now));
  const watched = `a runtime sensor has watched ${count(nodes.length, 'node')} that run pods of the namespace`;
  if (since + window <= now) return pass(`No alert within runtime.alertWindow, while ${watched}.`);
  return { ...pass(`No alert since ${moment(since)}, while ${watched}.`), validUntil: since + window };
}

function toFinding(finding: RuntimeFinding): Finding {
  const { rule, priority, subject, example, count, firstSeen, lastSeen } = finding;
  const times =
    count === 1 ? `once, at ${lastSeen}` : `${count} times since ${firstSeen}, last at ${lastSeen}`;
  return {
    subject,
    ...(example === undefined || subject.kind === 'Pod' ? {} : { example }),
    observed: finding.sample,
    message: `${rule} (${priority}, ${finding.source}): ${times}.`,
    severity: severityOf(finding),
    ref: rule,
  };
}

/** Falco has eight priorities, a report has four severities. */
function severityOf({ priority }: RuntimeFinding): Severity {
  if (atLeast(priority, 'Critical')) return 'critical';
  if (atLeast(priority, 'Error')) return 'high';
  return atLeast(priority, 'Warning') ? 'medium' : 'low';
}

const control: BaseControl = {
  id: 'RD-2.5.2',
  title: 'No open runtime alerts for the namespace',
  requirement: '§2: intrusion detection for running applications',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'A shell in a container, a sensitive file that is read, a connection that nobody expected: each may be an intruder at work, and each is worth a look while the traces are fresh.',
  rule:
    'Judged over the last runtime.alertWindow. Fail: an event of priority runtime.alertPriority or worse, or runtime.noticeThreshold or more Notice alerts. ' +
    'Pass: neither, and all the while proof on each node that runs pods of the namespace that a sensor is ready and its events reach Plumbline: no gap between events of the node, of whatever priority, longer than runtime.blindSensorAfter. A window that is shorter, because the sensor or Plumbline is young, counts, and the message says since when. ' +
    'Unknown (NoEvidence): no such events, and of a node no proof, or no event has ever been received. Unknown (StaleEvidence): events of a node have ceased. Unknown (PartialEvidence): there was a gap within the window, or events are known to be lost, or with runtime.scrapeFalcoMetrics metrics of Falco or Falcosidekick are not read, which would tell. A page of metrics tells of losses, and is no proof that events arrive. Unknown, with the reason: the events, the pods or the sensors could not be read. ' +
    'NotApplicable (NoWorkloads): neither pods nor events.',
  notes: [
    'Events are known to be lost where Falco says so (syscall event drop, timeouts notification, the counters of its metrics snapshots), and where Plumbline could not take one. With runtime.scrapeFalcoMetrics the counters in the metrics of Falco (system calls, queue of outputs) and of Falcosidekick (errors of its outputs webhook and cloudevents) tell it too, from the first look at them on; without it, what Falcosidekick loses on the way nobody tells.',
    'Since when events are lost is when the counters were read before. What a Falco or a Falcosidekick loses between the last look and its end nobody tells.',
    'After a time in which no replica of Plumbline took events there is a gap: Falco does not repeat what it could not send.',
    'Repeats of one rule in the same pod and container within one hour are one alert, for each replica of the operator that takes them and for each of its restarts. A Notice alert counts until its whole hour has left the window.',
    'Events are Falco’s own or come through Falcosidekick; the same event by both ways counts once where both reach the same replica of the operator.',
    'Events of pods that are gone still count for their namespace. Audit events count for the namespace of the object that they are about.',
    'Events that name no namespace (of a host, of the cloud, or because the container runtime had not yet answered Falco) are counted as unattributed and decide nothing here.',
    'An event from the future counts as of its receipt.',
    'Rules that are disabled in Falco raise no alert: their silence is not evidence.',
    'An alert ends when it has left the window without recurring; nobody can end it by editing or deleting a report.',
  ],
  remediation:
    'Look into each alert as your incident process says; where it is benign, tune the Falco rule with an exception that names the workload.',
  evidence: ['falco', 'workloads', 'sensors'],
  parameters: [
    'runtime.alertWindow',
    'runtime.alertPriority',
    'runtime.noticeThreshold',
    'runtime.sensors',
    'runtime.blindSensorAfter',
    'runtime.scrapeFalcoMetrics',
    'runtime.uncoveredGrace',
    'platform.maxClockSkew',
  ],
  verdicts: ['Pass', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-4', 'SI-4(5)', 'IR-4', 'IR-5'],
    nist800190: ['4.4.4'],
    nsaCisa: ['Threat detection › Alerting'],
    other: ['Falco rule tags maturity_*, mitre_*, NIST_800-53_AC-2, NIST_800-53_AU-10, PCI_DSS_*'],
  },
  evaluate,
};
export default control;
