import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { applyManifests, useCluster } from '../support/cluster.ts';
import { requireFixtures } from '../support/fixtures.ts';

/** The catalogue has the schema of this kind alone: `additionalProperties: false` stands for what a definition prunes. */
function alertmanagerConfigs(folder: string): object {
  const text = readFileSync(join(folder, 'alertmanagerconfig_v1alpha1.schema.json'), 'utf8');
  const openAPIV3Schema: unknown = JSON.parse(text, (key, value: unknown) =>
    key === 'additionalProperties' && value === false ? undefined : value,
  );
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'alertmanagerconfigs.monitoring.coreos.com' },
    spec: {
      group: 'monitoring.coreos.com',
      scope: 'Namespaced',
      names: { plural: 'alertmanagerconfigs', kind: 'AlertmanagerConfig' },
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

describe('config/monitoring and the definitions of the Prometheus Operator', function () {
  this.timeout(60_000);
  const cluster = useCluster({ users: [{ name: 'monitoring-objects' }] });
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-monitoring-'));
  after(() => rmSync(folder, { recursive: true }));

  before(async function () {
    const definitions = join(requireFixtures(this, 'other-crds'), 'prometheus-operator');
    const own = join(folder, 'alertmanagerconfigs.json');
    writeFileSync(own, JSON.stringify(alertmanagerConfigs(definitions)));
    const kinds = ['servicemonitors', 'prometheusrules'];
    await applyManifests(cluster(), [
      ...kinds.map((kind) => join(definitions, `monitoring.coreos.com_${kind}.yaml`)),
      own,
    ]);
    await cluster().request('POST', '/api/v1/namespaces', { metadata: { name: 'plumbline-system' } });
  });

  const apply = (...args: string[]) =>
    cluster().kubectl(['apply', '--server-side', '--validate=strict', ...args]);

  for (const kustomization of ['.', 'tenant-alerts', 'alertmanager-config']) {
    it(`are taken to the letter: ${kustomization}`, async () => {
      const namespace = kustomization === '.' ? [] : ['-n', 'default'];
      const { code, stderr, stdout } = await apply(...namespace, '-k', `config/monitoring/${kustomization}`);
      expect(stderr).to.equal('');
      expect(code).to.equal(0);
      expect(stdout.trim().split('\n')).to.have.length(kustomization === '.' ? 5 : 1);
    });
  }

  it('would not take a field that they do not know', async () => {
    const monitor = readFileSync('config/monitoring/service-monitor/service-monitor.yaml', 'utf8');
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(wrong, monitor.replace('honorLabels', 'honourLabels'));
    const { code, stderr } = await apply('-f', wrong);
    expect(code).to.equal(1);
    expect(stderr).to.include('honourLabels');
  });
});
