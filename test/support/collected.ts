import type { Collected } from '../../src/evidence/manifests/collect.ts';
import { ManifestSorter } from '../../src/evidence/manifests/collect.ts';
import type { Manifest } from '../../src/evidence/manifests/documents.ts';

/** What a scan makes of manifests. */
export function collectManifests(manifests: Iterable<Manifest>): Collected {
  const sorter = new ManifestSorter();
  for (const manifest of manifests) sorter.add(manifest);
  return sorter.collected;
}
