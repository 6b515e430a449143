import type { Resource } from '../kube/resource.ts';

/** The API groups of Kubernetes itself. */
export const builtInGroups: ReadonlySet<string> = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

/**
 * Whether the API server keeps a resource in its own storage: that of a group of Kubernetes itself, and whatever a
 * CustomResourceDefinition defines. What is neither is served by an aggregated API, which may have a storage of its own,
 * whose versions say nothing of any other.
 * @param definitions names of the definitions; undefined while they are not known, when no resource is taken for foreign
 */
export const isServersOwn = (
  { group, plural }: Pick<Resource, 'group' | 'plural'>,
  definitions: { readonly has: (name: string) => boolean } | undefined,
): boolean => builtInGroups.has(group) || definitions === undefined || definitions.has(`${plural}.${group}`);
