/** What it takes to take one event off its finding again: its copy may be counted elsewhere. */
export interface Trace {
  /** Of the finding; empty when that gave way. */
  readonly key: string;
  /** When the event counts, milliseconds since the epoch. */
  readonly at: number;
  /** What it added to the alerts of its hour. */
  readonly alerts: 0 | 1;
}

/** A trace on disk. */
export type SavedTrace = readonly [mark: string, key: string, at: number, alerts: 0 | 1];

/** So many of the newest events of a namespace leave a trace. */
export const maxTraces = 512;

/** By what copies of an event are known in a RuntimeReport: the first 66 bits of its identity. */
export const markOf = (identity: string): string => identity.slice(0, 11);

/** The newest of the events that findings are made of, by their marks. */
export class Traces {
  readonly #byMark = new Map<string, Trace>();

  get size(): number {
    return this.#byMark.size;
  }

  /** Oldest first. */
  entries(): readonly (readonly [mark: string, trace: Trace])[] {
    return [...this.#byMark];
  }

  add(mark: string, trace: Trace): void {
    this.#byMark.delete(mark);
    this.#byMark.set(mark, trace);
    if (this.#byMark.size > maxTraces) this.keep(maxTraces);
  }

  /** Those of the other are the newer ones. */
  addAll(other: Traces): void {
    for (const [mark, trace] of other.#byMark) this.add(mark, trace);
  }

  delete(mark: string): void {
    this.#byMark.delete(mark);
  }

  /** Only so many of the newest stay. */
  keep(most: number): void {
    for (const mark of this.#byMark.keys()) {
      if (this.#byMark.size <= most) return;
      this.#byMark.delete(mark);
    }
  }

  /** The events of one finding are in another from now on. */
  move(key: string, to: string): void {
    for (const [mark, trace] of this.#byMark)
      if (trace.key === key) this.#byMark.set(mark, { ...trace, key: to });
  }

  /** The finding has ended, with its events. */
  end(key: string): void {
    for (const [mark, trace] of this.#byMark) if (trace.key === key) this.#byMark.delete(mark);
  }

  save(): readonly SavedTrace[] {
    return this.entries().map(([mark, { key, at, alerts }]) => [mark, key, at, alerts]);
  }

  load(saved: readonly SavedTrace[]): void {
    for (const [mark, key, at, alerts] of saved) this.add(mark, { key, at, alerts });
  }
}
