import type { Gap } from '../domain/snapshot.ts';
import type { AdmissionEvidence } from '../evidence/admission/admission-evidence.ts';
import type { AdmissionKind } from '../evidence/admission/admission-kinds.ts';
import { admissionKinds, constraintGroup } from '../evidence/admission/admission-kinds.ts';
import type { Watched } from './watched.ts';

export interface WatchedKind {
  readonly watched: Watched<AdmissionEvidence>;
  readonly kind: AdmissionKind;
}

/** Why what these kinds say of a namespace is not all; undefined when it is. */
export function gapIn(kinds: readonly WatchedKind[], namespace: string): Gap | undefined {
  for (const each of kinds) {
    const gap = each.watched.absent ? undefined : gapOf(each, namespace);
    if (gap !== undefined) return gap;
  }
  return undefined;
}

function gapOf({ watched, kind }: WatchedKind, namespace: string): Gap | undefined {
  const { problem, reason = 'NoEvidence' } = watched;
  if (problem !== undefined) {
    const isRefused = reason === 'Forbidden' && kind.group === constraintGroup;
    return { reason, message: `${problem}${isRefused ? '; apply config/gatekeeper' : ''}.` };
  }
  const broken = watched.watcher
    .unreadable()
    .find((object) => !kind.ownOnly || object.namespace === namespace);
  if (broken === undefined) return undefined;
  const message = `${watched.name} ${broken.name} cannot be read: ${broken.message}.`;
  return { reason: 'EvaluationError', message };
}

/** @param silent API groups of which the server could not say what it serves */
export function silenceOf(silent: readonly string[], tells: AdmissionKind['tells'][number]): Gap | undefined {
  const found = admissionKinds.find((kind) => kind.tells.includes(tells) && silent.includes(kind.group));
  if (found === undefined) return undefined;
  return {
    reason: 'PartialEvidence',
    message: `What ${found.group} serves is not known: it does not answer.`,
  };
}
