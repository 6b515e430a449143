import { expect } from 'chai';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startAlertmanager } from '../../tools/monitoring/alertmanager.ts';
import { Surroundings } from '../../tools/monitoring/part.ts';
import { startPrometheus } from '../../tools/monitoring/prometheus.ts';
import { eventually } from '../kube/support.ts';
import { requireMonitoring } from '../support/monitoring.ts';

describe('a Prometheus and an Alertmanager for tests and the demo', function () {
  this.timeout(60_000);
  const deaths: string[] = [];
  let around: Surroundings | undefined;
  before(async function () {
    await requireMonitoring(this, ['prometheus', 'alertmanager']);
  });
  afterEach(() => around?.stop());

  it('scrape what they are given, and answer queries of it', async () => {
    const exporter = createServer((_, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end('# TYPE answer gauge\nanswer{namespace="payments"} 42\n');
    });
    await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
    try {
      around = new Surroundings(
        ({ message }) => void deaths.push(message),
        () => {},
      );
      const address = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
      const alertmanager = await startAlertmanager(
        around,
        'route: {receiver: none}\nreceivers: [{name: none}]\n',
      );
      const prometheus = await startPrometheus(around, {
        jobs: [{ name: 'test', targets: [{ address, labels: { pod: 'one', namespace: 'operator' } }] }],
        alertmanagers: [alertmanager.address],
      });
      await eventually(async () => (await prometheus.query('answer')).length === 1, 'it was scraped');
      const [sample] = await prometheus.query('answer');
      // The namespace of the metric, not the target's.
      expect(sample?.metric).to.include({ namespace: 'payments', pod: 'one', job: 'test' });
      expect(sample?.value[1]).to.equal('42');
      expect(await prometheus.labelValues('namespace', 'answer')).to.deep.equal(['payments']);
      expect(await alertmanager.alerts()).to.deep.equal([]);
      const refused = await prometheus.query('answer{').catch((error: Error) => error);
      expect(refused).to.have.property('code', 'QueryRefused');
      expect(deaths).to.deep.equal([]);
    } finally {
      exporter.close();
      exporter.closeAllConnections();
    }
  });
});
