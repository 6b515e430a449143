/** Says on stderr what is under way, so that nobody takes a long benchmark for a stuck one. Results go to stdout. */
export function progress(text: string): void {
  process.stderr.write(`${seconds(performance.now()).padStart(6)} s  ${text}\n`);
}

/** `12.3` */
export const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1);

/** Tells how far a loop is, at most every few seconds. */
export class Counter {
  readonly #what: string;
  readonly #total: number;
  #count = 0;
  #told = performance.now();

  constructor(what: string, total: number) {
    this.#what = what;
    this.#total = total;
  }

  add(count = 1): void {
    this.#count += count;
    if (performance.now() - this.#told < 5_000) return;
    this.#told = performance.now();
    progress(`${this.#count} of ${this.#total} ${this.#what}`);
  }
}
