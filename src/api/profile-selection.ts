import { selects } from '../domain/label-selector.ts';
import type { LabelSelector } from '../domain/label-selector.ts';
import type { Labels } from '../domain/workload.ts';
import type { ComplianceProfileSpec } from './compliance-profile.ts';

/** The cluster's own namespaces: no profile judges them unless it says so. */
const excludedByDefault: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease'];

/** Whether the profile holds this namespace against itself. The descriptions in the schema say it in words. */
export function selectsNamespace(
  spec: Pick<ComplianceProfileSpec, 'namespaceSelector' | 'namespaces'>,
  name: string,
  labels: Labels,
): boolean {
  const included = spec.namespaces?.include?.includes(name) ?? false;
  const exclude = spec.namespaces?.exclude;
  if (exclude === undefined ? !included && excludedByDefault.includes(name) : exclude.includes(name))
    return false;
  if (included) return true;
  if (spec.namespaceSelector === undefined) return spec.namespaces?.include === undefined;
  return selects(spec.namespaceSelector as LabelSelector, labels);
}
