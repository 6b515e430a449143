import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import { alertSeverities } from '../../tools/alerts/model.ts';
import { alertGroups, ruleFile } from '../../tools/alerts/rules.ts';
import { requireMonitoring, runTool } from '../support/monitoring.ts';
import { alertCases } from './alert-cases.ts';

const alerts = alertGroups.flatMap((group) => group.alerts);
const rules = ruleFile().groups.flatMap((group) => group.rules);
const file = 'config/monitoring/alerts/plumbline.rules.yaml';

describe('the alerts', () => {
  let promtool = '';
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-alerts-'));
  before(async function () {
    ({ promtool } = await requireMonitoring(this, ['promtool']));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are rules that promtool accepts, with every lint', async () => {
    const { code, output } = await runTool(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', file]);
    expect(code, output).to.equal(0);
    expect(output).to.include(`${rules.length} rules found`);
  }).timeout(60_000);

  it('speak of metrics that there are', () => {
    const asked = rules.flatMap(({ expr }) => expr.match(/plumbline_\w+/g) ?? []);
    expect(asked.filter((name) => !(name in metricTable))).to.deep.equal([]);
    expect(asked).to.not.deep.equal([]);
  });

  it('have a severity, a summary without templates and a description that is not the summary', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(alertSeverities, alert).to.include(labels['severity']);
      expect(annotations['summary'], alert).to.match(/^[A-Z][^{}]+\.$/);
      expect(annotations['description'], alert).to.not.equal(annotations['summary']);
    }
  });

  it('are each seen to fire, not to fire and to resolve', () => {
    const seen = (name: string) => {
      const courses = Object.values(alertCases)
        .filter(({ alert }) => alert === name)
        .map(({ at }) => Object.values(at).map((fired) => fired.length > 0));
      return courses.some((fires) => {
        const first = fires.indexOf(true);
        return first > 0 && fires.indexOf(false, first) > first;
      });
    };
    expect(alerts.map(({ name }) => name).filter((name) => !seen(name))).to.deep.equal([]);
  });

  for (const [sentence, { alert, series, at, interval = '1m' }] of Object.entries(alertCases)) {
    it(`${alert}: ${sentence}`, async () => {
      const test = {
        rule_files: [join(process.cwd(), file)],
        evaluation_interval: interval,
        tests: [
          {
            interval,
            input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
            promql_expr_test: Object.entries(at).map(([time, fired]) => ({
              expr: `sum without (alertstate, alertname) (ALERTS{alertname="${alert}",alertstate="firing"})`,
              eval_time: time,
              exp_samples: fired.map((labels) => ({ labels: selector(labels), value: 1 })),
            })),
          },
        ],
      };
      const path = join(folder, 'test.json');
      writeFileSync(path, JSON.stringify(test));
      const { code, output } = await runTool(promtool, ['test', 'rules', path]);
      expect(code, output).to.equal(0);
    }).timeout(60_000);
  }
});

const selector = (labels: Readonly<Record<string, string>>) =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;
