import type { Powers, Right } from '../../domain/rights.ts';
import { present } from '../present.ts';
import type { BindingObject } from './project-role-binding.ts';
import { accountsIn } from './project-role-binding.ts';

export const noPowers: Powers = Object.freeze({ all: Object.freeze([]), named: Object.freeze([]) });

/**
 * What the bindings give to the service accounts of one namespace.
 * @param powersOf of the role that a binding refers to
 */
export function rightsOf(
  bindings: readonly BindingObject[],
  namespace: string,
  powersOf: (binding: BindingObject) => Powers,
): Right[] {
  return bindings.flatMap((binding) => {
    const accounts = accountsIn(binding, namespace);
    const everyone = binding.everyone === true;
    if (accounts.length === 0 && !everyone) return [];
    const kind = binding.namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
    const { name, role } = binding;
    return [
      present({
        kind,
        name,
        namespace: binding.namespace,
        role,
        accounts,
        everyone,
        powers: powersOf(binding),
      } as const),
    ];
  });
}
