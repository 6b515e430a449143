import { parameterTable } from '../../src/domain/parameters.ts';
import type { AlertGroup } from './model.ts';
import { day, hour, leaderChange, minute, replicas } from './model.ts';
import { bySeverity, failingControls } from './namespaces.ts';

/** Seconds after which a profile holds reports of vulnerabilities and exposed secrets stale by default. */
const reportMaxAge = parameterTable['vulnerabilities.reportMaxAge'].default / 1_000;

const evidenceLook = `\`\`\`sh
kubectl get compliancesummaries
kubectl get compliancesummary reference-design \\
  -o jsonpath='{range .status.evidence[*]}{.source}{"\\t"}{.available}{"\\t"}{.reason}{"\\t"}{.message}{"\\n"}{end}'
\`\`\``;

/** What the platform's people can act on: the cluster's own controls, and what the verdicts rest on. */
export const platformAlerts: AlertGroup = {
  name: 'plumbline-cluster',
  about: 'For the people of the platform: the cluster and the evidence',
  tenants: false,
  alerts: [
    {
      name: 'PlumblineClusterNonCompliant',
      summary: 'Controls of the cluster fail.',
      conditions: bySeverity(
        ['critical', 'high', 'medium', 'low'],
        5 * minute,
        failingControls('namespace=""'),
        (severity) =>
          `{{ $value }} ${severity} control(s) of the cluster or its nodes fail (profile {{ $labels.profile }}).`,
      ),
      runbook: {
        meaning: `A control of the cluster or its nodes fails. It is told once, without a namespace, and not to every namespace that
inherits it: nobody is alerted for what he cannot change.`,
        look: `\`\`\`sh
kubectl get compliancesummary PROFILE \\
  -o jsonpath='{range .status.controls[?(@.status=="Fail")]}{.severity}{"\\t"}{.id}{"\\t"}{.message}{"\\n"}{end}'
\`\`\``,
        fix: `Each control's page in docs/controls tells how; \`plumbline explain ID\` prints it.`,
      },
    },
    {
      name: 'PlumblineClusterControlUnknown',
      summary: 'Controls of the cluster stay Unknown.',
      conditions: [
        {
          severity: 'info',
          expression: () => `count without (control, severity, status) (
  max without (${replicas}) (plumbline_control_status{namespace="",severity=~"critical|high",status="Unknown"})
)`,
          after: hour,
          keep: leaderChange,
          description:
            '{{ $value }} critical or high control(s) of the cluster (profile {{ $labels.profile }}) have been Unknown for an hour.',
        },
      ],
      runbook: {
        meaning:
          'Nobody knows whether these controls of the cluster hold: evidence is missing or cannot be read.',
        look: evidenceLook,
        fix: 'The message of the control, and of the source, says what is missing. Provide it, or leave the control out of the profile.',
      },
    },
    {
      name: 'PlumblineEvidenceGone',
      summary: 'A source of evidence is gone.',
      conditions: [
        {
          severity: 'warning',
          // Only what was there is gone: a cluster without a scanner is not alerted for it, week after week.
          expression: (span) => `max without (${replicas}) (plumbline_evidence_available) == 0
  and max without (${replicas}) (max_over_time(plumbline_evidence_available[${span(7 * day)}])) == 1`,
          after: 10 * minute,
          keep: leaderChange,
          labels: { namespace: 'plumbline-system' },
          description:
            'The source {{ $labels.source }} cannot be read any more, though it could within the last week.',
        },
      ],
      runbook: {
        meaning: `A source that could be read within the last week cannot be read now: its kind was removed, or a right was taken away. Every
control that rests on it turns \`Unknown\`, in every namespace; those alerts are silenced while this one fires. It resolves when the source is back, or after a week, when it is no longer news; sooner where Prometheus
keeps less than seven days.

It says nothing of a Falco that has fallen silent: the source \`falco\` is there from its first event on, for as long as any replica knows of
one. Whether sensors run tells RD-3.5.1, and whether a namespace is watched now RD-2.5.1: where one of them fails or is \`Unknown\`, the alerts
about controls tell.`,
        look: evidenceLook,
        fix: `\`Forbidden\`: give the right back (\`kubectl apply --server-side -k config/rbac\`). \`NoEvidence\`: look whether the
scanner or its definitions are still installed and run.`,
      },
    },
    {
      name: 'PlumblineEvidenceStale',
      summary: 'The newest evidence of a source is old.',
      conditions: [
        {
          severity: 'warning',
          // What a scanner left behind that was uninstalled grows old for ever.
          expression: () => `time() - max without (${replicas}) (
  plumbline_evidence_newest_timestamp_seconds{source=~"vulnerabilityreports|exposedsecretreports"}
) > ${reportMaxAge}
  and max without (${replicas}) (plumbline_evidence_available) == 1`,
          after: 15 * minute,
          keep: leaderChange,
          labels: { namespace: 'plumbline-system' },
          description:
            'The newest evidence of {{ $labels.source }} is {{ $value | humanizeDuration }} old; no report of it counts any more.',
        },
      ],
      runbook: {
        meaning: `Not one report of the source is younger than the age that a profile accepts by default (parameter
\`vulnerabilities.reportMaxAge\`, docs/reference/parameters.md). So the scanner has stopped writing. A source that cannot be read
at all is told by [PlumblineEvidenceGone](plumblineevidencegone.md) alone.`,
        look: `\`\`\`sh
kubectl get vulnerabilityreports,exposedsecretreports -A --sort-by=.metadata.creationTimestamp | tail
kubectl -n trivy-system logs deployment/trivy-operator --tail=50
\`\`\``,
        fix: `Mend the scanner: its pods, its image database, its quota. Where it is set to scan less often, raise the parameter in your
profile and leave this alert out, or the scanner's \`scannerReportTTL\` below it.`,
      },
    },
  ],
};
