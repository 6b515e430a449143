import type { QueueHooks, WorkQueue } from '../kube/queue.ts';
import { TerminalError } from '../kube/errors.ts';
import type { Fields } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ClusterState } from './cluster-state.ts';
import type { EvidenceState } from './evidence-state.ts';

/** The gauges, each read from memory when Prometheus asks. */
export function connectMetrics(
  metrics: Metrics,
  sources: { state: ClusterState; queue: WorkQueue; evidence: () => EvidenceState[]; leading: () => boolean },
): void {
  const { state, queue, evidence, leading } = sources;
  metrics.collect('plumbline_evidence_available', () =>
    evidence().map(({ source, available }) => ({ labels: { source }, value: available ? 1 : 0 })),
  );
  metrics.collect('plumbline_evidence_newest_timestamp_seconds', () =>
    evidence().flatMap(({ source, newest }) =>
      newest === undefined ? [] : [{ labels: { source }, value: newest / 1_000 }],
    ),
  );
  metrics.collect('plumbline_workqueue_depth', () => [{ labels: {}, value: queue.depth }]);
  metrics.collect('plumbline_store_objects', () =>
    state.all.map(({ name, store }) => ({ labels: { resource: name }, value: store.size })),
  );
  metrics.collect('plumbline_leader', () => [{ labels: {}, value: leading() ? 1 : 0 }]);
}

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

/** What a log line says of a reconcile that failed. */
export function describeFailure(failure: { key: string; error: unknown; failures: number }): Fields {
  const { key, error, failures } = failure;
  return { key, failures, error, ...(error instanceof TerminalError ? { reason: error.reason } : {}) };
}
