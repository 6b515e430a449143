import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** One address in front of several, as a Service is: each connection goes to the next one, also to one that is dead by now. */
export class RoundRobin {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** URLs. */
  targets: readonly string[] = [];
  #next = 0;

  constructor() {
    this.#server = createServer((client) => this.#join(client));
  }

  /** @returns its URL */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const target = this.targets[this.#next++ % this.targets.length];
    if (target === undefined) return void client.destroy();
    const { hostname, port } = new URL(target);
    const behind = connect(Number(port), hostname);
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      this.#sockets.add(one);
      one
        .on('error', () => {})
        .on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  }
}
