import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Agent } from 'node:https';
import { request as send } from 'node:https';
import type { Socket } from 'node:net';
import { systemClock, sleep } from '../../src/base/clock.ts';
import type { Cut, Fault, Seen } from './fault.ts';
import { FaultyBody, lengths, lines } from './fault.ts';
import { encodeFrame } from './protobuf.ts';

export interface ExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly seen: Seen;
  /** The client's connection, below TLS. */
  readonly socket: Socket | undefined;
  /** Of the server. */
  readonly url: string;
  readonly agent: Agent;
}

/** One request through the proxy, and its answer. */
export class Exchange {
  readonly #options: ExchangeOptions;
  #answer: IncomingMessage | undefined;
  #body = new FaultyBody(undefined, lines);
  #injected: string[] = [];
  /** Resolves when nothing holds it any more. */
  #held: PromiseWithResolvers<void> | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  get seen(): Seen {
    return this.#options.seen;
  }

  /** @param lifted resolves when the fault's rule is */
  run(fault: Fault | undefined, lifted: Promise<void> | undefined): void {
    if (fault?.do === 'answer') this.#refuse(fault);
    else if (fault?.do === 'reset') this.cut('reset');
    else if (fault?.do === 'hold') void lifted?.then(() => this.#forward(undefined));
    else if (fault?.do === 'delay')
      void sleep(systemClock, fault.milliseconds).then(() => this.#forward(undefined));
    else this.#forward(fault);
  }

  /** Only below TLS can a connection be reset. */
  cut(by: Cut): void {
    const { request, socket } = this.#options;
    this.resume();
    if (by === 'end') return this.end();
    if (by === 'reset' && socket !== undefined) socket.resetAndDestroy();
    else request.socket.destroy();
  }

  end(): void {
    const { response } = this.#options;
    if (this.#answer === undefined) return;
    response.end();
    this.#answer.destroy();
  }

  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  resume(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  /** At the next end of a frame, which is now unless one is under way. @param frames in JSON, or nothing */
  inject(frames: readonly string[]): void {
    this.#injected.push(...frames);
    if (this.#body.atFrameStart && this.#answer !== undefined) this.#writeInjected();
  }

  #refuse({ status, retryAfter, body }: Fault & { do: 'answer' }): void {
    const { request, response, seen } = this.#options;
    seen.code = status;
    seen.retryAfter = retryAfter;
    const answer = body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status };
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    });
    // Only when all of the request is read: else the client may meet a broken connection instead of the answer.
    request.resume().once('end', () => {
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  }

  #forward(fault: Fault | undefined): void {
    const { request, response, url, agent } = this.#options;
    if (response.destroyed) return;
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const upstream = send(`${url}${request.url ?? '/'}`, { method: request.method, headers, agent });
    // A server that is down is seen by the client as what it is: a connection that breaks.
    upstream.on('error', () => this.cut('close'));
    upstream.on('response', (answer) => {
      if (fault?.do === 'lose-answer') return this.cut('reset');
      void this.#relay(answer, fault);
    });
    response.once('close', () => upstream.destroy());
    request.pipe(upstream);
  }

  async #relay(answer: IncomingMessage, fault: Fault | undefined): Promise<void> {
    const { response, seen } = this.#options;
    this.#answer = answer;
    const isProtobuf = String(answer.headers['content-type']).includes('protobuf');
    this.#body = new FaultyBody(fault, isProtobuf ? lengths : lines);
    seen.code = answer.statusCode;
    const { 'retry-after': retryAfter } = answer.headers;
    seen.retryAfter = retryAfter === undefined ? undefined : Number(retryAfter);
    const { connection: _connection, 'content-length': _length, ...headers } = answer.headers;
    response.writeHead(answer.statusCode ?? 500, headers);
    response.flushHeaders();
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        await this.#held?.promise;
        const { out, cut } = this.#body.pass(chunk);
        await this.#write(out);
        if (cut !== undefined) return this.cut(cut);
        if (this.#body.atFrameStart) this.#writeInjected();
      }
      await this.#held?.promise;
      response.end(this.#body.rest());
    } catch {
      // The server broke off, or the client is gone; a second break does no harm.
      if (!response.writableEnded) this.cut('close');
    }
  }

  async #write(out: Buffer): Promise<void> {
    const { response } = this.#options;
    if (out.length === 0 || response.destroyed) return;
    // The bytes before a break are to arrive: an RST throws away what was not sent yet.
    await new Promise<void>((resolve) => {
      response.once('close', resolve);
      response.write(out, () => {
        response.off('close', resolve);
        resolve();
      });
    });
  }

  #writeInjected(): void {
    // A stream that has just ended is still among the open ones.
    if (this.#injected.length === 0 || this.#options.response.writableEnded) return;
    const { framing } = this.#body;
    for (const frame of this.#injected.splice(0)) {
      const bytes = framing === lengths && frame !== '' ? encodeFrame(frame) : Buffer.from(frame);
      this.#options.response.write(framing.wrap(bytes));
    }
  }
}
