import type { ComplianceReport } from '../../src/api/compliance-report.ts';
import { apiVersion, complianceReports, runtimeReports } from '../../src/api/resources.ts';
import type { RuntimeReport } from '../../src/api/runtime-report.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { list, type Metadata } from './cluster.ts';
import { ask } from './http.ts';
import { type Look, until } from './until.ts';

type Stored<T> = T & { readonly metadata: Metadata };

/** How long nothing may have changed until it counts as settled, milliseconds. */
const quiet = 1_000;

/**
 * Waits until the reports say what the operator knows: every event that was sent is in a RuntimeReport, and each verdict
 * in the metrics, which are of this moment, is the one in the report, which may be written some seconds later.
 * @param sent Falco events by namespace
 */
export async function awaitSettled(
  plane: ControlPlane,
  metrics: string,
  namespaces: readonly string[],
  sent: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<readonly Stored<ComplianceReport>[]> {
  let since = { text: '', at: 0 };
  return until({ what: 'the reports to settle', signal }, async () => {
    const reports = await listReports(plane);
    const problem =
      lackingEvents(await listRuntimeReports(plane), namespaces, sent) ??
      difference(reports, namespaces, await readVerdicts(metrics));
    if (problem !== undefined) return { missing: problem };
    const text = JSON.stringify(reports.map(({ metadata, status }) => [metadata.uid, status]));
    if (text !== since.text) since = { text, at: performance.now() };
    return settled(reports, performance.now() - since.at);
  });
}

const settled = <T>(found: T, unchanged: number): Look<T> =>
  unchanged >= quiet ? { found } : { missing: 'a report has just changed' };

export async function listReports(plane: ControlPlane): Promise<readonly Stored<ComplianceReport>[]> {
  return (await list(plane, `/apis/${apiVersion}/${complianceReports.plural}`)) as never;
}

async function listRuntimeReports(plane: ControlPlane): Promise<readonly Stored<RuntimeReport>[]> {
  return (await list(plane, `/apis/${apiVersion}/${runtimeReports.plural}`)) as never;
}

function lackingEvents(
  reports: readonly Stored<RuntimeReport>[],
  namespaces: readonly string[],
  sent: ReadonlyMap<string, number>,
): string | undefined {
  return namespaces
    .map((namespace) => {
      const kept = reports.find(({ metadata }) => metadata.namespace === namespace)?.status?.total ?? 0;
      const wanted = sent.get(namespace) ?? 0;
      return kept === wanted
        ? undefined
        : `the RuntimeReport of ${namespace} has ${kept} of ${wanted} events`;
    })
    .find((problem) => problem !== undefined);
}

/** Status by control, by namespace. */
type Verdicts = ReadonlyMap<string, ReadonlyMap<string, string>>;

const series = /^plumbline_control_status\{namespace="([^"]+)",.*control="([^"]+)",.*status="([^"]+)"\} 1$/gm;

async function readVerdicts(metrics: string): Promise<Verdicts> {
  const { text } = await ask(`${metrics}/metrics`);
  const verdicts = new Map<string, Map<string, string>>();
  for (const [, namespace = '', control = '', status = ''] of text.matchAll(series)) {
    const of = verdicts.get(namespace) ?? new Map<string, string>();
    verdicts.set(namespace, of.set(control, status));
  }
  return verdicts;
}

function difference(
  reports: readonly Stored<ComplianceReport>[],
  namespaces: readonly string[],
  verdicts: Verdicts,
): string | undefined {
  for (const namespace of namespaces) {
    const report = reports.find(({ metadata }) => metadata.namespace === namespace);
    const known = verdicts.get(namespace);
    if (report === undefined || known === undefined) return `${namespace} has no report yet`;
    const written = new Map((report.status?.controls ?? []).map(({ id, status }) => [id, status]));
    for (const [control, status] of known) {
      if (written.get(control) === status) continue;
      return `the report of ${namespace} says ${written.get(control) ?? 'nothing'} of ${control}, and not yet ${status}`;
    }
  }
  return undefined;
}
