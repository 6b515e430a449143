import { constants } from 'node:os';

/** A second signal within this time, in milliseconds, is the first one once more. */
const echo = 1_000;

/**
 * Ctrl-C, or what kill sends. The first one aborts `signal`; a second one ends the process at once, and the wardens of
 * what it has started see to the rest.
 */
export class Interruption {
  readonly #controller = new AbortController();
  #first: { readonly name: NodeJS.Signals; readonly at: number } | undefined;

  constructor(say: (line: string) => void) {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(name, () => this.#hear(name, say));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What shells expect of a process that a signal has ended; 0 when there was none. */
  get exitCode(): number {
    return this.#first === undefined ? 0 : 128 + constants.signals[this.#first.name];
  }

  #hear(name: NodeJS.Signals, say: (line: string) => void): void {
    if (this.#first === undefined) {
      this.#first = { name, at: performance.now() };
      this.#controller.abort();
    } else if (performance.now() - this.#first.at > echo) {
      // A terminal sends Ctrl-C to npm and to us, and npm passes its own on: that one must not count as a second.
      say('Stopping at once.');
      process.exit(this.exitCode);
    }
  }
}
