import { dump } from 'js-yaml';
import type { Alert, AlertGroup, Condition, Span } from './model.ts';
import { shipped } from './model.ts';
import { namespaceAlerts } from './namespaces.ts';
import { operatorAlerts } from './operator.ts';
import { platformAlerts } from './platform.ts';

export const alertGroups: readonly AlertGroup[] = [namespaceAlerts, platformAlerts, operatorAlerts];

/** Where the pages of docs/runbooks are read. Change it where you publish them elsewhere, and `npm run generate`. */
const runbooks = 'https://plumbline.dev/docs/runbooks';

export const runbookPage = ({ name }: Alert) => `${name.toLowerCase()}.md`;

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** The content of a rules file; the same is the `spec` of a PrometheusRule. */
export const ruleFile = (groups = alertGroups, span: Span = shipped): RuleFile => ({
  groups: groups.map(({ name, alerts }) => ({
    name,
    rules: alerts.flatMap((alert) => alert.conditions.map((condition) => ruleOf(alert, condition, span))),
  })),
});

function ruleOf(alert: Alert, condition: Condition, span: Span): Rule {
  const { severity, expression, after, keep, labels, description } = condition;
  return {
    alert: alert.name,
    expr: expression(span),
    for: span(after),
    ...(keep === undefined ? {} : { keep_firing_for: span(keep) }),
    labels: { severity, ...labels },
    annotations: {
      summary: alert.summary,
      description,
      runbook_url: `${runbooks}/${runbookPage(alert)}`,
    },
  };
}

export const toYaml = (value: unknown) => dump(value, { lineWidth: 120, noRefs: true });
