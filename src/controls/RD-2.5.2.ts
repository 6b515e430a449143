import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import { atLeast } from '../domain/runtime.ts';
import type { Finding, Severity, Verdict } from '../domain/verdict.ts';
import { notApplicable, soonest, unknown } from '../domain/verdict.ts';
import { sortFindings } from './shared/findings.ts';
import { isInWindow, leavesAt, thresholdUntil } from './shared/runtime-window.ts';

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

/** Silence is evidence only with proof that somebody listened, and nothing gives that proof here. */
function judgeSilence({ snapshot, parameters }: EvaluationInput, recent: readonly RuntimeFinding[]): Verdict {
  const { runtime, workloads, cluster, namespace } = snapshot;
  if (!runtime.available) return unknown(runtime.reason, runtime.message);
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const runs = workloads.items.some(({ pods, template, completed, replicas }) => {
    return pods.length > 0 || (!cluster.live && template !== undefined && !completed && replicas !== 0);
  });
  if (!runs && recent.length === 0) {
    return notApplicable('NoWorkloads', `Namespace ${namespace.name} has neither pods nor runtime events.`);
  }
  const verdict = unknown(
    'NoEvidence',
    'No alert was received, and nothing proves that a runtime sensor watches the nodes of the namespace.',
  );
  if (runs) return verdict;
  // Without pods, the last event's leaving ends all concern.
  const window = parameters['runtime.alertWindow'];
  return { ...verdict, validUntil: Math.max(...recent.map((each) => leavesAt(each, window))) };
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
    'Unknown (NoEvidence): no such events, and no proof that a sensor watched all the while; or no event has ever been received. Unknown, with the reason: the events or the workloads could not be read. ' +
    'NotApplicable (NoWorkloads): neither pods nor events.',
  notes: [
    'Pass is not possible in this version: silence is evidence only where the sensor is known to have been alive on every node of the namespace, and that proof of life is not collected yet.',
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
  evidence: ['falco', 'workloads'],
  parameters: ['runtime.alertWindow', 'runtime.alertPriority', 'runtime.noticeThreshold'],
  verdicts: ['Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-4', 'SI-4(5)', 'IR-4', 'IR-5'],
    nist800190: ['4.4.4'],
    nsaCisa: ['Threat detection › Alerting'],
    other: ['Falco rule tags maturity_*, mitre_*, NIST_800-53_AC-2, NIST_800-53_AU-10, PCI_DSS_*'],
  },
  evaluate,
};
export default control;
