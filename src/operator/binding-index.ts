import type { BindingObject } from '../evidence/surroundings/project-role-binding.ts';
import type { Store, Stored, StoreIndex } from '../kube/store.ts';

const everyone = 'everyone';
const ofNamespace = (namespace: string) => `namespace ${namespace}`;
/** @param namespace of a Role; of a ClusterRole none */
const ofRole = (role: string, namespace: string) =>
  role.startsWith('Role ') ? `${role} ${namespace}` : role;

/** Bindings by the namespaces of the service accounts that they bind, and by their role. */
export const indexBindings = (store: Store<BindingObject>): StoreIndex<BindingObject> =>
  store.addIndex(({ namespace, value: { accounts, everyone: binds, role } }) => [
    ...new Set(accounts.map((account) => ofNamespace(account.namespace))),
    ...(binds === true ? [everyone] : []),
    ofRole(role, namespace),
  ]);

type Bindings = readonly StoreIndex<BindingObject>[];

/** Those that bind service accounts of the namespace, wherever they stand. */
export function bindingsFor(bindings: Bindings, namespace: string): BindingObject[] {
  const found = new Set<Stored<BindingObject>>();
  for (const index of bindings)
    for (const key of [ofNamespace(namespace), everyone]) for (const one of index.get(key)) found.add(one);
  return [...found].map(({ value }) => value);
}

/**
 * The namespaces whose service accounts a role concerns, or all of them.
 * @param namespace of the Role; '' for a ClusterRole
 */
export function concernedBy(
  bindings: Bindings,
  name: string,
  namespace: string,
): ReadonlySet<string> | 'all' {
  const key = namespace === '' ? `ClusterRole ${name}` : ofRole(`Role ${name}`, namespace);
  const found = bindings.flatMap((index) => index.get(key).map(({ value }) => value));
  if (found.some((binding) => binding.everyone === true)) return 'all';
  return new Set(found.flatMap(({ accounts }) => accounts.map((account) => account.namespace)));
}
