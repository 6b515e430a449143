import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Clock } from '../base/clock.ts';
import type { FalcoEvent } from '../evidence/falco/event.ts';
import { present } from '../evidence/present.ts';
import { isRejection } from '../evidence/falco/event.ts';
import type { Outcome } from '../evidence/falco/runtime-aggregate.ts';
import { Admission } from './admission.ts';
import { readRequest } from './cloud-events.ts';
import { createServer, listen, renewCertificate } from './create-server.ts';
import type { Warner } from './limited-log.ts';
import { LimitedLog } from './limited-log.ts';
import type { IntakeAddress, IntakeCredentials, IntakeLimits } from './options.ts';
import { checkAddress, defaultLimits } from './options.ts';
import { BufferBudget, drain, readBody } from './read-body.ts';
import { StrayRequests } from './stray-requests.ts';
import type { StoredOutcome } from './store/event-store.ts';

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
  readonly aggregate: { add(event: FalcoEvent, now: number): StoredOutcome | Promise<StoredOutcome> };
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

/** Falco and Falcosidekick do not come back; others do. */
const later = { 'retry-after': '1' };

/** How the events of one request fared. */
interface Tally {
  readonly batch: boolean;
  readonly events: number;
  readonly unstored: number;
  readonly dropped: number;
  /** Of the first one that could not be read: its number, and what is wrong with it. */
  readonly refused: readonly (readonly [number: number, error: string])[];
}

/**
 * The endpoint that Falco (`http_output`) and Falcosidekick (webhook) send to: POST or PUT, one JSON object; or anybody who
 * sends such events as CloudEvents. Neither of the two repeats what fails, so that a refusal is for people to read: it says
 * what is wrong, and is counted.
 */
export class FalcoIntake {
  readonly #options: IntakeOptions;
  readonly #limits: IntakeLimits;
  #admission: Admission;
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
    const strays = new StrayRequests((...stray) => this.#lose(...stray));
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      strays.begun(request);
      void this.#serve(request, response);
    };
    const server = createServer(this.#options, this.#limits, serve);
    // What else a sender expects of us is no reason to lose its event.
    server.on('checkExpectation', serve);
    strays.watch(server);
    const { address, port: chosen } = await listen(server, host, port);
    this.#server = server;
    server.on('error', (error) => this.#log.warn('server', 'falco intake failed', { error }));
    const name = address.includes(':') ? `[${address}]` : address;
    return `${tls === undefined ? 'http' : 'https'}://${name}:${chosen}`;
  }

  /**
   * From now on these are asked for. Connections that are there stay.
   * @throws IntakeError when they cannot be used: those of before stay then
   */
  renew(credentials: IntakeCredentials): void {
    const { tokens: _, secretPaths: __, tls: before, ...address } = this.#options;
    checkAddress({ ...address, ...credentials });
    const { tls } = credentials;
    if (tls !== undefined && before !== undefined && this.#server instanceof TlsServer)
      renewCertificate(this.#server, tls);
    this.#admission = new Admission(credentials);
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
    if ('text' in body) return this.#take(request, body.text);
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
        return { status: 503, message: 'too many events at once: this one is lost', headers: later };
      case 'aborted':
        return this.#reject(undefined);
    }
  }

  async #take({ headers }: IncomingMessage, text: string): Promise<Answer> {
    const { batch, events } = readRequest(headers, text);
    // All are taken in before any is waited for, so that they are written together.
    const outcomes = await Promise.all(
      events.map(async (event) => (isRejection(event) ? event : this.#takeOne(event))),
    );
    const refused = outcomes.flatMap((outcome, index) =>
      isRejection(outcome) ? [[index + 1, outcome.error] as const] : [],
    );
    for (const _ of refused) this.#options.count('rejected');
    const taken = outcomes.filter((outcome): outcome is StoredOutcome => !isRejection(outcome));
    return answerFor({
      batch,
      events: events.length,
      dropped: taken.filter(({ result }) => result === 'dropped').length,
      unstored: taken.filter(({ stored }) => stored === false).length,
      refused,
    });
  }

  async #takeOne(event: FalcoEvent): Promise<StoredOutcome> {
    const { aggregate, clock, count, onEvent } = this.#options;
    const outcome = await aggregate.add(event, clock.now());
    const { result, namespace } = outcome;
    count(result);
    const { kind, priority, at, hostname } = event;
    if (result === 'accepted' || result === 'unattributed')
      onEvent({ kind, priority, at, ...present({ namespace, hostname }) });
    return outcome;
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

function answerFor({ batch, events, refused: [refused, ...others], dropped, unstored }: Tally): Answer {
  if (refused !== undefined) {
    const [number, error] = refused;
    if (!batch) return { status: 400, message: error };
    const message = `${others.length + 1} of ${events} events were refused, the others were taken; event ${number}: ${error}`;
    return { status: 400, message };
  }
  if (dropped > 0) {
    const message = 'the event was not kept: it is too old, or there is no room for it';
    if (!batch) return { status: 503, message };
    return {
      status: 503,
      message: `${dropped} of ${events} events were not kept, the others were taken: they are too old, or there is no room for them`,
    };
  }
  if (unstored > 0) return { status: 202, message: 'held in memory alone until it can be stored' };
  return { status: 204 };
}
