import type { Gap, Snapshot } from '../../domain/snapshot.ts';
import { read, unread } from '../../domain/snapshot.ts';
import { accountsIn, bindingsOf } from '../surroundings/project-role-binding.ts';
import type { Collected } from './collect.ts';

const noBindings = unread(
  'NoEvidence',
  'No RoleBinding and no ClusterRoleBinding of the namespace or for its accounts is among the manifests.',
);

/** What stands in one namespace says nothing of another, which may be kept elsewhere. */
const hasBindings = ({ bindings, bindingsGap }: Collected, namespace: string): boolean =>
  bindingsGap !== undefined ||
  areAllBindings(bindings) ||
  bindings.some(
    (binding) =>
      binding.namespace === namespace ||
      binding.everyone === true ||
      accountsIn(binding, namespace).length > 0,
  );

/**
 * Whether they are those of a whole cluster: a binding elsewhere than a namespace's own may give most. Each cluster has
 * these two, which its API server makes, and no repository of manifests does.
 */
const areAllBindings = (bindings: Collected['bindings']): boolean =>
  bindings.some(({ namespace, name }) => namespace === undefined && name === 'cluster-admin') &&
  bindings.some(({ namespace, name }) => namespace === 'kube-system' && name.startsWith('system:'));

const someBindings: Gap = {
  reason: 'PartialEvidence',
  message:
    'Bindings may stand elsewhere than among these manifests. Give all of a cluster: ' +
    'kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml',
};

/** Those of the accounts of a namespace. */
export function bindingsIn(collected: Collected, namespace: string): Snapshot['roleBindings'] {
  if (!hasBindings(collected, namespace)) return noBindings;
  return read(bindingsOf(collected.bindings, namespace), collected.bindingsGap);
}

/** What they allow the accounts of a namespace. */
export function rightsIn(collected: Collected, namespace: string): Snapshot['rights'] {
  if (!hasBindings(collected, namespace)) return noBindings;
  const { bindings, bindingsGap, roles } = collected;
  const { rights, gap } = roles.rights(bindings, namespace);
  return read(rights, bindingsGap ?? gap ?? (areAllBindings(bindings) ? undefined : someBindings));
}
