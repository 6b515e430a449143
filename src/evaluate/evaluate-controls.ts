import type { Control, EvaluationInput } from '../domain/control.ts';
import { isRollUp } from '../domain/control.ts';
import { compareControlIds } from '../domain/control-id.ts';
import type { Snapshot } from '../domain/snapshot.ts';
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

/**
 * The verdict of each control of the profile, roll-ups after their parts, which may be roll-ups too.
 * A control that throws is `Unknown` (EvaluationError), so that one defect costs one verdict and not the report.
 * @param memory what was said before, on which evidence; without it everything is judged
 * @returns in the order of the catalogue, whatever the order of the profile
 */
export function evaluateControls(
  input: EvaluationInput,
  profile: Profile,
  onError: OnEvaluationError,
  memory?: VerdictMemory,
): readonly Judged[] {
  const known = new Map(profile.controls.map((control) => [control.id, control]));
  const verdicts = new Map<string, Verdict>();
  const verdictOf = (id: string): Verdict => {
    const control = known.get(id);
    if (control === undefined) return missing(id);
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
  const judge = (control: Control): Verdict => {
    if (!isRollUp(control))
      return recall(control, [], () => withGaps(control, input.snapshot, control.evaluate(input)));
    // A part that the profile disables is left out; one that nobody wrote yet says so.
    const ids = control.derivedFrom.filter((id) => !profile.disabled.has(id));
    const parts = new Map(ids.map((id) => [id, verdictOf(id)]));
    return recall(control, [...parts].flat(), () => control.rollUp(input, parts));
  };
  memory?.keepOnly(known);
  return profile.controls
    .map((control) => ({ control, verdict: verdictOf(control.id) }))
    .sort((a, b) => compareControlIds(a.control.id, b.control.id));
}

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
function withGaps(control: Control, snapshot: Snapshot, verdict: Verdict): Verdict {
  if (verdict.status === 'Fail' || verdict.status === 'Unknown') return verdict;
  for (const name of control.evidence) {
    const source = sourcesOf(snapshot)[name];
    if (source?.available === true && source.gap !== undefined)
      return unknown(source.gap.reason, source.gap.message);
  }
  return verdict;
}

const missing = (id: string) => unknown('NoEvidence', `${id} is not evaluated by this version.`);
