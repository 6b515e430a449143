import type { ComplianceSummaryStatus } from '../api/compliance-summary.ts';
import type { RuntimeReportStatus } from '../api/runtime-report.ts';
import { Interner } from '../domain/interner.ts';
import type { PreviousReport } from '../evaluate/report.ts';
import { isObject } from '../evidence/fields.ts';
import { fieldManager } from '../kube/apply.ts';
import type { RawObject } from '../kube/frame.ts';
import type { OwnObject } from './status-writer.ts';
import { inheritedMark, statusHash } from './status-writer.ts';

/** Most namespaces got the same verdict in the same second: when they were first judged. */
const remembered = new Interner<NonNullable<PreviousReport['controls']>[number]>();

/** Of a report, what the next evaluation needs; its findings are not held. */
export function memoOfReport(status: unknown): PreviousReport {
  if (!isObject(status)) return {};
  const { controls, conditions, transitions } = status as PreviousReport;
  return {
    // Those that are inherited are dated by the summary.
    controls: (controls ?? [])
      .filter((each) => !isInherited(each))
      .map(({ id, status: verdict, lastTransitionTime }) =>
        remembered.intern({ id, status: verdict, lastTransitionTime }),
      ),
    conditions: conditions ?? [],
    transitions: transitions ?? [],
  };
}

export function rememberReport(object: RawObject): OwnObject<PreviousReport> {
  return { hash: reportHash(object['status']), memo: memoOfReport(object['status']) };
}

/** In two parts, so that a change of inherited controls alone is told from any other. */
export function reportHash(status: unknown): string {
  const controls: unknown = isObject(status) ? status['controls'] : undefined;
  if (!isObject(status) || !Array.isArray(controls)) return statusHash(status);
  const inherited = controls.filter(isInherited);
  if (inherited.length === 0) return statusHash(status);
  const own = { ...status, controls: controls.filter((each) => !isInherited(each)) };
  return `${statusHash(own)}${inheritedMark}${statusHash(inherited)}`;
}

const isInherited = (control: unknown): boolean => isObject(control) && control['inherited'] === true;

/** Of a RuntimeReport, all: it is what every replica adds to, and a new process starts from. */
export interface RuntimeMemo {
  readonly status: RuntimeReportStatus | undefined;
  /** Somebody else than Plumbline has written the status last. */
  readonly foreign: boolean;
}

/** @param status what the API server says of a write of our own */
export const memoOfRuntime = (status: unknown): RuntimeMemo => ({
  status: isObject(status) ? (status as RuntimeReportStatus) : undefined,
  foreign: false,
});

export function rememberRuntime(object: RawObject): OwnObject<RuntimeMemo> {
  const status = object['status'];
  return {
    hash: statusHash(status),
    memo: { ...memoOfRuntime(status), foreign: isObject(status) && !isOwnStatus(object['metadata']) },
  };
}

/** The status is atomic, so whoever wrote it last owns it whole: the API server keeps the name of that field manager. */
function isOwnStatus(metadata: unknown): boolean {
  const entries = isObject(metadata) ? metadata['managedFields'] : undefined;
  return Array.isArray(entries) && entries.some(isOwnEntry);
}

const isOwnEntry = (entry: unknown): boolean =>
  isObject(entry) &&
  entry['manager'] === fieldManager &&
  isObject(entry['fieldsV1']) &&
  'f:status' in entry['fieldsV1'];

/** Of a ComplianceSummary, all: there are few. */
export function rememberSummary(object: RawObject): OwnObject<ComplianceSummaryStatus | undefined> {
  const status = object['status'];
  return {
    hash: statusHash(status),
    memo: isObject(status) ? (status as unknown as ComplianceSummaryStatus) : undefined,
  };
}
