import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';
import { policyKindOf } from '../network/policy-kinds.ts';
import type { Manifest } from './documents.ts';
import type { Identity } from './identify.ts';

/** What an object is by its name, among those that were given before. */
export type Sighting =
  | { readonly is: 'new' }
  | { readonly is: 'same' }
  | { readonly is: 'other'; readonly first: Pick<Manifest, 'file' | 'line'> };

type Known = Pick<Manifest, 'file' | 'line'> & { readonly again: () => unknown };

/** Kinds of Kubernetes itself that are in no namespace, whatever a manifest says. */
const ofCluster = new Set(['Namespace', 'PersistentVolume', 'ClusterRole', 'ClusterRoleBinding']);

/**
 * Knows the objects that were given already. Of an object that stands in two manifests with two contents, as in a base and
 * its overlay, nobody knows which is applied last: nothing may pass for what one of them says. What was given is not held:
 * it is read again when its name comes back, which is rare.
 */
export class Sightings {
  readonly #known = new Map<string, Known>();

  see({ file, line, object, again = () => object }: Manifest, identity: Identity): Sighting {
    // A generated name is another one each time.
    if (!identity.named) return { is: 'new' };
    const key = keyOf(identity);
    const first = this.#known.get(key);
    if (first === undefined) {
      this.#known.set(key, { file, line, again });
      return { is: 'new' };
    }
    return isDeepStrictEqual(contentOf(first.again()), contentOf(object))
      ? { is: 'same' }
      : { is: 'other', first };
  }
}

/** An API group serves one object in each of its versions. */
function keyOf({ apiVersion, group, kind, name, namespace }: Identity): string {
  const isOfCluster = ofCluster.has(kind) || policyKindOf(apiVersion, kind)?.namespaced === false;
  return `${group}/${kind}/${isOfCluster ? '' : namespace}/${name}`;
}

/** Without what says only where the object is filed; where it names no namespace, that is `default`. */
function contentOf(object: unknown): unknown {
  if (!isObject(object)) return object;
  const { apiVersion: _version, metadata, ...rest } = object;
  const { namespace: _namespace, ...own } = isObject(metadata) ? metadata : ({} as Json);
  return { ...asApplied({ ...rest, metadata: own }) };
}

/**
 * What only the server sets counts in an object that came from one, and so has a uid. `kubectl apply` drops the status of
 * any other: a manifest that calls its own pod finished would still run it.
 */
export function asApplied(object: Json): Json {
  const { status: _dropped, ...rest } = object;
  const metadata = object['metadata'];
  if (!isObject(metadata)) return object;
  if (metadata['uid'] !== undefined && metadata['uid'] !== null) return object;
  const { deletionTimestamp: _alsoDropped, ...kept } = metadata;
  return { ...rest, metadata: kept };
}
