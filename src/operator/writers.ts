import type { ComplianceSummaryStatus } from '../api/compliance-summary.ts';
import { complianceReports, complianceSummaries, runtimeReports } from '../api/resources.ts';
import type { RuntimeReportStatus } from '../api/runtime-report.ts';
import type { Clock } from '../base/clock.ts';
import type { PreviousReport } from '../evaluate/report.ts';
import type { ApiClient } from '../kube/client.ts';
import { WriteBudget } from '../kube/write-budget.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ClusterState } from './cluster-state.ts';
import { memoOfReport } from './memos.ts';
import { resources } from './resources.ts';
import { StatusWriter } from './status-writer.ts';
import type { AnyWatched } from './watched.ts';

/** The writers of our own kinds. */
export interface Writers {
  readonly reports: StatusWriter<PreviousReport>;
  readonly runtimeReports: StatusWriter<RuntimeReportStatus | undefined>;
  readonly summaries: StatusWriter<ComplianceSummaryStatus | undefined>;
}

/** Reports of both kinds share one budget, since they share one etcd; a summary is one small object a minute. */
export function createWriters(options: {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly state: ClusterState;
  readonly logger: Logger;
  /** Gives up what is under way. */
  readonly signal: AbortSignal;
  readonly onRolledBack: () => void;
  /** Least time between two writes of one report, milliseconds. */
  readonly intervalMs?: number | undefined;
}): Writers {
  const { state, intervalMs, onRolledBack, ...common } = options;
  const budget = new WriteBudget({
    clock: options.clock,
    ...(intervalMs === undefined ? {} : { intervalMs }),
  });
  /** What a store knows that is being read again proves nothing. */
  const suspecting = ({ watcher }: AnyWatched) => ({
    onRolledBack: () => {
      if (watcher.status.phase === 'synced') onRolledBack();
    },
  });
  return {
    reports: new StatusWriter({
      ...common,
      ...suspecting(state.reports),
      resource: resources.complianceReports,
      kind: complianceReports.kind,
      store: state.reports.store,
      remember: memoOfReport,
      budget,
    }),
    runtimeReports: new StatusWriter({
      ...common,
      ...suspecting(state.runtimeReports),
      resource: resources.runtimeReports,
      kind: runtimeReports.kind,
      store: state.runtimeReports.store,
      remember: (status) => status as RuntimeReportStatus | undefined,
      budget,
    }),
    summaries: new StatusWriter({
      ...common,
      ...suspecting(state.summaries),
      resource: resources.complianceSummaries,
      kind: complianceSummaries.kind,
      store: state.summaries.store,
      remember: (status) => status as ComplianceSummaryStatus | undefined,
    }),
  };
}
