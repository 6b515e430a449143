import { keyedHash } from '../../domain/fingerprint.ts';
import type { Json } from '../fields.ts';
import { asObject, integerField, isObject, ShapeError } from '../fields.ts';
import { groupOf } from '../group-of.ts';
import { present } from '../present.ts';
import { lastWriteOf } from '../times.ts';
import { projectOwner } from './project-metadata.ts';

/** Kinds of `apps` whose former templates are kept as ControllerRevisions. */
const revisedKinds = ['StatefulSet', 'DaemonSet'] as const;

export const isRevised = (kind: string): boolean => revisedKinds.some((each) => each === kind);

/** A template that a StatefulSet or DaemonSet has, or had. */
export interface Revision {
  /** The owner's uid. */
  readonly owner: string;
  /** The owner's newest has the highest. */
  readonly number: number;
  /** Equal for equal pod specifications; absent where it has none. */
  readonly spec?: string;
  /** When it last became the present one, milliseconds since the epoch. */
  readonly since: number;
}

/**
 * A ControllerRevision (`apps/v1`). Who goes back to a former template gets its old revision with a new number: the API
 * server notes the moment of that write. Neither scaling nor a label of the owner writes it; a new owner, which adopts it,
 * does.
 * @returns undefined for what is not of a StatefulSet or DaemonSet: others keep in it what they like
 * @throws ShapeError
 */
export function projectRevision(object: Json): Revision | undefined {
  const metadata = asObject(object['metadata'], 'metadata');
  const { uid, kind, apiVersion } = projectOwner(metadata, 'metadata') ?? {};
  if (uid === undefined || kind === undefined || !isRevised(kind) || groupOf(apiVersion ?? '') !== 'apps')
    return undefined;
  const since = lastWriteOf(metadata);
  if (since === undefined) throw new ShapeError('metadata.creationTimestamp', 'a time', undefined);
  const spec = ['data', 'spec', 'template', 'spec'].reduce<unknown>(
    (within, key) => (isObject(within) ? within[key] : undefined),
    object,
  );
  return present({
    owner: uid,
    number: integerField(object, 'revision', '') ?? 0,
    // What it says is no evidence of its own, and may have secrets in it.
    spec: isObject(spec) ? keyedHash(JSON.stringify(spec)) : undefined,
    since,
  });
}
