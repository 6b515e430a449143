import type { RuntimeFinding } from '../../domain/runtime.ts';
import { NamespaceFindings } from './namespace-findings.ts';
import { fromFinding, keyOf } from './runtime-entry.ts';

export interface MergeOptions {
  /** Milliseconds since the epoch: what ended before is over. */
  readonly since: number;
  /** So many findings are kept: the worst and newest. */
  readonly most: number;
  /** Marks of events that what was written holds already: copies of them are not added. */
  readonly known?: ReadonlySet<string>;
  readonly ownerOf: (pod: string) => { readonly kind: string; readonly name: string } | undefined;
}

const none: ReadonlySet<string> = new Set();

/**
 * What was written of a namespace, with what is to be added to it.
 * @returns worst first, then newest; and how many events gave way
 */
export function mergeFindings(
  written: readonly RuntimeFinding[],
  added: readonly (NamespaceFindings | undefined)[],
  { since, most, known = none, ownerOf }: MergeOptions,
): { readonly findings: readonly RuntimeFinding[]; readonly lost: number } {
  const all = new NamespaceFindings();
  for (const entry of written.flatMap((finding) => fromFinding(finding) ?? [])) all.put(entry);
  for (const each of added) if (each !== undefined) all.addAll(each.without(known));
  all.expire(since);
  all.resolve(ownerOf);
  while (all.size > most) all.dropLeast();
  return { findings: all.list(), lost: all.gaveWay.events };
}

/** Of two states of the same findings, one of which may have come from an earlier time: what either knows, the larger count. */
export function joinFindings(
  one: readonly RuntimeFinding[],
  other: readonly RuntimeFinding[],
): readonly RuntimeFinding[] {
  const joined = new Map(one.map((finding) => [keyOf(finding), finding]));
  for (const finding of other) {
    const known = joined.get(keyOf(finding));
    if (known === undefined || known.count < finding.count) joined.set(keyOf(finding), finding);
  }
  return [...joined.values()];
}
