import type { RoleBinding } from '../../domain/surroundings.ts';
import type { Json } from '../fields.ts';
import { asObject, objectField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import { nameOf } from '../volumes/name-of.ts';

/** A RoleBinding or ClusterRoleBinding, as far as it binds service accounts. */
export interface BindingObject {
  readonly name: string;
  /** Of a RoleBinding. */
  readonly namespace?: string;
  /** `ClusterRole` or `Role` and the name. */
  readonly role: string;
  readonly accounts: readonly BoundAccount[];
  /** It binds the service accounts of every namespace. */
  readonly everyone?: true;
}

export interface BoundAccount {
  readonly namespace: string;
  /** `*` for every service account of the namespace. */
  readonly name: string;
}

/** Both hold every service account. */
const groupsOfEveryone: readonly unknown[] = ['system:serviceaccounts', 'system:authenticated'];

/** @throws ShapeError when a field has another type than the API gives it */
export function projectRoleBinding(object: unknown): BindingObject {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const own = stringField(metadata, 'namespace', 'metadata') ?? 'default';
  const subjects = objectsField(from, 'subjects', '');
  const everyone = subjects.some(({ kind, name }) => kind === 'Group' && groupsOfEveryone.includes(name));
  return present({
    name: nameOf(metadata),
    namespace: from['kind'] === 'ClusterRoleBinding' ? undefined : own,
    role: roleOf(from),
    accounts: subjects.flatMap((subject, index) => accountsOf(subject, `subjects[${index}]`, own)),
    everyone: everyone ? (true as const) : undefined,
  });
}

function roleOf(from: Json): string {
  const reference = objectField(from, 'roleRef', '') ?? {};
  const kind = stringField(reference, 'kind', 'roleRef') ?? '';
  return `${kind} ${stringField(reference, 'name', 'roleRef') ?? ''}`;
}

function accountsOf(subject: Json, path: string, own: string): BoundAccount[] {
  const kind = stringField(subject, 'kind', path);
  const name = stringField(subject, 'name', path) ?? '';
  if (kind === 'ServiceAccount') return [{ namespace: stringField(subject, 'namespace', path) ?? own, name }];
  if (kind === 'User') return fromUser(name);
  return kind === 'Group' ? fromGroup(name) : [];
}

function fromUser(user: string): BoundAccount[] {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  return namespace === undefined || name === undefined ? [] : [{ namespace, name }];
}

function fromGroup(group: string): BoundAccount[] {
  const [, namespace] = /^system:serviceaccounts:([^:]+)$/.exec(group) ?? [];
  return namespace === undefined ? [] : [{ namespace, name: '*' }];
}

/** Names of the accounts of the namespace that it binds; `*` for all of them. */
export const accountsIn = ({ accounts }: BindingObject, namespace: string): readonly string[] =>
  accounts.filter((account) => account.namespace === namespace).map(({ name }) => name);

/**
 * What the bindings say of the service accounts of one namespace. Groups that hold those of every namespace are no
 * identity of a workload: each cluster binds them to what everybody may see. They are left out.
 */
export function bindingsOf(bindings: readonly BindingObject[], namespace: string): RoleBinding[] {
  return bindings.flatMap((binding) => {
    const accounts = accountsIn(binding, namespace);
    return accounts.length === 0 ? [] : [{ name: binding.name, accounts }];
  });
}
