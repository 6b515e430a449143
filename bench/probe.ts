import { getEventListeners } from 'node:events';
import { openSync, readSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

/** A turn of the event loop, or a pause for garbage, that took long. All in milliseconds, `at` since the epoch. */
export interface Slow {
  readonly at: number;
  /** By the clock on the wall. */
  readonly wall: number;
  /** What the thread used of the processor. */
  readonly work: number;
  /** How long it was ready to run while others had the processors: NaN where the system does not say. */
  readonly queued: number;
}

/** What the operator's process tells of itself when it is asked; see OperatorProcess. */
export interface ProbeSample {
  /** Since the last sample. */
  readonly turns: readonly Slow[];
  readonly pauses: readonly Slow[];
  /** Bytes in use after a full collection. */
  readonly heapUsed: number;
  readonly external: number;
  /** What keeps the event loop alive, by kind: sockets, timers, requests. */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners for the abort of signals that are still held. */
  readonly abortListeners: number;
}

/** Milliseconds: how often the loop is looked at, and what is worth telling. */
const [resolution, slow] = [1, 5];
/** A sample is a message, not a log. */
const mostTold = 10_000;
let turns: Slow[] = [];
let pauses: Slow[] = [];
const signals = new Set<WeakRef<AbortSignal>>();
const known = new WeakSet<AbortSignal>();

/** Answers to messages of the parent process. Loaded by `--import` before the program, which knows nothing of it. */
function install(send: (sample: ProbeSample) => void): void {
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      note(pauses, {
        at: performance.timeOrigin + startTime + duration,
        wall: duration,
        work: duration,
        queued: 0,
      });
    }
  }).observe({ entryTypes: ['gc'] });
  watchTurns();
  watchSignals();
  process.on('message', () => {
    const seen = { turns, pauses };
    globalThis.gc?.();
    send({ ...seen, ...standing() });
    // After the collection has been counted, so that it is forgotten.
    setTimeout(() => ([turns, pauses] = [[], []]), 20);
  });
  // The channel must not keep a process that has ended its work.
  process.channel?.unref();
}

function note(list: Slow[], one: Slow): void {
  if (one.wall >= slow && list.length < mostTold) list.push(one);
}

function watchTurns(): void {
  let [looked, worked, waited] = [performance.now(), threadTime(), queueTime()];
  setInterval(() => {
    const [now, used, queued] = [performance.now(), threadTime(), queueTime()];
    const wall = now - looked - resolution;
    note(turns, { at: performance.timeOrigin + now, wall, work: used - worked, queued: queued - waited });
    [looked, worked, waited] = [now, used, queued];
  }, resolution).unref();
}

const schedule = openSchedule();
const text = Buffer.alloc(64);

/** Of this thread, which is the process's first. Only Linux has it. */
function openSchedule(): number | undefined {
  try {
    return openSync('/proc/self/schedstat', 'r');
  } catch {
    return undefined;
  }
}

/** Milliseconds since the start. */
function queueTime(): number {
  if (schedule === undefined) return Number.NaN;
  const length = readSync(schedule, text, 0, text.length, 0);
  return Number(text.toString('latin1', 0, length).split(' ')[1]) / 1e6;
}

/** Milliseconds. */
function threadTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function standing(): Pick<ProbeSample, 'heapUsed' | 'external' | 'resources' | 'abortListeners'> {
  const { heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return { heapUsed, external, resources, abortListeners: countListeners() };
}

/** Notes every signal that somebody listens to: a listener that is never taken off a long-lived one is the usual leak. */
function watchSignals(): void {
  // eslint-disable-next-line typescript/unbound-method -- called with its `this` below
  const { addEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (this: EventTarget, ...args) {
    if (this instanceof AbortSignal && !known.has(this)) {
      known.add(this);
      signals.add(new WeakRef(this));
    }
    return addEventListener.apply(this, args);
  };
}

function countListeners(): number {
  let count = 0;
  for (const reference of signals) {
    const signal = reference.deref();
    if (signal === undefined) signals.delete(reference);
    else count += getEventListeners(signal, 'abort').length;
  }
  return count;
}

if (process.send !== undefined) install((sample) => void process.send?.(sample));
