import type { FieldError } from '../domain/field-error.ts';
import { selects } from '../domain/label-selector.ts';
import type { Profile, ProfileSpec } from './profile-spec.ts';

/** Namespaces of Kubernetes itself, which no workload team can change. */
export const systemNamespaces: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease'];

/**
 * Which namespaces a profile selects. A profile that says anything about it says all of it: half of a parent's choice would
 * select what neither of them names.
 */
export function readSelection(
  { namespaceSelector, namespaces }: ProfileSpec,
  parent: Profile | undefined,
  errors: FieldError[],
): Profile['selects'] {
  const { include, exclude } = namespaces ?? {};
  if (namespaceSelector !== undefined && include !== undefined) {
    // The API server says so too; a file on disk never met it.
    errors.push({
      field: 'spec.namespaceSelector',
      message: 'namespaceSelector and namespaces.include exclude each other',
    });
  }
  if (parent !== undefined && (namespaceSelector ?? include ?? exclude) === undefined) return parent.selects;
  const excluded = new Set(exclude);
  const named = include === undefined ? undefined : new Set(include);
  return (namespace, labels) => {
    if (excluded.has(namespace)) return false;
    if (named !== undefined) return named.has(namespace);
    if (namespaceSelector !== undefined) return selects(namespaceSelector, labels);
    return !systemNamespaces.includes(namespace);
  };
}
