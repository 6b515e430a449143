import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { growth, series } from '../../tools/dashboards/promql.ts';
import { fillIn } from '../../tools/draw/ask.ts';
import { requireMonitoring, runTool } from '../support/monitoring.ts';

const counter = 'plumbline_runtime_events_total{cluster="here",namespace="payments",priority="Critical"}';
const range = 20 * 60;

/** How much a counter grew in the last twenty minutes, by its values at each minute. */
const cases: Readonly<
  Record<string, { readonly values: string; readonly at: string; readonly grew?: number }>
> = {
  'a series that begins': { values: '_x9 3x30', at: '25m', grew: 3 },
  'a series that stood still all the time': { values: '3x60', at: '50m', grew: 0 },
  'a series that stood still, but for a scrape that failed': {
    values: '3x20 stale 3x60',
    at: '50m',
    grew: 0,
  },
  'a scrape that failed just when the time began': { values: '3x20 stale 3x60', at: '41m', grew: 0 },
  'no series': { values: '_x60', at: '50m' },
};

describe('how much a counter grew, in the dashboards', () => {
  let promtool = '';
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-growth-'));
  before(async function () {
    ({ promtool } = await requireMonitoring(this, ['promtool']));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [sentence, { values, at, grew }] of Object.entries(cases))
    it(sentence, async () => {
      const expr = fillIn(growth('priority', series('plumbline_runtime_events_total', 'operator')), {
        variables: { cluster: 'here' },
        end: 0,
        range,
        step: 60,
        rateInterval: 240,
      });
      const samples = grew === undefined ? [] : [{ labels: '{priority="Critical"}', value: grew }];
      const test = {
        rule_files: [],
        evaluation_interval: '1m',
        tests: [
          {
            interval: '1m',
            input_series: [{ series: counter, values }],
            promql_expr_test: [{ expr, eval_time: at, exp_samples: samples }],
          },
        ],
      };
      const path = join(folder, 'test.json');
      writeFileSync(path, JSON.stringify(test));
      const { code, output } = await runTool(promtool, ['test', 'rules', path]);
      expect(code, output).to.equal(0);
    }).timeout(60_000);
});
