import type { EvaluationInput } from '../../domain/control.ts';
import type { Workload } from '../../domain/workload.ts';
import { coverContainers } from './cover-sboms.ts';
import { isVerdict } from './scan-verdict.ts';
import { statementOf } from './stated.ts';

const annotation = 'plumbline.dev/base-image';
const label = 'org.opencontainers.image.base.name';

/** What something says that an image is built on, as it is written. */
export interface StatedBase {
  readonly name: string;
  /** Of the base, where it stands apart from its name. */
  readonly digest?: string;
  /** Where it stands: an annotation of the workload, or a label of the image. */
  readonly path: string;
  /** The container whose image says it; absent where it is said of all. */
  readonly container?: string;
  /** The SBOM that shows the label. */
  readonly ref?: string;
}

export interface StatedBases {
  readonly bases: readonly StatedBase[];
  /** Nothing is said of some image of it, or nothing of it runs that could say something. */
  readonly silent: boolean;
}

/** The annotation, which speaks of all images, counts before the labels: an image inherits those of its base. */
export function statedBases(workload: Workload, input: EvaluationInput): StatedBases {
  const name = statementOf(workload, 'baseImage')?.trim() ?? '';
  if (name !== '') return { bases: [{ name, path: `metadata.annotations[${annotation}]` }], silent: false };
  const all = coverContainers(input);
  if (isVerdict(all)) return { bases: [], silent: true };
  const own = all.filter(({ running }) => running.workload === workload);
  const bases = own.map(({ running: { container }, found }) =>
    found.flatMap(({ report, composition: { base } }) =>
      base === undefined ? [] : [{ ...base, path: `labels[${label}]`, container, ref: report }],
    ),
  );
  return { bases: bases.flat(), silent: bases.length === 0 || bases.some(({ length }) => length === 0) };
}
