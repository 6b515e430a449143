import type { ComplianceReportStatus } from '../../src/api/compliance-report.ts';
import { complianceProfiles, complianceReports } from '../../src/api/resources.ts';
import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import type { OperatorOptions } from '../../src/operator/operator-options.ts';
import { ComplianceOperator } from '../../src/operator/compliance-operator.ts';
import type { Settings } from '../../src/settings.ts';
import type { Fields, Logger } from '../../src/telemetry/log.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { eventually } from '../kube/support.ts';
import { applyManifests, freshNamespace, useCluster } from '../support/cluster.ts';
import { pathOf } from '../support/kept.ts';

/** What tests of the running operator share: a control plane of their own, the operator with its own rights, and reports. */

const trivySystem = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'trivy-system' } };

/**
 * One control plane for all tests of the operator, since they install and remove kinds; with Plumbline's kinds and
 * rights, and those to read the scanner's settings.
 * @param user tests that name another share another, which holds nothing of theirs
 */
export function useOperatorCluster(user = 'operator-tests'): () => ControlPlane {
  const cluster = useCluster({ users: [{ name: user }] });
  before(async function () {
    this.timeout(60_000);
    await installPlumbline(cluster());
  });
  return cluster;
}

/** Plumbline's kinds and rights, and those to read the scanner's settings. */
export async function installPlumbline(cluster: ControlPlane): Promise<void> {
  await applyManifests(cluster, ['crds']);
  await cluster.request('POST', '/api/v1/namespaces', trivySystem);
  for (const folder of ['config/default', 'config/trivy']) await applyKustomization(cluster, folder);
}

async function applyKustomization(cluster: ControlPlane, folder: string): Promise<void> {
  const { code, stderr } = await cluster.kubectl([
    'apply',
    '--server-side',
    '--force-conflicts',
    '-k',
    folder,
  ]);
  if (code !== 0) throw new Error(`kubectl apply -k ${folder}: ${stderr}`);
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Fields;
}

export interface Running {
  readonly operator: ComplianceOperator;
  readonly clock: Clock;
  readonly log: readonly LogLine[];
  /** Ends it; more than once is well. */
  stop(): Promise<void>;
}

export interface StartOptions extends Partial<OperatorOptions> {
  /** Default: one with the rights of `config/rbac`. */
  readonly kubeconfig?: string;
}

/** Without an election: one replica, and a clock that may be pushed ahead of any lease. */
export const testSettings: Settings = {
  logLevel: 'info',
  metricsAddress: { host: '127.0.0.1', port: 0 },
  podName: 'test',
  intake: { address: { host: '127.0.0.1', port: 0 }, insecure: false, files: {} },
};

/** Starts an operator in this process, with exactly the rights that `config` gives it, and waits until it is ready. */
export async function startOperator(cluster: ControlPlane, options: StartOptions = {}): Promise<Running> {
  const running = await launchOperator(cluster, options);
  try {
    await eventually(async () => (await probe(running, '/readyz')).status === 200, 'the operator is ready');
    return running;
  } catch (error) {
    // It would run on beside all that come.
    await running.stop();
    throw error;
  }
}

/** The same, without waiting. */
export async function launchOperator(cluster: ControlPlane, options: StartOptions = {}): Promise<Running> {
  const { kubeconfig = await operatorKubeconfig(cluster), ...rest } = options;
  const log: LogLine[] = [];
  const operator = new ComplianceOperator({
    settings: testSettings,
    kubeConfig: loadKubeConfig({ kubeconfig }),
    clock: systemClock,
    logger: collect(log),
    catalogue,
    intervals: { write: 100 },
    ...rest,
  });
  await operator.start();
  return { operator, clock: rest.clock ?? systemClock, log, stop: () => operator.stopped };
}

export const operatorKubeconfig = (cluster: ControlPlane): Promise<string> =>
  cluster.kubeconfigForServiceAccount('plumbline-system', 'plumbline');

export const silentLogger: Logger = collect([]);

function collect(log: LogLine[]): Logger {
  const at =
    (level: string) =>
    (message: string, fields: Fields = {}) =>
      void log.push({ level, message, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export async function probe({ operator }: Running, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${operator.metricsAddress}${path}`);
  return { status: response.status, text: await response.text() };
}

/** Lines of /metrics that begin with `name`; without comments. */
export async function metricLines(running: Running, name: string): Promise<string[]> {
  const { text } = await probe(running, '/metrics');
  return text.split('\n').filter((line) => line.startsWith(name));
}

/** The sum over the series of a counter whose labels contain all of `labels`. */
export async function counter(running: Running, name: string, ...labels: string[]): Promise<number> {
  const lines = await metricLines(running, name);
  return lines
    .filter((line) => labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

export interface LiveReport {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly status?: ComplianceReportStatus;
}

/** undefined while there is none. */
export async function reportOf(
  cluster: ControlPlane,
  namespace: string,
  profile = 'reference-design',
): Promise<LiveReport | undefined> {
  const { status, body } = await cluster.request('GET', pathOf(complianceReports, namespace, profile));
  return status === 200 ? (body as LiveReport) : undefined;
}

/** The resourceVersion of every report, by `namespace/name`. */
export async function reportVersions(cluster: ControlPlane): Promise<Record<string, string>> {
  const answer = await cluster.request('GET', '/apis/plumbline.dev/v1alpha1/compliancereports');
  const { items } = expectOk('list reports', answer) as { items: { metadata: Record<string, string> }[] };
  return Object.fromEntries(
    items.map(({ metadata: { namespace, name, resourceVersion } }) => [
      `${namespace}/${name}`,
      resourceVersion ?? '',
    ]),
  );
}

/** What a report says of its controls: `Fail`, `Unknown NoEvidence`. */
export function verdictsOf(report: LiveReport | undefined): Record<string, string> {
  const controls = report?.status?.controls ?? [];
  return Object.fromEntries(
    controls.map(({ id, status, reason }) => [
      id,
      status === 'Unknown' ? `${status} ${reason ?? ''}` : status,
    ]),
  );
}

/** Waits until the report says this of these controls. @returns the report */
export async function awaitVerdicts(
  cluster: ControlPlane,
  namespace: string,
  expected: Readonly<Record<string, string>>,
  profile = 'reference-design',
): Promise<LiveReport> {
  let report: LiveReport | undefined;
  const holds = async () => {
    report = await reportOf(cluster, namespace, profile);
    const verdicts = verdictsOf(report);
    return Object.entries(expected).every(([id, verdict]) => verdicts[id] === verdict);
  };
  await eventually(holds, JSON.stringify(expected)).catch((error: unknown) => {
    const found = Object.keys(expected).map((id) => `${id}: ${verdictsOf(report)[id] ?? 'none'}`);
    throw new Error(`${namespace}: ${found.join(', ')}`, { cause: error });
  });
  if (report === undefined) throw new Error('nothing was expected of the report');
  return report;
}

/** Resolves when the operator has seen everything that was done before: a namespace made now has its report. */
export async function caughtUp(cluster: ControlPlane): Promise<void> {
  const namespace = await freshNamespace(cluster, 'marker');
  await eventually(async () => (await reportOf(cluster, namespace))?.status !== undefined, 'a marker');
}

export async function post(cluster: ControlPlane, path: string, object: object): Promise<unknown> {
  return expectOk(`POST ${path}`, await cluster.request('POST', path, object));
}

export async function remove(cluster: ControlPlane, path: string): Promise<void> {
  expectOk(`DELETE ${path}`, await cluster.request('DELETE', path));
}

const mergePatch = { contentType: 'application/merge-patch+json' };

export async function patch(cluster: ControlPlane, path: string, change: object): Promise<unknown> {
  return expectOk(`PATCH ${path}`, await cluster.request('PATCH', path, change, mergePatch));
}

export function expectOk(what: string, { status, body }: { status: number; body: unknown }): unknown {
  if (status >= 300) throw new Error(`${what}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** A namespace of the test's own with one pod in it, which obeys no rule. */
export async function namespaceWithPod(cluster: ControlPlane, prefix = 'live'): Promise<string> {
  const namespace = await freshNamespace(cluster, prefix);
  await post(cluster, `/api/v1/namespaces/${namespace}/pods`, barePod('app'));
  return namespace;
}

export function barePod(name: string, spec: object = {}): object {
  const containers = [{ name: 'app', image: 'registry.example/app:1.0.0' }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...spec } };
}

/** Deletes a namespace for good; there is no controller here that would. */
export async function deleteNamespace(cluster: ControlPlane, name: string): Promise<void> {
  await remove(cluster, `/api/v1/namespaces/${name}`);
  await finishNamespace(cluster, name);
}

export async function finishNamespace(cluster: ControlPlane, name: string): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: [] } };
  expectOk(`finalize ${name}`, await cluster.request('PUT', `/api/v1/namespaces/${name}/finalize`, object));
}

/** Creates a ComplianceProfile; `drop` takes it away again. */
export async function createProfile(cluster: ControlPlane, name: string, spec: object): Promise<void> {
  const object = {
    apiVersion: 'plumbline.dev/v1alpha1',
    kind: 'ComplianceProfile',
    metadata: { name },
    spec,
  };
  await post(cluster, pathOf(complianceProfiles, ''), object);
}

export const profilePath = (name: string): string => pathOf(complianceProfiles, '', name);
