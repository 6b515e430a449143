import type { Clock, Timer } from '../base/clock.ts';

interface Appointment {
  readonly due: number;
  readonly key: string;
}

/** Keys with a time each, one timer for all of them. Of two times for a key the earlier one counts. */
export class Agenda {
  readonly #clock: Clock;
  readonly #onDue: (key: string) => void;
  /** A binary heap by time. It may hold times that no longer count; `#due` tells. */
  #heap: Appointment[] = [];
  readonly #due = new Map<string, number>();
  #timer: { due: number; timer: Timer } | undefined;

  constructor(clock: Clock, onDue: (key: string) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#due.size;
  }

  /** @param milliseconds from now */
  set(key: string, milliseconds: number): void {
    const due = this.#clock.monotonic() + milliseconds;
    const before = this.#due.get(key);
    if (before !== undefined && before <= due) return;
    this.#due.set(key, due);
    this.#push({ due, key });
    this.#arm();
  }

  clear(): void {
    this.#heap = [];
    this.#due.clear();
    this.#timer?.timer.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || (this.#timer !== undefined && this.#timer.due <= first.due)) return;
    this.#timer?.timer.cancel();
    const timer = this.#clock.timer(first.due - this.#clock.monotonic(), () => this.#ring());
    this.#timer = { due: first.due, timer };
  }

  #ring(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (let first = this.#heap[0]; first !== undefined && first.due <= now; first = this.#heap[0]) {
      this.#pop();
      if (this.#due.get(first.key) !== first.due) continue;
      this.#due.delete(first.key);
      this.#onDue(first.key);
    }
    this.#arm();
  }

  #push(item: Appointment): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.due <= item.due) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = item;
  }

  #pop(): void {
    const heap = this.#heap;
    const item = heap.pop();
    if (item === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const child =
        right !== undefined && left !== undefined && right.due < left.due ? 2 * at + 2 : 2 * at + 1;
      const smaller = heap[child];
      if (smaller === undefined || smaller.due >= item.due) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = item;
  }
}
