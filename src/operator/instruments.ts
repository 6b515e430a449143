import { TerminalError } from '../kube/errors.ts';
import type { QueueHooks, WorkQueue, WorkQueueOptions } from '../kube/queue.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { EvidenceState } from './evidence-state.ts';
import { resyncMs } from './reconcile-namespace.ts';
import { definitionDiffers } from './status-writer.ts';
import type { AnyWatched } from './watched.ts';

/** The gauges, each read from memory when Prometheus asks. */
export function connectMetrics(
  metrics: Metrics,
  sources: {
    readonly watched: () => readonly AnyWatched[];
    /** Keys that wait. */
    readonly depth: () => number;
    readonly evidence: () => EvidenceState[];
    readonly leading: () => boolean;
    /** Where events are kept; undefined where they are not. */
    readonly store: () => { readonly problem?: string; readonly bytes: number } | undefined;
  },
): void {
  const { watched, depth, evidence, leading, store } = sources;
  metrics.collect('plumbline_evidence_available', () =>
    evidence().map(({ source, available }) => ({ labels: { source }, value: available ? 1 : 0 })),
  );
  metrics.collect('plumbline_evidence_newest_timestamp_seconds', () =>
    evidence().flatMap(({ source, newest }) =>
      newest === undefined ? [] : [{ labels: { source }, value: newest / 1_000 }],
    ),
  );
  metrics.collect('plumbline_workqueue_depth', () => [{ labels: {}, value: depth() }]);
  metrics.collect('plumbline_store_objects', () =>
    // A resource may be watched in several places.
    [...Map.groupBy(watched(), ({ name }) => name)].map(([name, all]) => ({
      labels: { resource: name },
      value: all.reduce((sum, { store }) => sum + store.size, 0),
    })),
  );
  metrics.collect('plumbline_intake_store_available', () =>
    series(store(), ({ problem }) => (problem === undefined ? 1 : 0)),
  );
  metrics.collect('plumbline_intake_store_bytes', () => series(store(), ({ bytes }) => bytes));
  metrics.collect('plumbline_leader', () => [{ labels: {}, value: leading() ? 1 : 0 }]);
}

/** No series of what is not there. */
const series = <T>(from: T | undefined, value: (from: T) => number) =>
  from === undefined ? [] : [{ labels: {}, value: value(from) }];

/** The counters of the queue. */
export function countWork(metrics: Metrics): QueueHooks {
  return {
    added: () => metrics.increment('plumbline_workqueue_adds_total'),
    retried: () => metrics.increment('plumbline_workqueue_retries_total'),
    finished: (_key, seconds, result) => {
      metrics.increment('plumbline_reconcile_total', { result });
      metrics.observe('plumbline_reconcile_duration_seconds', seconds);
    },
  };
}

/** Tells of a reconcile that failed. */
export const logFailure =
  (logger: Logger): WorkQueueOptions['onError'] =>
  ({ key, error, failures }) => {
    // The writer has said so, once for all objects.
    if (error instanceof TerminalError && error.reason === definitionDiffers) return;
    const reason = error instanceof TerminalError ? { reason: error.reason } : {};
    logger.error('a reconcile failed', { key, failures, error, ...reason });
  };

/** What was refused for good is not tried again and again; but rights and definitions change. */
export async function retryRefused<T>(
  queue: Pick<WorkQueue, 'addAfter'>,
  key: string,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof TerminalError) queue.addAfter(key, resyncMs);
    throw error;
  }
}
