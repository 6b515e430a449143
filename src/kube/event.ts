import type { Writing } from './apply.ts';
import { createObject, patchObject, readObject } from './apply.ts';
import { AlreadyExistsError, ConflictError, NotFoundError } from './errors.ts';
import type { Resource } from './resource.ts';

export const events: Resource = { group: 'events.k8s.io', version: 'v1', plural: 'events', namespaced: true };

/** The API server's bound of a note is 1,024 bytes. */
export const longestNote = 1_000;

/** An Event of events.k8s.io/v1, as far as its author decides on it. */
export interface KubeEvent {
  readonly namespace: string;
  /** The same for what repeats itself: it is one object then, with a series. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, at most 128 characters. */
  readonly reason: string;
  readonly action: string;
  /** For people. At most `longestNote` bytes. */
  readonly note: string;
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly reportingController: string;
  /** At most 128 characters. */
  readonly reportingInstance: string;
}

/** `known`: the server has it from before. */
export type Recorded = 'created' | 'repeated' | 'known';

const attempts = 4;

/**
 * Records what has happened, once: an event that is there already is counted in its series, unless what it tells of is no
 * newer than what was last counted. So whoever tries again, or takes over, tells nothing twice.
 * @throws TerminalError, ApiError, ConnectionError
 */
export async function recordEvent(writing: Writing, event: KubeEvent): Promise<Recorded> {
  const { namespace, name } = event;
  const target = { resource: events, kind: 'Event', namespace, name };
  for (let attempt = 1; ; attempt++) {
    try {
      await createObject(writing, target, contentOf(event));
      return 'created';
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
    try {
      const { object, resourceVersion } = await readObject(writing, target);
      const { count, last } = seriesOf(object);
      if (last >= event.at) return 'known';
      const series = { count: count + 1, lastObservedTime: microTime(event.at) };
      // With the version, so that of two that count at once one counts again.
      await patchObject(writing, target, { metadata: { resourceVersion }, series });
      return 'repeated';
    } catch (error) {
      // It has expired meanwhile, or somebody else has counted.
      const isOutdated = error instanceof NotFoundError || error instanceof ConflictError;
      if (!isOutdated || attempt >= attempts) throw error;
    }
  }
}

function contentOf({ namespace: _namespace, name: _name, at, ...content }: KubeEvent) {
  return { ...content, eventTime: microTime(at) };
}

interface Series {
  readonly count?: number;
  readonly lastObservedTime?: string;
}

/** How often it was seen, and when last (milliseconds since the epoch). */
function seriesOf(object: Readonly<Record<string, unknown>>): { count: number; last: number } {
  const { count = 1, lastObservedTime } = (object['series'] ?? {}) as Series;
  const last = Date.parse(lastObservedTime ?? String(object['eventTime']));
  return { count, last: Number.isNaN(last) ? 0 : last };
}

/** A MicroTime has six digits after the point, no fewer. */
const microTime = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/Z$/, '000Z');
