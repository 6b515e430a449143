import type { ComplianceSummaryStatus } from '../api/compliance-summary.ts';
import { complianceReports, complianceSummaries, runtimeReports } from '../api/resources.ts';
import type { Clock } from '../base/clock.ts';
import type { PreviousReport } from '../evaluate/report.ts';
import type { ApiClient } from '../kube/client.ts';
import type { WriteBudget } from '../kube/write-budget.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ClusterState } from './cluster-state.ts';
import type { RuntimeMemo } from './memos.ts';
import { memoOfReport, memoOfRuntime, reportHash } from './memos.ts';
import { resources } from './resources.ts';
import { StatusWriter } from './status-writer.ts';
import type { AnyWatched } from './watched.ts';

/** The writers of the kinds that the leader alone writes. */
export interface Writers {
  readonly reports: StatusWriter<PreviousReport>;
  readonly summaries: StatusWriter<ComplianceSummaryStatus | undefined>;
}

export interface WriterOptions {
  readonly client: Pick<ApiClient, 'request'>;
  readonly clock: Clock;
  readonly state: ClusterState;
  readonly logger: Logger;
  /** One for reports of both kinds, since they share one etcd; a summary is one small object a minute. */
  readonly budget: WriteBudget;
  /** A write met an object that is older than the store has it: the server was restored from a backup. */
  readonly onRolledBack: () => void;
  /** Gives up what is under way. */
  readonly signal: AbortSignal;
}

/**
 * What a store knows that is being read again proves nothing; so several writes that meet it at once are one. One whose
 * watch waits to be tried again knows what it knew.
 */
const suspecting = ({ watcher }: AnyWatched, onRolledBack: () => void) => ({
  onRolledBack: () => {
    if (!watcher.rereads) onRolledBack();
  },
});

export function createWriters({ state, budget, onRolledBack, ...common }: WriterOptions): Writers {
  return {
    reports: new StatusWriter({
      ...common,
      ...suspecting(state.reports, onRolledBack),
      resource: resources.complianceReports,
      kind: complianceReports.kind,
      store: state.reports.store,
      remember: memoOfReport,
      hash: reportHash,
      budget,
    }),
    summaries: new StatusWriter({
      ...common,
      ...suspecting(state.summaries, onRolledBack),
      resource: resources.complianceSummaries,
      kind: complianceSummaries.kind,
      store: state.summaries.store,
      remember: (status) => status as ComplianceSummaryStatus | undefined,
    }),
  };
}

/** The writer of what every replica writes. */
export function createRuntimeWriter({
  state,
  onRolledBack,
  ...common
}: WriterOptions): StatusWriter<RuntimeMemo> {
  return new StatusWriter({
    ...common,
    ...suspecting(state.runtimeReports, onRolledBack),
    resource: resources.runtimeReports,
    kind: runtimeReports.kind,
    store: state.runtimeReports.store,
    remember: memoOfRuntime,
  });
}
