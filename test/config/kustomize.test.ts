import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { kinds } from '../../src/api/kinds.ts';
import { parseProfileSpec } from '../../src/api/parse-profile.ts';
import { crdName } from '../../src/api/resources.ts';
import { parseDuration } from '../../src/base/duration.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { designControls } from '../../src/domain/design-controls.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import { compareSeverity } from '../../src/domain/verdict.ts';
import type { ProfileSource, ResolvedProfile } from '../../src/evaluate/resolve-profiles.ts';
import { resolveProfiles } from '../../src/evaluate/resolve-profiles.ts';
import { Admission } from '../../src/intake/admission.ts';
import type { Settings } from '../../src/settings.ts';
import { readSettings, settingTable } from '../../src/settings.ts';
import { buildKustomization, findManifest, type Manifest } from '../support/kustomize.ts';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string; readonly scheme?: string };
}

interface Operator {
  readonly image: string;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
  }[];
}

function operatorOf(manifests: readonly Manifest[], kind = 'Deployment'): Operator {
  const { spec } = findManifest(manifests, kind, 'plumbline') as unknown as {
    spec: { template: { spec: { containers: Operator[] } } };
  };
  const [operator] = spec.template.spec.containers;
  if (operator === undefined) throw new Error('the Deployment has no container');
  return operator;
}

const valueOf = ({ env }: Operator, setting: keyof typeof settingTable) =>
  env.find(({ name }) => name === settingTable[setting].variable)?.value;

/** What the operator would read where these are set. */
function settingsOf({ env }: Operator): Pick<Settings, 'metricsAddress' | 'metricsSecure'> {
  const metrics = env.filter(({ name }) => name.startsWith('PLUMBLINE_METRICS'));
  const { metricsAddress, metricsSecure } = readSettings(
    Object.fromEntries(metrics.map(({ name, value = '' }) => [name, value])),
  );
  return { metricsAddress, ...(metricsSecure === undefined ? {} : { metricsSecure }) };
}

/** The port of metrics, by its name, as Service and probes find it. */
const metricsPort = ({ ports }: Operator) =>
  ports.filter(({ name }) => name === 'metrics').map(({ containerPort }) => containerPort);

async function buildOverlay(overlay: object): Promise<Manifest[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-overlay-'));
  try {
    const paths = (names: unknown) =>
      (names as string[]).map((name) => relative(folder, join(process.cwd(), 'config', name)));
    const entries = Object.entries(overlay).map(([key, value]) => [
      key,
      key === 'resources' || key === 'components' ? paths(value) : value,
    ]);
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(Object.fromEntries(entries)));
    return await buildKustomization(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('config', function () {
  this.timeout(30 * 60_000); // kubectl may have to be built first.

  describe('default', () => {
    let manifests: Manifest[] = [];
    before(async () => {
      manifests = await buildKustomization('config/default');
    });

    it('installs every kind', () => {
      const names = manifests
        .filter(({ kind }) => kind === 'CustomResourceDefinition')
        .map((one) => one.metadata.name);
      expect(names).to.have.members(kinds.map(crdName));
    });

    it('sets only what the operator reads', () => {
      const known: string[] = Object.values(settingTable).map(({ variable }) => variable);
      const unknown = operatorOf(manifests).env.filter(({ name }) => !known.includes(name));
      expect(unknown).to.deep.equal([]);
    });

    it('runs two replicas that are told apart by the names of their pods, and elect one by the Lease that they may have', () => {
      const { spec } = findManifest(manifests, 'Deployment', 'plumbline') as unknown as {
        spec: { replicas: number; strategy: { type: string } };
      };
      expect(spec).to.deep.include({ replicas: 2 });
      // Recreate would leave nobody who takes events.
      expect(spec.strategy.type).to.equal('RollingUpdate');
      const { env } = operatorOf(manifests);
      const podName = env.find(({ name }) => name === settingTable.podName.variable);
      expect(podName?.valueFrom?.fieldRef?.fieldPath).to.equal('metadata.name');
      const names = env.map(({ name }) => name);
      expect(names, 'on by default').to.not.include(settingTable.leaderElection.variable);
      const role = findManifest(manifests, 'Role', 'plumbline-leader-election');
      expect(role.metadata.namespace).to.equal('plumbline-system');
      const rules = role['rules'] as { resourceNames?: string[] }[];
      expect(rules[0]?.resourceNames).to.deep.equal([settingTable.leaseName.default]);
    });

    it('serves metrics over TLS to who may read them, and probes on the same port', () => {
      const operator = operatorOf(manifests);
      const secure = { metricsAddress: { host: '0.0.0.0', port: 8443 }, metricsSecure: {} };
      expect(settingsOf(operator)).to.deep.equal(secure);
      expect(metricsPort(operator)).to.deep.equal([8443]);
      for (const [path, probe] of [
        ['/healthz', operator.livenessProbe],
        ['/readyz', operator.readinessProbe],
      ] as const)
        expect(probe.httpGet).to.deep.equal({ path, port: 'metrics', scheme: 'HTTPS' });
      const { spec } = findManifest(manifests, 'Service', 'plumbline-metrics') as unknown as {
        spec: { ports: object[] };
      };
      expect(spec.ports).to.deep.equal([
        { name: 'metrics', port: 8443, targetPort: 'metrics', protocol: 'TCP' },
      ]);
    });

    it('has a role for who is to read metrics, which nobody has by itself', () => {
      const role = findManifest(manifests, 'ClusterRole', 'plumbline-metrics-reader');
      expect(role['rules']).to.deep.equal([{ nonResourceURLs: ['/metrics'], verbs: ['get'] }]);
      const bound = manifests.filter(
        (one) => (one['roleRef'] as { name: string } | undefined)?.name === 'plumbline-metrics-reader',
      );
      expect(bound).to.deep.equal([]);
    });

    it('lets a node be drained, one replica at a time', () => {
      const { spec } = findManifest(manifests, 'PodDisruptionBudget', 'plumbline') as unknown as {
        spec: { maxUnavailable: number; selector: unknown };
      };
      const deployment = findManifest(manifests, 'Deployment', 'plumbline') as unknown as {
        spec: { selector: unknown };
      };
      expect(spec.maxUnavailable).to.equal(1);
      expect(spec.selector).to.deep.equal(deployment.spec.selector);
    });

    it('takes Falco events on loopback alone: there is no token that a sender could show', () => {
      expect(valueOf(operatorOf(manifests), 'intakeAddress')).to.match(/^127\.0\.0\.1:/);
      const named = manifests.filter(({ metadata }) => metadata.name.includes('intake'));
      // The right to tell other replicas what was heard is no way in.
      expect(named.map(({ kind }) => kind)).to.deep.equal(['Role', 'RoleBinding']);
    });

    it('puts no object anywhere but into its own namespace and the scope of the cluster', () => {
      const namespaces = new Set(manifests.map(({ metadata }) => metadata.namespace));
      expect([...namespaces]).to.have.members([undefined, 'plumbline-system']);
    });

    it('runs the image that is named', async () => {
      const digest = `sha256:${'0'.repeat(64)}`;
      const images = [{ name: 'plumbline', newName: 'registry.example.com/plumbline', digest }];
      const { image } = operatorOf(await buildOverlay({ resources: ['default'], images }));
      expect(image).to.equal(`registry.example.com/plumbline@${digest}`);
    });
  });

  for (const [base, kind] of [
    ['default', 'Deployment'],
    ['with-falco', 'StatefulSet'],
  ] as const) {
    it(`metrics-plain serves metrics of ${base} over plain HTTP to everyone`, async () => {
      const manifests = await buildOverlay({ resources: [base], components: ['components/metrics-plain'] });
      const operator = operatorOf(manifests, kind);
      expect(settingsOf(operator)).to.deep.equal({ metricsAddress: { host: '0.0.0.0', port: 8080 } });
      expect(metricsPort(operator)).to.deep.equal([8080]);
      for (const probe of [operator.livenessProbe, operator.readinessProbe])
        expect(probe.httpGet).to.deep.include({ port: 'metrics', scheme: 'HTTP' });
      expect(findManifest(manifests, 'Service', 'plumbline-metrics')).to.have.nested.property(
        'spec.ports[0].port',
        8080,
      );
    });

    it(`metrics-certificate gives ${base} a certificate from a Secret, as cert-manager makes it`, async () => {
      const components = ['components/metrics-certificate'];
      const manifests = await buildOverlay({ resources: [base], components });
      const operator = operatorOf(manifests, kind);
      expect(valueOf(operator, 'metricsSecure')).to.equal('true');
      const mount = operator.volumeMounts.find(({ name }) => name === 'metrics-tls');
      expect(mount?.readOnly).to.equal(true);
      expect(valueOf(operator, 'metricsCertificateFile')).to.equal(`${mount?.mountPath}/tls.crt`);
      expect(valueOf(operator, 'metricsKeyFile')).to.equal(`${mount?.mountPath}/tls.key`);
      const { spec } = findManifest(manifests, kind, 'plumbline') as unknown as {
        spec: { template: { spec: { volumes: { name: string; secret?: { secretName: string } }[] } } };
      };
      const volume = spec.template.spec.volumes.find(({ name }) => name === 'metrics-tls');
      expect(volume?.secret?.secretName).to.equal('plumbline-metrics-tls');
    });
  }
  it('monitoring/dashboards has a ConfigMap for each dashboard, as the sidecar of Grafana looks for them', async () => {
    const manifests = await buildKustomization('config/monitoring/dashboards');
    expect(manifests.map(({ kind, metadata }) => [kind, metadata.name])).to.have.deep.members(
      ['overview', 'namespace', 'health'].map((name) => ['ConfigMap', `plumbline-${name}-dashboard`]),
    );
    for (const manifest of manifests) {
      const { metadata, data } = manifest as unknown as {
        metadata: { labels: Record<string, string>; annotations: Record<string, string> };
        data: Record<string, string>;
      };
      expect(metadata.labels).to.include({ grafana_dashboard: '1' });
      expect(metadata.annotations).to.include({ grafana_folder: 'Plumbline' });
      const [[name, text] = ['', '']] = Object.entries(data);
      const { uid } = JSON.parse(text) as { uid: string };
      expect(name).to.equal(`${uid}.json`);
      // The API server takes a MiB; kubectl apply without --server-side, a quarter of it for the annotation that it adds.
      expect(text.length).to.be.lessThan(200_000);
    }
  });

  it('with-falco takes events from elsewhere, and asks them for a secret', async () => {
    const manifests = await buildKustomization('config/with-falco');
    const operator = operatorOf(manifests, 'StatefulSet');
    expect(valueOf(operator, 'intakeAddress')).to.match(/^0\.0\.0\.0:/);
    const names = operator.env.map(({ name }) => name);
    expect(names).to.include.members([
      settingTable.intakeTokenFile.variable,
      settingTable.intakePathFile.variable,
    ]);
    expect(names).not.to.include(settingTable.intakeInsecure.variable);
    expect(findManifest(manifests, 'Service', 'plumbline-intake')).to.have.nested.property(
      'spec.ports[0].port',
      2802,
    );
  });

  it('with-falco gives each replica a volume of its own, in which events are kept', async () => {
    const manifests = await buildKustomization('config/with-falco');
    expect(manifests.filter(({ kind }) => kind === 'Deployment')).to.deep.equal([]);
    const { spec } = findManifest(manifests, 'StatefulSet', 'plumbline') as unknown as {
      spec: {
        replicas: number;
        strategy?: unknown;
        podManagementPolicy: string;
        selector: unknown;
        serviceName: string;
        volumeClaimTemplates: {
          metadata: { name: string };
          spec: { accessModes: string[]; resources: { requests: { storage: string } } };
        }[];
        template: { spec: { topologySpreadConstraints: { matchLabelKeys: string[] }[] } };
      };
    };
    expect(spec)
      .to.deep.include({ replicas: 2, podManagementPolicy: 'Parallel' })
      .and.not.to.have.property('strategy');
    const operator = operatorOf(manifests, 'StatefulSet');
    const folder = valueOf(operator, 'storeFolder') ?? '';
    const [claim] = spec.volumeClaimTemplates;
    const mount = operator.volumeMounts.find(({ name }) => name === claim?.metadata.name);
    // A folder in the volume, not the volume: a disk may bring a folder of its own, lost+found.
    expect(folder).to.match(new RegExp(`^${mount?.mountPath}/.`));
    expect(mount).not.to.have.property('readOnly');
    expect(claim?.spec.accessModes).to.deep.equal(['ReadWriteOnce']);
    const storage = Number(/^(\d+)Gi$/.exec(claim?.spec.resources.requests.storage ?? '')?.[1]) * 2 ** 30;
    // The file, its log, one that was set aside, and what a file system takes for itself.
    expect(storage).to.be.greaterThan(3 * Number(settingTable.storeMaxBytes.default));
    expect(spec.template.spec.topologySpreadConstraints[0]?.matchLabelKeys).to.deep.equal([
      'controller-revision-hash',
    ]);
    findManifest(manifests, 'Service', spec.serviceName);
    const { spec: budget } = findManifest(manifests, 'PodDisruptionBudget', 'plumbline') as unknown as {
      spec: { selector: unknown };
    };
    expect(budget.selector).to.deep.equal(spec.selector);
  });

  it('with-falco-mtls asks senders for certificates too', async () => {
    const operator = operatorOf(await buildKustomization('config/with-falco-mtls'), 'StatefulSet');
    for (const setting of ['intakeCertificateFile', 'intakeKeyFile', 'intakeClientCaFile'] as const)
      expect(valueOf(operator, setting)).to.match(/^\/etc\/plumbline\/intake-tls\/.+/);
    expect(operator.volumeMounts.find(({ name }) => name === 'intake-tls')?.mountPath).to.equal(
      '/etc/plumbline/intake-tls',
    );
  });

  describe('the values for the charts of Falco', () => {
    const read = async (name: string) =>
      load(await readFile(join('config/samples', name), 'utf8')) as {
        falco: {
          json_output: boolean;
          append_output: object[];
          http_output?: { enabled: boolean; url: string };
        };
        metrics?: { enabled: boolean; interval: string; outputRule: boolean };
        falcosidekick?: {
          enabled: boolean;
          config: { webhook: { address: string; customHeaders: string; method: string } };
        };
      };
    /** As an intake that listens where the Service leads to would take it. */
    const addressed = async (url: string) => {
      const { hostname, port, protocol } = new URL(url);
      const [service, namespace] = hostname.split('.');
      const manifests = await buildKustomization('config/with-falco');
      const { metadata, spec } = findManifest(manifests, 'Service', service ?? '') as unknown as {
        metadata: { namespace: string };
        spec: { ports: { port: number }[] };
      };
      expect(metadata.namespace).to.equal(namespace);
      expect(spec.ports[0]?.port).to.equal(Number(port));
      expect(protocol).to.equal('http:');
    };

    it('let Falco send events with all that is read of them, to the secret path', async () => {
      const { falco } = await read('falco-values.yaml');
      expect(falco).to.deep.include({ json_output: true, append_output: [{ suggested_output: true }] });
      expect(falco.http_output?.enabled).to.equal(true);
      await addressed(falco.http_output?.url ?? '');
      const refuse = new Admission({ secretPaths: ['PATH'] });
      expect(refuse.check(requestTo(falco.http_output?.url ?? '', {}))).to.equal(undefined);
    });

    it('count what Falco loses, and give a sign of a quiet node before its sensor is called blind', async () => {
      const blindAfter = defaultParameters['runtime.blindSensorAfter'];
      for (const file of ['falco-values.yaml', 'falcosidekick-values.yaml']) {
        const { metrics } = await read(file);
        expect(metrics).to.include({ enabled: true, outputRule: true, kernelEventCountersEnabled: true });
        expect(parseDuration(metrics?.interval ?? '')).to.be.below(blindAfter / 2);
      }
    });

    it('let Falcosidekick send them on, with the token', async () => {
      const { falco, falcosidekick } = await read('falcosidekick-values.yaml');
      expect(falco).to.deep.include({ json_output: true, append_output: [{ suggested_output: true }] });
      const { address, customHeaders, method } = falcosidekick?.config.webhook ?? {
        address: '',
        customHeaders: '',
        method: '',
      };
      expect([falcosidekick?.enabled, method]).to.deep.equal([true, 'POST']);
      await addressed(address);
      // It reads `key:value,key:value`.
      const headers = customHeaders
        .split(',')
        .map((pair) => /^([^:]+):(.*)$/.exec(pair)?.slice(1) as [string, string]);
      const sent = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
      expect(new Admission({ tokens: ['TOKEN'] }).check(requestTo(address, sent))).to.equal(undefined);
    });

    const requestTo = (url: string, headers: Record<string, string>) =>
      ({ method: 'POST', url: new URL(url).pathname, headers }) as unknown as IncomingMessage;
  });

  describe('samples', () => {
    const sources = new Map<string, ProfileSource>();
    let profiles: ReadonlyMap<string, ResolvedProfile> = new Map();
    const profile = (name: string) => {
      const resolved = profiles.get(name);
      if (resolved?.ok !== true) throw new Error(JSON.stringify(resolved));
      return resolved.profile;
    };
    before(async () => {
      for (const { metadata, spec } of await buildKustomization('config/samples'))
        sources.set(metadata.name, parseProfileSpec(spec));
      profiles = resolveProfiles(sources, catalogue);
    });

    it('are profiles that Plumbline understands', () => {
      expect([...profiles].filter(([, { ok }]) => !ok)).to.deep.equal([]);
      expect([...profiles.keys()]).to.have.members([
        'reference-design',
        'payments',
        'extended',
        'platform',
        'stig',
        'dod',
      ]);
    });

    it('set each what it is there for', () => {
      expect(profile('stig').parameters['secrets.fromEnvironment']).to.equal('Fail');
      expect(profile('dod').parameters['monitoring.requireFlowSource']).to.equal(true);
      const extended = designControls.filter((id) => id === 'RD-2.6.5' || id.startsWith('RD-2.7.'));
      const { controls, unused } = profile('extended');
      expect([...controls.map(({ id }) => id), ...unused.controls]).to.include.members(extended);
    });

    it('platform lowers every severity of the Restricted standard and of isolation, each with a rationale', () => {
      const source = sources.get('platform');
      const entries = source?.ok === true ? (source.value.controls ?? []) : [];
      const meant = designControls.filter((id) => /^RD-2\.[23]\./.test(id));
      expect(entries.map(({ id }) => id)).to.deep.equal(meant);
      const rationales = entries.map(({ rationale = '' }) => rationale);
      expect(new Set(rationales).size, 'a reason of its own for each').to.equal(entries.length);
      const own = new Map(catalogue.map(({ id, severity }) => [id, severity]));
      for (const { id, severity } of profile('platform').controls) {
        const before = own.get(id) ?? 'low';
        // Later in the order of severities is lower.
        const lowered = compareSeverity(severity, before) > 0;
        expect(lowered, `${id}: ${before} to ${severity}`).to.equal(meant.includes(id));
      }
    });
  });
});
