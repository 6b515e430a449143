import { compareText } from '../../domain/compare-text.ts';
import type { GaveWay } from './namespace-findings.ts';
import { NamespaceFindings } from './namespace-findings.ts';

export interface StoreLimits {
  readonly maxNamespaces: number;
  readonly maxFindingsPerNamespace: number;
  readonly maxFindings: number;
}

/** Of all namespaces; of each, far fewer. */
const maxTracesInAll = 65_536;

const nothing: GaveWay = { findings: 0, events: 0 };

/**
 * The findings of all namespaces, bounded as a whole, in each namespace, and in the number of namespaces: the names in
 * an event are whatever its sender says. The mildest and oldest give way, and are counted.
 */
export class FindingStore {
  readonly #limits: StoreLimits;
  readonly #namespaces = new Map<string, NamespaceFindings>();
  #size = 0;
  #traces = 0;
  #gaveWay = nothing;

  constructor(limits: StoreLimits) {
    this.#limits = limits;
  }

  /** Namespaces with findings, sorted. */
  names(): readonly string[] {
    return [...this.#namespaces].flatMap(([name, { size }]) => (size > 0 ? name : [])).sort();
  }

  get(namespace: string): NamespaceFindings | undefined {
    return this.#namespaces.get(namespace);
  }

  /** Every change of findings goes through here, so that their number stays true. */
  change(namespace: string, change: (findings: NamespaceFindings) => void): void {
    const findings = this.#namespaces.get(namespace) ?? new NamespaceFindings();
    this.#namespaces.set(namespace, findings);
    this.#count(findings, change);
  }

  /** @returns the namespaces that have lost findings */
  expire(since: number): readonly string[] {
    const changed: string[] = [];
    for (const [namespace, findings] of this.#namespaces) {
      this.#count(findings, () => {
        if (findings.expire(since) > 0) changed.push(namespace);
      });
      if (findings.size === 0) this.#namespaces.delete(namespace);
    }
    return changed;
  }

  delete(namespace: string): void {
    const { size = 0, traces = 0 } = this.#namespaces.get(namespace) ?? {};
    this.#size -= size;
    this.#traces -= traces;
    this.#namespaces.delete(namespace);
  }

  /** What gave way since the start: in one namespace, or altogether. */
  gaveWay(namespace?: string): GaveWay {
    return namespace === undefined ? this.#gaveWay : (this.#namespaces.get(namespace)?.gaveWay ?? nothing);
  }

  countLoss({ findings, events }: GaveWay): void {
    this.#gaveWay = { findings: this.#gaveWay.findings + findings, events: this.#gaveWay.events + events };
  }

  /**
   * Brings everything back within its limits, after a change of this namespace.
   * @param since what ended before is over anyhow, and goes first
   */
  makeRoom(namespace: string, since: number): void {
    const findings = this.#namespaces.get(namespace);
    const { maxNamespaces, maxFindings, maxFindingsPerNamespace } = this.#limits;
    if (findings !== undefined && findings.size > maxFindingsPerNamespace) {
      this.#count(findings, () => findings.expire(since));
      while (findings.size > maxFindingsPerNamespace) this.#dropLeastOf(findings);
    }
    if (this.#namespaces.size > maxNamespaces) this.#dropNamespaces(since);
    if (this.#size > maxFindings) this.expire(since);
    while (this.#size > maxFindings) this.#dropLeastOf(this.#largest());
    if (this.#traces > maxTracesInAll) this.#halveTraces();
  }

  #count(findings: NamespaceFindings, change: (findings: NamespaceFindings) => void): void {
    const { size, traces } = findings;
    change(findings);
    this.#size += findings.size - size;
    this.#traces += findings.traces - traces;
  }

  /** By half at once, so that a flood of made-up names does not look at all of them for every event. */
  #halveTraces(): void {
    for (const findings of this.#namespaces.values())
      this.#count(findings, () => findings.keepTraces(Math.floor(findings.traces / 2)));
  }

  #dropLeastOf(findings: NamespaceFindings): void {
    this.#count(findings, () => this.countLoss(findings.dropLeast()));
  }

  #largest(): NamespaceFindings {
    let largest = new NamespaceFindings();
    for (const findings of this.#namespaces.values()) if (findings.size > largest.size) largest = findings;
    return largest;
  }

  /** Several at once, so that a flood of made-up names does not sort them for every event. */
  #dropNamespaces(since: number): void {
    this.expire(since);
    const { maxNamespaces } = this.#limits;
    if (this.#namespaces.size <= maxNamespaces) return;
    const ranked = [...this.#namespaces].sort(([nameA, a], [nameB, b]) => {
      return a.worst - b.worst || compareText(b.newest, a.newest) || compareText(nameA, nameB);
    });
    for (const [namespace, findings] of ranked.slice(maxNamespaces - Math.floor(maxNamespaces / 64))) {
      this.countLoss({ findings: findings.size, events: findings.events() });
      this.delete(namespace);
    }
  }
}
