import { ApiError, BadResponseError, ConnectionError } from './errors.ts';
import { BadFrameError } from './frame.ts';

/** Why a session with the server ended. A bounded set: it is a metric label. */
export type Ending =
  /** The server closed the stream, as it does at its timeout. */
  | 'ended'
  /** It closed the stream at once, within a second, whatever was in it. */
  | 'short'
  /** The connection broke. */
  | 'cut'
  /** Nothing came for the idle limit: the peer may be dead. */
  | 'idle'
  /** Not even a bookmark came for three minutes: a server restored from a backup waits for a version yet to come. */
  | 'silent'
  /** 410: the version to go on from, or the page to continue with, is compacted away. */
  | 'expired'
  /** Versions went backwards, or ours is larger than any the server has. */
  | 'rolled-back'
  | 'absent'
  | 'forbidden'
  | 'unauthorized'
  | 'throttled'
  | 'server-error'
  | 'refused'
  | 'unreachable'
  /** It has been unreachable for longer than a restart takes. */
  | 'out-of-reach'
  | 'bad-frame'
  /** A list by WatchList ended without its end being said. */
  | 'unfinished'
  /** The server has no WatchList. */
  | 'no-watch-list'
  /** A projection's consumer threw. */
  | 'internal';

/** What is to be done: get everything, or go on from a version. */
export type Task =
  | { readonly do: 'list'; readonly distrust: boolean }
  | { readonly do: 'watch'; readonly resourceVersion: string };

export type WatchState =
  | { readonly is: 'working'; readonly task: Task }
  | {
      readonly is: 'waiting';
      readonly for: 'backoff' | 'absent' | 'forbidden';
      readonly next: Task;
      readonly ending: Ending;
      readonly error: unknown;
    };

/** The server answers with an older state than it has shown before. */
export class RolledBackError extends Error {
  readonly code = 'RolledBack';
  override readonly name = 'RolledBackError';

  constructor(from: string, to: string) {
    super(`resource versions went back from ${from} to ${to}; was the server restored from a backup?`);
  }
}

/** Nothing came for the idle limit. */
export class IdleError extends Error {
  readonly code = 'Idle';
  override readonly name = 'IdleError';
}

interface Rule {
  /** Go on where the last frame left us, or ask for everything again. */
  readonly go: 'resume' | 'relist';
  readonly wait: 'no' | 'backoff' | 'absent' | 'forbidden';
  /** What was known under a version may be another object now. */
  readonly distrust?: true;
}

const rules: Readonly<Record<Ending, Rule>> = {
  ended: { go: 'resume', wait: 'no' },
  idle: { go: 'resume', wait: 'no' },
  short: { go: 'resume', wait: 'backoff' },
  cut: { go: 'resume', wait: 'backoff' },
  unreachable: { go: 'resume', wait: 'backoff' },
  throttled: { go: 'resume', wait: 'backoff' },
  'server-error': { go: 'resume', wait: 'backoff' },
  unauthorized: { go: 'resume', wait: 'backoff' },
  forbidden: { go: 'resume', wait: 'forbidden' },
  absent: { go: 'relist', wait: 'absent' },
  'no-watch-list': { go: 'relist', wait: 'no' },
  // With the wait: a compaction hits all watches at once, and a server that keeps answering 410 must not be hammered.
  unfinished: { go: 'relist', wait: 'backoff' },
  expired: { go: 'relist', wait: 'backoff' },
  refused: { go: 'relist', wait: 'backoff' },
  'bad-frame': { go: 'relist', wait: 'backoff' },
  // Whoever puts back a backup stops every server for it. By then its versions may have passed ours, and a watch that goes
  // on at ours would be told nothing of what became of the objects.
  'out-of-reach': { go: 'relist', wait: 'backoff', distrust: true },
  silent: { go: 'relist', wait: 'no', distrust: true },
  'rolled-back': { go: 'relist', wait: 'backoff', distrust: true },
  internal: { go: 'relist', wait: 'backoff', distrust: true },
};

/** @param resourceVersion the last that was seen, once the list was complete */
export function nextState(
  task: Task,
  ending: Ending,
  error: unknown,
  resourceVersion: string | undefined,
): WatchState {
  const rule = rules[ending];
  const next = nextTask(task, rule, resourceVersion);
  if (rule.wait === 'no') return { is: 'working', task: next };
  return { is: 'waiting', for: rule.wait, next, ending, error };
}

function nextTask(task: Task, rule: Rule, resourceVersion: string | undefined): Task {
  if (rule.go === 'resume' && resourceVersion !== undefined) return { do: 'watch', resourceVersion };
  // Distrust lasts until a list is complete, however many are broken off before.
  const carried = task.do === 'list' && task.distrust && resourceVersion === undefined;
  return { do: 'list', distrust: rule.distrust === true || carried };
}

/** @param listing whether WatchList was asked for, so that a refusal may mean that the server has none */
export function classify(error: unknown, listing: boolean): Ending {
  if (error instanceof ApiError) return classifyRefusal(error, listing);
  if (error instanceof ConnectionError) return error.code === 'ConnectionLost' ? 'cut' : 'unreachable';
  if (error instanceof RolledBackError) return 'rolled-back';
  if (error instanceof IdleError) return 'idle';
  if (error instanceof BadFrameError || error instanceof BadResponseError) return 'bad-frame';
  return 'internal';
}

function classifyRefusal(error: ApiError, listing: boolean): Ending {
  const { status, reason } = error;
  if (error.hasCause('ResourceVersionTooLarge') || /too large resource version/i.test(error.message)) {
    return 'rolled-back';
  }
  if (status === 410 || reason === 'Expired' || reason === 'Gone') return 'expired';
  if (status === 404) return 'absent';
  if (status === 403) return 'forbidden';
  if (status === 401) return 'unauthorized';
  if (status === 429) return 'throttled';
  if (listing && [400, 406, 422, 501].includes(status)) return 'no-watch-list';
  return status >= 500 ? 'server-error' : 'refused';
}
