import type { PeerReach } from '../../domain/network-policy.ts';
import type { Json } from '../fields.ts';
import { ShapeError, stringField } from '../fields.ts';

/** `metadata.name`, or what the server makes one of. */
export function policyName(metadata: Json): string {
  const name = stringField(metadata, 'name', 'metadata') ?? stringField(metadata, 'generateName', 'metadata');
  if (name === undefined) throw new ShapeError('metadata.name', 'a string', undefined);
  return name;
}

/** `default` where a manifest leaves it out, as for kubectl. */
export const policyNamespace = (metadata: Json): string =>
  stringField(metadata, 'namespace', 'metadata') ?? 'default';

/** A field that nobody here knows may widen a rule or narrow it. */
export function refuseOthers(from: Json, known: readonly string[], path: string): void {
  const other = Object.keys(from).find((key) => !known.includes(key) && (from[key] ?? null) !== null);
  if (other !== undefined) throw new UnknownFieldError(`${path}.${other}`);
}

class UnknownFieldError extends Error {
  readonly code = 'UnknownField';
  override readonly name = 'UnknownFieldError';

  constructor(path: string) {
    super(`${path}: this field is not known here, so what the policy does cannot be told`);
  }
}

/** One of the words that a field may have. */
export function wordField<T extends string>(
  from: Json,
  key: string,
  path: string,
  words: readonly T[],
): T | undefined {
  const written = stringField(from, key, path);
  if (written === undefined) return undefined;
  const word = words.find((known) => known === written);
  if (word === undefined) throw new ShapeError(`${path}.${key}`, `one of ${words.join(', ')}`, written);
  return word;
}

const reaches: readonly PeerReach[] = ['namespace', 'world', 'cluster', 'anybody'];

/** The widest of several; the whole cluster and all that is outside of it are everybody. */
export function widest(all: Iterable<PeerReach | undefined>): PeerReach | undefined {
  const found = new Set(all);
  if (found.has('world') && found.has('cluster')) return 'anybody';
  return reaches.findLast((reach) => found.has(reach));
}
