import type { ComplianceSummaryStatus } from '../api/compliance-summary.ts';
import type { RuntimeReportStatus } from '../api/runtime-report.ts';
import { Interner } from '../domain/interner.ts';
import type { PreviousReport } from '../evaluate/report.ts';
import { isObject } from '../evidence/fields.ts';
import type { RawObject } from '../kube/frame.ts';
import type { OwnObject } from './status-writer.ts';
import { statusHash } from './status-writer.ts';

/** Most namespaces got the same verdict in the same second: when they were first judged. */
const remembered = new Interner<NonNullable<PreviousReport['controls']>[number]>();

/** Of a report, what the next evaluation needs; its findings are not held. */
export function memoOfReport(status: unknown): PreviousReport {
  if (!isObject(status)) return {};
  const { controls, conditions, transitions } = status as PreviousReport;
  return {
    controls: (controls ?? []).map(({ id, status: verdict, lastTransitionTime }) =>
      remembered.intern({ id, status: verdict, lastTransitionTime }),
    ),
    conditions: conditions ?? [],
    transitions: transitions ?? [],
  };
}

export function rememberReport(object: RawObject): OwnObject<PreviousReport> {
  return { hash: statusHash(object['status']), memo: memoOfReport(object['status']) };
}

/** Of a RuntimeReport, all: it is what a new process starts from. */
export const rememberRuntime = rememberAll<RuntimeReportStatus>;

/** Of a ComplianceSummary, all: there are few. */
export const rememberSummary = rememberAll<ComplianceSummaryStatus>;

function rememberAll<Status>(object: RawObject): OwnObject<Status | undefined> {
  const status = object['status'];
  return { hash: statusHash(status), memo: isObject(status) ? (status as Status) : undefined };
}
