import type { Finding, Verdict } from './verdict.ts';
import { soonest, worstStatus } from './verdict.ts';

/**
 * The verdict of a control that others decide: the worst of its parts, with the parts' findings that made it so.
 * @param derivedFrom all its parts; one that is missing from `parts` was disabled by the profile and is named
 */
export function rollUp(derivedFrom: readonly string[], parts: ReadonlyMap<string, Verdict>): Verdict {
  const disabled = derivedFrom.filter((id) => !parts.has(id));
  const status = worstStatus([...parts.values()].map((part) => part.status));
  const deciding = [...parts].filter(([, part]) => part.status === status);
  const findings: Finding[] =
    status === 'Fail' || status === 'Warn'
      ? deciding.flatMap(([id, part]) => part.findings.map((finding) => ({ ref: id, ...finding })))
      : [];
  const validUntil = [...parts.values()].reduce<number | undefined>(
    (sooner, part) => soonest(sooner, part.validUntil),
    undefined,
  );
  const reason = status === 'Pass' ? undefined : deciding[0]?.[1].reason;
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    message: describe(
      status,
      deciding.map(([id]) => id),
      derivedFrom.length - disabled.length,
      disabled,
    ),
    findings,
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

function describe(status: string, deciding: string[], count: number, disabled: string[]): string {
  const without = disabled.length === 0 ? '' : ` The profile disables ${disabled.join(', ')}.`;
  if (status === 'NotApplicable') return `None of its ${count} parts applies.${without}`;
  if (status === 'Pass') return `All of its ${count} parts that apply pass.${without}`;
  return `${status} in ${deciding.length} of its ${count} parts: ${deciding.join(', ')}.${without}`;
}
