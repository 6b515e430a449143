import { isOutOfSync } from '../../domain/gitops.ts';
import type { GitOpsObject } from './gitops-object.ts';

/**
 * The object with what was seen of it before: its controller does not say since when it is OutOfSync, and calls it
 * progressing each time that it tries again. What began before is never dated later.
 * @param now when it was seen; undefined where nobody watches, as in a file
 */
export function settle(before: GitOpsObject | undefined, object: GitOpsObject, now?: number): GitOpsObject {
  const { troubledSince, suspendedSince, repeats: _told, ...rest } = object;
  const kept = before === undefined ? {} : keptFrom(before, object);
  const settled: GitOpsObject = { ...rest, ...kept };
  const troubled = settled.state === 'notReady' || isOutOfSync(settled);
  const suspended = settled.settings.suspended;
  return {
    ...settled,
    ...since('troubledSince', troubled, before?.troubledSince, troubledSince, now),
    ...since('suspendedSince', suspended, before?.suspendedSince, suspendedSince, now),
  };
}

function keptFrom(before: GitOpsObject, { state, repeats }: GitOpsObject): Partial<GitOpsObject> {
  const { state: was, observed, reconciledAt, syncedAt } = before;
  const tries = state === 'progressing' && was === 'notReady';
  if (!tries && (repeats !== true || was === 'suspended')) return {};
  return {
    ...{ state: was, observed },
    ...(reconciledAt === undefined ? {} : { reconciledAt }),
    ...(syncedAt === undefined ? {} : { syncedAt }),
  };
}

function since(
  field: 'troubledSince' | 'suspendedSince',
  holds: boolean,
  ...known: readonly (number | undefined)[]
): Partial<GitOpsObject> {
  const times = known.filter((time) => time !== undefined);
  return holds && times.length > 0 ? { [field]: Math.min(...times) } : {};
}
