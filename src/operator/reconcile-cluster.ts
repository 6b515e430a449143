import type { Clock } from '../base/clock.ts';
import type { WorkResult } from '../kube/queue.ts';
import type { VerdictSeries } from '../telemetry/verdict-series.ts';
import type { ClusterState } from './cluster-state.ts';
import type { ClusterVerdicts } from './cluster-verdicts.ts';
import type { ProfileBook } from './profile-book.ts';
import { resyncMs } from './reconcile-namespace.ts';
import { selectedNamespaces } from './reconcile-profile.ts';

export interface ClusterContext {
  readonly state: ClusterState;
  readonly book: ProfileBook;
  readonly cluster: ClusterVerdicts;
  readonly verdicts: Pick<VerdictSeries, 'set' | 'delete'>;
  readonly clock: Clock;
  readonly wakeLater: (namespace: string, afterMs: number) => void;
  /** The summary of some profile says something else now. */
  readonly onChange: () => void;
}

/** Judges the cluster by every profile; whoever inherits something else is woken when its turn comes. */
export function reconcileCluster(context: ClusterContext): WorkResult {
  const { state, book, cluster, clock, wakeLater, onChange } = context;
  const now = clock.now();
  const profiles = book.active();
  let requeueAfterMs = resyncMs;
  let hasChanged = false;
  for (const profile of profiles) {
    const { evaluation, changed } = cluster.judge(profile, now);
    account(context, profile.name, evaluation, now);
    const { validUntil = Infinity } = evaluation;
    requeueAfterMs = Math.min(requeueAfterMs, Math.max(1_000, validUntil - now + 1_000));
    if (!changed) continue;
    hasChanged = true;
    for (const namespace of selectedNamespaces(state, book, profile.name))
      wakeLater(namespace, cluster.patience(profile.name, namespace, now));
  }
  for (const gone of cluster.keepOnly(new Set(profiles.map(({ name }) => name))))
    context.verdicts.delete('', gone);
  if (hasChanged) onChange();
  return { requeueAfterMs };
}

/** One series for each control of the cluster, not one for each namespace that inherits it. */
function account(
  { verdicts }: ClusterContext,
  profile: string,
  { state, score, controls, findings }: ReturnType<ClusterVerdicts['of']>,
  now: number,
): void {
  if (controls.length === 0) return verdicts.delete('', profile);
  verdicts.set({
    namespace: '',
    profile,
    compliant: state === 'Compliant',
    ...(score === undefined ? {} : { score }),
    controls: controls.map(({ id, severity, status }) => ({ id, severity, status })),
    findings,
    evaluatedAt: now,
  });
}
