import type { TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import type { Clock } from '../base/clock.ts';

type Connect = buildConnector.connector;

/** So long the others wait for the first, milliseconds: a handshake takes a few, and a server need not give a session at all. */
const patienceMs = 250;

/**
 * Opens connections of which one goes ahead, and the others take up its session (RFC 8446 §2.2): half a hundred watches
 * begin together, and each handshake in full costs either side a millisecond or two of the processor. undici takes up
 * sessions too, but it waits for none, and loses one as soon as garbage is collected.
 */
export class SharingConnector {
  readonly #connect: Connect;
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #first: 'to come' | 'under way' | 'over' = 'to come';
  /** The newest, held for undici, which refers to it weakly. */
  #session: Buffer | undefined;

  /** @param connect undici's own */
  constructor(connect: Connect, clock: Clock) {
    this.#connect = connect;
    this.#clock = clock;
  }

  /** Whether a connection can be resumed. */
  get hasSession(): boolean {
    return this.#session !== undefined;
  }

  readonly connect: Connect = (target, callback) => {
    if (this.#first === 'over') return this.#open(target, callback);
    if (this.#first === 'under way') return void this.#waiting.push(() => this.#open(target, callback));
    this.#first = 'under way';
    const timer = this.#clock.timer(patienceMs, () => this.#goOn());
    this.#open(target, callback, () => {
      timer.cancel();
      this.#goOn();
    });
  };

  /** @param decided called when there is a session, or it is clear that there will be none */
  #open(target: buildConnector.Options, callback: buildConnector.Callback, decided = () => {}): void {
    const end: buildConnector.Callback = (...result) => {
      const [error, socket] = result;
      if (error === null && isSecure(socket))
        socket.on('session', (session: Buffer) => {
          this.#session = session;
          decided();
        });
      else decided();
      callback(...result);
    };
    try {
      this.#connect(target, end);
    } catch (error) {
      // Those that wait begin in one loop, which nobody may break.
      end(error instanceof Error ? error : new Error(String(error)), null);
    }
  }

  #goOn(): void {
    this.#first = 'over';
    for (const begin of this.#waiting.splice(0)) begin();
  }
}

const isSecure = (socket: object): socket is TLSSocket => 'encrypted' in socket && socket.encrypted === true;
