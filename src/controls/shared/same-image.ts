import type { ImageReference } from '../../domain/image-reference.ts';
import {
  formatImageReference,
  formatRegistry,
  isParseFailure,
  parseImageReference,
} from '../../domain/image-reference.ts';
import type { ScannedImage } from '../../domain/scan-report.ts';

/** What a container runs, ready to be compared. */
export interface ComparableImage {
  /** Absent when the specification's text is no reference. */
  readonly reference?: ImageReference;
  /** Every digest that it is known by: the one it is pinned to, and the one that was pulled. */
  readonly digests: readonly string[];
}

export function comparable(image: string, pulled: string | undefined): ComparableImage {
  const reference = parseImageReference(image);
  if (isParseFailure(reference)) return { digests: pulled === undefined ? [] : [pulled] };
  return { reference, digests: [reference.digest, pulled].filter((digest) => digest !== undefined) };
}

/** The key under which images of one repository are found; undefined for what is no reference. */
export function repositoryKey(reference: ImageReference): string {
  return `${formatRegistry(reference)}/${reference.repository}`;
}

export function scannedReference({ registry, repository, tag }: ScannedImage): ImageReference | undefined {
  const name = registry === '' ? repository : `${registry}/${repository}`;
  const reference = parseImageReference(tag === undefined ? name : `${name}:${tag}`);
  return isParseFailure(reference) ? undefined : reference;
}

/**
 * Whether the scan is of this image: by digest where both are known (the same content has many names), else by name
 * and tag. A tag alone does not say that nothing was pushed over it; that is the most that such a scan can tell.
 */
export function isSameImage(scanned: ScannedImage, running: ComparableImage): boolean {
  if (scanned.digest !== undefined && running.digests.length > 0) {
    return running.digests.includes(scanned.digest);
  }
  const reference = scannedReference(scanned);
  if (reference === undefined || running.reference === undefined) return false;
  // Known by its digest alone, the one has no tag that could equal the other's.
  if (scanned.tag === undefined && scanned.digest !== undefined) return false;
  const { digest: _, ...named } = running.reference;
  if (running.reference.tag === undefined && running.reference.digest !== undefined) return false;
  return formatImageReference(reference) === formatImageReference(named);
}
