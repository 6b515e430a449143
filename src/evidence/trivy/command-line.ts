import type { ImageReference } from '../../domain/image-reference.ts';
import {
  formatRegistry,
  isParseFailure,
  normalise,
  parseImageReference,
} from '../../domain/image-reference.ts';
import type { ScannedImage, SecretScan, VulnerabilityScan } from '../../domain/scan-report.ts';
import { cleanText } from '../../base/clean-text.ts';
import type { Json } from '../fields.ts';
import { objectField, objectsField, stringField, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import { countSeverities, severityName } from './counts.ts';
import { readTime } from './metadata.ts';
import { keepWorst } from './project-report.ts';

/** What one file of `trivy image --format json` shows. */
export interface CommandLineScan {
  /** One for each name of the image. */
  readonly vulnerabilities: readonly VulnerabilityScan[];
  readonly secrets: readonly SecretScan[];
  /** What the file does not show although one might expect it: sentences. */
  readonly notes: readonly string[];
}

/** Whether a document is what `trivy … --format json` writes (schema version 2). */
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
  if (type !== 'container_image') {
    return { vulnerabilities: [], secrets: [], notes: [`It scanned a ${type}, not an image.`] };
  }
  const images = readImages(document);
  if (images.length === 0) {
    return { vulnerabilities: [], secrets: [], notes: ['It names no image.'] };
  }
  const results = objectsField(document, 'Results', '');
  const common = {
    name,
    scanner: 'Trivy',
    ...present({ updatedAt: readTime(stringField(document, 'CreatedAt', '')) }),
  };
  const vulnerabilities = lookedForVulnerabilities(results)
    ? findings(results, 'Vulnerabilities')
    : undefined;
  const secrets = readSecrets(results);
  return {
    vulnerabilities:
      vulnerabilities === undefined
        ? []
        : images.map((image) => ({
            ...common,
            image,
            counts: countSeverities(vulnerabilities, 'Severity', 'Results.Vulnerabilities'),
          })),
    secrets:
      secrets.length === 0
        ? []
        : images.map((image) => ({
            ...common,
            image,
            counts: countSeverities(findings(results, 'Secrets'), 'Severity', 'Results.Secrets'),
            secrets: keepWorst(secrets),
          })),
    notes: [
      ...(vulnerabilities === undefined ? [noVulnerabilities] : []),
      ...(secrets.length === 0 ? [noSecrets] : []),
    ],
  };
}

const noVulnerabilities =
  'It does not show whether vulnerabilities were looked for: it lists packages without any, as a scan without the ' +
  'vulnerability scanner does. `--list-all-pkgs=false` makes the difference visible.';
const noSecrets = 'It lists no secret, and does not show whether secrets were looked for.';

/**
 * With the package list on (the default for JSON since 0.56) a result stands there for its packages alone; without it,
 * a result of packages is the vulnerability scanner's.
 */
function lookedForVulnerabilities(results: readonly Json[]): boolean {
  return results.some((result) => {
    if (Array.isArray(result['Vulnerabilities'])) return true;
    const kind = stringField(result, 'Class', 'Results');
    return (kind === 'os-pkgs' || kind === 'lang-pkgs') && !Array.isArray(result['Packages']);
  });
}

const findings = (results: readonly Json[], key: string): readonly Json[] =>
  results.flatMap((result) => objectsField(result, key, 'Results'));

function readSecrets(results: readonly Json[]): SecretScan['secrets'] {
  return results.flatMap((result) => {
    const target = stringField(result, 'Target', 'Results') ?? '';
    return objectsField(result, 'Secrets', 'Results').map((secret) => ({
      target: cleanText(target, 256),
      ruleId: cleanText(stringField(secret, 'RuleID', 'Results.Secrets') ?? '', 256),
      severity: severityName(stringField(secret, 'Severity', 'Results.Secrets')),
    }));
  });
}

/** The names of the image: each tag with the digest of its repository, then digests that no tag goes with. */
function readImages(document: Json): readonly ScannedImage[] {
  const metadata = objectField(document, 'Metadata', '') ?? {};
  const digests = parseAll(stringsField(metadata, 'RepoDigests', 'Metadata'));
  const tags = parseAll(stringsField(metadata, 'RepoTags', 'Metadata'));
  const named = parseAll([stringField(document, 'ArtifactName', '') ?? '']);
  const images: ScannedImage[] = [];
  for (const { tag, digest, ...name } of [...tags, ...named, ...digests].map(normalise)) {
    const image = {
      registry: formatRegistry(name),
      repository: name.repository,
      ...present({ tag, digest: digest ?? digests.find((other) => sameName(other, name))?.digest }),
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
