import type { RoleBinding } from '../../domain/surroundings.ts';
import { asObject, objectField, objectsField, stringField } from '../fields.ts';
import { nameOf } from '../volumes/name-of.ts';

/** A RoleBinding or ClusterRoleBinding, as far as it binds service accounts. */
export interface BindingObject {
  readonly name: string;
  readonly accounts: readonly BoundAccount[];
}

export interface BoundAccount {
  readonly namespace: string;
  /** `*` for every service account of the namespace. */
  readonly name: string;
}

/**
 * Groups that hold the service accounts of every namespace are no identity of a workload: each cluster binds them to
 * what everybody may see. They are left out.
 * @throws ShapeError when a field has another type than the API gives it
 */
export function projectRoleBinding(object: unknown): BindingObject {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const own = stringField(metadata, 'namespace', 'metadata') ?? 'default';
  const accounts = objectsField(from, 'subjects', '').flatMap((subject, index): BoundAccount[] => {
    const path = `subjects[${index}]`;
    const kind = stringField(subject, 'kind', path);
    const name = stringField(subject, 'name', path) ?? '';
    if (kind === 'ServiceAccount')
      return [{ namespace: stringField(subject, 'namespace', path) ?? own, name }];
    if (kind === 'User') return fromUser(name);
    return kind === 'Group' ? fromGroup(name) : [];
  });
  return { name: nameOf(metadata), accounts };
}

function fromUser(user: string): BoundAccount[] {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  return namespace === undefined || name === undefined ? [] : [{ namespace, name }];
}

function fromGroup(group: string): BoundAccount[] {
  const [, namespace] = /^system:serviceaccounts:([^:]+)$/.exec(group) ?? [];
  return namespace === undefined ? [] : [{ namespace, name: '*' }];
}

/** What the bindings say of the service accounts of one namespace. */
export function bindingsOf(bindings: readonly BindingObject[], namespace: string): RoleBinding[] {
  return bindings.flatMap(({ name, accounts }) => {
    const own = accounts.filter((account) => account.namespace === namespace);
    return own.length === 0 ? [] : [{ name, accounts: own.map((account) => account.name) }];
  });
}
