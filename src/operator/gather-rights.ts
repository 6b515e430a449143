import type { Source } from '../domain/snapshot.ts';
import type { Powers, Right } from '../domain/rights.ts';
import type { BindingObject } from '../evidence/surroundings/project-role-binding.ts';
import { noPowers, rightsOf } from '../evidence/surroundings/rights-of.ts';
import { bindingsFor } from './binding-index.ts';
import type { ClusterState } from './cluster-state.ts';
import { jointEvidence } from './watched.ts';

/** A role that is not there allows nothing, whoever is bound to it. */
export function gatherRights(state: ClusterState, namespace: string): Source<Right> {
  const all = [state.clusterRoles, state.roles, state.clusterRoleBindings, state.roleBindings];
  // An account may be bound in any namespace.
  return jointEvidence(all, undefined, () =>
    rightsOf(bindingsFor(state.bindings, namespace), namespace, (binding) => powersOf(state, binding)),
  );
}

function powersOf({ roles, clusterRoles }: ClusterState, { role, namespace }: BindingObject): Powers {
  const [kind, name = ''] = role.split(' ', 2);
  const found = kind === 'Role' ? roles.store.get(namespace ?? '', name) : clusterRoles.store.get('', name);
  return found?.value ?? noPowers;
}
