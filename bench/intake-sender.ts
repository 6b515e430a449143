import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { falcoEvent } from '../test/support/falco.ts';

export interface SendOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Events a second over all connections; undefined: as many as are answered. */
  readonly rate?: number;
  /** Events in one request: 1 is an event as Falco sends it, more are a batch of CloudEvents. */
  readonly batch: number;
  /** Random rules, pods and namespaces, and of a thousand events one of half a megabyte. */
  readonly hostile?: boolean;
  /** So many events at most. */
  readonly events?: number;
  /** Where the events happen; else `namespace-0` and so on. */
  readonly namespaces?: readonly string[];
}

const spaces = Array.from({ length: 20 }, (_, index) => `namespace-${index}`);
const huge = 'x'.repeat(500_000);

export interface SendResult {
  readonly events: number;
  readonly seconds: number;
  /** Milliseconds from the time at which an event was due until its answer, sorted. */
  readonly latencies: readonly number[];
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests that were due and found no free connection until the end: their latency is not among the others. */
  readonly unsent: number;
}

/**
 * Sends different events over connections that each wait for the answer, as Falco does. The sockets are written to as they
 * are, so that the sender takes less of the machine than what it measures. With a rate an event is due at its time, whether
 * a connection is free or not: who waits for a slow answer before the next would not see how slow it is.
 */
export class Sender {
  readonly #options: SendOptions;
  readonly #idle: Socket[] = [];
  readonly #due: number[] = [];
  readonly #latencies: number[] = [];
  readonly #statuses: Record<string, number> = {};
  readonly #template: readonly string[];
  #serial = 0;
  #events = 0;
  #over = false;

  constructor(options: SendOptions) {
    this.#options = options;
    const text = JSON.stringify(
      falcoEvent(
        { time: '@TIME', rule: '@RULE' },
        {
          'k8s.ns.name': '@SPACE',
          'k8s.pod.name': '@POD',
          'evt.type': 'execve',
          'proc.exepath': '/usr/bin/bash',
          'proc.pname': 'runc',
          'container.image.repository': 'docker.io/library/nginx',
          'container.image.tag': '1.27',
          'user.loginuid': -1,
        },
      ),
    );
    this.#template = text.split(/(@[A-Z]+)/);
  }

  /** Events that were sent so far. */
  get sent(): number {
    return this.#serial;
  }

  async run(): Promise<SendResult> {
    const { connections, seconds, rate, batch } = this.#options;
    const sockets = await Promise.all(Array.from({ length: connections }, () => this.#connect()));
    const began = performance.now();
    const until = began + seconds * 1_000;
    const most = this.#options.events ?? Infinity;
    if (rate === undefined) for (const socket of sockets) this.#send(socket, performance.now());
    else this.#idle.push(...sockets);
    for (let due = 0; performance.now() < until && this.#serial < most;) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (rate === undefined) continue;
      const wanted = ((performance.now() - began) / 1_000) * (rate / batch);
      for (; due < wanted; due++) this.#schedule(began + (due / (rate / batch)) * 1_000);
    }
    this.#over = true;
    const unsent = this.#due.length;
    const took = (performance.now() - began) / 1_000;
    const events = this.#events;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    for (const socket of sockets) socket.destroy();
    return {
      events,
      seconds: took,
      latencies: this.#latencies.sort((a, b) => a - b),
      statuses: this.#statuses,
      unsent,
    };
  }

  #schedule(at: number): void {
    const socket = this.#idle.pop();
    if (socket === undefined) this.#due.push(at);
    else this.#send(socket, at);
  }

  async #connect(): Promise<Socket> {
    const { hostname, port } = new URL(this.#options.url);
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    await new Promise((resolve) => socket.once('connect', resolve));
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      // Answers without a body, or with a short one that comes along.
      if (!answer.includes('\r\n\r\n')) return;
      const status = answer.slice(9, 12);
      answer = '';
      // One that is not used for long is told goodbye, which is no answer.
      const due = this.#sentAt.get(socket);
      if (due === undefined) return this.#forget(socket);
      this.#sentAt.delete(socket);
      this.#answered(socket, status, due);
    });
    return socket;
  }

  /** When the request was due that each waits for the answer of. */
  readonly #sentAt = new WeakMap<Socket, number>();

  #forget(socket: Socket): void {
    const at = this.#idle.indexOf(socket);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  #answered(socket: Socket, status: string, due: number): void {
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    this.#latencies.push(performance.now() - due);
    if (this.#over) return;
    this.#events += this.#options.batch;
    if (this.#options.rate === undefined) this.#send(socket, performance.now());
    else {
      const next = this.#due.shift();
      if (next === undefined) this.#idle.push(socket);
      else this.#send(socket, next);
    }
  }

  #send(socket: Socket, due: number): void {
    this.#sentAt.set(socket, due);
    const { batch } = this.#options;
    const body =
      batch === 1
        ? this.#event()
        : `[${Array.from({ length: batch }, () => `{"specversion":"1.0","id":"1","source":"s","type":"t","data":${this.#event()}}`).join(',')}]`;
    const type = batch === 1 ? 'application/json' : 'application/cloudevents-batch+json';
    socket.write(
      `POST /falco HTTP/1.1\r\nhost: plumbline\r\nuser-agent: falcosecurity/falco\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  /** Each another: 50 rules, 20 namespaces, 200 pods; or what an attacker would make up. */
  #event(): string {
    const serial = ++this.#serial;
    const { hostile = false, namespaces = spaces } = this.#options;
    const values: Readonly<Record<string, string>> = {
      '@TIME': `${new Date(Date.now()).toISOString().slice(0, 19)}.${String(serial).padStart(9, '0')}Z`,
      '@RULE': hostile ? `rule ${Math.random()}` : `rule ${serial % 50}`,
      '@SPACE': hostile
        ? `n${Math.floor(Math.random() * 1e9)}`
        : (namespaces[serial % namespaces.length] ?? ''),
      '@POD': hostile ? `p${Math.floor(Math.random() * 1e9)}` : `pod-${serial % 200}`,
    };
    const text = this.#template.map((part) => values[part] ?? part).join('');
    return hostile && serial % 1_000 === 0 ? text.replace('{', `{"junk":"${huge}",`) : text;
  }
}
