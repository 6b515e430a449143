import { expect } from 'chai';
import { systemClock } from '../../src/base/clock.ts';
import { HttpServer } from '../../src/http/server.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { Surroundings } from '../../tools/monitoring/part.ts';
import { startPrometheus } from '../../tools/monitoring/prometheus.ts';
import { eventually } from '../kube/support.ts';
import { parseExposition, textOf } from '../support/exposition.ts';
import { describedMetrics, fillMetrics } from '../support/filled-metrics.ts';
import { requireMonitoring, runTool } from '../support/monitoring.ts';

/** Hard to write, and to read. */
const label = 'a "b"\\c\nd,e="f"} #é';

describe('what is written of metrics', function () {
  this.timeout(60_000);
  let promtool = '';
  let around: Surroundings | undefined;
  before(async function () {
    ({ promtool } = await requireMonitoring(this, ['promtool', 'prometheus']));
  });
  afterEach(() => around?.stop());

  it('is without fault to promtool, names and units too', async () => {
    const text = await textOf(fillMetrics(label, 2).expose());
    expect(await runTool(promtool, ['check', 'metrics'], text)).to.deep.equal({ code: 0, output: '' });
  });

  it('would not be, were a counter named as none is', async () => {
    const text = '# HELP a A.\n# TYPE a counter\na 1\n';
    const { code, output } = await runTool(promtool, ['check', 'metrics'], text);
    expect([code, output]).to.deep.equal([3, 'a counter metrics should have "_total" suffix\n']);
  });

  it('is scraped by Prometheus as OpenMetrics, compressed, with every series as it is', async () => {
    const asked: string[] = [];
    const metrics = fillMetrics(label, 2);
    const expose = metrics.expose.bind(metrics);
    metrics.expose = (format) => {
      asked.push(String(format));
      return expose(format);
    };
    const server = new HttpServer({
      host: '127.0.0.1',
      port: 0,
      metrics,
      alive: () => [],
      ready: () => [],
      clock: systemClock,
      logger: silentLogger,
    });
    const { port } = await server.listen();
    try {
      around = new Surroundings(
        () => {},
        () => {},
      );
      const job = { name: 'plumbline', targets: [{ address: `127.0.0.1:${port}` }] };
      const prometheus = await startPrometheus(around, { jobs: [job] });
      const up = async () => (await prometheus.query('up{job="plumbline"}'))[0]?.value[1];
      await eventually(async () => (await up()) === '1', 'it was scraped', 30_000);
      expect(new Set(asked)).to.deep.equal(new Set(['openmetrics']));
      const found = await prometheus.query('{__name__=~"plumbline_.+"}');
      const samples = [...parseExposition(await textOf(expose())).values()].flatMap((each) => each.samples);
      expect(found.map(({ metric }) => metric['__name__'])).to.have.members(samples.map(({ name }) => name));
      const values = new Map(found.map(({ metric, value }) => [metric['__name__'], value[1]]));
      for (const [name, { type, labels }] of describedMetrics) {
        if (type === 'histogram') continue;
        const [series] = found.filter(({ metric }) => metric['__name__'] === name);
        for (const each of labels) expect(series?.metric[each], `${name} ${each}`).to.equal(label);
        const sample = samples.find((one) => one.name === name);
        expect(Number(values.get(name)), name).to.equal(sample?.value);
      }
    } finally {
      await server.close();
    }
  });
});
