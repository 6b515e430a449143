import { cleanText } from '../../base/clean-text.ts';
import type { SecretScan, VulnerabilityScan } from '../../domain/scan-report.ts';
import type { Json } from '../fields.ts';
import { isObject, objectsField, ShapeError, stringField } from '../fields.ts';
import { readImages } from './command-line-images.ts';
import { readResults } from './command-line-results.ts';

type Placed<T> = T & { readonly namespace: string };

/** What a file of `trivy k8s --format json` shows. */
export interface ClusterScan {
  readonly vulnerabilities: readonly Placed<VulnerabilityScan>[];
  readonly secrets: readonly Placed<SecretScan>[];
  /** What the file does not show although one might expect it: sentences. */
  readonly notes: readonly string[];
}

/** `--report all` lists `Resources`, each scan by itself; `--report summary` joins those of a workload into `Findings`. */
export function isClusterJson(document: Json): boolean {
  return (
    typeof document['ClusterName'] === 'string' &&
    document['kind'] === undefined &&
    (Array.isArray(document['Resources']) || Array.isArray(document['Findings']))
  );
}

/**
 * A workload with its image and what was found in it. Where several images of one workload are joined, nothing says what
 * was found in which, and all of it is left out. The file has no date, so that its scans count as undated.
 * @param name of the file, for the findings to name
 * @throws ShapeError
 */
export function readClusterJson(document: Json, name: string): ClusterScan {
  const vulnerabilities: Placed<VulnerabilityScan>[] = [];
  const secrets: Placed<SecretScan>[] = [];
  const joined: string[] = [];
  for (const resource of [
    ...objectsField(document, 'Resources', ''),
    ...objectsField(document, 'Findings', ''),
  ]) {
    const results = objectsField(resource, 'Results', 'Resources').filter(isOfImage);
    if (results.length === 0) continue;
    const text = (key: string) => cleanText(stringField(resource, key, 'Resources') ?? '', 253);
    const owner = { kind: text('Kind'), name: text('Name') };
    const metadata = metadataOf(resource, Array.isArray(document['Findings']));
    if (metadata === undefined) {
      joined.push(`${owner.kind} ${owner.name}`);
      continue;
    }
    const common = { name, namespace: text('Namespace') || 'default', owner, scanner: 'Trivy' };
    for (const image of readImages(metadata)) {
      const found = readResults(results, metadata, image);
      if (found.vulnerabilities !== undefined)
        vulnerabilities.push({ ...common, image, ...found.vulnerabilities });
      if (found.secrets !== undefined) secrets.push({ ...common, image, ...found.secrets });
    }
  }
  return { vulnerabilities, secrets, notes: [noDate, ...joinedNote(joined)] };
}

/** Checks of the workload's own manifest stand among the results too. */
const isOfImage = (result: Json): boolean =>
  ['os-pkgs', 'lang-pkgs', 'secret'].includes(String(result['Class']));

/**
 * Of the image that was scanned; undefined when there are several, or when there may be: where scans were joined, older
 * versions kept the metadata of one of them alone.
 */
function metadataOf(resource: Json, isJoined: boolean): Json | undefined {
  const found = resource['Metadata'] ?? [];
  if (isObject(found)) return isJoined ? undefined : found;
  if (!Array.isArray(found)) throw new ShapeError('Resources.Metadata', 'an object or a list', found);
  const [first, ...others] = objectsField(resource, 'Metadata', 'Resources');
  return others.length === 0 ? first : undefined;
}

const noDate = 'It does not say when the images were scanned, so that none of its scans is current.';

function joinedNote(joined: readonly string[]): string[] {
  if (joined.length === 0) return [];
  const shown = joined.slice(0, 5).join(', ') + (joined.length > 5 ? ` and ${joined.length - 5} more` : '');
  return [
    `It does not say which image it found what in: ${shown}. \`--report all\` lists each image by itself.`,
  ];
}
