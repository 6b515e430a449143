import type { SpecSince } from '../../domain/policy-audit.ts';
import type { ConfigAudit } from '../../domain/scan-report.ts';
import type { Workload } from '../../domain/workload.ts';
import type { Revision } from './project-revision.ts';
import { isRevised } from './project-revision.ts';

/**
 * Since when the owner of an audit has had its pod specification; undefined where it has no ControllerRevisions, or is
 * not there.
 */
export type SpecsSince = (owner: ConfigAudit['owner']) => SpecSince | undefined;

export function specsSince(workloads: readonly Workload[], revisions: readonly Revision[]): SpecsSince {
  const live = new Map<string, string | undefined>(
    workloads.flatMap(({ controllers }) =>
      controllers
        .filter(({ kind }) => isRevised(kind))
        .map(({ kind, name, uid }) => [`${kind}/${name}`, uid] as const),
    ),
  );
  const byOwner = Map.groupBy(revisions, ({ owner }) => owner);
  return (owner) => {
    const key = owner && `${owner.kind}/${owner.name}`;
    if (key === undefined || !live.has(key)) return undefined;
    const uid = live.get(key);
    const first = firstOf(byOwner.get(uid ?? '') ?? []);
    if (first === undefined) return 'unknown';
    // An audit that names no uid may be of an object of the same name that is gone.
    return first.number === 1 && owner?.uid === uid ? 'ever' : first.since;
  };
}

/**
 * The earliest revision from which on the pod specification has been what it is. Trivy Operator looks again when that
 * changes, and not when only a label or an annotation of the template does, as `kubectl rollout restart` sets one. Behind
 * a number that is missing another specification may have been.
 */
function firstOf(revisions: readonly Revision[]): Revision | undefined {
  const [newest, ...others] = revisions.toSorted((a, b) => b.number - a.number);
  let first = newest;
  for (const each of others) {
    if (first?.spec === undefined || each.spec !== first.spec || each.number !== first.number - 1) break;
    first = each;
  }
  return first;
}
