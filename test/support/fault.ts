import { withLength } from './protobuf.ts';

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
  /** Breaks in the middle of a frame of the answer, the first being 0. */
  | { readonly do: 'cut-frame'; readonly frame: number; readonly by?: Cut }
  /** Each frame of the answer is what this makes of it: a line without its end, or bytes without their length. */
  | { readonly do: 'rewrite'; readonly frame: (frame: Buffer, index: number) => Buffer };

/** What becomes of a chunk of an answer. */
export interface Passed {
  readonly out: Buffer;
  /** After `out` the connection breaks. */
  readonly cut?: Cut;
}

/** How an answer is made of frames. */
export interface Framing {
  /** The first frame, and how many bytes it takes with what is around it; undefined for one that has not ended. */
  readonly first: (bytes: Buffer) => { readonly frame: Buffer; readonly size: number } | undefined;
  readonly wrap: (frame: Buffer) => Buffer;
}

/** JSON. */
export const lines: Framing = {
  first: (bytes) => {
    const end = bytes.indexOf(10);
    return end === -1 ? undefined : { frame: bytes.subarray(0, end), size: end + 1 };
  },
  wrap: (frame) => Buffer.concat([frame, Buffer.from('\n')]),
};

/** Protobuf. */
export const lengths: Framing = {
  first: (bytes) => {
    const size = bytes.length < 4 ? Infinity : 4 + bytes.readUInt32BE(0);
    return bytes.length < size ? undefined : { frame: bytes.subarray(4, size), size };
  },
  wrap: withLength,
};

/** Does to the bytes of an answer what a fault says. */
export class FaultyBody {
  readonly #fault: Fault | undefined;
  readonly framing: Framing;
  #bytes = 0;
  #frames = 0;
  #pending: Buffer = Buffer.alloc(0);
  /** Of a frame that was handed on in part. */
  #begun: Buffer = Buffer.alloc(0);

  constructor(fault: Fault | undefined, framing: Framing) {
    this.#fault = fault;
    this.framing = framing;
  }

  /** Whether what was handed on ends where a frame ends. */
  get atFrameStart(): boolean {
    return this.#begun.length === 0;
  }

  pass(chunk: Buffer): Passed {
    const passed = this.#apply(chunk);
    this.#begun = this.#restOf(Buffer.concat([this.#begun, passed.out]));
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
    if (fault?.do === 'cut-frame' || fault?.do === 'rewrite') return this.#byFrames(fault, chunk);
    return { out: chunk };
  }

  #restOf(bytes: Buffer): Buffer {
    let rest = bytes;
    for (let first = this.framing.first(rest); first !== undefined; first = this.framing.first(rest))
      rest = rest.subarray(first.size);
    return rest;
  }

  #byFrames(fault: Fault & { do: 'cut-frame' | 'rewrite' }, chunk: Buffer): Passed {
    const out: Buffer[] = [];
    let rest = Buffer.concat([this.#pending, chunk]);
    for (let first = this.framing.first(rest); first !== undefined; first = this.framing.first(rest)) {
      const whole = rest.subarray(0, first.size);
      rest = rest.subarray(first.size);
      const index = this.#frames++;
      if (fault.do === 'rewrite') out.push(this.framing.wrap(fault.frame(first.frame, index)));
      else if (index < fault.frame) out.push(whole);
      else {
        out.push(whole.subarray(0, Math.floor(whole.length / 2)));
        return { out: Buffer.concat(out), cut: fault.by ?? 'reset' };
      }
    }
    this.#pending = rest;
    return { out: Buffer.concat(out) };
  }
}
