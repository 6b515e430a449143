import type { FalcoEvent } from '../../evidence/falco/event.ts';
import type { EventRecord, Losses } from '../../evidence/falco/runtime-aggregate.ts';
import type { Frame } from './messages.ts';

/** One line of a frame's body: sequence number, whether it repeats an alert of the hour, the event. */
type Line = readonly [sequence: number, repeat: 0 | 1, event: FalcoEvent];

/** Events that wait to be written together, and those who wait for that. */
export class FrameBuilder {
  readonly #body: string[] = [];
  readonly #keys: string[] = [];
  readonly #done = Promise.withResolvers<boolean>();
  #sequence = 0;
  #bytes = 0;

  get events(): number {
    return this.#keys.length;
  }

  /** About as many as will be written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves to whether it is on the disk. */
  get done(): Promise<boolean> {
    return this.#done.promise;
  }

  add({ sequence, event, identity, alert, repeat }: EventRecord): void {
    const key = alert === undefined ? identity : `${identity} ${alert}`;
    this.#keys.push(key);
    this.#sequence = sequence;
    this.#bytes += key.length + 64;
    if (event === undefined) return;
    const line: Line = [sequence, repeat === true ? 1 : 0, event];
    const text = JSON.stringify(line);
    this.#body.push(text);
    this.#bytes += text.length;
  }

  /** Adds what the events of another are known by: they are counted elsewhere. */
  addKeys(other: FrameBuilder): void {
    for (const key of other.#keys) this.#keys.push(key);
    this.#sequence = Math.max(this.#sequence, other.#sequence);
    this.#bytes += other.#bytes;
  }

  /** @param losses as they stand with these events */
  build({ unattributed, dropped }: Losses): Frame {
    return {
      type: 'frame',
      sequence: this.#sequence,
      events: this.events,
      body: this.#body.join('\n'),
      keys: this.#keys.join('\n'),
      unattributed,
      dropped,
    };
  }

  finish(stored: boolean): void {
    this.#done.resolve(stored);
  }
}

/** The events of a frame's body, and how many lines could not be read. */
export function readBody(body: string): {
  records: (EventRecord & { readonly event: FalcoEvent })[];
  broken: number;
} {
  const records = [];
  let broken = 0;
  for (const text of body.split('\n')) {
    try {
      const [sequence, repeat, event] = JSON.parse(text) as Line;
      records.push({ sequence, repeat: repeat === 1, event, identity: event.identity });
    } catch {
      broken += 1;
    }
  }
  return { records, broken };
}

/** What the events of a frame are known by. */
export const readKeys = (keys: string): (readonly [identity: string, alert: string | undefined])[] =>
  keys.split('\n').map((line) => {
    const [identity = '', alert] = line.split(' ');
    return [identity, alert];
  });
