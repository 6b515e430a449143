import type { Snapshot } from '../src/domain/snapshot.ts';
import { read } from '../src/domain/snapshot.ts';
import { readScannerSettings, settingsConfigMaps } from '../src/evidence/trivy/settings.ts';
import type { assembleWorkloads } from '../src/evidence/workloads/assemble.ts';
import { projectPod } from '../src/evidence/workloads/project-pod.ts';
import { projectWorkload } from '../src/evidence/workloads/project-workload.ts';
import { podSpec } from './pod-template.ts';
import { Random } from './random.ts';

/** The moment at which everything is judged. */
export const now = Date.parse('2026-01-01T00:00:00Z');
const day = 86_400_000;
const namespace = 'shop';

/** A namespace as the operator holds it: projections of what the API server sent. */
export interface Held {
  readonly pods: readonly ReturnType<typeof projectPod>[];
  readonly owners: readonly ReturnType<typeof projectWorkload>[];
  readonly reports: readonly object[];
}

/** `deployments` of equal size, each of an image of its own with its share of the vulnerabilities. */
export function hold(deployments: number, pods: number, findings: number, seed = 20_260_101): Held {
  const random = new Random(seed);
  const owners: ReturnType<typeof projectWorkload>[] = [];
  const held: ReturnType<typeof projectPod>[] = [];
  const reports: object[] = [];
  for (let index = 0; index < deployments; index++) {
    const name = `app-${index}`;
    const spec = podSpec(name, random.pick(['hardened', 'typical', 'careless'] as const), random);
    const labels = { app: name };
    const template = { metadata: { labels }, spec };
    const replicas = pods / deployments;
    const annotations = { 'deployment.kubernetes.io/revision': '1' };
    const workload = (kind: string, uid: string, rest: object) => ({
      metadata: { name: uid, namespace, uid, labels, annotations, ...rest },
      spec: { replicas, selector: { matchLabels: labels }, template },
      kind,
    });
    const ofDeployment = [{ kind: 'Deployment', name, uid: name, controller: true }];
    owners.push(projectWorkload(workload('Deployment', name, {}), 'Deployment'));
    owners.push(
      projectWorkload(workload('ReplicaSet', `${name}-rs`, { ownerReferences: ofDeployment }), 'ReplicaSet'),
    );
    const owner = { kind: 'ReplicaSet', name: `${name}-rs`, uid: `${name}-rs`, controller: true };
    for (let copy = 0; copy < replicas; copy++) {
      const metadata = {
        name: `${name}-rs-${copy}`,
        namespace,
        uid: `${name}-${copy}`,
        labels,
        ownerReferences: [owner],
      };
      held.push(projectPod({ metadata, spec, status: { phase: 'Running' } }));
    }
    const containers = [...((spec['initContainers'] as Named[]) ?? []), ...(spec['containers'] as Named[])];
    for (const container of containers) {
      reports.push(
        reportOf(container, owner, Math.ceil(findings / deployments / containers.length), index, random),
      );
    }
  }
  return { pods: held, owners, reports };
}

interface Named {
  readonly name: string;
  readonly image: string;
}

function reportOf(
  { name, image }: Named,
  owner: object,
  findings: number,
  image_: number,
  random: Random,
): object {
  const colon = image.indexOf(':', image.lastIndexOf('/'));
  const path = colon < 0 ? image : image.slice(0, colon);
  const [server, ...rest] = path.includes('.') ? path.split('/') : ['index.docker.io', path];
  return {
    metadata: {
      name: `${image_}-${name}`,
      namespace,
      labels: { 'trivy-operator.container.name': name },
      ownerReferences: [owner],
    },
    report: {
      artifact: { repository: rest.join('/'), tag: colon < 0 ? 'latest' : image.slice(colon + 1) },
      registry: { server },
      os: { family: 'debian', name: '12.9' },
      scanner: { name: 'Trivy' },
      summary: {},
      updateTimestamp: new Date(now - 3_600_000).toISOString(),
      vulnerabilities: Array.from({ length: findings }, (_, index) => ({
        vulnerabilityID: `CVE-2025-${10_000 + random.below(4_000)}`,
        resource: `package-${image_}-${index}`,
        installedVersion: '1.2.3-4',
        fixedVersion: '1.2.3-5',
        severity: random.pick(['CRITICAL', 'HIGH', 'HIGH', 'MEDIUM']),
        publishedDate: new Date(now - (40 + random.below(300)) * day).toISOString(),
        packagePURL: 'pkg:deb/debian/package@1.2.3-4',
        title: 'A title as long as such titles are, which nobody reads here',
        links: [],
        target: '',
      })),
      secrets: [],
    },
  };
}

/** With nothing else in the namespace. */
export function snapshotOf(
  workloads: ReturnType<typeof assembleWorkloads>,
  scans: Partial<Snapshot> = {},
): Snapshot {
  return {
    namespace: { name: namespace, labels: {} },
    cluster,
    workloads: read(workloads),
    networkPolicies: none,
    volumes: none,
    vulnerabilityScans: none,
    secretScans: none,
    runtime: none,
    configMaps: none,
    services: none,
    serviceAccounts: none,
    roleBindings: none,
    rights: none,
    logNodes: none,
    sensorNodes: none,
    flowNodes: none,
    sboms: none,
    scannerSettings: openScanner,
    admission: none,
    policyAudits: none,
    limitRanges: none,
    autoscalers: none,
    disruptionBudgets: none,
    claims: none,
    gitOps: none,
    mesh: none,
    exploited: none,
    ingresses: none,
    proprietaryObjects: none,
    ...scans,
  };
}

const none = read<never>([]);
const scanner = 'trivy-system';
/** One that hides nothing. */
const openScanner = read(
  [
    readScannerSettings(
      settingsConfigMaps.map((name) => ({ metadata: { name } })),
      scanner,
      namespace,
    ),
  ].filter((settings) => settings !== undefined),
);
const cluster = { minor: 37, unreadPolicyApis: [], live: true };
