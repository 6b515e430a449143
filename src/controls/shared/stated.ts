import type { Workload } from '../../domain/workload.ts';

/** What people or pipelines state of all images of a workload. The annotation of its pods or their template counts before its own. */
export function statementOf(
  { pods, template, settings }: Workload,
  what: 'baseImage' | 'setuidFreeUntil',
): string | undefined {
  const own = (pods[0]?.spec ?? template?.spec)?.settings[what];
  return own ?? settings?.[what];
}

/** @returns the first moment at which a statement no longer holds; undefined where it says no day or time */
export function endOfStatement(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (/^\d{4}-\d\d-\d\d$/.test(trimmed)) {
    const day = Date.parse(`${trimmed}T00:00:00Z`);
    // Date.parse takes a 30th of February for the 2nd of March.
    const exists = !Number.isNaN(day) && new Date(day).toISOString().startsWith(trimmed);
    // The day itself is within it.
    return exists ? day + 86_400_000 : undefined;
  }
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(trimmed)) return undefined;
  const time = Date.parse(trimmed);
  return Number.isNaN(time) ? undefined : time;
}
