import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import type { FalcoEvent } from '../evidence/falco/event.ts';
import { present } from '../evidence/present.ts';
import { isRejection, parseFalcoEvent } from '../evidence/falco/event.ts';
import type { Outcome } from '../evidence/falco/runtime-aggregate.ts';
import { Admission } from './admission.ts';
import { createServer, listen } from './create-server.ts';
import type { Warner } from './limited-log.ts';
import { LimitedLog } from './limited-log.ts';
import type { IntakeAddress, IntakeLimits } from './options.ts';
import { checkAddress, defaultLimits } from './options.ts';
import { BufferBudget, drain, readBody } from './read-body.ts';

export type EventResult = Outcome['result'] | 'rejected';

/** What the intake tells of an event that was taken in and had not been there yet. */
export interface TakenEvent {
  /** The one whose findings have changed; absent for what belongs to none. */
  readonly namespace?: string;
  readonly kind: FalcoEvent['kind'];
  readonly priority: FalcoEvent['priority'];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The node, or with older charts the Falco pod. */
  readonly hostname?: string;
}

export interface IntakeOptions extends IntakeAddress {
  /** Takes each event in; only when it has, the sender is answered. */
  readonly aggregate: { add(event: FalcoEvent, now: number): Outcome | Promise<Outcome> };
  readonly onEvent: (event: TakenEvent) => void;
  readonly count: (result: EventResult) => void;
  readonly logger: Warner;
  readonly clock: Clock;
}

interface Answer {
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const closing = { connection: 'close' };

/**
 * The endpoint that Falco (`http_output`) and Falcosidekick (webhook) send to: POST or PUT, one JSON object. Neither of
 * them repeats what fails, so that a refusal is for people to read: it says what is wrong, and is counted.
 */
export class FalcoIntake {
  readonly #options: IntakeOptions;
  readonly #limits: IntakeLimits;
  readonly #admission: Admission;
  readonly #budget: BufferBudget;
  readonly #log: LimitedLog;
  #server: Server | undefined;
  #closing = false;

  /** @throws IntakeError with code IntakeOpen when anybody beyond this machine could send, or IntakeOption */
  constructor(options: IntakeOptions) {
    checkAddress(options);
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#admission = new Admission(options);
    this.#budget = new BufferBudget(this.#limits.buffered);
    this.#log = new LimitedLog(options.clock, options.logger);
  }

  /**
   * Starts to listen.
   * @returns the URL, without a path
   * @throws IntakeError with code IntakeListen or IntakeOption
   */
  async listen(): Promise<string> {
    const { host = '127.0.0.1', port, tls } = this.#options;
    const server = createServer(this.#options, this.#limits, (request, response) => {
      void this.#serve(request, response);
    });
    const { address, port: chosen } = await listen(server, host, port);
    this.#server = server;
    server.on('error', (error) => this.#log.warn('server', 'falco intake failed', { error }));
    // What cannot even connect was an event too, and nobody else would know of it.
    server.on('drop', (drop) => this.#lose('dropped', 'too many connections', drop?.remoteAddress));
    server.on('tlsClientError', (error: Error, { remoteAddress }: { remoteAddress?: string }) => {
      this.#lose('rejected', error.message, remoteAddress);
    });
    const name = address.includes(':') ? `[${address}]` : address;
    return `${tls === undefined ? 'http' : 'https'}://${name}:${chosen}`;
  }

  /** Takes no more events, and waits for those that are being taken. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#closing = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const timer = this.#options.clock.timer(this.#limits.closeTimeout, () => server.closeAllConnections());
    await closed;
    timer.cancel();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer | undefined;
    try {
      answer = await this.#answer(request);
    } catch (error) {
      this.#log.warn('500', 'falco event could not be taken', { error });
      this.#options.count('dropped');
      answer = { status: 500, message: 'the event could not be taken' };
    }
    if (answer === undefined || response.destroyed) return;
    const { status, message, headers } = answer;
    if (status >= 400) {
      this.#log.warn(String(status), 'falco event refused', {
        status,
        message,
        sender: request.socket.remoteAddress,
        userAgent: request.headers['user-agent'],
      });
    }
    response.writeHead(status, {
      ...(message === undefined ? {} : { 'content-type': 'text/plain; charset=utf-8' }),
      ...(this.#closing ? closing : {}),
      ...headers,
    });
    response.end(message === undefined ? undefined : `${message}\n`);
  }

  /** @returns undefined when the sender is gone */
  async #answer(request: IncomingMessage): Promise<Answer | undefined> {
    const refusal = this.#admission.check(request);
    const body =
      refusal === undefined
        ? await readBody(request, this.#limits.body, this.#budget)
        : await drain(request, this.#limits.body, 'refused');
    if ('text' in body) return this.#take(body.text);
    switch (body.failed) {
      case 'refused':
        return this.#reject(refusal);
      case 'tooLarge':
        return this.#reject({
          status: 413,
          message: `an event has at most ${this.#limits.body} bytes`,
          headers: closing,
        });
      case 'busy':
        this.#options.count('dropped');
        return { status: 503, message: 'too many events at once: this one is lost' };
      case 'aborted':
        return this.#reject(undefined);
    }
  }

  async #take(text: string): Promise<Answer | undefined> {
    const event = parseFalcoEvent(text);
    if (isRejection(event)) return this.#reject({ status: 400, message: event.error });
    const { aggregate, clock, count, onEvent } = this.#options;
    const { result, namespace } = await aggregate.add(event, clock.now());
    count(result);
    if (result === 'dropped') {
      return { status: 503, message: 'the event was not kept: it is too old, or there is no room for it' };
    }
    const { kind, priority, at, hostname } = event;
    if (result !== 'duplicate') onEvent({ kind, priority, at, ...present({ namespace, hostname }) });
    return { status: 204 };
  }

  #reject(answer: Answer | undefined): Answer | undefined {
    this.#options.count('rejected');
    return answer;
  }

  #lose(result: EventResult, reason: string, sender: string | undefined): void {
    this.#options.count(result);
    this.#log.warn(`connection ${result}`, 'connection of a falco sender refused', { reason, sender });
  }
}
