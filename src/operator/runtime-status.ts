import type { RuntimeReportStatus } from '../api/runtime-report.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import type { ReplicaCursor } from './replica-cursors.ts';
import type { ReportMemory } from './report-memory.ts';

/** Compact JSON of a RuntimeReport's findings stays under this. */
const budgetBytes = 128 * 1024;

/**
 * The status of a RuntimeReport.
 * @param findings worst and newest first; what does not fit is lost: the object is all that the next replica knows
 * @param lost events of the namespace that could not be kept
 */
export function runtimeStatus(
  findings: readonly RuntimeFinding[],
  lost: number,
  replicas: readonly ReplicaCursor[] = [],
  recent: ReportMemory = [],
): RuntimeReportStatus {
  const listed: RuntimeFinding[] = [];
  let left = budgetBytes;
  for (const finding of findings) {
    left -= Buffer.byteLength(JSON.stringify(finding)) + 1;
    if (left < 0) break;
    listed.push(finding);
  }
  const lastSeen = listed
    .map((finding) => finding.lastSeen)
    .sort()
    .at(-1);
  const worst = listed[0]?.priority;
  return {
    findings: listed,
    findingsTotal: listed.length,
    total: eventsIn(listed),
    dropped: lost + eventsIn(findings.slice(listed.length)),
    ...(lastSeen === undefined ? {} : { lastSeen }),
    ...(worst === undefined ? {} : { worst }),
    ...(replicas.length === 0 ? {} : { replicas }),
    ...(recent.length === 0 ? {} : { recent }),
  };
}

/** Events that a report has counted and does not list, so that nobody can go on counting them. */
export function lostIn({ findings, total, dropped }: RuntimeReportStatus): number {
  return dropped + Math.max(0, total - eventsIn(findings));
}

const eventsIn = (findings: readonly RuntimeFinding[]): number =>
  findings.reduce((sum, { count }) => sum + count, 0);
