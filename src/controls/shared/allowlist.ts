import type { EvaluationInput } from '../../domain/control.ts';
import { formatImageReference, isParseFailure, parseImageReference } from '../../domain/image-reference.ts';
import type { PodSpec } from '../../domain/pod-spec.ts';
import { containerPath } from '../../domain/pod-spec.ts';
import type { RegistryEntry } from '../../domain/registry-entry.ts';
import { matches, parseRegistryEntry } from '../../domain/registry-entry.ts';
import { liveSpecs } from '../../domain/workload.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { unknown } from '../../domain/verdict.ts';
import { someOf } from './findings.ts';
import { specSubjects } from './judge-specs.ts';
import type { Issue, SpecCheck } from './spec-check.ts';

/** The registries that images may come from. */
export interface Allowlist {
  readonly entries: readonly RegistryEntry[];
  /** Sentences about entries that cannot be read. */
  readonly problems: readonly string[];
  /** References that cannot be read, and images that no entry allows. */
  readonly check: SpecCheck;
}

const known = new WeakMap<readonly string[], Allowlist>();

/** The same object for the same list, so that its check is remembered for each specification. */
export function allowlistOf(texts: readonly string[]): Allowlist {
  const before = known.get(texts);
  if (before !== undefined) return before;
  const entries: RegistryEntry[] = [];
  const problems: string[] = [];
  for (const text of texts) {
    const entry = parseRegistryEntry(text);
    if (isParseFailure(entry)) problems.push(`The entry "${text}" ${entry.problem}.`);
    else entries.push(entry);
  }
  const check: SpecCheck = (spec) => imagesOf(spec).flatMap((image) => judge(image, entries) ?? []);
  const allowlist = { entries, problems, check };
  known.set(texts, allowlist);
  return allowlist;
}

/** References that cannot be read: no allowlist could allow them. */
export const checkReadable: SpecCheck = (spec) => imagesOf(spec).flatMap((image) => judge(image) ?? []);

export interface Image {
  readonly container?: string;
  readonly path: string;
  /** Empty where a mutator is to fill it in. */
  readonly reference: string;
}

/** Of all containers, and of the volumes that are images. */
export function imagesOf(spec: PodSpec): Image[] {
  const containers = spec.containers.map((container) => ({
    container: container.name,
    path: `${containerPath(container)}.image`,
    reference: container.image,
  }));
  const volumes = spec.volumes.flatMap((volume) => {
    if (!volume.sources.includes('image')) return [];
    return [{ path: `spec.volumes[${volume.index}].image.reference`, reference: volume.image ?? '' }];
  });
  return [...containers, ...volumes];
}

const lacksImage = (spec: PodSpec): boolean => imagesOf(spec).some(({ reference }) => reference === '');

/** A template, or the manifest of a pod, may leave its image to a mutator; without a live pod nobody knows what that puts in. */
export function judgeMissingImages({ snapshot }: EvaluationInput): Verdict | undefined {
  const subjects = specSubjects(snapshot.workloads.available ? snapshot.workloads.items : []);
  const missing = subjects.filter((workload) =>
    workload.pods.length > 0
      ? [...liveSpecs(workload).keys()].some(lacksImage)
      : workload.template !== undefined && lacksImage(workload.template.spec),
  );
  const [first] = missing;
  if (first === undefined) return undefined;
  const one = 'leaves an image to be filled in on admission';
  const many = 'leave images to be filled in on admission';
  const some = someOf(missing.length, subjects.length, one, many);
  return unknown('EvaluationError', `${some}, such as ${first.kind} ${first.name}.`);
}

function judge({ reference: text, ...place }: Image, entries?: readonly RegistryEntry[]): Issue | undefined {
  if (text === '') return undefined;
  const reference = parseImageReference(text);
  if (isParseFailure(reference)) {
    return { ...place, observed: text, message: `The image reference ${reference.problem}.` };
  }
  if (entries === undefined || entries.some((entry) => matches(entry, reference))) return undefined;
  const meant = formatImageReference(reference);
  const message = `No entry of the allowlist allows ${meant}.`;
  return { ...place, observed: text, message };
}
