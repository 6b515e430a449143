import { cleanText } from '../../base/clean-text.ts';
import { compareText } from '../../domain/compare-text.ts';
import type { Acceptance } from '../../domain/scan-report.ts';
import { present } from '../present.ts';

/** Kept of one file, those that end first before the others. */
const mostEntries = 200;
const longestId = 64;

export interface IgnoreFile {
  readonly acceptances: readonly Acceptance[];
  /** How many were left out. */
  readonly unlisted: number;
}

/**
 * The text of a `.trivyignore`: an id in each line, with `exp:2026-01-31` behind it where it ends. A line whose date
 * Trivy cannot read is one that it passes over.
 */
export function readIgnoreFile(text: string): IgnoreFile {
  const found = text.split('\n').flatMap((line) => readLine(line.trim()) ?? []);
  const acceptances = found.toSorted(endsFirst).slice(0, mostEntries);
  return { acceptances, unlisted: found.length - acceptances.length };
}

function readLine(line: string): Acceptance | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  const [id = '', ...fields] = line.split(/\s+/);
  const written = fields.find((field) => field.startsWith('exp:'))?.slice('exp:'.length);
  const until = written === undefined ? undefined : readDate(written);
  if (written !== undefined && until === undefined) return undefined;
  return present({ id: cleanText(id, longestId), until });
}

function readDate(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  // Of the 31st of a shorter month JavaScript makes the 1st of the next; Go takes it for no date.
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  return isReal ? date.getTime() : undefined;
}

const endsFirst = (a: Acceptance, b: Acceptance): number =>
  (a.until ?? 0) - (b.until ?? 0) || compareText(a.id, b.id);
