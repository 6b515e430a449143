import type { RuntimeReportStatus } from '../api/runtime-report.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';

/** Compact JSON of a RuntimeReport's findings stays under this. */
const budgetBytes = 128 * 1024;

/**
 * The status of a RuntimeReport.
 * @param findings worst and newest first; what does not fit is counted
 * @param lost events of the namespace that could not be kept
 */
export function runtimeStatus(findings: readonly RuntimeFinding[], lost: number): RuntimeReportStatus {
  const listed: RuntimeFinding[] = [];
  let left = budgetBytes;
  for (const finding of findings) {
    left -= Buffer.byteLength(JSON.stringify(finding)) + 1;
    if (left < 0) break;
    listed.push(finding);
  }
  const lastSeen = findings
    .map((finding) => finding.lastSeen)
    .sort()
    .at(-1);
  const worst = findings[0]?.priority;
  return {
    findings: listed,
    findingsTotal: findings.length,
    total: findings.reduce((sum, { count }) => sum + count, 0),
    dropped: lost,
    ...(lastSeen === undefined ? {} : { lastSeen }),
    ...(worst === undefined ? {} : { worst }),
  };
}
