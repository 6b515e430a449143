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
  takeOffEvent,
  toFinding,
} from './runtime-entry.ts';
import type { SavedTrace, Trace } from './traces.ts';
import { Traces } from './traces.ts';

/** What gave way because there was too much. */
export interface GaveWay {
  readonly findings: number;
  readonly events: number;
}

/** Findings as they are kept on disk. */
interface SavedFindings {
  readonly entries: readonly SavedEntry[];
  readonly gaveWay: GaveWay;
  /** Absent in what an earlier version wrote. */
  readonly traces?: readonly SavedTrace[];
}

/** The findings of one namespace, bounded. */
export class NamespaceFindings {
  readonly #entries = new Map<string, RuntimeEntry>();
  readonly #traces = new Traces();
  #gaveWay: GaveWay = { findings: 0, events: 0 };
  /** Index of the worst priority so far, and the newest time so far: by these a namespace gives way as a whole. */
  worst: number = priorities.length;
  newest = '';
  /** Sequence number of the last event in them, also of one that gave way. */
  upTo = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** Events that can be taken off again. */
  get traces(): number {
    return this.#traces.size;
  }

  /** Events that cannot be taken off: copies of them that are counted elsewhere count here too. */
  get untraced(): number {
    return Math.max(0, this.events() + this.#gaveWay.events - this.#traces.size);
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

  /** An event was added that can be taken off again. */
  trace(mark: string, trace: Trace): void {
    this.#traces.add(mark, trace);
  }

  /** Of the events that can be taken off again, newest first. */
  marks(): readonly string[] {
    return this.#traces
      .entries()
      .map(([mark]) => mark)
      .reverse();
  }

  /** Only so many of the newest events can be taken off from now on. */
  keepTraces(most: number): void {
    this.#traces.keep(most);
  }

  /**
   * The same without events that are counted elsewhere already.
   * @param known their marks
   */
  without(known: ReadonlySet<string>): NamespaceFindings {
    const copies = this.#traces.entries().filter(([mark]) => known.has(mark));
    if (copies.length === 0) return this;
    const rest = new NamespaceFindings();
    rest.addAll(this);
    for (const [mark, trace] of copies) rest.#takeOff(mark, trace);
    return rest;
  }

  #takeOff(mark: string, trace: Trace): void {
    this.#traces.delete(mark);
    const entry = this.#entries.get(trace.key);
    if (entry === undefined)
      this.#gaveWay = { ...this.#gaveWay, events: Math.max(0, this.#gaveWay.events - 1) };
    else if (entry.count <= 1) this.#entries.delete(trace.key);
    else takeOffEvent(entry, trace);
  }

  /** @returns the number of findings that ended */
  expire(since: number): number {
    let ended = 0;
    for (const [key, entry] of this.#entries) {
      entry.hours.expire(since);
      if (entry.last.at >= since) continue;
      this.#entries.delete(key);
      this.#traces.end(key);
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
    const key = keyOf(least);
    this.#entries.delete(key);
    this.#traces.move(key, '');
    this.#gaveWay = { findings: this.#gaveWay.findings + 1, events: this.#gaveWay.events + least.count };
    return { findings: 1, events: least.count };
  }

  /** Events that came before their pod was known are moved to its owner once it is. */
  resolve(ownerOf: (pod: string) => { readonly kind: string; readonly name: string } | undefined): void {
    for (const [key, { unresolvedPod, ...entry }] of this.#entries) {
      const owner = unresolvedPod === undefined ? undefined : ownerOf(unresolvedPod);
      if (owner === undefined) continue;
      this.#entries.delete(key);
      const resolved = { ...entry, subject: { ...entry.subject, kind: owner.kind, name: owner.name } };
      this.put(resolved);
      this.#traces.move(key, keyOf(resolved));
    }
  }

  /** Adds all of another's findings, and what gave way there. The other stays as it is. */
  addAll(other: NamespaceFindings): void {
    for (const entry of other.#entries.values()) this.put(copyEntry(entry));
    this.#traces.addAll(other.#traces);
    const { findings, events } = other.#gaveWay;
    this.upTo = Math.max(this.upTo, other.upTo);
    this.#gaveWay = { findings: this.#gaveWay.findings + findings, events: this.#gaveWay.events + events };
  }

  /** One text, from which `load` makes the same findings. */
  save(): string {
    const saved: SavedFindings = {
      entries: [...this.#entries.values()].map(saveEntry),
      gaveWay: this.#gaveWay,
      traces: this.#traces.save(),
    };
    return JSON.stringify(saved);
  }

  /** @throws SyntaxError for what `save` has not written */
  static load(text: string, upTo: number): NamespaceFindings {
    const { entries, gaveWay, traces = [] } = JSON.parse(text) as SavedFindings;
    const findings = new NamespaceFindings();
    for (const entry of entries) findings.put(loadEntry(entry));
    findings.#gaveWay = gaveWay;
    findings.#traces.load(traces);
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
