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
  /** Least time between two writes of one report, milliseconds. */
  readonly intervalMs?: number | undefined;
}): Writers {
  const { state, intervalMs, ...common } = options;
  const budget = new WriteBudget({
    clock: options.clock,
    ...(intervalMs === undefined ? {} : { intervalMs }),
  });
  return {
    reports: new StatusWriter({
      ...common,
      resource: resources.complianceReports,
      kind: complianceReports.kind,
      store: state.reports.store,
      remember: memoOfReport,
      budget,
    }),
    runtimeReports: new StatusWriter({
      ...common,
      resource: resources.runtimeReports,
      kind: runtimeReports.kind,
      store: state.runtimeReports.store,
      remember: (status) => status as RuntimeReportStatus | undefined,
      budget,
    }),
    summaries: new StatusWriter({
      ...common,
      resource: resources.complianceSummaries,
      kind: complianceSummaries.kind,
      store: state.summaries.store,
      remember: (status) => status as ComplianceSummaryStatus | undefined,
    }),
  };
}
