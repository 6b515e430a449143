import { holderOf, type Lease, type LeaseSpec } from './lease-record.ts';

/**
 * The Lease as one candidate has seen it change. Only its own monotonic clock counts: the times in the record are
 * another machine's and are never compared with ours. All that matters of them is that they change.
 */
export class LeaseView {
  /** Undefined when the Lease is not there, or was not looked at yet. */
  lease: Lease | undefined;
  /** The last record, even of a Lease that is gone. */
  spec: LeaseSpec | undefined;
  #seen: string | undefined;
  #changedAt = Number.NEGATIVE_INFINITY;

  get holder(): string | undefined {
    return holderOf(this.lease?.spec);
  }

  /** @param at monotonic milliseconds, not before the server answered: a later time only makes us wait longer */
  see(lease: Lease | undefined, at: number): void {
    // The version will not do: whoever set a label every ten seconds would keep a dead leader in office.
    const seen = lease === undefined ? 'absent' : JSON.stringify(lease.spec);
    // A Lease that was there and is gone is a change as any other: its holder may not know yet, and puts it back.
    const first = this.#seen === undefined;
    if (seen !== this.#seen) this.#changedAt = first && lease === undefined ? Number.NEGATIVE_INFINITY : at;
    this.#seen = seen;
    this.lease = lease;
    if (lease !== undefined) this.spec = lease.spec;
  }

  /**
   * Whether whoever holds the Lease has stopped by his own clock, so that it may be taken.
   * @param leastMs our own lease duration: a shorter one in the record, which anybody can edit, is not believed
   */
  isFree(now: number, leastMs: number): boolean {
    if (this.#seen === undefined) return false;
    if (this.lease !== undefined && this.holder === undefined) return true;
    const promisedMs = (this.spec?.leaseDurationSeconds ?? 0) * 1_000;
    return now - this.#changedAt >= Math.max(promisedMs, leastMs);
  }
}
