import { randomUUID } from 'node:crypto';
import { settingsConfigMaps } from '../../src/evidence/trivy/settings.ts';
import type { Settings } from '../../src/settings.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { eventually } from '../kube/support.ts';
import type { JumpClock } from '../operator/jump-clock.ts';
import type { Running, StartOptions } from '../operator/live.ts';
import {
  barePod,
  expectOk,
  installPlumbline,
  operatorKubeconfig,
  patch,
  post,
  remove,
  startOperator,
  testSettings,
} from '../operator/live.ts';
import { applyManifests, freshNamespace, useCluster } from './cluster.ts';
import { expectConsistent, hurry } from './consistency.ts';
import { definitionsPath, minimalDefinition } from './definitions.ts';
import { FaultProxy } from './fault-proxy.ts';
import type { Seen } from './fault.ts';

/** One control plane for all tests of faults that leave the server alone. */
export function useFaultCluster(): () => ControlPlane {
  const cluster = useCluster({ users: [{ name: 'fault-tests' }] });
  before(async function () {
    this.timeout(60_000);
    await prepare(cluster());
  });
  return cluster;
}

/** As one of several replicas, so that it stands for election and tells the others what it hears. */
export const leased: Settings = {
  ...testSettings,
  lease: { namespace: 'plumbline-system', name: 'plumbline' },
};

/** Of what is watched only where it is served. */
const definitions = [
  minimalDefinition('kyverno.io', 'v1', 'Policy', 'policies'),
  minimalDefinition('security.istio.io', 'v1', 'PeerAuthentication', 'peerauthentications'),
];

/** Something of every way in which objects are watched. */
export async function prepare(cluster: ControlPlane): Promise<void> {
  await applyManifests(cluster, ['examples/trivy/crds.yaml']);
  for (const definition of definitions) await ensure(cluster, definitionsPath, definition);
  const { code, stderr } = await cluster.kubectl(['apply', '--server-side', '-k', 'config/mesh']);
  if (code !== 0) throw new Error(stderr);
  await ensure(cluster, '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies', admissionPolicy);
  await installPlumbline(cluster);
  for (const name of settingsConfigMaps)
    await cluster.request('POST', '/api/v1/namespaces/trivy-system/configmaps', {
      metadata: { name },
      data: {},
    });
}

/** Several files may prepare one server. */
async function ensure(cluster: ControlPlane, path: string, object: object): Promise<void> {
  const answer = await cluster.request('POST', path, object);
  if (answer.status !== 409) expectOk(`POST ${path}`, answer);
}

/** An operator whose line to the API server goes through a proxy, and a namespace with something of each kind. */
export class FaultWorld {
  readonly cluster: ControlPlane;
  readonly proxy: FaultProxy;
  readonly running: Running;
  readonly namespace: string;
  #stirred = 0;

  private constructor(cluster: ControlPlane, proxy: FaultProxy, running: Running, namespace: string) {
    this.cluster = cluster;
    this.proxy = proxy;
    this.running = running;
    this.namespace = namespace;
  }

  /** Resolves when everything is as it should be. */
  static async start(cluster: ControlPlane, options: StartOptions = {}): Promise<FaultWorld> {
    const namespace = await freshNamespace(cluster, 'faults');
    await populate(cluster, namespace);
    const proxy = await FaultProxy.start(cluster);
    const kubeconfig = proxy.kubeconfig(await operatorKubeconfig(cluster));
    // Short waits; never 0, which would be none.
    const starting = startOperator(cluster, { kubeconfig, random: () => 0.05, ...options });
    const running = await starting.catch(async (error: unknown) => {
      await proxy.close();
      throw error;
    });
    const world = new FaultWorld(cluster, proxy, running, namespace);
    try {
      await world.check();
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.proxy.restore();
    await this.running.stop();
    await this.proxy.close();
    // What replicas leave for those who come after them.
    const home = '/namespaces/plumbline-system';
    await remove(this.cluster, `/api/v1${home}/configmaps?labelSelector=plumbline.dev/intake=true`);
    await remove(this.cluster, `/apis/coordination.k8s.io/v1${home}/leases`);
  }

  /** The check that every fault ends with. */
  check(): Promise<void> {
    return expectConsistent(this.cluster, this.running);
  }

  /** Changes, makes and deletes something of each kind, and makes one object anew under the name of another. */
  async stir(): Promise<void> {
    const turn = ++this.#stirred;
    const { cluster, namespace } = this;
    const at = pathsOf(namespace);
    const enforce = (level: string) =>
      patch(cluster, `/api/v1/namespaces/${namespace}`, {
        metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } },
      });
    await enforce('privileged');
    await remove(cluster, `${at.pods}/app?gracePeriodSeconds=0`);
    await post(cluster, at.pods, barePod('app', { hostNetwork: turn % 2 === 1 }));
    await post(cluster, at.pods, barePod(uniqueName()));
    await enforce(turn % 2 === 1 ? 'restricted' : 'baseline');
    const { status } = await cluster.request('DELETE', `${at.policies}/deny-all`);
    if (status === 404) await post(cluster, at.policies, denyAll);
    await patch(cluster, `${at.deployments}/web`, { spec: { replicas: turn + 1 } });
    await post(cluster, at.accounts, { metadata: { name: uniqueName() } });
    await post(cluster, at.claims, claim(uniqueName()));
    await remove(cluster, `${at.vulnerabilityReports}/app`);
    await post(cluster, at.vulnerabilityReports, vulnerabilityReport('app', turn));
    await patch(cluster, `${at.peers}/default`, peer(turn % 2 === 1 ? 'PERMISSIVE' : 'STRICT'));
    await remove(cluster, `${at.ownPolicies}/own`);
    await post(cluster, at.ownPolicies, ownPolicy(turn));
    await cluster.request('DELETE', `${at.reports}/reference-design`);
    // One is enough, as everything there is is compared after each fault.
    if (turn === 1) await populate(cluster, await freshNamespace(cluster, 'stirred'));
  }

  /**
   * Lets time pass while nothing is under way: a jump would be the time limit of a request. The server's bookmarks come by
   * real time, and who hears nothing for 90 s asks again; so there is a sign of life before each step.
   */
  async elapse(clock: JumpClock, milliseconds: number): Promise<void> {
    await this.#answered();
    this.keepAlive();
    clock.jump(milliseconds);
    // What became due asks now.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await this.#answered();
  }

  /** What new definitions define is looked for 3, 10 and 30 s after they came, as at the start. */
  async passSecondLooks(clock: JumpClock): Promise<void> {
    for (let look = 0; look < 3; look++) await this.elapse(clock, 20_000);
  }

  /** Or given up by who asked. */
  #answered(): Promise<void> {
    const test = ({ verb, code }: Seen) => verb !== 'watch' && code === undefined;
    return eventually(() => this.proxy.open({ test }) === 0, 'every request is answered');
  }

  /**
   * Sends every watch a sign of life, those behind `proxy` if not its own. No bookmark: the version of one of the server's
   * own may be older than the last that etcd has, and would have gone back.
   */
  keepAlive(proxy = this.proxy): void {
    proxy.inject({}, '');
  }

  /** Waits until every kind that is installed is watched by an open stream. */
  watchesAll(): Promise<void> {
    const phases = () => this.running.operator.watched.map(({ watcher }) => watcher.status.phase);
    const watched = () => phases().filter((phase) => phase === 'synced').length;
    const settled = () => phases().every((phase) => phase === 'synced' || phase === 'absent');
    const open = () => this.proxy.open({ verb: 'watch' });
    return this.until(() => settled() && watched() > 0 && open() > watched(), 'every kind is watched');
  }

  /** Waits until `what` holds. Who backs off meanwhile waits no less for it, only shorter. */
  until(what: () => boolean | Promise<boolean>, meaning: string): Promise<void> {
    return eventually(() => {
      hurry(this.running);
      return what();
    }, meaning);
  }

  /** Waits for so many ends of watches for this reason. */
  async sawRestart(reason: string, resource?: string, atLeast = 1): Promise<void> {
    const labels = [`reason="${reason}"`, ...(resource === undefined ? [] : [`resource="${resource}"`])];
    await this.until(
      async () => (await this.metric('plumbline_watch_restarts_total', ...labels)) >= atLeast,
      `a watch of ${resource ?? 'something'} ends: ${reason}`,
    );
  }

  /** The sum over the series of a metric whose labels contain all of `labels`. */
  async metric(name: string, ...labels: string[]): Promise<number> {
    const response = await fetch(`${this.running.operator.metricsAddress}/metrics`);
    const lines = (await response.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
    return lines
      .filter((line) => labels.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** What the log says at this level, without what was said before `since`. */
  said(level: string, since = 0): string[] {
    return this.running.log
      .slice(since)
      .filter((line) => line.level === level)
      .map(({ message }) => message);
  }
}

const uniqueName = () => `n${randomUUID()}`;

export function pathsOf(namespace: string) {
  const core = `/api/v1/namespaces/${namespace}`;
  const trivy = `/apis/aquasecurity.github.io/v1alpha1/namespaces/${namespace}`;
  return {
    pods: `${core}/pods`,
    accounts: `${core}/serviceaccounts`,
    claims: `${core}/persistentvolumeclaims`,
    deployments: `/apis/apps/v1/namespaces/${namespace}/deployments`,
    policies: `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
    vulnerabilityReports: `${trivy}/vulnerabilityreports`,
    exposedSecretReports: `${trivy}/exposedsecretreports`,
    configAuditReports: `${trivy}/configauditreports`,
    peers: `/apis/security.istio.io/v1/namespaces/${namespace}/peerauthentications`,
    ownPolicies: `/apis/kyverno.io/v1/namespaces/${namespace}/policies`,
    reports: `/apis/plumbline.dev/v1alpha1/namespaces/${namespace}/compliancereports`,
  };
}

async function populate(cluster: ControlPlane, namespace: string): Promise<void> {
  const at = pathsOf(namespace);
  // What was just defined may take a moment until it is served.
  for (const path of [at.peers, at.ownPolicies])
    await eventually(async () => (await cluster.request('GET', path)).status === 200, `${path} is served`);
  await Promise.all([
    post(cluster, at.pods, barePod('app')),
    post(cluster, at.deployments, deployment('web')),
    post(cluster, at.policies, denyAll),
    post(cluster, at.accounts, { metadata: { name: 'robot' } }),
    post(cluster, at.claims, claim('data')),
    post(cluster, at.vulnerabilityReports, vulnerabilityReport('app', 0)),
    post(cluster, at.exposedSecretReports, exposedSecretReport('app')),
    post(cluster, at.configAuditReports, configAuditReport('app')),
    post(cluster, at.peers, peer('STRICT')),
    post(cluster, at.ownPolicies, ownPolicy(0)),
  ]);
}

const peer = (mode: string) => ({
  ...{ apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication' },
  ...{ metadata: { name: 'default' }, spec: { mtls: { mode } } },
});

const ownPolicy = (turn: number) => ({
  ...{ apiVersion: 'kyverno.io/v1', kind: 'Policy', metadata: { name: 'own' } },
  spec: {
    validationFailureAction: turn % 2 === 1 ? 'Audit' : 'Enforce',
    rules: [
      {
        name: 'no-host-network',
        match: { any: [{ resources: { kinds: ['Pod'] } }] },
        validate: { pattern: { spec: { '=(hostNetwork)': false } } },
      },
    ],
  },
});

/** It stands in the way of nothing. */
const admissionPolicy = {
  ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy' },
  metadata: { name: 'of-things' },
  spec: {
    matchConstraints: {
      resourceRules: [
        {
          ...{ apiGroups: ['example.org'], apiVersions: ['v1'], operations: ['CREATE'] },
          resources: ['things'],
        },
      ],
    },
    validations: [{ expression: 'true' }],
  },
};

const denyAll = {
  metadata: { name: 'deny-all' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};

const claim = (name: string) => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

const deployment = (name: string) => ({
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'registry.example/web:1.0.0' }] },
    },
  },
});

function trivyReport(kind: string, name: string, report: object): object {
  return {
    apiVersion: 'aquasecurity.github.io/v1alpha1',
    kind,
    metadata: {
      name,
      labels: {
        'trivy-operator.resource.kind': 'Pod',
        'trivy-operator.resource.name': name,
        'trivy-operator.container.name': 'app',
      },
    },
    report: {
      scanner: { name: 'Trivy', vendor: 'Aqua Security', version: '0.72.0' },
      updateTimestamp: new Date().toISOString().replace(/\.\d+/, ''),
      ...report,
    },
  };
}

const image = {
  artifact: { repository: 'app', tag: '1.0.0' },
  registry: { server: 'registry.example' },
};
const counts = { criticalCount: 0, highCount: 0, mediumCount: 0, lowCount: 0 };

const vulnerabilityReport = (name: string, critical: number) =>
  trivyReport('VulnerabilityReport', name, {
    ...image,
    summary: { ...counts, criticalCount: critical, unknownCount: 0, noneCount: 0 },
    os: {},
    vulnerabilities: [],
  });
const exposedSecretReport = (name: string) =>
  trivyReport('ExposedSecretReport', name, { ...image, summary: counts, secrets: [] });
const configAuditReport = (name: string) =>
  trivyReport('ConfigAuditReport', name, { summary: { ...counts, lowCount: 2 }, checks: [] });
