import type { ReportState } from '../api/resources.ts';
import type { ClusterSnapshot } from '../domain/cluster-snapshot.ts';
import type { Severity, Verdict } from '../domain/verdict.ts';
import { soonest } from '../domain/verdict.ts';
import type { Listable } from './bound.ts';
import { boundControls, listAll } from './bound.ts';
import { countFindings, listableOf, worstFirst } from './control-rows.ts';
import type { OnEvaluationError } from './evaluate-controls.ts';
import { evaluateClusterControls } from './evaluate-controls.ts';
import { findingListOf } from './finding-list.ts';
import type { Profile } from './profile.ts';
import type { ControlResult, PreviousReport, Transition } from './report.ts';
import { score, stateOf } from './score.ts';
import { timestamp } from './timestamp.ts';
import { recordTransitions } from './transitions.ts';

/** What one profile says of the cluster. */
export interface ClusterEvaluation {
  /** By id of the control. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** The rows of the ComplianceSummary, worst first. */
  readonly controls: readonly ControlResult[];
  /** The same rows as every report has them: without their findings. */
  readonly inherited: readonly Listable[];
  readonly transitions: readonly Transition[];
  /** Of these controls alone; NotAssessed where the profile has none of them. */
  readonly state: ReportState;
  readonly score?: number;
  readonly findings: Readonly<Record<Severity, number>>;
  /** Milliseconds since the epoch at which time alone may change something. */
  readonly validUntil?: number;
}

export interface EvaluateClusterOptions {
  readonly snapshot: ClusterSnapshot;
  readonly profile: Profile;
  readonly now: number;
  /** What was last said, for transitions and their times. */
  readonly previous?: Omit<PreviousReport, 'conditions'> | undefined;
  /** False where nothing bounds the output. */
  readonly bounded?: boolean;
  readonly onError: OnEvaluationError;
}

/** The rest of a ComplianceSummary needs less, whatever its namespaces say. */
const restOfSummary = 48 * 1024;

const none: Listable['findings'] = findingListOf({ status: 'Pass', message: '', findings: [] }, 'low');

/** Judges the cluster by one profile. Pure: the same input gives the same bytes. */
export function evaluateCluster(options: EvaluateClusterOptions): ClusterEvaluation {
  const { snapshot, profile, now, previous, onError } = options;
  const judged = evaluateClusterControls({ snapshot, parameters: profile.parameters, now }, profile, onError);
  const listable = judged.map(listableOf).sort((a, b) => worstFirst(a.result, b.result));
  const rows = listable.map(({ result }) => result);
  const { controls: timed, transitions } = recordTransitions(rows, previous, timestamp(now));
  const dated = listable.map((each, index) => ({ ...each, result: timed[index] ?? each.result }));
  const points = score(judged.map(({ control, verdict }) => ({ ...control, status: verdict.status })));
  const validUntil = judged.reduce<number | undefined>(
    (least, { verdict }) => soonest(least, verdict.validUntil),
    undefined,
  );
  return {
    verdicts: new Map(judged.map(({ control, verdict }) => [control.id, verdict])),
    controls: options.bounded === false ? dated.map(listAll) : boundControls(dated, restOfSummary).controls,
    inherited: dated.map(({ result }) => ({ result: inherit(result), findings: none })),
    transitions,
    state: stateOf(judged.map(({ verdict }) => verdict.status)),
    ...(points === undefined ? {} : { score: points }),
    findings: countFindings(judged),
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

/** In the order that the fields of a row always have. */
function inherit({ findingsTotal, lastTransitionTime, ...rest }: Listable['result']): Listable['result'] {
  return { ...rest, inherited: true, findingsTotal, lastTransitionTime };
}
