import type { Gap, Source } from '../domain/snapshot.ts';
import type { Powers, Right } from '../domain/rights.ts';
import type { BindingObject } from '../evidence/surroundings/project-role-binding.ts';
import { noPowers, rightsOf } from '../evidence/surroundings/rights-of.ts';
import { bindingsFor } from './binding-index.ts';
import type { ClusterState } from './cluster-state.ts';

/** A role that is not there allows nothing, whoever is bound to it. */
export function gatherRights(state: ClusterState, namespace: string): Source<Right> {
  let gap: Gap | undefined;
  for (const watched of [state.clusterRoles, state.roles, state.clusterRoleBindings, state.roleBindings]) {
    // An account may be bound in any namespace.
    const source = watched.evidence(undefined, () => []);
    if (!source.available) return source;
    gap ??= source.gap;
  }
  const items = rightsOf(bindingsFor(state.bindings, namespace), namespace, (binding) =>
    powersOf(state, binding),
  );
  return { available: true, items, ...(gap === undefined ? {} : { gap }) };
}

function powersOf({ roles, clusterRoles }: ClusterState, { role, namespace }: BindingObject): Powers {
  const [kind, name = ''] = role.split(' ', 2);
  const found = kind === 'Role' ? roles.store.get(namespace ?? '', name) : clusterRoles.store.get('', name);
  return found?.value ?? noPowers;
}
