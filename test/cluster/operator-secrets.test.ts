import { expect } from 'chai';
import { pathOf } from '../support/kept.ts';
import { complianceReports } from '../../src/api/resources.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  patch,
  post,
  probe,
  remove,
  startOperator,
  testSettings,
  useOperatorCluster,
} from '../operator/live.ts';
import { canaries, plantedConfigMap, plantedDeployment, plantedPod } from '../support/canaries.ts';
import { freshNamespace } from '../support/cluster.ts';

const clean = { 'RD-5.H.7.3': 'NotApplicable' };

describe('the operator and secrets in plain sight', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let running: Running;
  let namespace: string;
  const place = <T extends { metadata: object }>(object: T) => ({
    ...object,
    metadata: { ...object.metadata, namespace },
  });

  before(async () => {
    running = await startOperator(cluster(), { settings: { ...testSettings, logLevel: 'debug' } });
    namespace = await freshNamespace(cluster(), 'secrets');
  });
  after(() => running.stop());

  it('fails a ConfigMap that gets one, and no longer when it is gone', async () => {
    await awaitVerdicts(cluster(), namespace, clean);
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    await post(cluster(), path, { metadata: { name: 'settings' }, data: { LEVEL: 'info' } });
    await awaitVerdicts(cluster(), namespace, { 'RD-5.H.7.3': 'Pass' });
    await patch(cluster(), `${path}/settings`, { data: { DB_PASSWORD: 'hunter2' } });
    await awaitVerdicts(cluster(), namespace, { 'RD-5.H.7.3': 'Warn' });
    await remove(cluster(), `${path}/settings`);
    await awaitVerdicts(cluster(), namespace, clean);
  });

  it('finds what is planted, and lets nothing of it out', async () => {
    await post(cluster(), `/api/v1/namespaces/${namespace}/configmaps`, place(plantedConfigMap));
    await post(cluster(), `/api/v1/namespaces/${namespace}/pods`, place(plantedPod));
    await post(cluster(), `/apis/apps/v1/namespaces/${namespace}/deployments`, place(plantedDeployment));
    await awaitVerdicts(cluster(), namespace, {
      'RD-5.H.7.1': 'Fail',
      'RD-5.H.7.2': 'Fail',
      'RD-5.H.7.3': 'Fail',
    });
    const report = await cluster().request('GET', pathOf(complianceReports, namespace, 'reference-design'));
    const metrics = await probe(running, '/metrics');
    const texts = {
      report: JSON.stringify(report.body),
      metrics: metrics.text,
      log: JSON.stringify(running.log),
    };
    for (const [what, text] of Object.entries(texts)) {
      expect(text.length, what).to.be.greaterThan(100);
      for (const canary of canaries)
        expect(text.includes(canary.slice(0, 10)), `${what}: ${canary}`).to.equal(false);
    }
  });
});
