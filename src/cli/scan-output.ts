import { dump } from 'js-yaml';
import { apiVersion, complianceReports } from '../api/resources.ts';
import { rollUps } from './roll-ups.ts';
import type { Scanned, ScannedReport } from './scanned.ts';
import { summariesOf } from './scan-summary.ts';
import type { Output } from './text.ts';
import { formatTable, printable, wrap } from './text.ts';

/** How many findings of a control the table shows; the other formats show all. */
const shownFindings = 5;

export function printScan(scanned: Scanned, format: 'table' | 'json' | 'yaml', { out }: Output): void {
  const { reports } = scanned;
  if (format === 'table') {
    const text =
      reports.length === 0 ? 'Nothing to judge.\n' : table(reports) + reports.map(details).join('');
    return out(printable(text));
  }
  const list = { apiVersion: 'v1', kind: 'List', items: [...reports.map(toReport), ...summariesOf(scanned)] };
  out(
    format === 'json' ? `${JSON.stringify(list, null, 2)}\n` : dump(list, { lineWidth: 120, noRefs: true }),
  );
}

function table(reports: readonly ScannedReport[]): string {
  const header = [
    'NAMESPACE',
    'NAME',
    'STATE',
    'SCORE',
    'FAIL',
    'UNKNOWN',
    'MANUAL',
    'EXCEPTED',
    'PASS',
    'WARN',
  ];
  return formatTable(
    header,
    reports.map(({ namespace, profile, status: { state, score, summary } }) =>
      [
        namespace,
        profile,
        state,
        score ?? '',
        summary.fail,
        summary.unknown,
        summary.manual,
        summary.excepted,
        summary.pass,
        summary.warn,
      ].map(String),
    ),
  );
}

/** What fails and what warns, with the first findings of each. */
function details({ namespace, status }: ScannedReport): string {
  const lines: string[] = [];
  for (const control of status.controls ?? []) {
    if (control.status !== 'Fail' && control.status !== 'Warn') continue;
    lines.push(
      '',
      `${control.status}  ${control.id} (${control.severity}) ${control.title}`,
      wrap(control.message, 110, '      '),
    );
    // Those of a roll-up stand with its parts.
    if (rollUps.has(control.id)) continue;
    for (const { subject, path, message } of control.findings.slice(0, shownFindings)) {
      const container = subject.container === undefined ? '' : ` container ${subject.container}`;
      lines.push(
        wrap(
          `- ${subject.kind}/${subject.name}${container}${path === undefined ? '' : ` ${path}`}: ${message}`,
          110,
          '      ',
        ),
      );
    }
    const more = control.findings.length - shownFindings;
    if (more > 0) lines.push(`      ${more} more; --format json shows all`);
  }
  return lines.length === 0 ? '' : `\n${namespace}\n${'='.repeat(namespace.length)}${lines.join('\n')}\n`;
}

const toReport = ({ namespace, profile, status }: ScannedReport) => ({
  apiVersion,
  kind: complianceReports.kind,
  metadata: { name: profile, namespace },
  spec: { profile },
  status,
});
