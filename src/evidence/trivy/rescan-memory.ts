import type { ImageScan } from '../../domain/scan-report.ts';

/**
 * Trivy Operator deletes a report whose time is up first and scans again later, in minutes or hours. This keeps the
 * last result of what was deleted, marked as such, until a report of the same name replaces it or it has stood for
 * long enough. How long it counts is the control's to say; here it is only not kept for ever.
 */
export class RescanMemory<Scan extends ImageScan> {
  readonly #keepFor: number;
  readonly #limit: number;
  /** By namespace and name; insertion order is order of deletion. */
  readonly #deleted = new Map<string, { readonly namespace: string; readonly scan: Scan & Deleted }>();
  readonly #byNamespace = new Map<string, Set<string>>();

  /** @param options.keepFor milliseconds: at least the largest `vulnerabilities.rescanGrace` of any profile */
  constructor(options: { readonly keepFor: number; readonly limit?: number }) {
    this.#keepFor = options.keepFor;
    this.#limit = options.limit ?? 20_000;
  }

  /** How many results are held. */
  get size(): number {
    return this.#deleted.size;
  }

  /**
   * The report is gone.
   * @param now milliseconds since the epoch
   */
  reportDeleted(namespace: string, scan: Scan, now: number): void {
    this.reportSeen(namespace, scan.name);
    if (this.#deleted.size >= this.#limit) this.#forgetOldest();
    const key = `${namespace}/${scan.name}`;
    this.#deleted.set(key, { namespace, scan: { ...scan, deletedAt: now } });
    const keys = this.#byNamespace.get(namespace) ?? new Set();
    this.#byNamespace.set(namespace, keys.add(key));
  }

  /** The report is there (again). */
  reportSeen(namespace: string, name: string): void {
    this.#forget(`${namespace}/${name}`);
  }

  namespaceDeleted(namespace: string): void {
    for (const key of this.#byNamespace.get(namespace) ?? []) this.#forget(key);
  }

  /** Results that still stand, oldest deletion first; those past their time are forgotten. */
  standing(namespace: string, now: number): readonly Scan[] {
    const standing: Scan[] = [];
    for (const key of this.#byNamespace.get(namespace) ?? []) {
      const scan = this.#deleted.get(key)?.scan;
      if (scan === undefined || now - scan.deletedAt > this.#keepFor) this.#forget(key);
      else standing.push(scan);
    }
    return standing;
  }

  #forgetOldest(): void {
    for (const key of this.#deleted.keys()) return this.#forget(key);
  }

  #forget(key: string): void {
    const entry = this.#deleted.get(key);
    if (entry === undefined) return;
    this.#deleted.delete(key);
    const keys = this.#byNamespace.get(entry.namespace);
    keys?.delete(key);
    if (keys?.size === 0) this.#byNamespace.delete(entry.namespace);
  }
}

interface Deleted {
  readonly deletedAt: number;
}
