import { isDeepStrictEqual } from 'node:util';
import type { ConstraintAudit } from '../domain/policy-audit.ts';
import type { AdmissionEvidence } from '../evidence/admission/admission-evidence.ts';
import type { Change } from '../kube/store.ts';

/**
 * The namespaces that a change concerns; undefined among them stands for all. Gatekeeper dates every constraint anew once
 * a minute: that alone is no news while the last audit was not stale.
 * @param staleBefore an audit of before then may be called stale, milliseconds since the epoch
 */
export function concernedBy(
  change: Change<AdmissionEvidence>,
  ownOnly: boolean,
  staleBefore: number,
): ReadonlySet<string | undefined> {
  const old = change.old;
  const value = change.type === 'set' ? change.value : undefined;
  if (ownOnly) return new Set(isDeepStrictEqual(old, value) ? [] : [change.namespace]);
  const { audit: before, ...rest } = old ?? {};
  const { audit: after, ...others } = value ?? {};
  const audited = before === undefined || after === undefined ? before === after : isSameAudit(before, after);
  const renewed = before !== undefined && (before.auditedAt ?? 0) < staleBefore && isDated(before, after);
  if (!audited || renewed || !isDeepStrictEqual(rest, others)) return new Set([undefined]);
  return changedNamespaces(before, after);
}

const isDated = (before: ConstraintAudit, after: ConstraintAudit | undefined): boolean =>
  before.auditedAt !== after?.auditedAt;

/** But for its date and the violations. */
function isSameAudit(before: ConstraintAudit, after: ConstraintAudit): boolean {
  return before.cutOff === after.cutOff && isDeepStrictEqual(before.where, after.where);
}

function changedNamespaces(
  before: ConstraintAudit | undefined,
  after: ConstraintAudit | undefined,
): ReadonlySet<string> {
  const [old, present] = [before, after].map((audit) =>
    Map.groupBy(audit?.violations ?? [], ({ namespace }) => namespace),
  );
  const names = new Set([...(old?.keys() ?? []), ...(present?.keys() ?? [])]);
  return new Set([...names].filter((name) => !isDeepStrictEqual(old?.get(name), present?.get(name))));
}
