import type { GitOpsApp, UnreadSignature } from '../domain/gitops.ts';
import type { Gap, Source } from '../domain/snapshot.ts';
import { read } from '../domain/snapshot.ts';
import type { Workload } from '../domain/workload.ts';
import { appsIn, releasesOf } from '../evidence/gitops/apps-in.ts';
import type { GitOpsSource } from '../evidence/gitops/gitops-source.ts';
import type { SourceKey } from '../evidence/gitops/source-ref.ts';
import type { ClusterState } from './cluster-state.ts';

/**
 * What deploys into the namespace. A tool that is not installed deploys nothing; one that may not be read leaves a gap, and
 * so does an object anywhere that cannot be read: it may concern every namespace.
 */
export function gatherGitOps(
  state: ClusterState,
  namespace: string,
  workloads: Source<Workload>,
): Source<GitOpsApp> {
  const { gitOps, gitOpsBook } = state;
  const present = gitOps.filter(({ absent }) => !absent);
  let gap: Gap | undefined;
  for (const watched of present) {
    const source = watched.evidence(undefined, () => []);
    gap ??= source.available ? source.gap : { reason: source.reason, message: source.message };
  }
  if (gap !== undefined && present.every(({ available }) => !available)) return { available: false, ...gap };
  const own = workloads.available ? workloads.items : [];
  const objects = new Set(gitOpsBook.concerning(namespace));
  for (const claim of releasesOf(own)) {
    const release = gitOpsBook.get('HelmRelease', claim.namespace ?? '', claim.name);
    if (release !== undefined) objects.add(release);
  }
  return read(
    appsIn(objects, namespace, own, (key) => findSource(state, key)),
    gap,
  );
}

/** Only who asks about signatures minds that one of these cannot be read. */
function findSource(
  { gitOpsBook, gitOpsSources }: ClusterState,
  key: SourceKey,
): GitOpsSource | UnreadSignature | undefined {
  const found = gitOpsBook.source(key);
  const watched = gitOpsSources.find(({ kind }) => kind === key.kind)?.watched;
  if (found !== undefined || watched === undefined) return found;
  const source = watched.evidence(key.namespace, () => []);
  return source.available ? source.gap : { reason: source.reason, message: source.message };
}
