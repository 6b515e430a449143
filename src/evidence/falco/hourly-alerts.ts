const hour = 3_600_000;

interface Hour {
  /** What an earlier process had counted. */
  seeded: number;
  /** Different pods that this process has seen. */
  own: number;
  /** Those pods; gone when there were too many to remember, and a repeat can then not be told from a new one. */
  pods: Set<string> | undefined;
}

/** Alerts per hour of one rule about one subject, in which a pod counts once an hour. */
export class HourlyAlerts {
  /** By start of the hour, milliseconds since the epoch. */
  readonly #hours = new Map<number, Hour>();
  readonly #limit: number;
  #remembered = 0;

  /** @param limit pods remembered, over all hours; beyond it the oldest hour forgets first */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(at: number, pod: string): void {
    const hour = this.#at(at);
    if (hour.pods === undefined || hour.pods.has(pod)) return;
    hour.own += 1;
    hour.pods.add(pod);
    this.#remembered += 1;
    if (this.#remembered > this.#limit) this.#forgetOldest();
  }

  /**
   * Counts of an earlier process. Which pods they were is not known any more: in an hour that both have seen, the
   * larger count stands, so that no restart makes alerts out of repeats.
   */
  seed(at: number, alerts: number): void {
    const hour = this.#at(at);
    hour.seeded = Math.max(hour.seeded, alerts);
  }

  /** Takes in another's hours, of the same rule about the same subject under another name. */
  merge(other: HourlyAlerts): void {
    for (const [start, { seeded, own, pods }] of other.#hours) {
      const hour = this.#at(start);
      hour.seeded = Math.max(hour.seeded, seeded);
      if (pods === undefined) hour.own = Math.max(hour.own, own);
      for (const pod of pods ?? []) this.add(start, pod);
    }
  }

  /** Drops hours that have ended before `since`. */
  expire(since: number): void {
    for (const [start, { pods }] of this.#hours) {
      if (start + hour > since) continue;
      this.#hours.delete(start);
      this.#remembered -= pods?.size ?? 0;
    }
  }

  /** Oldest first. */
  list(): { hour: string; alerts: number }[] {
    return [...this.#hours]
      .sort(([a], [b]) => a - b)
      .map(([start, { seeded, own }]) => ({
        hour: `${new Date(start).toISOString().slice(0, 19)}Z`,
        alerts: Math.max(seeded, own),
      }));
  }

  #at(at: number): Hour {
    const start = at - (at % hour);
    const found = this.#hours.get(start) ?? { seeded: 0, own: 0, pods: new Set() };
    this.#hours.set(start, found);
    return found;
  }

  #forgetOldest(): void {
    let oldest: [number, Hour] | undefined;
    for (const entry of this.#hours) {
      if (entry[1].pods !== undefined && entry[0] < (oldest?.[0] ?? Infinity)) oldest = entry;
    }
    this.#remembered -= oldest?.[1].pods?.size ?? 0;
    if (oldest !== undefined) oldest[1].pods = undefined;
  }
}
