import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { alertGroups, ruleFile, runbookPage } from '../../tools/alerts/rules.ts';
import { buildKustomization, findManifest } from '../support/kustomize.ts';

interface Monitor {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly endpoints: readonly {
    readonly port: string;
    readonly honorLabels?: boolean;
    readonly relabelings: readonly { readonly action: string; readonly regex: string }[];
  }[];
}

describe('config/monitoring', function () {
  this.timeout(30 * 60_000); // kubectl may have to be built first.

  it('scrapes the port of the Service, and leaves each metric the namespace that it speaks of', async () => {
    const manifests = await buildKustomization('config/monitoring');
    const { spec } = findManifest(manifests, 'ServiceMonitor', 'plumbline') as unknown as { spec: Monitor };
    const service = findManifest(await buildKustomization('config/default'), 'Service', 'plumbline-metrics');
    expect(service.metadata.labels).to.include(spec.selector.matchLabels);
    const [endpoint] = spec.endpoints;
    const { ports } = service['spec'] as { ports: { name: string }[] };
    expect(ports.map(({ name }) => name)).to.include(endpoint?.port);
    expect(endpoint?.honorLabels).to.equal(true);
    expect(endpoint).to.deep.include({
      scheme: 'https',
      tlsConfig: { insecureSkipVerify: true },
      bearerTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
    });
    expect(endpoint?.relabelings.find(({ action }) => action === 'labeldrop')?.regex.split('|')).to.include(
      'namespace',
    );
  });

  it('has the same rules as an object and as a plain file', async () => {
    const manifests = await buildKustomization('config/monitoring');
    const { spec } = findManifest(manifests, 'PrometheusRule', 'plumbline') as unknown as { spec: unknown };
    const plain: unknown = load(readFileSync('config/monitoring/alerts/plumbline.rules.yaml', 'utf8'));
    expect(spec)
      .to.deep.equal(plain)
      .and.to.deep.equal(JSON.parse(JSON.stringify(ruleFile())));
  });

  it('gives a tenant what is about one namespace, in a namespace that the tenant chooses', async () => {
    const [rule] = await buildKustomization('config/monitoring/tenant-alerts');
    expect(rule?.metadata.namespace).to.equal(undefined);
    const { groups } = (rule?.['spec'] ?? { groups: [] }) as ReturnType<typeof ruleFile>;
    expect(groups.map(({ name }) => name)).to.deep.equal(['plumbline-namespaces']);
    const [route] = await buildKustomization('config/monitoring/alertmanager-config');
    expect(route?.metadata.namespace).to.equal(undefined);
  });

  it('leaves out of an enforced namespace label just what it installs', async () => {
    const manifests = await buildKustomization('config/monitoring');
    const patch = load(
      readFileSync('config/monitoring/enforced-namespace/prometheus-patch.yaml', 'utf8'),
    ) as { spec: { excludedFromEnforcement: { resource: string; namespace: string; name: string }[] } };
    const ofPrometheus = manifests.filter(({ kind }) => kind !== 'ConfigMap');
    const installed = ofPrometheus.map(({ kind, metadata }) => ({
      group: 'monitoring.coreos.com',
      resource: `${kind.toLowerCase()}s`,
      namespace: metadata.namespace,
      name: metadata.name,
    }));
    expect(patch.spec.excludedFromEnforcement).to.have.deep.members(installed);
  });

  it('has a runbook for each alert', () => {
    for (const alert of alertGroups.flatMap(({ alerts }) => alerts)) {
      const page = readFileSync(`docs/runbooks/${runbookPage(alert)}`, 'utf8');
      for (const part of ['## What it means', '## How to look', '## How to fix']) {
        expect(page, alert.name).to.include(part);
      }
    }
  });
});
