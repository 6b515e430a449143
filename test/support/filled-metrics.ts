import type { MetricDescription, MetricName } from '../../src/telemetry/metric-table.ts';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { VerdictSeries } from '../../src/telemetry/verdict-series.ts';

export const describedMetrics = Object.entries(metricTable) as [MetricName, MetricDescription][];

/** Those that are written from reports. */
const verdictName = /control_status|report_|findings/;

/** Every metric of the table, each with one series: `text` in all its labels, and that value. */
export function fillMetrics(text: string, value: number): Metrics {
  const verdicts = new VerdictSeries();
  const metrics = new Metrics(verdicts);
  // What is counted is finite.
  const count = Number.isFinite(value) ? Math.abs(value) || 1 : 1;
  for (const [name, { type, labels }] of describedMetrics) {
    const values = Object.fromEntries(labels.map((each) => [each, text]));
    if (type === 'counter') metrics.increment(name, values, count);
    if (type === 'histogram') for (const each of [0, 0.004, 3, count]) metrics.observe(name, each);
    if (type === 'gauge' && !verdictName.test(name)) metrics.collect(name, () => [{ labels: values, value }]);
  }
  verdicts.set({
    namespace: text,
    profile: text,
    compliant: true,
    score: 50,
    controls: [{ id: text, severity: text, status: text }],
    findings: { [text]: 3 },
    evaluatedAt: value,
  });
  verdicts.open();
  return metrics;
}
