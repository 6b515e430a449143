import { expect } from 'chai';
import { InvariantError } from '../../src/base/invariant.ts';
import type { MetricName } from '../../src/telemetry/metric-table.ts';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { VerdictSeries } from '../../src/telemetry/verdict-series.ts';
import { parseExposition, textOf } from '../support/exposition.ts';

const create = () => {
  const verdicts = new VerdictSeries();
  const metrics = new Metrics(verdicts);
  return { verdicts, metrics, read: async () => parseExposition(await textOf(metrics.expose())) };
};

const valuesOf = async ({ read }: ReturnType<typeof create>, name: MetricName) =>
  (await read()).get(name)?.samples.map(({ labels, value }) => [labels, value]);

describe('Metrics', () => {
  it('exposes every metric of the table as it is described there, once, in the format of Prometheus', async () => {
    const all = create();
    for (const [name, { type }] of Object.entries(metricTable) as [MetricName, { type: string }][]) {
      if (type === 'gauge' && !/control_status|report_|findings/.test(name))
        all.metrics.collect(name, () => []);
    }
    all.verdicts.open();
    const families = await all.read();
    expect([...families.keys()]).to.have.members(Object.keys(metricTable));
    for (const [name, { type, help }] of families) {
      const described = metricTable[name as MetricName];
      expect({ type, help }, name).to.deep.equal({ type: described.type, help: described.help });
    }
  });

  it('counts by labels', async () => {
    const all = create();
    all.metrics.increment('plumbline_reconcile_total', { result: 'success' });
    all.metrics.increment('plumbline_reconcile_total', { result: 'success' }, 2);
    all.metrics.increment('plumbline_reconcile_total', { result: 'error' });
    expect(await valuesOf(all, 'plumbline_reconcile_total')).to.deep.equal([
      [{ result: 'success' }, 3],
      [{ result: 'error' }, 1],
    ]);
  });

  it('shows a counter without labels from the start, so that its first increase is one', async () => {
    expect(await valuesOf(create(), 'plumbline_workqueue_retries_total')).to.deep.equal([[{}, 0]]);
  });

  it('takes away the series of one label set, and no other', async () => {
    const all = create();
    for (const namespace of ['shop', 'other']) {
      all.metrics.increment('plumbline_runtime_events_total', { namespace, priority: 'Warning' });
    }
    all.metrics.remove('plumbline_runtime_events_total', { namespace: 'shop', priority: 'Warning' });
    all.metrics.remove('plumbline_runtime_events_total', { namespace: 'never', priority: 'Warning' });
    expect(await valuesOf(all, 'plumbline_runtime_events_total')).to.deep.equal([
      [{ namespace: 'other', priority: 'Warning' }, 1],
    ]);
  });

  it('reads gauges anew at each scrape, and keeps no series that is gone', async () => {
    const all = create();
    let objects = { pods: 3, jobs: 1 } as Record<string, number>;
    all.metrics.collect('plumbline_store_objects', () =>
      Object.entries(objects).map(([resource, value]) => ({ labels: { resource }, value })),
    );
    expect(await valuesOf(all, 'plumbline_store_objects')).to.deep.equal([
      [{ resource: 'pods' }, 3],
      [{ resource: 'jobs' }, 1],
    ]);
    objects = { pods: 0 };
    expect(await valuesOf(all, 'plumbline_store_objects')).to.deep.equal([[{ resource: 'pods' }, 0]]);
  });

  it('sorts what it observes into the buckets of the table', async () => {
    const all = create();
    all.metrics.observe('plumbline_reconcile_duration_seconds', 0.02);
    all.metrics.observe('plumbline_reconcile_duration_seconds', 30);
    const samples = (await all.read()).get('plumbline_reconcile_duration_seconds')?.samples ?? [];
    const buckets = samples.filter(({ name }) => name.endsWith('_bucket'));
    expect(buckets.map(({ labels, value }) => [labels['le'], value])).to.deep.equal([
      ['0.001', 0],
      ['0.005', 0],
      ['0.01', 0],
      ['0.05', 1],
      ['0.1', 1],
      ['0.5', 1],
      ['1.0', 1],
      ['5.0', 1],
      ['+Inf', 2],
    ]);
  });

  it('escapes what a label must not hold', async () => {
    const all = create();
    all.metrics.increment('plumbline_watch_restarts_total', { resource: 'pods', reason: 'a "b"\n\\' });
    expect(await valuesOf(all, 'plumbline_watch_restarts_total')).to.deep.equal([
      [{ resource: 'pods', reason: 'a \\"b\\"\\n\\\\' }, 1],
    ]);
  });

  const defects: Record<string, (metrics: Metrics) => void> = {
    'counting on a gauge': (metrics) => metrics.increment('plumbline_leader'),
    'taking away from a gauge': (metrics) => metrics.remove('plumbline_findings', {}),
    'observing a counter': (metrics) => metrics.observe('plumbline_reconcile_total', 1),
  };
  for (const [sentence, run] of Object.entries(defects)) {
    it(`does not pass over ${sentence} in silence`, () => {
      expect(() => run(create().metrics)).to.throw(InvariantError, /plumbline_/);
    });
  }
});

describe('the table of metrics', () => {
  for (const [name, { type, help, labels }] of Object.entries(metricTable)) {
    it(`${name} is named as Prometheus asks, and has no label without a bound`, () => {
      expect(name).to.match(/^plumbline_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith('_total')).to.equal(type === 'counter');
      expect(help).to.match(/^[A-Z].*\.$/);
      expect(labels).to.not.include.members(['pod']);
      for (const label of labels)
        expect(label).to.not.match(/^(?:pod|container|image|cve|host|node|name|uid|le)$/);
    });
  }
});
