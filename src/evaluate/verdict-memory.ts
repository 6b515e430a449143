import { isDeepStrictEqual } from 'node:util';
import type { Control, EvaluationInput } from '../domain/control.ts';
import { sourcesRead } from '../domain/control.ts';
import type { Parameters } from '../domain/parameters.ts';
import { inputsOf } from '../domain/snapshot-inputs.ts';
import { findingsOf, isUntold } from '../domain/untold.ts';
import type { Verdict } from '../domain/verdict.ts';

/**
 * Even what was never touched is judged anew after so long, so that no defect of a control's declarations lasts: less than
 * what passes between two judgements of a namespace that nothing has woken.
 */
export const longestReuseMs = 50 * 60_000;

/** An untold finding is an object of a few words; a told one has texts. */
const untoldWeight = 0.25;

interface Entry {
  readonly control: Control;
  readonly parameters: Parameters;
  readonly inputs: readonly unknown[];
  readonly madeAt: number;
  readonly verdict: Verdict;
  readonly weight: number;
}

/**
 * What the controls of one profile said last of one namespace, and on what: a control whose inputs are the same objects says
 * the same, until time alone may change it (docs/adr/0009).
 */
export class VerdictMemory {
  readonly #entries = new Map<string, Entry>();

  /** About how many findings are held. */
  get weight(): number {
    let weight = 0;
    for (const entry of this.#entries.values()) weight += entry.weight;
    return weight;
  }

  /**
   * @param parts what a roll-up follows from, beside its own evidence
   * @throws what `judge` throws, of which nothing is remembered
   */
  recall(
    control: Control,
    { snapshot, parameters, now }: EvaluationInput,
    parts: readonly unknown[],
    judge: () => Verdict,
  ): Verdict {
    const inputs = [...inputsOf(snapshot, sourcesRead(control)), ...parts];
    const known = this.#entries.get(control.id);
    if (
      known !== undefined &&
      known.control === control &&
      isCurrent(known, now) &&
      isSame(known.inputs, inputs)
    ) {
      if (hasSameParameters(control, known.parameters, parameters)) return known.verdict;
    }
    this.#entries.delete(control.id);
    const verdict = judge();
    this.#entries.set(control.id, {
      control,
      parameters,
      inputs,
      madeAt: now,
      verdict,
      weight: weigh(verdict),
    });
    return verdict;
  }

  /** Of controls that the profile no longer has. */
  keepOnly(ids: { has(id: string): boolean }): void {
    for (const id of this.#entries.keys()) if (!ids.has(id)) this.#entries.delete(id);
  }
}

/** A clock that was set back makes it unknown what time has changed. */
const isCurrent = ({ madeAt, verdict: { validUntil = Infinity } }: Entry, now: number): boolean =>
  now >= madeAt && now < validUntil && now < madeAt + longestReuseMs;

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((each, index) => each === b[index]);

const hasSameParameters = ({ parameters }: Control, before: Parameters, now: Parameters): boolean =>
  before === now || parameters.every((path) => isDeepStrictEqual(before[path], now[path]));

const weigh = (verdict: Verdict): number =>
  findingsOf(verdict).reduce((sum, finding) => sum + (isUntold(finding) ? untoldWeight : 1), 0);
