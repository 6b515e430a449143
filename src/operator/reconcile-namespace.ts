import type { Clock } from '../base/clock.ts';
import { Interner } from '../domain/interner.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { ClusterEvaluation } from '../evaluate/evaluate-cluster.ts';
import type { Evaluation } from '../evaluate/evaluate-namespace.ts';
import { evaluateNamespace } from '../evaluate/evaluate-namespace.ts';
import type { Profile } from '../evaluate/profile.ts';
import type { PreviousReport } from '../evaluate/report.ts';
import { TerminalError } from '../kube/errors.ts';
import type { WorkResult } from '../kube/queue.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ReportSample, VerdictSeries } from '../telemetry/verdict-series.ts';
import type { ClusterState } from './cluster-state.ts';
import type { NamespaceMemories, NamespaceMemory } from './namespace-memories.ts';
import type { ProfileBook } from './profile-book.ts';
import type { ReportStates } from './report-states.ts';
import type { StatusWriter } from './status-writer.ts';

export interface ReconcileContext {
  readonly state: ClusterState;
  readonly book: ProfileBook;
  readonly reports: Pick<StatusWriter<PreviousReport>, 'current' | 'write' | 'delete' | 'forget'>;
  /** Resolves when it is known what the cluster holds; to false when the process ends before. */
  readonly settled: () => Promise<boolean>;
  /** Resolves when what a snapshot needs beyond the stores is known; to false when the process ends before. */
  readonly prepare: (profile: Profile, namespace: string) => Promise<boolean>;
  /** What was gathered and said before, of some namespaces. */
  readonly memories: NamespaceMemories;
  readonly snapshot: (namespace: string, profile: Profile, now: number, memory: NamespaceMemory) => Snapshot;
  /** What the profile says of the cluster, and how long a report may wait to show a change of it alone. */
  readonly cluster: (
    profile: Profile,
    namespace: string,
    now: number,
  ) => { readonly evaluation: ClusterEvaluation; readonly patienceMs: number };
  readonly verdicts: VerdictSeries;
  readonly states: ReportStates;
  /** Comes back to the namespace in so many milliseconds, or sooner for another reason. */
  readonly wakeLater: (namespace: string, afterMs: number) => void;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Everything is judged anew once an hour, so that no missed wake-up lasts. */
export const resyncMs = 3_600_000;

/**
 * Brings the reports of one namespace up to date: gather, evaluate, publish, account. It reads the state and never the
 * event that woke it.
 * @throws what the API server refuses; the queue comes back
 */
export async function reconcileNamespace(context: ReconcileContext, namespace: string): Promise<WorkResult> {
  const { state, book, random } = context;
  const object = state.namespaces.store.get('', namespace)?.value;
  if (object === undefined) return forgetNamespace(context, namespace);
  // Without the kind nothing can be written; when it is there again, everything is judged anew.
  if (object.terminating || !state.reports.available) return {};
  const profiles = book.selecting(namespace, object.labels);
  const memory = context.memories.of(namespace);
  memory.keepOnly(profiles.map(({ name }) => name));
  const failures: unknown[] = [];
  let requeueAfterMs = resyncMs * (0.9 + 0.2 * random());
  for (const profile of profiles) {
    // What is refused to one report must not keep another from being written.
    const wait = await attempt(failures, () =>
      reconcileReport(context, namespace, profile, memory, failures),
    );
    requeueAfterMs = Math.min(requeueAfterMs, wait ?? Infinity);
  }
  for (const profile of surplusOf(context, namespace, profiles)) {
    const wait = await attempt(failures, () => removeReport(context, namespace, profile));
    requeueAfterMs = Math.min(requeueAfterMs, wait ?? Infinity);
  }
  if (failures.length === 0) return { requeueAfterMs };
  // What is due for the others, or by time alone, must not wait for what is refused: that may be for as long as an hour.
  context.wakeLater(namespace, requeueAfterMs);
  throw worstOf(failures);
}

async function attempt<T>(failures: unknown[], run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!isEnding(error)) failures.push(error);
    return undefined;
  }
}

/** One that may succeed another time comes first: the queue tries again for it. */
const worstOf = (failures: readonly unknown[]): unknown =>
  failures.find((failure) => !(failure instanceof TerminalError)) ?? failures[0];

/** The namespace began to end while it was written to. */
export const isEnding = (error: unknown): boolean =>
  error instanceof TerminalError && error.reason === 'NamespaceTerminating';

/**
 * @param failures what the API server makes of the write is added here: what is judged ends by time all the same
 * @returns milliseconds until it is to be looked at again for its own sake
 */
async function reconcileReport(
  context: ReconcileContext,
  namespace: string,
  profile: Profile,
  memory: NamespaceMemory,
  failures: unknown[],
): Promise<number> {
  if (!(await context.prepare(profile, namespace))) return Infinity;
  const now = context.clock.now();
  const cluster = context.cluster(profile, namespace, now);
  const evaluation = evaluate(context, namespace, profile, now, memory, cluster.evaluation);
  account(context, namespace, profile, evaluation, now);
  const ref = { namespace, name: profile.name };
  const { validUntil = Infinity } = evaluation;
  // A second later, so that the moment has passed by whatever clock is asked.
  const endsAfterMs = Math.max(1_000, validUntil - now + 1_000);
  const outcome = await attempt(failures, () =>
    context.reports.write(ref, { profile: profile.name }, evaluation.status, {
      inheritedAfterMs: cluster.patienceMs,
    }),
  );
  if (outcome === undefined) return endsAfterMs;
  if (outcome.result === 'written' && outcome.overtaken) return 0;
  return Math.min('retryAfterMs' in outcome ? outcome.retryAfterMs : Infinity, endsAfterMs);
}

function evaluate(
  context: ReconcileContext,
  namespace: string,
  profile: Profile,
  now: number,
  memory: NamespaceMemory,
  cluster: ClusterEvaluation,
): Evaluation {
  const evaluation = evaluateNamespace({
    snapshot: context.snapshot(namespace, profile, now, memory),
    profile,
    now,
    previous: context.reports.current({ namespace, name: profile.name }),
    onError: (control, error) =>
      context.logger.error('a control failed to evaluate', { control, namespace, error }),
    memory: memory.verdictsBy(profile.name),
    cluster,
  });
  context.memories.trim();
  return evaluation;
}

/** Of a control there are few verdicts, and most namespaces have the same ones. */
const sampled = new Interner<ReportSample['controls'][number]>();

function account(
  { states, verdicts }: ReconcileContext,
  namespace: string,
  profile: Profile,
  { status, findings }: Evaluation,
  now: number,
): void {
  states.set(namespace, profile.name, status.state);
  verdicts.set({
    namespace,
    profile: profile.name,
    compliant: status.state === 'Compliant',
    ...(status.score === undefined ? {} : { score: status.score }),
    // Without the findings: a whole status for each namespace would be most of the memory.
    controls: (status.controls ?? []).flatMap(({ id, severity, status: verdict, inherited }) =>
      inherited === true ? [] : [sampled.intern({ id, severity, status: verdict })],
    ),
    findings,
    evaluatedAt: now,
  });
}

/** Profiles that have a report here, in the cluster or in our books, and do not select the namespace. */
function surplusOf(
  { state, states }: ReconcileContext,
  namespace: string,
  profiles: readonly Profile[],
): ReadonlySet<string> {
  const found = new Set(state.reports.store.list(namespace).map(({ name }) => name));
  for (const profile of states.profilesIn(namespace)) found.add(profile);
  for (const { name } of profiles) found.delete(name);
  return found;
}

/**
 * Takes away the report of a profile that no longer selects the namespace, or is gone.
 * @returns milliseconds after which it is to be tried, if that is later
 */
async function removeReport(
  context: ReconcileContext,
  namespace: string,
  profile: string,
): Promise<number | undefined> {
  const { book, reports } = context;
  forgetAccount(context, namespace, profile);
  // A profile that was never understood changes no verdict: what it once wrote stays as it is.
  const undecided = book.isKnown(profile) && book.get(profile) === undefined;
  return undecided ? undefined : reports.delete({ namespace, name: profile });
}

/** Its objects went with it; what is left of it here goes too. */
function forgetNamespace(context: ReconcileContext, namespace: string): WorkResult {
  context.memories.delete(namespace);
  for (const profile of context.states.profilesIn(namespace)) {
    forgetAccount(context, namespace, profile);
    context.reports.forget({ namespace, name: profile });
  }
  return {};
}

function forgetAccount({ states, verdicts }: ReconcileContext, namespace: string, profile: string): void {
  states.delete(namespace, profile);
  verdicts.delete(namespace, profile);
}
