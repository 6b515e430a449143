import type { RefusedReports } from '../evaluate/summarize.ts';
import { TerminalError } from '../kube/errors.ts';

/** Namespaces whose reports the API server refuses for good: what the last try of each met. */
export class Refusals {
  readonly #byNamespace = new Map<string, TerminalError>();

  /** A try has ended. @param error what it threw; undefined when it was well */
  note(namespace: string, error?: unknown): void {
    if (error instanceof TerminalError) this.#byNamespace.set(namespace, error);
    // What may go better the next time says nothing new.
    else if (error === undefined) this.#byNamespace.delete(namespace);
  }

  get some(): boolean {
    return this.#byNamespace.size > 0;
  }

  /** @returns undefined when none of these namespaces is refused */
  among(namespaces: readonly string[]): RefusedReports | undefined {
    const refused = namespaces.filter((namespace) => this.#byNamespace.has(namespace)).sort();
    const [namespace = ''] = refused;
    const error = this.#byNamespace.get(namespace);
    if (error === undefined) return undefined;
    return { namespaces: refused.length, namespace, reason: error.reason, message: error.message };
  }
}
