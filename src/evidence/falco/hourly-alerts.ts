const hour = 3_600_000;

export const startOfHour = (at: number): number => at - (at % hour);

/** Start of the hour, milliseconds since the epoch, and the alerts in it. */
export type HourOfAlerts = readonly [start: number, alerts: number];

/** Alerts per hour of one rule about one subject. */
export class HourlyAlerts {
  /** By start of the hour, milliseconds since the epoch. */
  readonly #hours = new Map<number, number>();

  /** @param alerts 0 for a repeat of one that was counted before */
  add(at: number, alerts: number): void {
    const start = startOfHour(at);
    this.#hours.set(start, (this.#hours.get(start) ?? 0) + alerts);
  }

  /** Takes off what was added. */
  takeOff(at: number, alerts: number): void {
    const start = startOfHour(at);
    const found = this.#hours.get(start);
    if (found !== undefined) this.#hours.set(start, Math.max(0, found - alerts));
  }

  /** Adds another's hours, of the same rule about the same subject. */
  merge(other: HourlyAlerts): void {
    for (const [start, alerts] of other.#hours) this.add(start, alerts);
  }

  /** Drops hours that have ended before `since`. */
  expire(since: number): void {
    for (const start of this.#hours.keys()) if (start + hour <= since) this.#hours.delete(start);
  }

  /** As they are, where `list` gives each hour an alert. */
  save(): readonly HourOfAlerts[] {
    return [...this.#hours];
  }

  /** Oldest first. */
  list(): { hour: string; alerts: number }[] {
    return [...this.#hours]
      .sort(([a], [b]) => a - b)
      .map(([start, alerts]) => ({
        hour: `${new Date(start).toISOString().slice(0, 19)}Z`,
        // A repeat whose first gave way has an hour without an alert, and is the one that is left.
        alerts: Math.max(1, alerts),
      }));
  }
}
