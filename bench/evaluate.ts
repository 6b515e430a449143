import { parseArgs } from 'node:util';
import { catalogue } from '../src/controls/catalogue.generated.ts';
import type { Snapshot } from '../src/domain/snapshot.ts';
import { read } from '../src/domain/snapshot.ts';
import { evaluateNamespace } from '../src/evaluate/evaluate-namespace.ts';
import { builtInProfile } from '../src/evaluate/profile.ts';
import {
  projectExposedSecretReport,
  projectVulnerabilityReport,
} from '../src/evidence/trivy/project-report.ts';
import { assembleWorkloads } from '../src/evidence/workloads/assemble.ts';
import { projectPod } from '../src/evidence/workloads/project-pod.ts';
import { projectWorkload } from '../src/evidence/workloads/project-workload.ts';
import { describeMachine } from './machine.ts';
import { podSpec } from './pod-template.ts';
import { Random } from './random.ts';
import { spread, table } from './statistics.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '5000' },
    findings: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '15' },
    help: { type: 'boolean', default: false },
  },
});

const now = Date.parse('2026-01-01T00:00:00Z');
const day = 86_400_000;
const namespace = 'shop';

/** Milliseconds of processor time of this thread: what else the machine does does not count. */
function spent(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** A namespace as the operator holds it: projections of what the API server sent. */
interface Held {
  readonly pods: readonly ReturnType<typeof projectPod>[];
  readonly owners: readonly ReturnType<typeof projectWorkload>[];
  readonly reports: readonly object[];
}

/** `deployments` of equal size, each of an image of its own with its share of the vulnerabilities. */
function hold(deployments: number, pods: number, findings: number): Held {
  const random = new Random(20_260_101);
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

function measure(name: string, held: Held): readonly string[] {
  const texts = held.reports.map((report) => JSON.stringify(report));
  const started = spent();
  const reports = texts.map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);
  const parsed = spent();
  const vulnerabilityScans = read(reports.flatMap((report) => projectVulnerabilityReport(report) ?? []));
  const projected = spent();
  const secretScans = read(reports.flatMap((report) => projectExposedSecretReport(report) ?? []));
  const profile = builtInProfile(catalogue);
  const times: number[] = [];
  const parts: number[] = [];
  let findings = 0;
  for (let round = 0; round < Number(values.rounds) + 2; round++) {
    const begin = spent();
    const workloads = read(assembleWorkloads(held));
    const assembled = spent();
    const snapshot: Snapshot = {
      namespace: { name: namespace, labels: {} },
      cluster: { minor: 37, unreadPolicyApis: [], live: true },
      workloads,
      networkPolicies: read([]),
      volumes: read([]),
      vulnerabilityScans,
      secretScans,
      runtime: read([]),
      configMaps: read([]),
      services: read([]),
      serviceAccounts: read([]),
      roleBindings: read([]),
      rights: read([]),
      logNodes: read([]),
      limitRanges: read([]),
      autoscalers: read([]),
      disruptionBudgets: read([]),
      claims: read([]),
    };
    const { status } = evaluateNamespace({
      snapshot,
      profile,
      now,
      onError: (id, error) => {
        throw new Error(id, { cause: error });
      },
    });
    const end = spent();
    findings = status.controls.reduce((sum, { findingsTotal }) => sum + findingsTotal, 0);
    // The first rounds only warm up.
    if (round < 2) continue;
    times.push(end - begin);
    parts.push(end - assembled);
  }
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  return [
    name,
    String(held.pods.length),
    `${texts.length} (${(bytes / 1e6).toFixed(1)} MB)`,
    String(findings),
    (parsed - started).toFixed(0),
    (projected - parsed).toFixed(0),
    spread(parts, 0),
    spread(times, 0),
  ];
}

function main(): void {
  const [pods, findings] = [Number(values.pods), Number(values.findings)];
  console.log(describeMachine());
  console.log(
    `${values.rounds} rounds; milliseconds of processor time on one thread, least / median / greatest\n`,
  );
  const header = [
    'namespace',
    'pods',
    'reports',
    'findings',
    'parse',
    'project',
    'evaluate',
    'with gathering',
  ];
  console.log(
    table([
      header,
      measure(`${findings} vulnerabilities, 250 Deployments`, hold(250, pods, findings)),
      measure('the same without vulnerabilities', hold(250, pods, 0)),
      measure('one Deployment', hold(1, 2 * pods, findings / 100)),
    ]),
  );
  console.log('\nthe aim: under 100 ms with gathering');
}

if (values.help) {
  console.log('Options: --pods N (5000), --findings N (20000), --rounds N (15)');
} else {
  main();
}
