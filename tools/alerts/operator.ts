import type { Alert, AlertGroup, Condition, Span } from './model.ts';
import { earlier, hour, minute, replicas } from './model.ts';

/** None of what these speak of has a namespace; the routes of those who run the operator go by its own. */
const labels = { namespace: 'plumbline-system' };

const logs = `\`\`\`sh
kubectl -n plumbline-system get pods
kubectl -n plumbline-system logs -l app.kubernetes.io/name=plumbline --prefix --tail=100
\`\`\``;

const one = (condition: Omit<Condition, 'labels'>): readonly Condition[] => [{ ...condition, labels }];

/** A counter that rose; also where the series begins with what it counts. */
const rose = (selector: string, seconds: number, span: Span) => `sum without (${replicas}) (
  increase(${selector}[${span(seconds)}]) > 0
    or (${selector} unless ${earlier(selector, span(seconds), span)}) > 0
)`;

const absent: Alert = {
  name: 'PlumblineAbsent',
  summary: 'Prometheus sees no Plumbline operator.',
  conditions: one({
    severity: 'critical',
    expression: () => 'absent(plumbline_leader)',
    after: 5 * minute,
    description: 'No replica of the operator has been scraped for five minutes: nobody judges.',
  }),
  runbook: {
    meaning: `No replica answers Prometheus. Either none runs, or the scrape is broken. The reports in the cluster stand as they were
last written. It silences every other alert of Plumbline.`,
    look: `${logs}

In Prometheus, the page of targets, or \`up{job="plumbline-metrics"}\`: no series, nothing selects the Service; 0, it cannot be reached.`,
    fix: `Pods that do not start: their events say why. Pods that run and are not scraped: the ServiceMonitor must be selected by your
Prometheus (its labels), and the NetworkPolicy of config/manager lets in what runs in the namespace \`monitoring\` or in one that bears
the label \`plumbline.dev/metrics: allow\`.`,
  },
};

const notLeading: Alert = {
  name: 'PlumblineNotLeading',
  summary: 'No replica of Plumbline leads.',
  conditions: one({
    severity: 'critical',
    expression: () => `max without (${replicas}) (plumbline_leader) == 0`,
    after: 2 * minute,
    description: 'Replicas run, but none has led for two minutes: no report is written.',
  }),
  runbook: {
    meaning: `A change of leader takes 15 seconds when the leader dies, two when it is told to end. For two minutes now nobody has got
the Lease, or nobody has renewed it.`,
    look: `\`\`\`sh
kubectl -n plumbline-system get lease plumbline -o yaml
\`\`\`

${logs}`,
    fix: `Most often the API server is slow or refuses: see whether the service account may still write the Lease (\`kubectl apply
--server-side -k config/rbac\`). A holder that does not exist any more and a renewTime in the future mean clocks that disagree.`,
  },
};

const errors: Alert = {
  name: 'PlumblineErrors',
  summary: 'Plumbline fails to judge or to write.',
  conditions: [
    {
      severity: 'warning',
      // What fails is tried again ever later, at last every 1000 seconds: a shorter window would lose sight of it in between.
      expression: (span) => `sum without (${replicas}) (
  increase(plumbline_reconcile_total{result="error"}[${span(20 * minute)}])
) > 0`,
      after: 25 * minute,
      labels: { ...labels, result: 'error' },
      description: 'Reconciles have failed again and again for 25 minutes.',
    },
    {
      severity: 'warning',
      // Tried again after an hour, so that it is one alert for as long as it is refused.
      expression: (span) => rose('plumbline_reconcile_total{result="terminal"}', 65 * minute, span),
      after: 0,
      labels: { ...labels, result: 'terminal' },
      description:
        'A reconcile was refused for good within the last 65 minutes; it is tried again once an hour.',
    },
  ],
  runbook: {
    meaning: `Reconciles of some namespace, profile or RuntimeReport end in an error. There are two kinds, and the label \`result\` says which:

- \`error\`: it is tried again, ever later, at last every 17 minutes. It has gone on for 25 minutes: errors that are gone within five do not
  fire it. It resolves up to 20 minutes after the last.
- \`terminal\`: the API server refused it for good, so it is tried again only after an hour. It fires at once, and resolves 65 minutes after the
  last.`,
    look: `\`\`\`sh
kubectl -n plumbline-system logs -l app.kubernetes.io/name=plumbline --prefix --tail=-1 |
  grep -E '"(a reconcile failed|the installed CustomResourceDefinition)'
\`\`\`

The line names the key and the reason; a definition of another version is told once, and not for each key. In Prometheus: \`sum by (result) (rate(plumbline_reconcile_total[5m]))\`, and what the API server
answered: \`sum by (verb, resource, code) (rate(plumbline_api_requests_total{code!~"2.."}[5m]))\`.`,
    fix: `Forbidden: apply config/rbac. A definition that differs from this version's: apply crds. Too many requests: the API server
is loaded; it resolves with that.`,
  },
};

const stuck: Alert = {
  name: 'PlumblineQueueStuck',
  summary: "Plumbline's queue does not move.",
  conditions: one({
    severity: 'critical',
    expression: (span) => `max without (${replicas}) (
  min_over_time(plumbline_workqueue_depth[${span(10 * minute)}]) > 0
    unless sum without (result) (increase(plumbline_reconcile_total[${span(10 * minute)}])) > 0
    and plumbline_leader == 1
)`,
    after: 5 * minute,
    description: '{{ $value }} keys wait, and the leader has finished none for ten minutes.',
  }),
  runbook: {
    meaning: `The leader has work and does none: at every scrape of ten minutes something waited, and nothing was finished.`,
    look: `${logs}

In Prometheus: \`plumbline_workqueue_depth\`, \`rate(plumbline_reconcile_total[5m])\`, and whether requests hang:
\`rate(plumbline_api_requests_total[5m])\`.`,
    fix: `Delete the leading pod: the other takes over with the cluster in memory. Keep its log, and report it: this should not happen.`,
  },
};

const notEvaluated: Alert = {
  name: 'PlumblineReportsNotEvaluated',
  summary: 'Reports were not evaluated for two hours.',
  conditions: one({
    severity: 'warning',
    expression: () => `count without (namespace, profile) (
  time() - max without (${replicas}) (plumbline_report_last_evaluated_timestamp_seconds) > ${2 * hour}
)`,
    after: 5 * minute,
    description: '{{ $value }} report(s) were last evaluated more than two hours ago.',
  }),
  runbook: {
    meaning: `Every report is evaluated anew once an hour, though nothing changed. Some were not for two: what they say may be out of
date. It counts them, and is one alert and not one for each namespace, since nobody in a namespace can mend it.`,
    look: `Which ones, in Prometheus:

\`\`\`
time() - max without (pod, instance) (plumbline_report_last_evaluated_timestamp_seconds) > 7200
\`\`\`

\`\`\`sh
kubectl -n plumbline-system logs -l app.kubernetes.io/name=plumbline --prefix --tail=-1 | grep '"a reconcile failed"'
\`\`\``,
    fix: `See [PlumblineErrors](plumblineerrors.md) and [PlumblineQueueStuck](plumblinequeuestuck.md), which silences it.`,
  },
};

const dropped: Alert = {
  name: 'PlumblineEventsDropped',
  summary: 'Plumbline lost Falco events.',
  conditions: one({
    severity: 'warning',
    expression: (span) => rose('plumbline_falco_events_total{result="dropped"}', 15 * minute, span),
    after: 0,
    description: 'Events of Falco were dropped within a quarter of an hour: the RuntimeReports lack them.',
  }),
  runbook: {
    meaning: `The intake took more than it can hold, or could not keep what it took. What was dropped is in no report; the Summary's
evidence says so too. It resolves a quarter of an hour after the last.`,
    look: `In Prometheus: \`sum by (result) (rate(plumbline_falco_events_total[5m]))\`, and who is that loud:
\`topk(10, sum by (namespace, priority) (rate(plumbline_runtime_events_total[5m])))\`.`,
    fix: `Most often one rule fires thousands of times: make an exception in Falco's rules, or raise Falco's own minimum priority.
docs/runtime.md tells what one replica takes.`,
  },
};

const unstored: Alert = {
  name: 'PlumblineEventsNotStored',
  summary: 'Plumbline cannot keep Falco events on disk.',
  conditions: one({
    severity: 'warning',
    expression: () => `min without (${replicas}) (plumbline_intake_store_available) == 0`,
    after: 5 * minute,
    description: 'A replica holds events in memory alone: a crash would lose them.',
  }),
  runbook: {
    meaning: `A replica that was given a volume cannot write to it. Events still arrive and are counted; they would not outlive the
replica.`,
    look: `In Prometheus: \`plumbline_intake_store_available == 0\` names the replica. Its log says what the disk answered.

${logs}`,
    fix: `A full volume: enlarge the claim. One that is read-only or gone: replace it, and delete the pod. docs/runtime.md tells more.`,
  },
};

/** What those who run the operator can act on. */
export const operatorAlerts: AlertGroup = {
  name: 'plumbline-operator',
  about: 'For those who run Plumbline',
  tenants: false,
  alerts: [absent, notLeading, errors, stuck, notEvaluated, dropped, unstored],
};
