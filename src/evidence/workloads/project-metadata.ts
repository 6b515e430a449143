import type { ControllerRef, Labels } from '../../domain/workload.ts';
import type { Json } from '../fields.ts';
import {
  booleanField,
  objectField,
  objectsField,
  ShapeError,
  stringField,
  stringMapField,
} from '../fields.ts';
import { groupOf } from '../group-of.ts';
import { present } from '../present.ts';
import { Interner } from '../../domain/interner.ts';

/** The reference to an object's controller, whatever kind that is. */
export interface OwnerRef extends ControllerRef {
  readonly apiVersion: string;
}

export interface Metadata {
  readonly name: string;
  /** `default` where a manifest leaves it out, as for kubectl. */
  readonly namespace: string;
  readonly uid?: string;
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner?: OwnerRef;
  readonly deleting: boolean;
  /** RFC 3339 in UTC, to the second. */
  readonly createdAt?: string;
}

const labelSets = new Interner<Labels>();
const owners = new Interner<OwnerRef>();

/** @throws ShapeError when there is no name, or a field has another type than the API gives it */
export function projectMetadata(object: Json): Metadata {
  const from = objectField(object, 'metadata', '') ?? {};
  const path = 'metadata';
  // A Job to be created again and again has a prefix for a name.
  const name = stringField(from, 'name', path) ?? stringField(from, 'generateName', path);
  if (name === undefined) throw new ShapeError('metadata.name', 'a string', undefined);
  return present({
    name,
    namespace: stringField(from, 'namespace', path) ?? 'default',
    uid: stringField(from, 'uid', path),
    labels: projectLabels(from, path),
    annotations: stringMapField(from, 'annotations', path) ?? {},
    owner: projectOwner(from, path),
    deleting: stringField(from, 'deletionTimestamp', path) !== undefined,
    createdAt: stringField(from, 'creationTimestamp', path),
  });
}

export function projectLabels(metadata: Json, path: string): Labels {
  return labelSets.intern({ ...stringMapField(metadata, 'labels', path) });
}

/** A Node named as controller (of a static pod's mirror) runs the pod and does not own it. */
export function projectOwner(metadata: Json, path: string): OwnerRef | undefined {
  const list = objectsField(metadata, 'ownerReferences', path);
  const index = list.findIndex((item, at) =>
    booleanField(item, 'controller', `${path}.ownerReferences[${at}]`),
  );
  const reference = list[index];
  if (reference === undefined) return undefined;
  const at = `${path}.ownerReferences[${index}]`;
  const owner = present({
    apiVersion: stringField(reference, 'apiVersion', at) ?? '',
    kind: stringField(reference, 'kind', at) ?? '',
    name: stringField(reference, 'name', at) ?? '',
    uid: stringField(reference, 'uid', at),
  });
  // The API refuses a reference without these; in a manifest it names nobody.
  if (owner.kind === '' || owner.name === '') return undefined;
  return owner.kind === 'Node' && groupOf(owner.apiVersion) === '' ? undefined : owners.intern(owner);
}
