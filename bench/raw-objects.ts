import { podSpec, qualities } from './pod-template.ts';
import { Random } from './random.ts';

/** Objects as the API server sends them, as text: what a parser makes of it is part of what is measured. */
type Make = (index: number) => string;

const uid = (kind: string, index: number) =>
  `${kind.padEnd(8, '0').slice(0, 8)}-0000-4000-8000-${String(index).padStart(12, '0')}`;

const podsPerWorkload = 10;
const workloadsPerNamespace = 10;

function metadata(kind: string, index: number, workload: number, name: string, owner?: string): object {
  const labels = { 'app.kubernetes.io/name': `app-${workload}`, 'pod-template-hash': '5d4f8' };
  const controller = {
    apiVersion: 'apps/v1',
    kind: owner,
    name: `app-${workload}`,
    uid: uid(owner ?? '', workload),
    controller: true,
  };
  return {
    name,
    namespace: `bench-${Math.floor(workload / workloadsPerNamespace)}`,
    uid: uid(kind, index),
    resourceVersion: String(1_000_000 + index),
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels,
    ...(owner === undefined ? {} : { ownerReferences: [controller] }),
    managedFields: [
      { manager: 'kubelet', operation: 'Update', fieldsV1: { 'f:status': { 'f:conditions': {} } } },
    ],
  };
}

/** The same in every run: that of one workload. */
function specOf(workload: number): object {
  const random = new Random(workload);
  return podSpec(`app-${workload}`, random.pick(qualities), random);
}

const running = (index: number, workload: number) => ({
  phase: 'Running',
  podIP: `10.0.${index % 250}.1`,
  containerStatuses: [
    {
      name: 'app',
      image: `registry.example.com/team/app-${workload}:1`,
      imageID: `registry.example.com/team/app@sha256:${String(workload).padStart(64, '0')}`,
      ready: true,
      containerID: `containerd://${String(index).padStart(64, '0')}`,
    },
  ],
});

/** @param sharing how many pods have one specification */
export const podText =
  (sharing: number = podsPerWorkload): Make =>
  (index) => {
    const workload = Math.floor(index / sharing);
    const name = `app-${workload}-5d4f8-${index}`;
    const spec = { ...specOf(workload), nodeName: `node-${index % 500}` };
    const head = metadata('pod', index, workload, name, 'ReplicaSet');
    return JSON.stringify({ metadata: head, spec, status: running(index, workload) });
  };

/** A ReplicaSet has the specification of its Deployment. */
export const workloadText =
  (kind: 'Deployment' | 'ReplicaSet'): Make =>
  (index) => {
    const owner = kind === 'ReplicaSet' ? 'Deployment' : undefined;
    const head = metadata(kind, index, index, `app-${index}`, owner);
    const labels = { 'app.kubernetes.io/name': `app-${index}` };
    const template = { metadata: { labels }, spec: specOf(index) };
    return JSON.stringify({
      metadata: head,
      spec: { replicas: podsPerWorkload, selector: { matchLabels: labels }, template },
    });
  };

export const vulnerabilityText: Make = (index) => {
  const labels = {
    'trivy-operator.resource.kind': 'ReplicaSet',
    'trivy-operator.resource.name': `app-${index}`,
    'trivy-operator.container.name': 'app',
  };
  const severities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;
  const vulnerabilities = Array.from({ length: 80 }, (_, i) => ({
    vulnerabilityID: `CVE-2026-${index % 1000}-${i}`,
    severity: severities[i % 4],
    resource: `library-${i}`,
    installedVersion: '1.0.0',
    fixedVersion: i % 2 === 0 ? '1.0.1' : '',
    title: 'a flaw that somebody has described in one sentence of the usual length',
  }));
  return JSON.stringify({
    metadata: { ...metadata('vuln', index, index, `replicaset-app-${index}-app`), labels },
    report: {
      updateTimestamp: '2026-01-01T00:00:00Z',
      scanner: { name: 'Trivy', vendor: 'Aqua Security', version: '0.72.0' },
      registry: { server: 'registry.example.com' },
      artifact: {
        repository: `team/app-${index}`,
        tag: '1.0.0',
        digest: `sha256:${String(index).padStart(64, '0')}`,
      },
      summary: {
        criticalCount: 20,
        highCount: 20,
        mediumCount: 20,
        lowCount: 20,
        unknownCount: 0,
        noneCount: 0,
      },
      vulnerabilities,
    },
  });
};
