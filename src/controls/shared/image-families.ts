import type { EvaluationInput } from '../../domain/control.ts';
import type { VulnerabilityScan } from '../../domain/scan-report.ts';
import type { Gap } from '../../domain/snapshot.ts';
import type { Workload } from '../../domain/workload.ts';
import type { Coverage } from './scan-coverage.ts';
import { coverRunning, isVerdict } from './scan-verdict.ts';

/** Whether all images that a workload runs have an operating system of these families; else why that is not known. */
export type FamilyAnswer = 'allowed' | 'other' | Gap;

/** Asks the vulnerability reports, of which each says what operating system it found. */
export class ImageFamilies {
  readonly #input: EvaluationInput;
  readonly #allowed: ReadonlySet<string>;
  readonly #asked: Coverage<VulnerabilityScan>[] = [];

  constructor(input: EvaluationInput) {
    this.#input = input;
    this.#allowed = new Set(input.parameters['images.allowedOsFamilies'].map((each) => each.toLowerCase()));
  }

  /** Those whose age may change an answer that was given. */
  get asked(): readonly Coverage<VulnerabilityScan>[] {
    return this.#asked;
  }

  answer(workload: Workload): FamilyAnswer {
    if (this.#allowed.size === 0) return 'other';
    const source = this.#input.snapshot.vulnerabilityScans;
    const all = coverRunning(this.#input, source);
    if (isVerdict(all)) return source.available ? notScanned : source;
    const own = all.filter(({ running }) => running.workload === workload);
    this.#asked.push(...own);
    const scans = own.flatMap(({ current }) => current);
    // An image without an operating system has none of these.
    if (scans.some(({ os }) => os !== undefined && !this.#allowed.has(os.family ?? ''))) return 'other';
    if (source.available && source.gap !== undefined) return source.gap;
    const isKnown = ({ current }: Coverage<VulnerabilityScan>) => current.some(({ os }) => os !== undefined);
    return own.length > 0 && own.every(isKnown) ? 'allowed' : notScanned;
  }
}

const notScanned: Gap = {
  reason: 'NoEvidence',
  message: 'no current report names the operating system of all its images',
};
