import { getEventListeners } from 'node:events';
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { ApiRequest, ApiResponse } from '../../src/kube/client.ts';
import { LeaderElector, type LeaderElectorOptions } from '../../src/kube/lease.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import type { LeaseServer } from './lease-server.ts';

/** A process on a machine: its clocks show what they like, and while it is paused nothing in it runs. */
export class ProcessClock implements Clock {
  readonly #world: FakeClock;
  /** Wall clock and monotonic clock, milliseconds ahead of the world's. */
  readonly #ahead: { wall: number; monotonic: number };
  #paused = false;
  #held: (() => void)[] = [];

  constructor(world: FakeClock, ahead = { wall: 0, monotonic: 0 }) {
    this.#world = world;
    this.#ahead = ahead;
  }

  now(): number {
    return this.#world.now() + this.#ahead.wall;
  }

  monotonic(): number {
    return this.#world.monotonic() + this.#ahead.monotonic;
  }

  timer(milliseconds: number, run: () => void): Timer {
    let live = true;
    const timer = this.#world.timer(milliseconds, () => this.whenRunning(() => live && run()));
    return {
      cancel: () => {
        live = false;
        timer.cancel();
      },
    };
  }

  /** Runs `happening`, which comes from outside, now or when the process goes on. */
  whenRunning(happening: () => void): void {
    if (this.#paused) this.#held.push(happening);
    else happening();
  }

  pause(): void {
    this.#paused = true;
  }

  /**
   * What was held up happens now, one after the other, as an event loop does it.
   * @param reversed what came last is taken first: answers before timers, or the other way round
   */
  async resume(reversed = false): Promise<void> {
    this.#paused = false;
    const held = reversed ? this.#held.reverse() : this.#held;
    this.#held = [];
    for (const run of held) {
      run();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** The line between a candidate and the server. */
export interface Line {
  /** Milliseconds that a request takes there, and its answer back. */
  there: number;
  back: number;
  /** `lost` is only the answer: the request was carried out. `hung`: nobody ever hears of it. */
  fault: 'none' | 'refused' | 'lost' | 'hung';
  /** With what a request is refused; default 500. */
  refusal: (request: ApiRequest) => Error;
}

export interface Asked {
  readonly method: string;
  /** Milliseconds since the world began. */
  readonly at: number;
}

/** One elector in a process of its own, with everything that can be done to it. */
export class Candidate {
  readonly clock: ProcessClock;
  readonly elector: LeaderElector;
  readonly line: Line = { there: 0, back: 0, fault: 'none', refusal: () => new Error('ill') };
  readonly asked: Asked[] = [];
  readonly events: string[] = [];
  readonly problems: (string | undefined)[] = [];
  readonly #world: FakeClock;
  readonly #server: LeaseServer;
  readonly #abort = new AbortController();
  ended = false;

  constructor(
    world: FakeClock,
    server: LeaseServer,
    name: string,
    options: Partial<LeaderElectorOptions> & { ahead?: { wall: number; monotonic: number } } = {},
  ) {
    this.#world = world;
    this.#server = server;
    const { ahead, ...others } = options;
    this.clock = new ProcessClock(world, ahead);
    this.elector = new LeaderElector({
      client: { request: (request) => this.#until(request.signal, this.#request(request)) },
      clock: this.clock,
      namespace: 'home',
      name: 'plumbline',
      identity: name,
      random: () => 0,
      onStarted: () => this.events.push('started'),
      onStopped: (reason) => this.events.push(reason),
      onProblem: (problem) => this.problems.push(problem?.message),
      ...others,
    });
  }

  start(): void {
    const done = this.elector.run(this.#abort.signal);
    void done.then(() => (this.ended = true));
  }

  stop(): void {
    this.clock.whenRunning(() => this.#abort.abort());
  }

  get listeners(): number {
    return getEventListeners(this.#abort.signal, 'abort').length;
  }

  /** As the client does it: whoever gives up waits no longer, whatever becomes of what was sent. */
  async #until(signal: AbortSignal | undefined, answer: Promise<ApiResponse>): Promise<ApiResponse> {
    let giveUp = () => undefined as void;
    const given = new Promise<never>((_, reject) => (giveUp = () => reject(signal?.reason as Error)));
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([answer, given]);
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Deaf to the caller's signal: what was sent arrives however late, whether anybody waits for it or not. */
  async #request(request: ApiRequest): Promise<ApiResponse> {
    this.asked.push({ method: request.method, at: this.#world.monotonic() });
    const { there, back, fault, refusal } = this.line;
    if (fault === 'hung') return new Promise(() => undefined);
    await this.#pass(there);
    try {
      if (fault === 'refused') throw refusal(request);
      const answer = this.#server.handle(request);
      if (fault === 'lost') throw refusal(request);
      return answer;
    } finally {
      await this.#pass(back);
      await new Promise<void>((resolve) => this.clock.whenRunning(resolve));
    }
  }

  /** Time on the line, which no pause of the process stops. */
  #pass(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#world.timer(milliseconds, resolve));
  }
}
