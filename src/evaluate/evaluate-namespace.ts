import { cleanText } from '../base/clean-text.ts';
import { isOfNamespace, isRollUp, sourcesRead } from '../domain/control.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { sourceNames, sourcesOf } from '../domain/snapshot.ts';
import type { Severity, Status } from '../domain/verdict.ts';
import { soonest, statuses } from '../domain/verdict.ts';
import { boundControls, listAll } from './bound.ts';
import { reportConditions } from './conditions.ts';
import { countFindings, listableOf, worstFirst } from './control-rows.ts';
import type { ClusterEvaluation } from './evaluate-cluster.ts';
import type { Judged, OnEvaluationError } from './evaluate-controls.ts';
import { evaluateControls } from './evaluate-controls.ts';
import { findingListOf } from './finding-list.ts';
import { inOrder } from './in-order.ts';
import type { Profile } from './profile.ts';
import type { EvidenceRow, PreviousReport, ReportStatus } from './report.ts';
import { score, stateOf } from './score.ts';
import { timestamp } from './timestamp.ts';
import type { VerdictMemory } from './verdict-memory.ts';
import { recordTransitions } from './transitions.ts';

export interface Evaluation {
  readonly status: ReportStatus;
  /** Milliseconds since the epoch at which time alone may change something. */
  readonly validUntil?: number;
  /** Findings of failing controls by severity, uncut; roll-ups repeat their parts' and are left out. */
  readonly findings: Readonly<Record<Severity, number>>;
}

export interface EvaluateOptions {
  readonly snapshot: Snapshot;
  readonly profile: Profile;
  readonly now: number;
  /** What was last written, for transitions and their times. */
  readonly previous?: PreviousReport | undefined;
  /** False where nothing bounds the output (a scan of manifests). */
  readonly bounded?: boolean;
  readonly onError: OnEvaluationError;
  /** What the controls said of this namespace before; it changes what an evaluation costs and nothing else. */
  readonly memory?: VerdictMemory | undefined;
  /** What was found for the cluster by the same profile: the report inherits it. */
  readonly cluster?: Pick<ClusterEvaluation, 'verdicts' | 'inherited'> | undefined;
}

/** Judges one namespace by one profile. Pure: the same input gives the same bytes. */
export function evaluateNamespace(options: EvaluateOptions): Evaluation {
  const { profile, now, previous } = options;
  const snapshot = inOrder(options.snapshot);
  const judged = evaluateControls(
    { snapshot, parameters: profile.parameters, now },
    profile,
    options.onError,
    { memory: options.memory, cluster: options.cluster?.verdicts },
  );
  const listable = judged.map(listableOf).sort((a, b) => worstFirst(a.result, b.result));
  const time = timestamp(now);
  const rows = listable.map(({ result }) => result);
  const { controls: timed, transitions } = recordTransitions(rows, previous, time);
  const controls = [
    ...listable.map((each, index) => ({ ...each, result: timed[index] ?? each.result })),
    ...(options.cluster?.inherited ?? []),
  ];
  const own = judged
    .filter(({ control }) => !isRollUp(control))
    .map(({ control, verdict }) => ({
      status: verdict.status,
      severity: control.severity,
    }));
  const points = score(own);
  const head = {
    state: stateOf(judged.map(({ verdict }) => verdict.status)),
    ...(points === undefined ? {} : { score: points }),
    summary: summarize(own),
    evidence: evidenceRows(snapshot, profile),
    workloads: countWorkloads(snapshot, judged),
    transitions,
  };
  const spent = Buffer.byteLength(JSON.stringify(head)) + conditionsAllowance;
  const { controls: listed, omitted } =
    options.bounded === false
      ? { controls: controls.map(listAll), omitted: 0 }
      : boundControls(controls, spent);
  const validUntil = judged.reduce<number | undefined>(
    (least, { verdict }) => soonest(least, verdict.validUntil),
    undefined,
  );
  return {
    status: {
      ...head,
      conditions: reportConditions({ judged, omitted, previous: previous?.conditions, time }),
      controls: listed,
    },
    ...(validUntil === undefined ? {} : { validUntil }),
    findings: countFindings(judged),
  };
}

/** The three conditions with their longest messages need less. */
const conditionsAllowance = 4 * 1024;

function summarize(own: readonly { status: Status; severity: Severity }[]): ReportStatus['summary'] {
  const count = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  const failBySeverity = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { status, severity } of own) {
    count[status]++;
    if (status === 'Fail') failBySeverity[severity]++;
  }
  return {
    pass: count.Pass,
    warn: count.Warn,
    fail: count.Fail,
    unknown: count.Unknown,
    manual: count.Manual,
    notApplicable: count.NotApplicable,
    excepted: count.Excepted,
    total: own.length,
    failBySeverity,
  };
}

const notRead = { reason: 'NoEvidence', message: 'This version does not read it.' } as const;

/** Available is what was read in full. */
function evidenceRows(snapshot: Snapshot, profile: Profile): EvidenceRow[] {
  const used = new Set(profile.controls.filter(isOfNamespace).flatMap(sourcesRead));
  const sources = sourcesOf(snapshot);
  return sourceNames
    .filter((name) => used.has(name))
    .map((name) => {
      const source = sources[name];
      const gap = source?.available === true ? source.gap : (source ?? notRead);
      if (gap === undefined) return { source: name, available: true };
      return { source: name, available: false, reason: gap.reason, message: cleanText(gap.message, 512) };
    });
}

function countWorkloads(snapshot: Snapshot, judged: readonly Judged[]): { total: number; failing: number } {
  if (!snapshot.workloads.available) return { total: 0, failing: 0 };
  const present = new Set(snapshot.workloads.items.map(({ kind, name }) => `${kind}/${name}`));
  const failing = new Set<string>();
  for (const { control, verdict } of judged) {
    if (verdict.status !== 'Fail') continue;
    for (const key of findingListOf(verdict, control.severity).subjects) {
      if (present.has(key)) failing.add(key);
    }
  }
  return { total: present.size, failing: failing.size };
}
