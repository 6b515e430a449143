import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Told of everything that a sender tried and that became no request: nobody else would know of it. */
export type OnStray = (result: 'rejected' | 'dropped', reason: string, sender: string | undefined) => void;

const answers: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Notices what does not even become a request: of each the intake is told once. */
export class StrayRequests {
  readonly #onStray: OnStray;
  /** The last request of each connection. */
  readonly #last = new WeakMap<Duplex, IncomingMessage>();
  /** Connections that have failed: more may come of them until they are closed. */
  readonly #failed = new WeakSet<Socket>();

  constructor(onStray: OnStray) {
    this.#onStray = onStray;
  }

  watch(server: Server): void {
    server.on('drop', (drop) => this.#onStray('dropped', 'too many connections', drop?.remoteAddress));
    server.on('tlsClientError', (error: Error, { remoteAddress }: { remoteAddress?: string }) => {
      this.#onStray('rejected', error.message, remoteAddress);
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#fail(error, socket));
    // Without a listener Node closes the connection, and says nothing.
    server.on('connect', ({ socket }: IncomingMessage) => {
      // Node has taken its own listener away: without one, a sender that is gone already would end the process.
      socket.on('error', () => {});
      this.#onStray('rejected', 'CONNECT is no event', socket.remoteAddress);
      end(socket, '405 Method Not Allowed');
    });
  }

  /** It tells itself what becomes of it. */
  begun(request: IncomingMessage): void {
    this.#last.set(request.socket, request);
  }

  /** As Node does it when nobody listens, and counted. */
  #fail({ code = '', message }: NodeJS.ErrnoException, socket: Socket): void {
    if (this.#failed.has(socket)) return;
    this.#failed.add(socket);
    const last = this.#last.get(socket);
    const isOfRequest = last !== undefined && !last.complete;
    // Who connects and says nothing, or goes while nothing is under way, has sent no event.
    const isHead = code.startsWith('HPE_') || (code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead > 0);
    if (isHead && !isOfRequest) this.#onStray('rejected', message, socket.remoteAddress);
    end(socket, answers[code] ?? '400 Bad Request');
  }
}

function end(socket: Socket, status: string): void {
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.destroySoon();
}
