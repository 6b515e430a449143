import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { Agent, createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { countedResource, countedVerb } from '../../src/kube/request-label.ts';
import { makeCertificates } from './certificates.ts';
import type { Cut, Fault, Seen } from './fault.ts';
import { Exchange } from './fault-exchange.ts';

/** Which requests are meant: all that fit every field that is given. */
export interface Match {
  readonly verb?: string | readonly string[];
  readonly resource?: string | readonly string[];
  readonly test?: (request: Seen) => boolean;
}

/** A fault for the requests that match. Of several the first that was given counts. */
export interface Rule {
  /** Requests that met it. */
  readonly hits: number;
  /** Ends it; what it holds goes on. */
  lift(): void;
}

interface ActiveRule extends Rule {
  readonly match: Match;
  readonly fault: Fault;
  left: number;
  hits: number;
  readonly lifted: Promise<void>;
}

/** What the requests go to; a ControlPlane is one. */
export interface Target {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
}

/**
 * Stands between the operator and the API server on loopback and knows requests, answers and frames of a watch, so that
 * a test can do to one of them what networks, proxies and servers do. With no fault it hands everything on.
 */
export class FaultProxy {
  /** All requests so far. */
  readonly seen: Seen[] = [];
  readonly #target: Target;
  readonly #server: Server;
  readonly #ca: string | undefined;
  readonly #agent: Agent;
  readonly #sockets = new Map<number, Socket>();
  readonly #open = new Set<Exchange>();
  #rules: ActiveRule[] = [];
  #port = 0;

  private constructor(target: Target, plain: boolean) {
    this.#target = target;
    this.#agent = new Agent({ keepAlive: true, ca: target.ca });
    const handle = (request: IncomingMessage, response: ServerResponse) => this.#handle(request, response);
    if (plain) {
      this.#server = createServer(handle);
    } else {
      const { ca, server } = makeCertificates();
      this.#ca = ca;
      this.#server = createTlsServer(server, handle);
    }
    // A client that uses a kept connection just as it is closed would see a fault that no test asked for.
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
  }

  /** @param options.plain no TLS to the client; default TLS with a certificate of its own */
  static async start(target: Target, options: { readonly plain?: boolean } = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, options.plain ?? false);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    const address = proxy.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    proxy.#port = address.port;
    return proxy;
  }

  get url(): string {
    return `${this.#ca === undefined ? 'http' : 'https'}://127.0.0.1:${this.#port}`;
  }

  /** Writes a kubeconfig with the identity of another (as ControlPlane writes them) for the server that this proxy plays. */
  kubeconfig(path: string): string {
    const config = JSON.parse(readFileSync(path, 'utf8')) as { clusters: { cluster: object }[] };
    const authority =
      this.#ca === undefined
        ? { 'insecure-skip-tls-verify': true }
        : { 'certificate-authority-data': Buffer.from(this.#ca).toString('base64') };
    for (const entry of config.clusters) entry.cluster = { server: this.url, ...authority };
    const written = `${path}.${this.#port}`;
    writeFileSync(written, JSON.stringify(config), { mode: 0o600 });
    return written;
  }

  /** From now on, for so many requests that match (default: all). */
  fault(match: Match, fault: Fault, times = Infinity): Rule {
    const lifted = Promise.withResolvers<void>();
    const rule: ActiveRule = {
      match,
      fault,
      left: times,
      hits: 0,
      lifted: lifted.promise,
      lift: () => {
        this.#rules = this.#rules.filter((other) => other !== rule);
        lifted.resolve();
      },
    };
    this.#rules.push(rule);
    return rule;
  }

  /** Lifts all faults and lets everything that is held go on. */
  restore(): void {
    for (const rule of this.#rules) rule.lift();
    this.resume();
  }

  /** Breaks the open requests that match. @returns how many */
  cut(match: Match = {}, by: Cut = 'reset'): number {
    return this.#each(match, (exchange) => exchange.cut(by));
  }

  /** Ends open watches as the server does at their timeout. @returns how many */
  end(match: Match = {}): number {
    return this.#each(match, (exchange) => exchange.end());
  }

  /** Lets nothing more through of the open requests that match, and tells nobody, until `resume`. @returns how many */
  hold(match: Match = {}): number {
    return this.#each(match, (exchange) => exchange.hold());
  }

  resume(match: Match = {}): number {
    return this.#each(match, (exchange) => exchange.resume());
  }

  /**
   * Writes frames that the server never sent into open watches, between two of its own.
   * @param frames in JSON, whatever the watch is in; an empty one says nothing
   * @returns into how many
   */
  inject(match: Match, ...frames: readonly string[]): number {
    return this.#each({ verb: 'watch', ...match }, (exchange) => exchange.inject(frames));
  }

  /** Requests under way that match, watches among them. */
  open(match: Match = {}): number {
    return this.#each(match, () => undefined);
  }

  /** Requests so far that match. */
  count(match: Match = {}): number {
    return this.seen.filter((request) => matches(match, request)).length;
  }

  /** Requests so far, `verb resource code` to how many. */
  counts(match: Match = {}): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const request of this.seen.filter((one) => matches(match, one))) {
      const key = `${request.verb} ${request.resource} ${request.code ?? 'none'}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }

  /** Nobody listens any more, as when the server's process is gone, and what is open breaks; until `up`. */
  async down(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  async up(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.restore();
    if (this.#server.listening) await this.down();
    this.#agent.destroy();
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const seen = describe(request);
    this.seen.push(seen);
    const rule = this.#rules.find(({ match, left }) => left > 0 && matches(match, seen));
    if (rule !== undefined) {
      rule.hits++;
      rule.left--;
    }
    const { url } = this.#target;
    const socket = this.#sockets.get(request.socket.remotePort ?? 0);
    const exchange = new Exchange({ request, response, seen, socket, url, agent: this.#agent });
    this.#open.add(exchange);
    response.once('close', () => this.#open.delete(exchange));
    exchange.run(rule?.fault, rule?.lifted);
  }

  /** The connection below TLS: only that one can be reset. */
  #keep(socket: Socket): void {
    const port = socket.remotePort ?? 0;
    this.#sockets.set(port, socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(port));
  }

  #each(match: Match, run: (exchange: Exchange) => void): number {
    const found = [...this.#open].filter(({ seen }) => matches(match, seen));
    for (const exchange of found) run(exchange);
    return found.length;
  }
}

function describe(request: IncomingMessage): Seen {
  const path = request.url ?? '/';
  const { pathname, searchParams } = new URL(path, 'http://proxy');
  const options = {
    watch: searchParams.get('watch') === 'true',
    apply: (request.headers['content-type'] ?? '').includes('apply-patch'),
  };
  const verb = countedVerb(request.method ?? 'GET', pathname, options);
  const resource = countedResource(pathname);
  return { verb, resource, path, at: performance.now(), code: undefined, retryAfter: undefined };
}

function matches({ verb, resource, test }: Match, request: Seen): boolean {
  const among = (wanted: string | readonly string[] | undefined, is: string) =>
    wanted === undefined || (typeof wanted === 'string' ? wanted === is : wanted.includes(is));
  return among(verb, request.verb) && among(resource, request.resource) && (test?.(request) ?? true);
}
