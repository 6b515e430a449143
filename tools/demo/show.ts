import type { ComplianceReport } from '../../src/api/compliance-report.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { kubectl, type Metadata } from './cluster.ts';

type Print = (text: string) => void;

const commands: readonly (readonly string[])[] = [
  ['get', 'compliancereports', '-A'],
  ['get', 'compliancereports', '-A', '-o', 'wide'],
  ['get', 'compliancesummaries'],
  ['get', 'runtimereports', '-A'],
];

/** Prints what kubectl prints, each command above its output. */
export async function showObjects(plane: ControlPlane, print: Print): Promise<void> {
  for (const args of commands) print(`\n$ kubectl ${args.join(' ')}\n${await kubectl(plane, args)}`);
}

/** Prints every verdict of every namespace, for whoever wants to hold them against the manifests. */
export function showVerdicts(
  reports: readonly (ComplianceReport & { readonly metadata: Metadata })[],
  namespaces: readonly string[],
  print: Print,
): void {
  const controls = namespaces.map(
    (namespace) => reports.find(({ metadata }) => metadata.namespace === namespace)?.status?.controls ?? [],
  );
  const rows = (controls[0] ?? []).map(({ id, title }) => [
    id,
    ...controls.map((of) => of.find((control) => control.id === id)?.status ?? ''),
    title,
  ]);
  rows.sort(([a = ''], [b = '']) => a.localeCompare(b, 'en', { numeric: true }));
  const header = ['CONTROL', ...namespaces.map((namespace) => namespace.toUpperCase()), 'TITLE'];
  print(`\nEvery verdict, to hold against the manifests in examples/:\n${formatColumns([header, ...rows])}`);
}

/** Left-aligned columns. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}

export interface Surroundings {
  readonly plane: ControlPlane;
  readonly metrics: string;
  readonly logFile: string;
}

/** Commands to try in another terminal. Each was tried. */
export function nextSteps({ plane, metrics, logFile }: Surroundings): string {
  const jsonpath = `{range .status.controls[?(@.status=="Fail")]}{.id}{"\\t"}{.message}{"\\n"}{end}`;
  return `
To go on, in another terminal:

  export KUBECONFIG=${plane.kubeconfigPath}
  alias kubectl=${plane.kubectlPath}

  # Everything about one namespace: each control with its findings, and when it changed
  kubectl -n legacy describe compliancereport reference-design

  # What fails in it, one line each
  kubectl -n webshop get compliancereport reference-design -o jsonpath='${jsonpath}'

  # What Falco saw, added up
  kubectl -n legacy get runtimereport runtime -o yaml

  # What Prometheus would scrape
  curl -s ${metrics}/metrics | grep plumbline_report_

  # Change something and watch: RD-2.2.1 passes, so FAIL goes down by one, within a second or two (unless the report
  # was written in the last ten)
  kubectl -n legacy get compliancereport reference-design --watch &
  kubectl label namespace legacy pod-security.kubernetes.io/enforce=restricted

  # What the operator does
  tail -f ${logFile}
`;
}
