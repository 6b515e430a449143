import type { FalcoEvent } from '../evidence/falco/event.ts';

/** Beyond, an event is not held, and counts with those that belong to no namespace. */
const mostHeld = 5_000;

export interface EarlyEvent {
  readonly event: FalcoEvent;
  /** When it was received, milliseconds since the epoch. */
  readonly now: number;
  /** How many copies of it came while it was held. */
  readonly copies: number;
}

/** Events whose namespace only their pod tells, and that came before the pods were read. */
export class EarlyEvents {
  readonly #most: number;
  /** By identity: a copy of one that is held needs no room. */
  #held: Map<string, EarlyEvent> | undefined = new Map();

  constructor(most = mostHeld) {
    this.#most = most;
  }

  /** @returns whether it is held */
  hold(event: FalcoEvent, now: number): boolean {
    const { kind, namespace, podUid, containerId, pod, identity } = event;
    if (this.#held === undefined || kind !== 'alert' || namespace !== undefined) return false;
    if (podUid === undefined && containerId === undefined && pod === undefined) return false;
    const known = this.#held.get(identity);
    if (known === undefined && this.#held.size >= this.#most) return false;
    this.#held.set(
      identity,
      known === undefined ? { event, now, copies: 0 } : { ...known, copies: known.copies + 1 },
    );
    return true;
  }

  /** From now on none is held. @returns those that are, in the order in which they came */
  release(): readonly EarlyEvent[] {
    const held = [...(this.#held?.values() ?? [])];
    this.#held = undefined;
    return held;
  }
}
