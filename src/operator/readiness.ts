import type { Parts } from './parts.ts';
import type { Term } from './term.ts';

/** Whether this replica knows what it has to know, and may do what it has to do; each reason against it in a sentence. */
export class Readiness {
  readonly #parts: Pick<Parts, 'facts' | 'state' | 'leadership' | 'runtimeWriter'>;
  readonly #term: () => Pick<Term, 'problems'> | undefined;

  constructor(
    parts: Pick<Parts, 'facts' | 'state' | 'leadership' | 'runtimeWriter'>,
    term: () => Pick<Term, 'problems'> | undefined,
  ) {
    this.#parts = parts;
    this.#term = term;
  }

  /** What was not read yet. Nothing is judged before all of it was. */
  unread(): string[] {
    const { facts, state } = this.#parts;
    return [...(facts.facts === undefined ? [facts.problem] : []), ...state.unsynced()];
  }

  /** Why reports cannot be written although they can be read. */
  refusals(): string[] {
    return [this.#term()?.problems ?? [], this.#parts.runtimeWriter.problem ?? []].flat();
  }

  problems(): string[] {
    return [this.unread(), this.refusals(), this.#parts.leadership.problem ?? []].flat();
  }
}
