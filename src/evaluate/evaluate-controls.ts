import type { BaseControl, Control, EvaluationInput } from '../domain/control.ts';
import { isRollUp } from '../domain/control.ts';
import { compareControlIds } from '../domain/control-id.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { sourcesOf } from '../domain/snapshot.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Profile } from './profile.ts';

export interface Judged {
  readonly control: Control;
  readonly verdict: Verdict;
}

/** Called when a control throws: a defect of the control, not of the namespace. */
export type OnEvaluationError = (control: string, error: unknown) => void;

/**
 * The verdict of each control of the profile, roll-ups after their parts.
 * A control that throws is `Unknown` (EvaluationError), so that one defect costs one verdict and not the report.
 */
export function evaluateControls(
  input: EvaluationInput,
  profile: Profile,
  onError: OnEvaluationError,
): readonly Judged[] {
  const verdicts = new Map<string, Verdict>();
  const attempt = (control: Control, run: () => Verdict) => {
    try {
      verdicts.set(control.id, run());
    } catch (error) {
      onError(control.id, error);
      verdicts.set(
        control.id,
        unknown(
          'EvaluationError',
          'The evaluator failed; the operator log says how. This is a defect of Plumbline.',
        ),
      );
    }
  };
  for (const control of profile.controls) {
    if (!isRollUp(control))
      attempt(control, () => withGaps(control, input.snapshot, control.evaluate(input)));
  }
  for (const control of profile.controls) {
    if (isRollUp(control))
      attempt(control, () => control.rollUp(input, partsOf(control.derivedFrom, verdicts, profile)));
  }
  return profile.controls
    .map((control) => ({ control, verdict: verdicts.get(control.id) ?? missing(control.id) }))
    .sort((a, b) => compareControlIds(a.control.id, b.control.id));
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

/** A part that the profile disables is left out; one that nobody wrote yet says so. */
function partsOf(
  derivedFrom: readonly string[],
  verdicts: ReadonlyMap<string, Verdict>,
  profile: Profile,
): ReadonlyMap<string, Verdict> {
  const parts = new Map<string, Verdict>();
  for (const id of derivedFrom) {
    if (!profile.disabled.has(id)) parts.set(id, verdicts.get(id) ?? missing(id));
  }
  return parts;
}

const missing = (id: BaseControl['id']) => unknown('NoEvidence', `${id} is not evaluated by this version.`);
