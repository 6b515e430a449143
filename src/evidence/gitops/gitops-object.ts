import { Interner } from '../../domain/interner.ts';
import type { GitOpsApp, GitOpsKind, GitOpsSettings } from '../../domain/gitops.ts';
import { gitOpsKinds } from '../../domain/gitops.ts';
import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';
import { readTime } from '../times.ts';
import { workloadGroups } from '../workloads/workload-kinds.ts';
import type { SourceRef } from './source-ref.ts';

/** An object by which a GitOps controller deploys into this cluster. */
export interface GitOpsObject extends Omit<GitOpsApp, 'workloads' | 'origins'> {
  readonly sources: readonly SourceRef[];
  /** The namespaces that it concerns, with `Kind/name` of what it has there and what may run pods; sorted. */
  readonly reach: Reach;
  /** It is applied once more as it was: until that has ended, what was known before holds. */
  readonly repeats?: true;
}

export type Reach = Readonly<Record<string, readonly string[]>>;

const settings = new Interner<GitOpsSettings>();
export const shareSettings = (value: GitOpsSettings): GitOpsSettings => settings.intern(value);

/** Groups of Kubernetes itself that have nothing that runs pods, nor owns what does. */
const barren = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'autoscaling',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'gateway.networking.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'snapshot.storage.k8s.io',
  'storage.k8s.io',
]);

const core: ReadonlySet<string> = new Set(['Pod', ...Object.keys(workloadGroups)]);

/** Collects what an object has deployed where. */
export class ReachBuilder {
  readonly #found = new Map<string, Set<string>>();

  /** Without a name, the namespace alone. */
  add(namespace: string, group = '', kind = '', name = ''): void {
    if (namespace === '') return;
    const names = this.#found.get(namespace) ?? new Set();
    this.#found.set(namespace, names);
    if (name !== '' && !barren.has(group) && (group !== '' || core.has(kind))) names.add(`${kind}/${name}`);
  }

  /** @param home the namespace that it concerns when it has reached none */
  build(home: string): Reach {
    if (this.#found.size === 0) this.add(home);
    const sorted = [...this.#found].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([namespace, names]) => [namespace, [...names].toSorted()]));
  }
}

/** Since when at the longest a field has had its value, by its owners: each of them has written since that it is so. */
export function ownedSince(metadata: Json, path: readonly string[]): number | undefined {
  const managed: unknown = metadata['managedFields'];
  const times = (Array.isArray(managed) ? (managed as unknown[]) : []).flatMap((entry) => {
    if (!isObject(entry) || !owns(entry['fieldsV1'], path)) return [];
    return readTime(typeof entry['time'] === 'string' ? entry['time'] : undefined) ?? [];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

function owns(fields: unknown, path: readonly string[]): boolean {
  let inner = fields;
  for (const key of path) {
    if (!isObject(inner)) return false;
    inner = inner[`f:${key}`];
  }
  return inner !== undefined;
}

/** In one order, whatever the order in which they came. */
export const compareApps = (a: Named, b: Named): number => {
  const [left, right] = [sortKey(a), sortKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

interface Named {
  readonly kind: GitOpsKind;
  readonly namespace: string;
  readonly name: string;
}

const sortKey = ({ kind, namespace, name }: Named): string =>
  `${gitOpsKinds.indexOf(kind)}/${namespace}/${name}`;
