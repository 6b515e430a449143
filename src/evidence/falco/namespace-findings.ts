import { priorities } from '../../domain/runtime.ts';
import type { RuntimeFinding } from '../../domain/runtime.ts';
import type { RuntimeEntry, SavedEntry } from './runtime-entry.ts';
import {
  compareEntries,
  copyEntry,
  keyOf,
  loadEntry,
  mergeEntry,
  saveEntry,
  toFinding,
} from './runtime-entry.ts';

/** What gave way because there was too much. */
export interface GaveWay {
  readonly findings: number;
  readonly events: number;
}

/** Findings as they are kept on disk. */
interface SavedFindings {
  readonly entries: readonly SavedEntry[];
  readonly gaveWay: GaveWay;
}

/** The findings of one namespace, bounded. */
export class NamespaceFindings {
  readonly #entries = new Map<string, RuntimeEntry>();
  #gaveWay: GaveWay = { findings: 0, events: 0 };
  /** Index of the worst priority so far, and the newest time so far: by these a namespace gives way as a whole. */
  worst: number = priorities.length;
  newest = '';
  /** Sequence number of the last event in them, also of one that gave way. */
  upTo = 0;

  get size(): number {
    return this.#entries.size;
  }

  get gaveWay(): GaveWay {
    return this.#gaveWay;
  }

  get(key: string): RuntimeEntry | undefined {
    return this.#entries.get(key);
  }

  /** Adds it, or adds it to the one that is there. */
  put(entry: RuntimeEntry): void {
    const key = keyOf(entry);
    const found = this.#entries.get(key);
    if (found === undefined) this.#entries.set(key, entry);
    else if (found !== entry) mergeEntry(found, entry);
    this.worst = Math.min(this.worst, priorities.indexOf(entry.priority));
    if (entry.last.text > this.newest) this.newest = entry.last.text;
  }

  /** @returns the number of findings that ended */
  expire(since: number): number {
    let ended = 0;
    for (const [key, entry] of this.#entries) {
      entry.hours.expire(since);
      if (entry.last.at >= since) continue;
      this.#entries.delete(key);
      ended += 1;
    }
    return ended;
  }

  /**
   * The least of the findings gives way: the mildest, and of these the oldest.
   * @returns what was lost
   */
  dropLeast(): GaveWay {
    let least: RuntimeEntry | undefined;
    for (const entry of this.#entries.values()) {
      if (least === undefined || compareEntries(entry, least) > 0) least = entry;
    }
    if (least === undefined) return { findings: 0, events: 0 };
    this.#entries.delete(keyOf(least));
    this.#gaveWay = { findings: this.#gaveWay.findings + 1, events: this.#gaveWay.events + least.count };
    return { findings: 1, events: least.count };
  }

  /** Events that came before their pod was known are moved to its owner once it is. */
  resolve(ownerOf: (pod: string) => { readonly kind: string; readonly name: string } | undefined): void {
    for (const [key, { unresolvedPod, ...entry }] of this.#entries) {
      const owner = unresolvedPod === undefined ? undefined : ownerOf(unresolvedPod);
      if (owner === undefined) continue;
      this.#entries.delete(key);
      this.put({ ...entry, subject: { ...entry.subject, kind: owner.kind, name: owner.name } });
    }
  }

  /** Adds all of another's findings, and what gave way there. The other stays as it is. */
  addAll(other: NamespaceFindings): void {
    for (const entry of other.#entries.values()) this.put(copyEntry(entry));
    const { findings, events } = other.#gaveWay;
    this.upTo = Math.max(this.upTo, other.upTo);
    this.#gaveWay = { findings: this.#gaveWay.findings + findings, events: this.#gaveWay.events + events };
  }

  /** One text, from which `load` makes the same findings. */
  save(): string {
    const saved: SavedFindings = {
      entries: [...this.#entries.values()].map(saveEntry),
      gaveWay: this.#gaveWay,
    };
    return JSON.stringify(saved);
  }

  /** @throws SyntaxError for what `save` has not written */
  static load(text: string, upTo: number): NamespaceFindings {
    const { entries, gaveWay } = JSON.parse(text) as SavedFindings;
    const findings = new NamespaceFindings();
    for (const entry of entries) findings.put(loadEntry(entry));
    findings.#gaveWay = gaveWay;
    findings.upTo = upTo;
    return findings;
  }

  list(): readonly RuntimeFinding[] {
    return [...this.#entries.values()].sort(compareEntries).map(toFinding);
  }

  events(): number {
    return [...this.#entries.values()].reduce((sum, { count }) => sum + count, 0);
  }
}
