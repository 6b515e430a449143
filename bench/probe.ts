import { getEventListeners } from 'node:events';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

/** What the operator's process tells of itself when it is asked; see OperatorProcess. */
export interface ProbeSample {
  /** Longest that the event loop did not turn since the last sample, milliseconds. */
  readonly longestBlock: number;
  /** The most of the processor that the thread used from one turn to the next: the same, but for what others took away. */
  readonly longestWork: number;
  /** 99th percentile of its delays. */
  readonly delayP99: number;
  /** Longest pause for garbage since the last sample, milliseconds. */
  readonly longestGc: number;
  /** Bytes in use after a full collection. */
  readonly heapUsed: number;
  readonly external: number;
  /** What keeps the event loop alive, by kind: sockets, timers, requests. */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners for the abort of signals that are still held. */
  readonly abortListeners: number;
}

/** Milliseconds. The delay that the monitor sees holds one whole period of its timer. */
const resolution = 1;
const delays = monitorEventLoopDelay({ resolution });
let [longestGc, longestWork] = [0, 0];
let worked = threadTime();
const signals = new Set<WeakRef<AbortSignal>>();
const known = new WeakSet<AbortSignal>();

/** Answers to messages of the parent process. Loaded by `--import` before the program, which knows nothing of it. */
function install(send: (sample: ProbeSample) => void): void {
  delays.enable();
  setInterval(() => {
    const now = threadTime();
    longestWork = Math.max(longestWork, now - worked);
    worked = now;
  }, resolution).unref();
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestGc = Math.max(longestGc, duration);
  }).observe({ entryTypes: ['gc'] });
  watchSignals();
  process.on('message', () => {
    // Read before the collection that follows, which would be the longest block of all.
    const blocked = {
      longestBlock: delays.max / 1e6 - resolution,
      delayP99: delays.percentile(99) / 1e6 - resolution,
    };
    const [gc, work] = [longestGc, longestWork];
    globalThis.gc?.();
    send({ ...blocked, longestWork: work, longestGc: gc, ...standing() });
    // After the collection has been counted, so that it is forgotten with the rest.
    setTimeout(() => {
      delays.reset();
      longestGc = longestWork = 0;
    }, 20);
  });
  // The channel must not keep a process that has ended its work.
  process.channel?.unref();
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
