import { clusterSourcesOf } from '../domain/cluster-snapshot.ts';
import type { ClusterInput, Control, EvaluationInput } from '../domain/control.ts';
import { isOfCluster, isOfNamespace, isRollUp } from '../domain/control.ts';
import { compareControlIds } from '../domain/control-id.ts';
import { sourcesOf } from '../domain/snapshot.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Profile } from './profile.ts';
import type { VerdictMemory } from './verdict-memory.ts';

export interface Judged {
  readonly control: Control;
  readonly verdict: Verdict;
}

/** Called when a control throws: a defect of the control, not of the namespace. */
export type OnEvaluationError = (control: string, error: unknown) => void;

export interface Beside {
  /** What was said before, on which evidence; without it everything is judged. */
  readonly memory?: VerdictMemory | undefined;
  /** What the controls of the cluster say, by id: a roll-up of a namespace may follow from them. */
  readonly cluster?: ReadonlyMap<string, Verdict> | undefined;
}

/**
 * The verdict of each control of the profile but those of the cluster, roll-ups after their parts, which may be roll-ups too.
 * A control that throws is `Unknown` (EvaluationError), so that one defect costs one verdict and not the report.
 * @returns in the order of the catalogue, whatever the order of the profile
 */
export function evaluateControls(
  input: EvaluationInput,
  profile: Profile,
  onError: OnEvaluationError,
  { memory, cluster }: Beside = {},
): readonly Judged[] {
  const own = profile.controls.filter(isOfNamespace);
  const known = new Map(own.map((control) => [control.id, control]));
  const verdicts = new Map<string, Verdict>();
  const verdictOf = (id: string): Verdict => {
    const control = known.get(id);
    if (control === undefined) return cluster?.get(id) ?? missing(id);
    const before = verdicts.get(id);
    if (before !== undefined) return before;
    // A roll-up that follows from itself would find this one.
    verdicts.set(id, failed);
    const verdict = attempt(control, () => judge(control), onError);
    verdicts.set(id, verdict);
    return verdict;
  };
  const recall = (control: Control, parts: readonly unknown[], run: () => Verdict): Verdict =>
    memory === undefined ? run() : memory.recall(control, input, parts, run);
  const judge = (control: (typeof own)[number]): Verdict => {
    if (!isRollUp(control))
      return recall(control, [], () => withGaps(control, sourcesOf(input.snapshot), control.evaluate(input)));
    // A part that the profile disables is left out; one that nobody wrote yet says so.
    const ids = control.derivedFrom.filter((id) => !profile.disabled.has(id));
    const parts = new Map(ids.map((id) => [id, verdictOf(id)]));
    return recall(control, [...parts].flat(), () => control.rollUp(input, parts));
  };
  memory?.keepOnly(known);
  return own.map((control) => ({ control, verdict: verdictOf(control.id) })).sort(byId);
}

/** The same of the controls of the cluster. */
export function evaluateClusterControls(
  input: ClusterInput,
  profile: Profile,
  onError: OnEvaluationError,
): readonly Judged[] {
  const sources = clusterSourcesOf(input.snapshot);
  return profile.controls
    .filter(isOfCluster)
    .map((control) => {
      const judge = () => withGaps(control, sources, control.evaluateCluster(input));
      return { control, verdict: attempt(control, judge, onError) };
    })
    .sort(byId);
}

const byId = (a: Judged, b: Judged): number => compareControlIds(a.control.id, b.control.id);

const failed = unknown(
  'EvaluationError',
  'The evaluator failed; the operator log says how. This is a defect of Plumbline.',
);

function attempt(control: Control, run: () => Verdict, onError: OnEvaluationError): Verdict {
  try {
    return run();
  } catch (error) {
    onError(control.id, error);
    return failed;
  }
}

/** Evidence with a gap shows violations; it shows nothing else. */
function withGaps(control: Control, sources: ReturnType<typeof sourcesOf>, verdict: Verdict): Verdict {
  if (verdict.status === 'Fail' || verdict.status === 'Unknown') return verdict;
  for (const name of control.evidence) {
    const source = sources[name];
    if (source?.available === true && source.gap !== undefined)
      return unknown(source.gap.reason, source.gap.message);
  }
  return verdict;
}

const missing = (id: string) => unknown('NoEvidence', `${id} is not evaluated by this version.`);
