import type { ImageReference } from '../../domain/image-reference.ts';
import {
  formatRegistry,
  isParseFailure,
  normalise,
  parseImageReference,
} from '../../domain/image-reference.ts';
import type { ScannedImage } from '../../domain/scan-report.ts';
import type { Json } from '../fields.ts';
import { stringsField } from '../fields.ts';
import { present } from '../present.ts';

/**
 * The names of the image: each tag with the digest of its repository, then digests that no tag goes with.
 * @param metadata `Metadata` of the command line
 * @param name how the image was called on the command line
 */
export function readImages(metadata: Json, name = ''): readonly ScannedImage[] {
  const digests = parseAll(stringsField(metadata, 'RepoDigests', 'Metadata'));
  const tags = parseAll(stringsField(metadata, 'RepoTags', 'Metadata'));
  const images: ScannedImage[] = [];
  for (const { tag, digest, ...named } of [...tags, ...parseAll([name]), ...digests].map(normalise)) {
    const image = {
      registry: formatRegistry(named),
      repository: named.repository,
      ...present({ tag, digest: digest ?? digests.find((other) => sameName(other, named))?.digest }),
    };
    if (!images.some((other) => covers(other, image))) images.push(image);
  }
  return images;
}

/** Texts that are no reference are left out: `ArtifactName` may be the path of an archive. */
function parseAll(texts: readonly string[]): ImageReference[] {
  return texts.map(parseImageReference).filter((each): each is ImageReference => !isParseFailure(each));
}

const sameName = (a: ImageReference, b: ImageReference) =>
  formatRegistry(a) === formatRegistry(b) && a.repository === b.repository;

/** The same image, of which `b` says nothing that `a` does not. */
const covers = (a: ScannedImage, b: ScannedImage) =>
  a.registry === b.registry &&
  a.repository === b.repository &&
  a.digest === b.digest &&
  (b.tag === undefined || a.tag === b.tag);
