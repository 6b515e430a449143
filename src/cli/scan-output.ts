import { dump } from 'js-yaml';
import { apiVersion, complianceReports } from '../api/resources.ts';
import { rollUps } from './roll-ups.ts';
import type { ScannedReport } from './scanned.ts';
import type { Output } from './text.ts';
import { formatTable, printable, wrap } from './text.ts';

/** How many findings of a control the table shows; the other formats show all. */
const shownFindings = 5;

/** Writes what a scan finds, report by report: that of a large input is never held as a whole. */
export interface ScanPrinter {
  readonly add: (report: ScannedReport) => void;
  /** To be called once, when all were added. */
  readonly end: (rest: object[]) => void;
}

/** The table leaves out what stands behind the reports. */
export function scanPrinter(format: 'table' | 'json' | 'yaml', output: Output): ScanPrinter {
  return format === 'table' ? tablePrinter(output) : listPrinter(format === 'json' ? json : yaml, output);
}

/** Columns are as wide as their widest cell: what a table shows is kept to the end, and what it leaves out is not. */
function tablePrinter({ out }: Output): ScanPrinter {
  const rows: string[][] = [];
  const sections: string[] = [];
  return {
    add: (report) => {
      rows.push(row(report));
      sections.push(details(report));
    },
    end: () =>
      out(
        printable(rows.length === 0 ? 'Nothing to judge.\n' : formatTable(header, rows) + sections.join('')),
      ),
  };
}

/** How a `v1` List is written item by item. */
interface ListText {
  readonly start: string;
  readonly between: string;
  readonly item: (item: object) => string;
  /** After the last item; `empty` where there is none. */
  readonly end: string;
  readonly empty: string;
}

/** A list of the one item, without what stands before and behind it. */
const json: ListText = {
  start: '{\n  "apiVersion": "v1",\n  "kind": "List",\n  "items": [',
  between: ',',
  item: (item) =>
    JSON.stringify({ items: [item] }, null, 2).slice('{\n  "items": ['.length, -'\n  ]\n}'.length),
  end: '\n  ]\n}\n',
  empty: ']\n}\n',
};

const yaml: ListText = {
  start: 'apiVersion: v1\nkind: List\nitems:',
  between: '',
  item: (item) =>
    dump({ items: [item] }, { lineWidth: 120, noRefs: true })
      .trimEnd()
      .slice('items:'.length),
  end: '\n',
  empty: ' []\n',
};

function listPrinter(list: ListText, { out }: Output): ScanPrinter {
  let some = false;
  const print = (item: object) => {
    out((some ? list.between : list.start) + list.item(item));
    some = true;
  };
  return {
    add: (report) => print(toReport(report)),
    end: (rest) => {
      for (const item of rest) print(item);
      out(some ? list.end : list.start + list.empty);
    },
  };
}

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

const row = ({ namespace, profile, status: { state, score, summary } }: ScannedReport): string[] =>
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
  ].map(String);

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
