import { counted } from '../counted.ts';
import type { Alert, AlertGroup, AlertSeverity, Condition, Span } from './model.ts';
import { earlier, hour, leaderChange, minute, replicas } from './model.ts';

/** How loudly a failing control of each severity is told. */
const loudness = { critical: 'critical', high: 'warning', medium: 'info', low: 'info' } as const;
type ControlSeverity = keyof typeof loudness;

/** The recent past of which `PlumblineNamespaceGotWorse` tells, and after which it resolves. */
const recently = 30 * minute;

/** Of the controls that count in the report of a namespace. */
const ofNamespaces = `namespace!="",${counted}`;

const failing = (severity: ControlSeverity, namespace: string) =>
  `max without (${replicas}) (plumbline_control_status{${namespace},severity="${severity}",status="Fail"})`;

const count = (of: string) => `count without (control, status) (${of})`;

/** One condition for each severity of a control. */
export function bySeverity(
  severities: readonly ControlSeverity[],
  after: number,
  expression: (severity: ControlSeverity, span: Span) => string,
  describe: (severity: ControlSeverity) => string,
): readonly Condition[] {
  return severities.map((severity) => ({
    severity: loudness[severity] satisfies AlertSeverity,
    expression: (span) => expression(severity, span),
    after,
    keep: leaderChange,
    // The metric's own label of that name says how bad the control is, and gives way to the alert's.
    labels: { control_severity: severity },
    description: describe(severity),
  }));
}

/** Controls that fail, as a state. @param namespace a matcher */
export const failingControls = (namespace: string) => (severity: ControlSeverity) =>
  count(failing(severity, namespace));

const nonCompliant: Alert = {
  name: 'PlumblineNamespaceNonCompliant',
  summary: 'Controls of a namespace fail.',
  conditions: bySeverity(
    ['critical', 'high', 'medium', 'low'],
    5 * minute,
    failingControls(ofNamespaces),
    (severity) =>
      `{{ $value }} ${severity} control(s) fail in namespace {{ $labels.namespace }} (profile {{ $labels.profile }}).`,
  ),
  runbook: {
    meaning: `At least one control of the severity in the label \`control_severity\` fails in the namespace. The alert is a state: it
fires while that is so, and resolves when the last of them passes. A failing critical control is told as \`critical\`, a high one
as \`warning\`, medium and low as \`info\`; the louder silences the quieter of the same namespace (docs/monitoring.md).
Controls that are derived from others are not counted, as in the column FAIL of kubectl: their parts are.`,
    look: `\`\`\`sh
kubectl -n NAMESPACE describe compliancereport PROFILE
kubectl -n NAMESPACE get compliancereport PROFILE \\
  -o jsonpath='{range .status.controls[?(@.status=="Fail")]}{.severity}{"\\t"}{.id}{"\\t"}{.message}{"\\n"}{end}'
\`\`\`

In Prometheus: \`plumbline_control_status{namespace="NAMESPACE",status="Fail"}\`.`,
    fix: `Each control's page in docs/controls tells how; \`plumbline explain ID\` prints it. Each finding names the workload and the
field. A control that does not apply to you belongs out of the ComplianceProfile, with its reason (docs/profiles.md); do not silence
the alert for it.`,
  },
};

const gotWorse: Alert = {
  name: 'PlumblineNamespaceGotWorse',
  summary: 'Controls of a namespace began to fail.',
  conditions: bySeverity(
    ['critical', 'high'],
    minute,
    (severity, span) =>
      count(`
  ${failing(severity, ofNamespaces)}
    unless ignoring (${replicas}, severity) plumbline_control_status{status="Fail"} offset ${span(recently)}
    and ignoring (${replicas}, severity, status) plumbline_control_status offset ${span(recently)}
`),
    (severity) =>
      `{{ $value }} ${severity} control(s) fail in namespace {{ $labels.namespace }} (profile {{ $labels.profile }}) that did not half an hour ago.`,
  ),
  runbook: {
    meaning: `A control of the severity in the label \`control_severity\` fails that did not fail half an hour ago. The alert is a
transition: it resolves by itself when that is half an hour past, or when the control no longer fails. What fails for longer is told by
[PlumblineNamespaceNonCompliant](plumblinenamespacenoncompliant.md), which this one silences meanwhile. What was not
judged half an hour ago is no transition: neither a new namespace fires it, nor an operator that was just installed, nor a control that came
with an upgrade or a change of the profile. What was judged otherwise is one, whatever it was: from \`Unknown\` to \`Fail\` counts too.`,
    look: `\`\`\`sh
kubectl -n NAMESPACE get compliancereport PROFILE \\
  -o jsonpath='{range .status.transitions[*]}{.time}{"\\t"}{.control}{"\\t"}{.from}{" -> "}{.to}{"\\n"}{end}'
kubectl -n NAMESPACE events --for compliancereport/PROFILE
\`\`\``,
    fix: `Find the change: the time of the transition, beside what was deployed then. Undo it, or mend it as the control's page in
docs/controls tells.`,
  },
};

const unknown: Alert = {
  name: 'PlumblineControlUnknown',
  summary: 'Controls of a namespace stay Unknown.',
  conditions: [
    {
      severity: 'info',
      expression: () => `count without (control, severity, status) (
  max without (${replicas}) (plumbline_control_status{${ofNamespaces},severity=~"critical|high",status="Unknown"})
)`,
      after: hour,
      keep: leaderChange,
      description:
        '{{ $value }} critical or high control(s) of namespace {{ $labels.namespace }} (profile {{ $labels.profile }}) have been Unknown for an hour.',
    },
  ],
  runbook: {
    meaning: `Nobody knows whether these controls hold: their evidence is missing, stale or cannot be read. That is not a pass.`,
    look: `\`\`\`sh
kubectl -n NAMESPACE get compliancereport PROFILE \\
  -o jsonpath='{range .status.controls[?(@.status=="Unknown")]}{.id}{"\\t"}{.reason}{"\\t"}{.message}{"\\n"}{end}'
kubectl get compliancesummary PROFILE -o jsonpath='{range .status.evidence[*]}{.source}{"\\t"}{.available}{"\\t"}{.message}{"\\n"}{end}'
\`\`\``,
    fix: `The message says what is missing: a scanner that is not installed, a right that was not given, a parameter that only you
can set (your registries, say). Provide it, or leave the control out of the profile. While a source that was there is gone
([PlumblineEvidenceGone](plumblineevidencegone.md)) or stale, this alert is silenced: mend that first.`,
  },
};

const severe = 'priority=~"Emergency|Alert|Critical"';

const runtime: Alert = {
  name: 'PlumblineRuntimeFindings',
  summary: 'Falco saw something grave in a namespace.',
  conditions: [
    {
      severity: 'critical',
      // An increase misses the first event, with which the series begins: hence the second half.
      expression: (span) => `sum without (${replicas}) (
  increase(plumbline_runtime_events_total{${severe}}[${span(10 * minute)}]) > 0
    or (
      plumbline_runtime_events_total{${severe}}
        unless ${earlier(`plumbline_runtime_events_total{${severe}}`, span(10 * minute), span)}
    )
)`,
      after: 0,
      description:
        'Falco reported events of priority {{ $labels.priority }} in namespace {{ $labels.namespace }} within ten minutes.',
    },
  ],
  runbook: {
    meaning: `Falco sent at least one event of priority Critical, Alert or Emergency for the namespace within the last ten minutes. It
resolves ten minutes after the last of them. Where a replica was not scraped for longer than five minutes, what it had counted before looks
new, ten minutes later: the RuntimeReport has the true times.`,
    look: `\`\`\`sh
kubectl -n NAMESPACE get runtimereport runtime -o yaml
\`\`\`

It adds them up by rule and workload, with the first and last time. Falco's own log, on the node that it names, has each event whole.`,
    fix: `Treat it as an incident until you know better: the rule's description tells what was seen. Keep the pod for the
investigation (take it off its Service by its labels) before you delete it. If it is meant to do that, make an exception in
Falco's rules, not here.`,
  },
};

/** What a namespace's own people can act on. */
export const namespaceAlerts: AlertGroup = {
  name: 'plumbline-namespaces',
  about: 'For the people of a namespace',
  tenants: true,
  alerts: [nonCompliant, gotWorse, unknown, runtime],
};
