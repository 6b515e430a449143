import type { ComplianceSummaryStatus } from '../api/compliance-summary.ts';
import type { ReportState } from '../api/resources.ts';
import type { SourceName } from '../domain/snapshot.ts';
import { cleanText } from '../base/clean-text.ts';
import { keepTimes } from './conditions.ts';
import type { ClusterEvaluation } from './evaluate-cluster.ts';
import { timestamp } from './timestamp.ts';

/** One source of evidence over all namespaces. */
export interface SourceState {
  readonly source: SourceName;
  readonly available: boolean;
  readonly reason?: string;
  readonly message?: string;
  /** Date of the newest evidence, milliseconds since the epoch. */
  readonly newest?: number;
}

export interface RefusedReports {
  readonly namespaces: number;
  /** One of them. */
  readonly namespace: string;
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
}

export interface SummaryInput {
  /** The state of each selected namespace's report; undefined where there is none yet. */
  readonly states: readonly (ReportState | undefined)[];
  readonly evidence: readonly SourceState[];
  /** What the profile says of the cluster itself. */
  readonly cluster?: Pick<ClusterEvaluation, 'controls' | 'transitions' | 'state' | 'score'> | undefined;
  /** Namespaces whose reports the API server refuses for good, and what it says of the first. */
  readonly refused?: RefusedReports | undefined;
  readonly unattributed: number;
  readonly dropped: number;
  /** Where runtime events are to be kept on disk: why they are held in memory alone, if they are. */
  readonly store?: { readonly problem?: string | undefined } | undefined;
  readonly previous?: ComplianceSummaryStatus | undefined;
  readonly now: number;
}

/** The cluster by one profile: how its namespaces stand and where the evidence comes from. */
export function summarize(input: SummaryInput): ComplianceSummaryStatus {
  const count = (state: ReportState) => input.states.filter((each) => each === state).length;
  const since = keepTimes(input.previous?.conditions, timestamp(input.now));
  const missing = input.evidence.filter(({ available }) => !available).map(({ source }) => source);
  const { cluster } = input;
  return {
    state: worst([...input.states, ...(cluster === undefined ? [] : [cluster.state])]),
    ...(cluster?.score === undefined ? {} : { score: cluster.score }),
    namespaces: {
      total: input.states.length,
      compliant: count('Compliant'),
      nonCompliant: count('NonCompliant'),
      unknown: count('Unknown'),
      notAssessed: input.states.filter((state) => state === undefined || state === 'NotAssessed').length,
    },
    controls: [...(cluster?.controls ?? [])],
    transitions: [...(cluster?.transitions ?? [])],
    evidence: input.evidence.map(({ source, available, reason, message, newest }) => ({
      source,
      available,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      ...(newest === undefined ? {} : { newestTimestamp: timestamp(newest) }),
    })),
    runtime: { unattributed: input.unattributed, dropped: input.dropped },
    conditions: [
      since({
        type: 'Ready',
        status: 'True',
        reason: 'Evaluated',
        message: 'The namespaces of the profile are evaluated.',
      }),
      since(
        missing.length === 0
          ? {
              type: 'EvidenceComplete',
              status: 'True',
              reason: 'AllEvidenceRead',
              message: 'Every source can be read.',
            }
          : {
              type: 'EvidenceComplete',
              status: 'False',
              reason: 'SourceUnavailable',
              message: `These sources cannot be read: ${missing.join(', ')}.`,
            },
      ),
      since(reportsWritten(input.refused)),
      ...(input.store === undefined ? [] : [since(eventsKept(input.store.problem))]),
    ],
  };
}

/** A report that cannot be written cannot say so itself. */
function reportsWritten(refused: RefusedReports | undefined) {
  if (refused === undefined) {
    const message = 'The API server takes every report.';
    return { type: 'ReportsWritten', status: 'True', reason: 'AllWritten', message } as const;
  }
  const { namespaces, namespace, reason, message } = refused;
  const many = namespaces === 1 ? 'one namespace' : `${namespaces} namespaces`;
  const text = `The API server refuses the reports of ${many}; in ${namespace}: ${message}`;
  return { type: 'ReportsWritten', status: 'False', reason, message: cleanText(text, 512) } as const;
}

/** Of the replica that leads; each tells the same of itself in its metrics. */
function eventsKept(problem: string | undefined) {
  const type = 'RuntimeEventsKept';
  if (problem === undefined) {
    const message = 'Runtime events are on disk until they are in a RuntimeReport.';
    return { type, status: 'True', reason: 'Stored', message } as const;
  }
  const message = cleanText(`Runtime events are held in memory alone: ${problem}`, 512);
  return { type, status: 'False', reason: 'StoreUnavailable', message } as const;
}

const order: readonly ReportState[] = ['NonCompliant', 'Unknown', 'Compliant', 'NotAssessed'];

/** A namespace that was not judged yet leaves the whole unknown, unless another one fails. */
function worst(states: readonly (ReportState | undefined)[]): ReportState {
  const known = states.map((state) => state ?? 'Unknown');
  return order.find((state) => known.includes(state)) ?? 'NotAssessed';
}
