import type { SecretScan, VulnerabilityScan } from '../../domain/scan-report.ts';
import type { Json } from '../fields.ts';
import { objectField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import { readImages } from './command-line-images.ts';
import type { ResultsOfImage } from './command-line-results.ts';
import { readResults } from './command-line-results.ts';
import { readTime } from '../times.ts';

/** What one file of `trivy image --format json` shows. */
export interface CommandLineScan {
  /** One for each name of the image. */
  readonly vulnerabilities: readonly VulnerabilityScan[];
  readonly secrets: readonly SecretScan[];
  /** What the file does not show although one might expect it: sentences. */
  readonly notes: readonly string[];
}

/** Whether a document is what `trivy image --format json` writes (schema version 2). */
export function isTrivyJson(document: Json): boolean {
  return document['SchemaVersion'] === 2 && document['kind'] === undefined;
}

/**
 * The file does not say which scanners ran. A list of findings shows that one did; no finding of a kind shows nothing,
 * for it is what a scan without that scanner looks like.
 * @param name of the file, for the findings to name
 * @throws ShapeError
 */
export function readTrivyJson(document: Json, name: string): CommandLineScan {
  const type = stringField(document, 'ArtifactType', '') ?? 'container_image';
  if (type !== 'container_image') return onlyNotes(`It scanned a ${type}, not an image.`);
  const metadata = objectField(document, 'Metadata', '') ?? {};
  const images = readImages(metadata, stringField(document, 'ArtifactName', ''));
  if (images.length === 0) return onlyNotes('It names no image.');
  const results = objectsField(document, 'Results', '');
  const updatedAt = readTime(stringField(document, 'CreatedAt', ''));
  const common = { name, scanner: 'Trivy', ...present({ updatedAt }) };
  const found = images.map((image) => ({ image, ...readResults(results, metadata, image) }));
  const [{ vulnerabilities, secrets } = {} as ResultsOfImage] = found;
  return {
    vulnerabilities: found.flatMap((each) =>
      each.vulnerabilities === undefined ? [] : { ...common, image: each.image, ...each.vulnerabilities },
    ),
    secrets: found.flatMap((each) =>
      each.secrets === undefined ? [] : { ...common, image: each.image, ...each.secrets },
    ),
    notes: [
      ...(vulnerabilities === undefined ? [noVulnerabilities] : []),
      ...(secrets === undefined ? [noSecrets] : []),
    ],
  };
}

const onlyNotes = (...notes: string[]): CommandLineScan => ({ vulnerabilities: [], secrets: [], notes });

const noVulnerabilities =
  'It does not show whether vulnerabilities were looked for: it lists packages without any, as a scan without the ' +
  'vulnerability scanner does. `--list-all-pkgs=false` makes the difference visible.';
const noSecrets = 'It lists no secret, and does not show whether secrets were looked for.';
