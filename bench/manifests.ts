import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { podSpec, qualities, type Quality } from './pod-template.ts';
import { Random } from './random.ts';

type Manifest = Readonly<Record<string, unknown>>;

export interface Written {
  readonly files: readonly string[];
  readonly namespaces: number;
  readonly objects: number;
  readonly bytes: number;
}

const workloadsPerNamespace = 50;

/**
 * Writes `count` workloads as a team keeps them: a folder for each namespace, a file for each workload with its Service,
 * and NetworkPolicies; some hardened, some typical, some careless. The same count gives the same bytes.
 */
export function writeManifests(folder: string, count: number): Written {
  const files: string[] = [];
  let [objects, bytes] = [0, 0];
  const write = (path: string, manifests: readonly Manifest[]) => {
    const text = manifests.map((manifest) => dump(manifest, { noRefs: true })).join('---\n');
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
    files.push(join(folder, path));
    objects += manifests.length;
    bytes += text.length;
  };
  const random = new Random(20_260_101);
  const namespaces = Math.ceil(count / workloadsPerNamespace);
  for (let index = 0; index < count; index++) {
    const namespace = `team-${String(Math.floor(index / workloadsPerNamespace)).padStart(3, '0')}`;
    if (index % workloadsPerNamespace === 0) {
      write(`${namespace}/namespace.yaml`, namespaceManifests(namespace, random.pick(qualities)));
    }
    const name = `${random.pick(['api', 'web', 'worker', 'ledger', 'search', 'mail'])}-${index}`;
    write(`${namespace}/${name}.yaml`, workloadManifests(name, namespace, random));
  }
  return { files, namespaces, objects, bytes };
}

function namespaceManifests(name: string, quality: Quality): Manifest[] {
  const labels =
    quality === 'hardened' ? { 'pod-security.kubernetes.io/enforce': 'restricted' } : { team: name };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  if (quality === 'careless') return [namespace];
  const policyTypes = quality === 'hardened' ? ['Ingress', 'Egress'] : ['Ingress'];
  return [namespace, networkPolicy('default-deny', name, { podSelector: {}, policyTypes })];
}

function networkPolicy(name: string, namespace: string, spec: Manifest): Manifest {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec };
}

function workloadManifests(name: string, namespace: string, random: Random): Manifest[] {
  const quality = random.pick(qualities);
  const labels = {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': namespace,
    'app.kubernetes.io/version': `1.${random.below(30)}.${random.below(10)}`,
  };
  const metadata = { name, namespace, labels };
  const template = { metadata: { labels }, spec: podSpec(name, quality, random) };
  const selector = { matchLabels: { 'app.kubernetes.io/name': name } };
  const kind = random.pick(['Deployment', 'Deployment', 'Deployment', 'StatefulSet', 'CronJob']);
  if (kind === 'CronJob') return [cronJob(metadata, template)];
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector: selector.matchLabels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
  const isSet = kind === 'StatefulSet';
  const replicas = 1 + random.below(4);
  const workload = {
    apiVersion: 'apps/v1',
    kind,
    metadata,
    spec: { replicas, selector, template, ...(isSet ? setFields(name) : { revisionHistoryLimit: 3 }) },
  };
  const spec = {
    podSelector: selector,
    policyTypes: ['Ingress'],
    ingress: [
      { from: [{ namespaceSelector: { matchLabels: { team: namespace } } }], ports: [{ port: 8080 }] },
    ],
  };
  return [workload, service, ...(random.chance(0.5) ? [networkPolicy(name, namespace, spec)] : [])];
}

function cronJob(metadata: Manifest, template: { metadata: Manifest; spec: Manifest }): Manifest {
  const pod = { ...template, spec: { ...template.spec, restartPolicy: 'OnFailure' } };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata,
    spec: {
      schedule: '15 3 * * *',
      concurrencyPolicy: 'Forbid',
      jobTemplate: { spec: { backoffLimit: 2, template: pod } },
    },
  };
}

const setFields = (serviceName: string) => ({
  serviceName,
  volumeClaimTemplates: [
    {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
    },
  ],
});
