import type { Server } from './watch.ts';
import { isLastOfList, watchList } from './watch.ts';

export interface SeenReport {
  /** Of the whole object as the server sends it. */
  readonly bytes: number;
  readonly workloads: number;
}

/** Follows every ComplianceReport, and wakes who waits for something to be true of them. */
export class ReportWatch {
  readonly reports = new Map<string, SeenReport>();
  /** Events with a status since the start or the last `restart`: one for each write of one. */
  writes = 0;
  /** Of what was written. */
  bytes = 0;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #watching: Promise<void>;
  #failure: unknown;

  constructor(server: Server) {
    const path = '/apis/plumbline.dev/v1alpha1/compliancereports';
    this.#watching = watchList(server, path, this.#stop.signal, (event, bytes) => {
      const { metadata, status } = event.object;
      if (event.type === 'DELETED') this.reports.delete(metadata.namespace ?? '');
      if (
        isLastOfList(event) ||
        event.type === 'BOOKMARK' ||
        event.type === 'DELETED' ||
        status === undefined
      )
        return this.#wake();
      const { total = 0 } = (status['workloads'] ?? {}) as { total?: number };
      this.reports.set(metadata.namespace ?? '', { bytes, workloads: total });
      this.writes++;
      this.bytes += bytes;
      this.#wake();
    }).catch((error: unknown) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** Resolves with the time (performance.now) at which `isTrue` became true. */
  until(isTrue: () => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (this.#failure !== undefined) reject(this.#failure);
        else if (isTrue()) resolve(performance.now());
        else return;
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }
}
