import type { EvaluationInput } from '../../domain/control.ts';
import type { ImageScan, ScannerSettings } from '../../domain/scan-report.ts';
import type { Source } from '../../domain/snapshot.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { notApplicable, soonest, unknown } from '../../domain/verdict.ts';
import { indexScans } from './find-scans.ts';
import { sortFindings } from './findings.ts';
import { runningContainers } from './running-images.ts';
import type { Coverage } from './scan-coverage.ts';
import { cover, gapFinding, limitsOf, subjectOf } from './scan-coverage.ts';
import { worstReason } from './scan-gap.ts';

interface Covered {
  readonly source: Source<ImageScan>;
  readonly scanners: number;
  readonly result: readonly Coverage<ImageScan>[] | Verdict;
}

/** Several controls ask the same in one evaluation. */
const remembered = new WeakMap<EvaluationInput, Covered[]>();

/** Every running container with its scans; or the verdict, where there is nothing to look at. */
export function coverRunning<Scan extends ImageScan>(
  input: EvaluationInput,
  source: Source<Scan>,
  scanners = 1,
): readonly Coverage<Scan>[] | Verdict {
  const known = remembered.get(input) ?? [];
  const before = known.find((each) => each.source === source && each.scanners === scanners);
  // The same source has scans of the same type.
  if (before !== undefined) return before.result as readonly Coverage<Scan>[] | Verdict;
  const result = coverAll(input, source, scanners);
  remembered.set(input, [...known, { source, scanners, result }]);
  return result;
}

function coverAll<Scan extends ImageScan>(
  input: EvaluationInput,
  source: Source<Scan>,
  scanners: number,
): readonly Coverage<Scan>[] | Verdict {
  const { namespace, workloads, cluster } = input.snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const running = runningContainers(workloads.items);
  if (running.length === 0)
    return notApplicable('NoWorkloads', `Nothing runs in namespace ${namespace.name}.`);
  if (!source.available) return unknown(source.reason, source.message);
  const index = indexScans(source.items, cluster.live);
  const limits = limitsOf(input);
  return running.map((each) => cover(each, index, limits, scanners));
}

export const isVerdict = (result: object): result is Verdict => 'status' in result;

/** Unknown when a container has no current report; undefined when each has one. */
export function judgeGaps(
  all: readonly Coverage<ImageScan>[],
  noun: string,
  hints: readonly string[],
): Verdict | undefined {
  const open = all.filter(({ gap }) => gap !== undefined);
  if (open.length === 0) return undefined;
  const gaps = open.flatMap(({ gap }) => gap ?? []);
  const message = [describeGaps(all, noun), ...hints].join(' ');
  return unknown(worstReason(gaps), message, sortFindings(open.map(gapFinding)));
}

/** `2 of 5 containers have no current vulnerability report.` */
export function describeGaps(all: readonly Coverage<ImageScan>[], noun: string): string {
  const open = countContainers(all.filter(({ gap }) => gap !== undefined));
  const total = countContainers(all);
  const of = `${total} container${total === 1 ? '' : 's'}`;
  return `${open} of ${of} ${open === 1 ? 'has' : 'have'} no current ${noun}.`;
}

/** In a rollout one container runs two images; it is still one. */
export const countContainers = (all: readonly Coverage<ImageScan>[]): number =>
  new Set(all.map(({ running }) => JSON.stringify(subjectOf(running)))).size;

/** Why the scanner may have made no report. */
export function absenceHints(
  settings: ScannerSettings | undefined,
  scanner: 'vulnerability' | 'secret' | 'sbom',
): readonly string[] {
  if (settings === undefined) return [];
  const [on, off] = switches(settings)[scanner];
  return [
    ...(on ? [] : [`OPERATOR_${off} off.`]),
    ...(settings.leavesOut === undefined ? [] : [settings.leavesOut]),
    ...settings.skips,
  ];
}

/** When a report that counts grows too old, or one from the future becomes usable. */
export const firstChange = (all: readonly Coverage<ImageScan>[]): number | undefined =>
  all.reduce<number | undefined>((sooner, { until }) => soonest(sooner, until), undefined);

const switches = (settings: ScannerSettings) =>
  ({
    vulnerability: [
      settings.vulnerabilityScannerEnabled,
      'VULNERABILITY_SCANNER_ENABLED switches the scanner',
    ],
    secret: [settings.secretScannerEnabled, 'EXPOSED_SECRET_SCANNER_ENABLED switches the scanner'],
    sbom: [settings.sbomGenerationEnabled, 'SBOM_GENERATION_ENABLED switches SBOMs'],
  }) as const;

/** Adds the moment of the first change. */
export function untilFirstChange(verdict: Verdict, all: readonly Coverage<ImageScan>[]): Verdict {
  const until = firstChange(all);
  return until === undefined ? verdict : { ...verdict, validUntil: until };
}
