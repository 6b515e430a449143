import type { SecretScan, SeverityCounts } from '../../domain/scan-report.ts';
import type { Finding, Severity } from '../../domain/verdict.ts';
import { severities } from '../../domain/verdict.ts';
import type { Coverage } from './scan-coverage.ts';
import { subjectOf } from './scan-coverage.ts';

const graveSeverities: readonly string[] = ['critical', 'high'];

/** Whether it counts a secret that fails. */
export const isGrave = ({ critical, high }: SeverityCounts): boolean => critical + high > 0;

type Secret = SecretScan['secrets'][number];

interface Group {
  readonly secret: Secret;
  readonly report: string;
  readonly count: number;
}

/** One finding for each file and rule; several secrets of one rule in one file are one finding. */
export function secretFindings(
  { running, current }: Coverage<SecretScan>,
  grave: boolean,
): readonly Finding[] {
  const base = {
    subject: subjectOf(running),
    ...(running.example === undefined ? {} : { example: running.example }),
  };
  const scans = current.map((scan) => ({ scan, groups: groupSecrets(scan, grave) }));
  const listed = mostOfEach(scans.map(({ groups }) => groups)).map(({ secret, report, count }) => ({
    ...base,
    observed: secret.target,
    message: describe(secret, count),
    ...severityOf(secret),
    ref: report,
  }));
  const cut = scans.flatMap(({ scan, groups }) => {
    const unlisted = countOf(scan.counts, grave) - groups.reduce((sum, { count }) => sum + count, 0);
    const message = `The report counts ${unlisted} more, which are not listed.`;
    return unlisted > 0 ? [{ ...base, message, ref: scan.name }] : [];
  });
  return [...listed, ...cut];
}

function groupSecrets(scan: SecretScan, grave: boolean): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const secret of scan.secrets) {
    if (graveSeverities.includes(secret.severity) !== grave) continue;
    const key = keyOf(secret);
    groups.set(key, { secret, report: scan.name, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()];
}

/** Two reports of one image list the same secrets: they are not twice as many. */
function mostOfEach(scans: readonly (readonly Group[])[]): readonly Group[] {
  const most = new Map<string, Group>();
  for (const group of scans.flat()) {
    const key = keyOf(group.secret);
    if (group.count > (most.get(key)?.count ?? 0)) most.set(key, group);
  }
  return [...most.values()];
}

const keyOf = ({ target, ruleId, severity }: Secret): string => JSON.stringify([target, ruleId, severity]);

const describe = ({ target, ruleId, severity }: Secret, count: number): string =>
  `${count === 1 ? 'A secret lies' : `${count} secrets lie`} in ${target} (rule ${ruleId}, severity ${severity}).`;

function severityOf(secret: Secret): { readonly severity?: Severity } {
  const severity = severities.find((each) => each === secret.severity);
  return severity === undefined ? {} : { severity };
}

const countOf = ({ critical, high, medium, low, unknown }: SeverityCounts, grave: boolean): number =>
  grave ? critical + high : medium + low + unknown;
