/** A stream whose chunks a test gives out by hand. */
export class ScriptedStream {
  readonly #chunks: Buffer[] = [];
  #end: { error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.fail(signal.reason), { once: true });
  }

  /** Whether it can still be written to. */
  get open(): boolean {
    return this.#end === undefined;
  }

  write(...parts: (string | Buffer)[]): void {
    if (!this.open) return;
    this.#chunks.push(...parts.map((part) => Buffer.from(part)));
    this.#wake?.();
  }

  /** The server's end. */
  end(): void {
    this.#end ??= {};
    this.#wake?.();
  }

  /** The connection's end. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      } else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
