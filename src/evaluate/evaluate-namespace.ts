import { compareText } from '../domain/compare-text.ts';
import { cleanText } from '../base/clean-text.ts';
import { isRollUp } from '../domain/control.ts';
import { compareControlIds } from '../domain/control-id.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { sourceNames, sourcesOf } from '../domain/snapshot.ts';
import type { Finding, Severity, Status } from '../domain/verdict.ts';
import { compareSeverity, soonest, statuses } from '../domain/verdict.ts';
import { boundControls, cutStrings } from './bound.ts';
import { reportConditions } from './conditions.ts';
import type { Judged, OnEvaluationError } from './evaluate-controls.ts';
import { evaluateControls } from './evaluate-controls.ts';
import { inOrder } from './in-order.ts';
import type { Profile } from './profile.ts';
import type { ControlResult, EvidenceRow, PreviousReport, ReportStatus } from './report.ts';
import { score, stateOf } from './score.ts';
import { timestamp } from './timestamp.ts';
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
}

/** Judges one namespace by one profile. Pure: the same input gives the same bytes. */
export function evaluateNamespace(options: EvaluateOptions): Evaluation {
  const { profile, now, previous } = options;
  const snapshot = inOrder(options.snapshot);
  const judged = evaluateControls(
    { snapshot, parameters: profile.parameters, now },
    profile,
    options.onError,
  );
  const time = timestamp(now);
  const { controls, transitions } = recordTransitions(judged.map(resultOf).sort(worstFirst), previous, time);
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
      ? { controls: controls.map((control) => cutStrings(control)), omitted: 0 }
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

function resultOf({ control, verdict }: Judged): ControlResult {
  return {
    id: control.id,
    title: control.title,
    severity: control.severity,
    status: verdict.status,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    message: cleanText(verdict.message, 512),
    findingsTotal: verdict.findings.length,
    findings: verdict.findings
      .map(({ also: _also, ...finding }) => finding)
      .sort(findingOrder(control.severity)),
    lastTransitionTime: '',
  };
}

const statusOrder: readonly Status[] = [
  'Fail',
  'Unknown',
  'Manual',
  'Warn',
  'Excepted',
  'Pass',
  'NotApplicable',
];

function worstFirst(a: ControlResult, b: ControlResult): number {
  return (
    statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status) ||
    compareSeverity(a.severity, b.severity) ||
    compareControlIds(a.id, b.id)
  );
}

/** Every field counts, so that the order in which a control found things never shows. */
function findingOrder(inherited: Severity): (a: Finding, b: Finding) => number {
  return (a, b) =>
    compareSeverity(a.severity ?? inherited, b.severity ?? inherited) ||
    compareText(a.subject.kind, b.subject.kind) ||
    compareText(a.subject.name, b.subject.name) ||
    compareText(a.subject.container, b.subject.container) ||
    compareText(a.ref, b.ref) ||
    compareText(a.path, b.path) ||
    compareText(a.message, b.message) ||
    compareText(a.observed, b.observed) ||
    compareText(a.example, b.example);
}

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
  const used = new Set(profile.controls.flatMap((control) => control.evidence));
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
  for (const { verdict } of judged) {
    if (verdict.status !== 'Fail') continue;
    for (const { subject, also = [] } of verdict.findings) {
      for (const { kind, name } of [subject, ...also]) {
        const key = `${kind}/${name}`;
        if (present.has(key)) failing.add(key);
      }
    }
  }
  return { total: present.size, failing: failing.size };
}

function countFindings(judged: readonly Judged[]): Record<Severity, number> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { control, verdict } of judged) {
    if (verdict.status !== 'Fail' || isRollUp(control)) continue;
    for (const finding of verdict.findings) counts[finding.severity ?? control.severity]++;
  }
  return counts;
}
