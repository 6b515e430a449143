import type { Verdict } from './verdict.ts';
import { soonest, worstStatus } from './verdict.ts';

/**
 * The verdict of a control that others decide: the worst of its parts, naming those that made it so. What they found stands
 * with them; repeated here it would be a third of a report.
 * @param derivedFrom all its parts; one that is missing from `parts` was disabled by the profile and is named
 */
export function rollUp(derivedFrom: readonly string[], parts: ReadonlyMap<string, Verdict>): Verdict {
  const disabled = derivedFrom.filter((id) => !parts.has(id));
  const status = worstStatus([...parts.values()].map((part) => part.status));
  const deciding = [...parts].filter(([, part]) => part.status === status);
  const validUntil = [...parts.values()].reduce<number | undefined>(
    (sooner, part) => soonest(sooner, part.validUntil),
    undefined,
  );
  const reason = status === 'Pass' ? undefined : deciding[0]?.[1].reason;
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    message: describe({
      status,
      deciding: deciding.map(([id]) => id),
      disabled,
      count: parts.size,
      applying: [...parts.values()].filter((part) => part.status !== 'NotApplicable').length,
    }),
    findings: [],
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

interface Described {
  readonly status: string;
  /** Ids of the parts that made it so. */
  readonly deciding: readonly string[];
  readonly disabled: readonly string[];
  /** Parts that the profile leaves. */
  readonly count: number;
  /** Of these, those that apply. */
  readonly applying: number;
}

function describe({ status, deciding, disabled, count, applying }: Described): string {
  if (count === 0) return `The profile disables ${disabled.join(', ')}, which is all of it.`;
  const without = disabled.length === 0 ? '' : ` The profile disables ${disabled.join(', ')}.`;
  const parts = `its ${count} ${count === 1 ? 'part' : 'parts'}`;
  if (status === 'NotApplicable') return `None of ${parts} applies.${without}`;
  if (status !== 'Pass')
    return `${status} in ${deciding.length} of ${parts}: ${deciding.join(', ')}.${without}`;
  if (applying === 1) return `The one part of it that applies passes.${without}`;
  return `All of its ${applying} parts that apply pass.${without}`;
}
