import type { Clock } from '../base/clock.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Evaluation } from '../evaluate/evaluate-namespace.ts';
import { evaluateNamespace } from '../evaluate/evaluate-namespace.ts';
import type { Profile } from '../evaluate/profile.ts';
import type { PreviousReport } from '../evaluate/report.ts';
import type { ReportState } from '../evaluate/score.ts';
import type { WorkResult } from '../kube/queue.ts';
import type { Logger } from '../telemetry/log.ts';
import type { VerdictSeries } from '../telemetry/verdict-series.ts';
import type { ClusterState } from './cluster-state.ts';
import type { ProfileBook } from './profile-book.ts';
import type { StatusWriter } from './status-writer.ts';

export interface ReconcileContext {
  readonly state: ClusterState;
  readonly book: ProfileBook;
  readonly reports: StatusWriter<PreviousReport>;
  readonly snapshot: (namespace: string, profile: Profile, now: number) => Snapshot;
  readonly verdicts: VerdictSeries;
  /** The state of each report, for the summaries: `namespace/profile`. */
  readonly states: Map<string, ReportState>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Everything is judged anew once an hour, so that no missed wake-up lasts. */
const resyncMs = 3_600_000;

/**
 * Brings the reports of one namespace up to date: gather, evaluate, publish, account. It reads the state and never the
 * event that woke it.
 * @throws what the API server refuses; the queue comes back
 */
export async function reconcileNamespace(context: ReconcileContext, namespace: string): Promise<WorkResult> {
  const object = context.state.namespaces.store.get('', namespace)?.value;
  if (object === undefined) return forgetNamespace(context, namespace);
  if (object.terminating) return {};
  const profiles = context.book.selecting(namespace, object.labels);
  let requeueAfterMs = resyncMs * (0.9 + 0.2 * context.random());
  for (const profile of profiles) {
    const now = context.clock.now();
    const evaluation = evaluate(context, namespace, profile, now);
    account(context, namespace, profile, evaluation, now);
    const ref = { namespace, name: profile.name };
    const outcome = await context.reports.write(ref, { profile: profile.name }, evaluation.status);
    if (outcome.result === 'deferred') requeueAfterMs = Math.min(requeueAfterMs, outcome.retryAfterMs);
    if (evaluation.validUntil !== undefined) {
      // A second later, so that the moment has passed by whatever clock is asked.
      requeueAfterMs = Math.min(requeueAfterMs, Math.max(1_000, evaluation.validUntil - now + 1_000));
    }
  }
  await removeOthers(context, namespace, profiles);
  return { requeueAfterMs };
}

function evaluate(context: ReconcileContext, namespace: string, profile: Profile, now: number): Evaluation {
  return evaluateNamespace({
    snapshot: context.snapshot(namespace, profile, now),
    profile,
    now,
    previous: context.reports.current({ namespace, name: profile.name }),
    onError: (control, error) =>
      context.logger.error('a control failed to evaluate', { control, namespace, error }),
  });
}

function account(
  { states, verdicts }: ReconcileContext,
  namespace: string,
  profile: Profile,
  { status, findings }: Evaluation,
  now: number,
): void {
  states.set(`${namespace}/${profile.name}`, status.state);
  verdicts.set({
    namespace,
    profile: profile.name,
    compliant: status.state === 'Compliant',
    ...(status.score === undefined ? {} : { score: status.score }),
    controls: status.controls ?? [],
    findings,
    evaluatedAt: now,
  });
}

/** Takes away reports of profiles that no longer select the namespace, or are gone. */
async function removeOthers(
  context: ReconcileContext,
  namespace: string,
  profiles: readonly Profile[],
): Promise<void> {
  for (const { name } of context.state.reports.store.list(namespace)) {
    if (profiles.some((profile) => profile.name === name)) continue;
    forgetReport(context, namespace, name);
    // A profile that was never understood changes no verdict: what it once wrote stays as it is.
    const undecided = context.book.isKnown(name) && context.book.get(name) === undefined;
    if (!undecided) await context.reports.delete({ namespace, name });
  }
}

/** Its objects went with it; what is left of it here goes too. */
function forgetNamespace(context: ReconcileContext, namespace: string): WorkResult {
  for (const key of context.states.keys()) {
    if (key.startsWith(`${namespace}/`)) forgetReport(context, namespace, key.slice(namespace.length + 1));
  }
  return {};
}

function forgetReport(
  { states, verdicts, reports }: ReconcileContext,
  namespace: string,
  profile: string,
): void {
  states.delete(`${namespace}/${profile}`);
  verdicts.delete(namespace, profile);
  reports.forget({ namespace, name: profile });
}
