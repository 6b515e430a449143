/** One request as the proxy saw it. */
export interface Seen {
  /** As Kubernetes has it: get, list, watch, create, update, patch, apply, delete. */
  readonly verb: string;
  /** `pods`, `compliancereports.plumbline.dev/status`. */
  readonly resource: string;
  /** With its query. */
  readonly path: string;
  /** Monotonic milliseconds at which it came. */
  readonly at: number;
  /** HTTP status; undefined while there is no answer, and for ever if there is none. */
  code: number | undefined;
  /** Seconds that the answer asks to wait. */
  retryAfter: number | undefined;
}

/** How an answer breaks off: with an RST, closed in the middle, or ended as if that were all. */
export type Cut = 'reset' | 'close' | 'end';

/** What is done to one request or its answer. */
export type Fault =
  /** The server is not asked. `retryAfter` in seconds; without `body` the answer is a Status, as the API server's are. */
  | {
      readonly do: 'answer';
      readonly status: number;
      readonly retryAfter?: number;
      readonly body?: unknown;
    }
  /** An RST instead of an answer. The server is not asked. */
  | { readonly do: 'reset' }
  /** The server does what it is asked, and its answer is lost. */
  | { readonly do: 'lose-answer' }
  /** Nothing goes on until the rule is lifted: a black hole. */
  | { readonly do: 'hold' }
  | { readonly do: 'delay'; readonly milliseconds: number }
  /** Breaks when so many bytes of the answer are through. */
  | { readonly do: 'cut'; readonly afterBytes: number; readonly by?: Cut }
  /** Breaks in the middle of a line of the answer, the first being 0. */
  | { readonly do: 'cut-line'; readonly line: number; readonly by?: Cut }
  /** Each line of the answer, such as a frame of a watch, is what this makes of it; without its end. */
  | { readonly do: 'rewrite'; readonly line: (line: string, index: number) => string };

/** What becomes of a chunk of an answer. */
export interface Passed {
  readonly out: Buffer;
  /** After `out` the connection breaks. */
  readonly cut?: Cut;
}

const newline = 10;

/** Does to the bytes of an answer what a fault says. */
export class FaultyBody {
  readonly #fault: Fault | undefined;
  #bytes = 0;
  #lines = 0;
  #pending = Buffer.alloc(0);
  /** Whether what was handed on ends where a line ends. */
  atLineStart = true;

  constructor(fault: Fault | undefined) {
    this.#fault = fault;
  }

  pass(chunk: Buffer): Passed {
    const passed = this.#apply(chunk);
    if (passed.out.length > 0) this.atLineStart = passed.out.at(-1) === newline;
    return passed;
  }

  /** What is left at the answer's end. */
  rest(): Buffer {
    return this.#pending;
  }

  #apply(chunk: Buffer): Passed {
    const fault = this.#fault;
    if (fault?.do === 'cut') {
      const room = fault.afterBytes - this.#bytes;
      this.#bytes += chunk.length;
      if (chunk.length < room) return { out: chunk };
      return { out: chunk.subarray(0, room), cut: fault.by ?? 'reset' };
    }
    if (fault?.do === 'cut-line' || fault?.do === 'rewrite') return this.#byLines(fault, chunk);
    return { out: chunk };
  }

  #byLines(fault: Fault & { do: 'cut-line' | 'rewrite' }, chunk: Buffer): Passed {
    const out: Buffer[] = [];
    let rest = Buffer.concat([this.#pending, chunk]);
    for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline)) {
      const line = rest.subarray(0, end);
      rest = rest.subarray(end + 1);
      const index = this.#lines++;
      if (fault.do === 'rewrite') out.push(Buffer.from(`${fault.line(line.toString('utf8'), index)}\n`));
      else if (index < fault.line) out.push(line, Buffer.from('\n'));
      else {
        out.push(line.subarray(0, Math.ceil(line.length / 2)));
        return { out: Buffer.concat(out), cut: fault.by ?? 'reset' };
      }
    }
    this.#pending = rest;
    return { out: Buffer.concat(out) };
  }
}
