import { compareText } from '../../domain/compare-text.ts';
import { formatRegistry, isParseFailure, parseImageReference } from '../../domain/image-reference.ts';
import type { Composition } from '../../domain/sbom.ts';
import type { SbomCoverage } from './cover-sboms.ts';
import { lineOf } from './os-support.ts';
import { statementOf } from './stated.ts';

/** Images of one base, sorted into its generations. */
export interface BaseGroup {
  /** Such as `debian 12` or `registry.example/base`. */
  readonly base: string;
  readonly generations: readonly Generation[];
}

export interface Generation {
  /** What sets it apart from the others, such as `12.9, libc6 2.36-9+deb12u9`. */
  readonly label: string;
  readonly members: readonly SbomCoverage[];
  /** Versions by the names of the packages that every base of its kind has. */
  readonly markers: ReadonlyMap<string, string>;
}

/** Where an image stands; `none` for one that has no base, undefined where nothing tells. */
type Place = { readonly base: string; readonly label: string } | 'none' | undefined;

export interface Grouped {
  readonly groups: readonly BaseGroup[];
  readonly unplaced: readonly SbomCoverage[];
}

/** The images by what they are built on: the base that is stated, or else the operating system. In one order. */
export function groupByBase(all: readonly SbomCoverage[]): Grouped {
  const bases = new Map<string, Map<string, SbomCoverage[]>>();
  const unplaced: SbomCoverage[] = [];
  for (const coverage of all) {
    const place = placeOf(coverage);
    if (place === undefined) unplaced.push(coverage);
    if (place === undefined || place === 'none') continue;
    const generations = bases.get(place.base) ?? new Map<string, SbomCoverage[]>();
    bases.set(place.base, generations);
    generations.set(place.label, [...(generations.get(place.label) ?? []), coverage]);
  }
  const groups = [...bases].map(([base, generations]) => ({
    base,
    generations: [...generations]
      .map(([label, members]) => ({ label, members, markers: markersOf(members) }))
      .sort((a, b) => compareText(a.label, b.label)),
  }));
  return { groups: groups.sort((a, b) => compareText(a.base, b.base)), unplaced };
}

function placeOf(coverage: SbomCoverage): Place {
  const [first] = coverage.found;
  const composition = first?.composition;
  return statedPlace(coverage, composition) ?? (composition && systemPlace(composition));
}

/** A base that is stated without digest and tag has no generations to tell apart. */
function statedPlace({ running }: SbomCoverage, composition: Composition | undefined): Place {
  const text = statementOf(running.workload, 'baseImage')?.trim();
  if (text === 'scratch') return 'none';
  const label = composition?.base;
  const reference = parseImageReference(text ?? label?.name ?? '');
  if (isParseFailure(reference)) return undefined;
  const generation = reference.digest ?? (text === undefined ? label?.digest : undefined) ?? reference.tag;
  if (generation === undefined) return undefined;
  return { base: `${formatRegistry(reference)}/${reference.repository}`, label: generation };
}

function systemPlace({ os, osPackages, markers }: Composition): Place {
  if (os === undefined) return osPackages === 0 ? 'none' : undefined;
  const versions = markers.map(({ name, version }) => `${name} ${version}`);
  return { base: lineOf(os.family, os.release), label: [os.release, ...versions].join(', ') };
}

const markersOf = (members: readonly SbomCoverage[]): ReadonlyMap<string, string> =>
  new Map(
    members.flatMap(({ found }) =>
      found.flatMap(({ composition }) => composition.markers.map(({ name, version }) => [name, version])),
    ),
  );
