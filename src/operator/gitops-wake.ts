import { staleAt } from '../domain/gitops.ts';
import type { ClusterState } from './cluster-state.ts';
import type { GitOpsNews } from './gitops-book.ts';

/**
 * The namespaces for which the news may change a verdict. Controllers date their last look every few minutes: that alone
 * matters only where the one before had grown stale, or where something was changed by hand in between.
 * @param within the least time after which any profile calls a look stale, milliseconds
 */
export function concernedByNews(
  state: Pick<ClusterState, 'owners'>,
  { namespaces, dated, object }: GitOpsNews,
  within: number,
  now: number,
): ReadonlySet<string> {
  if (object?.kind === 'HelmRelease') return new Set([...namespaces, ...claiming(state, object)]);
  if (dated === undefined) return namespaces;
  const stale = staleAt(dated.before, within);
  if (stale !== undefined && stale <= now) return namespaces;
  const [from = 0, to = 0] = [dated.before.syncedAt, dated.after.syncedAt];
  return new Set([...namespaces].filter((namespace) => wasChanged(state, namespace, from, to)));
}

/** Whether a workload of the namespace was changed after `from` and not after `to`. */
const wasChanged = (
  { owners }: Pick<ClusterState, 'owners'>,
  namespace: string,
  from: number,
  to: number,
): boolean =>
  from !== to &&
  owners.some(({ store }) =>
    store
      .list(namespace)
      .some(({ value }) => value.provenance?.changes.some(({ at }) => at > from && at <= to) === true),
  );

/** A HelmRelease may have put workloads where nothing but their labels tells of it. It rarely comes or goes. */
function claiming(
  { owners }: Pick<ClusterState, 'owners'>,
  release: { readonly namespace: string; readonly name: string },
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { store } of owners) {
    for (const { namespace, value } of store.all()) {
      const claims = value.provenance?.deployer.claims ?? [];
      if (
        claims.some(
          ({ kind, name, namespace: home }) =>
            kind === 'HelmRelease' && name === release.name && home === release.namespace,
        )
      )
        found.add(namespace);
    }
  }
  return found;
}
