import type { ComplianceReport } from '../../src/api/compliance-report.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { kubectl, type Metadata } from './cluster.ts';
import { listReports } from './reports.ts';
import { formatColumns } from './show.ts';
import { until } from './until.ts';

/**
 * For whoever wants to see Falco unplugged: the shortest time of silence that a profile may allow, and signs of life that are
 * underway for most of it. What arrives late was true when it was sent, and nobody has to wait for five minutes.
 */
export const unplugging = {
  parameters: { runtime: { blindSensorAfter: '5m', uncoveredGrace: '20s' } },
  /** Milliseconds. */
  lateBy: 270_000,
} as const;

const controls = ['RD-2.5.1', 'RD-2.5.2', 'RD-3.5.1'];

type Report = ComplianceReport & { readonly metadata: Metadata };
type Row = NonNullable<NonNullable<ComplianceReport['status']>['controls']>[number];

export interface UnplugOptions {
  readonly plane: ControlPlane;
  readonly namespaces: readonly string[];
  /** No sign of life of Falco is sent from then on. */
  readonly silence: () => void;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly print: (text: string) => void;
}

/** Shows what becomes of the runtime controls when Falco is not heard any more, and then when it is gone. */
export async function unplugFalco(options: UnplugOptions): Promise<void> {
  const { plane, silence, say } = options;
  say(
    'Unplugging Falco: its pods stay ready, and nothing of it arrives. Of the five minutes of runtime.blindSensorAfter half a minute is left.',
  );
  silence();
  await show(options, 'Falco is not heard any more', (row) =>
    row.id === 'RD-3.5.1' ? true : row.status !== 'Pass',
  );
  say('Deleting its DaemonSet: a node may be without a sensor for 20 seconds (runtime.uncoveredGrace).');
  await kubectl(plane, ['-n', 'falco', 'delete', 'daemonset', 'falco']);
  await show(options, 'Falco is gone', ({ id, status }) =>
    id === 'RD-2.5.2' ? status !== 'Pass' : status === 'Fail',
  );
}

/** Waits until it holds of each of the controls in every report, and prints what they say. */
async function show(
  { plane, namespaces, signal, print }: UnplugOptions,
  title: string,
  holds: (row: Row) => boolean,
): Promise<void> {
  const began = performance.now();
  const found = await until({ what: `the reports to tell that ${title}`, signal }, async () => {
    const reports = (await listReports(plane)).filter(({ metadata }) =>
      namespaces.includes(metadata.namespace ?? ''),
    );
    const rows = reports.map((report) => [report, rowsOf(report)] as const);
    const lacking = rows.find(([, of]) => of.length < controls.length || !of.every(holds));
    return lacking === undefined
      ? { found: rows }
      : { missing: `that of ${lacking[0].metadata.namespace} does not yet` };
  });
  const seconds = Math.round((performance.now() - began) / 1_000);
  const lines = found.flatMap(([{ metadata }, rows]) =>
    rows.map(({ id, status, reason = '', message }) => [
      metadata.namespace ?? '',
      id,
      status,
      reason,
      message ?? '',
    ]),
  );
  print(
    `\n${title}; after ${seconds} s:\n${formatColumns([['NAMESPACE', 'CONTROL', 'STATUS', 'REASON', 'WHY'], ...lines])}`,
  );
}

const rowsOf = ({ status }: Report): readonly Row[] =>
  controls.flatMap((each) => status?.controls?.find(({ id }) => id === each) ?? []);
