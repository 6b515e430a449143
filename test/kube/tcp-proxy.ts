import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** Stands between a client and a server on loopback, so that a test can do to the line what networks do. */
export class TcpProxy {
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #refusing = false;
  #stalled = false;
  /** Connections taken so far. */
  accepted = 0;

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
  }

  /** @returns the port it listens on */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    return address.port;
  }

  get open(): number {
    return this.#pairs.size;
  }

  /** Breaks what is open, by RST, in the middle of whatever is under way. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Breaks what is open and every new connection, until `restore`. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  /** Lets nothing through in either direction and tells nobody, until `restore`: a black hole. */
  stall(): void {
    this.#stalled = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** A stalled connection goes on where it stopped. */
  restore(): void {
    this.#refusing = this.#stalled = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    this.accepted++;
    if (this.#refusing) return void client.on('error', () => undefined).resetAndDestroy();
    const server = connect(this.#target, '127.0.0.1').setNoDelay();
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    client.on('data', (chunk) => void server.write(chunk));
    server.on('data', (chunk) => void client.write(chunk));
    for (const [one, other] of [pair, [server, client] as const]) {
      one.on('error', () => undefined);
      one.on('end', () => other.end());
      one.on('close', () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#stalled) one.pause();
    }
  }
}
