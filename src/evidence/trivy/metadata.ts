import type { ImageScan, ScannedImage } from '../../domain/scan-report.ts';
import type { Json } from '../fields.ts';
import { asObject, booleanField, objectField, objectsField, stringField, stringMapField } from '../fields.ts';
import { parseDuration } from '../../base/duration.ts';
import { present } from '../present.ts';
import { lastWriteOf, readTime } from '../times.ts';

/** What all of Trivy Operator's reports have in common. */
export interface ReportHead extends ReportMetadata {
  readonly report: Json;
}

interface ReportMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly owner?: NonNullable<ImageScan['owner']>;
  readonly container?: string;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  /** Milliseconds that the scanner trusts it. */
  readonly timeToLive?: number;
}

const label = (name: string) => `trivy-operator.${name}`;
const ttlAnnotation = 'trivy-operator.aquasecurity.github.io/report-ttl';

/**
 * Reads a report's metadata. Its object name is never parsed: beyond 63 characters it is a hash.
 * @returns undefined for a report with a TTL of nothing, which is history about to be deleted
 * @throws ShapeError
 */
export function readHead(object: Json): ReportHead | undefined {
  const metadata = readMetadata(object);
  return metadata === undefined ? undefined : { ...metadata, report: asObject(object['report'], 'report') };
}

/**
 * When a report of which nothing but metadata is asked for was last written: the API server notes that of each writer.
 * @returns undefined for a report that is history
 * @throws ShapeError
 */
export function readLastWrite(object: Json): { readonly updatedAt?: number } | undefined {
  const head = readMetadata(object);
  if (head === undefined) return undefined;
  return present({ updatedAt: lastWriteOf(asObject(object['metadata'], 'metadata')) });
}

/** @returns undefined for a report that is history @throws ShapeError */
export function readMetadata(object: Json): ReportMetadata | undefined {
  const metadata = asObject(object['metadata'], 'metadata');
  const labels = stringMapField(metadata, 'labels', 'metadata') ?? {};
  const annotations = stringMapField(metadata, 'annotations', 'metadata') ?? {};
  const ttl = annotations[ttlAnnotation];
  const timeToLive = ttl === undefined ? undefined : parseDuration(ttl);
  if (timeToLive === 0) return undefined;
  return {
    name: stringField(metadata, 'name', 'metadata') ?? '',
    // A report in a file may lack its namespace; the label says what was scanned.
    namespace:
      stringField(metadata, 'namespace', 'metadata') ?? (labels[label('resource.namespace')] || 'default'),
    ...present({
      owner: readOwner(metadata, labels, annotations),
      container: labels[label('container.name')] || undefined,
      createdAt: readTime(stringField(metadata, 'creationTimestamp', 'metadata')),
      timeToLive,
    }),
  };
}

type Map = Readonly<Record<string, string>>;

/** The object that was scanned: the controlling owner, else what the labels say. */
function readOwner(metadata: Json, labels: Map, annotations: Map): ImageScan['owner'] | undefined {
  const path = 'metadata.ownerReferences';
  const references = objectsField(metadata, 'ownerReferences', 'metadata');
  const reference =
    references.find((each) => booleanField(each, 'controller', path) === true) ?? references[0];
  if (reference !== undefined) {
    const kind = stringField(reference, 'kind', path);
    const name = stringField(reference, 'name', path);
    if (kind !== undefined && name !== undefined) {
      return { kind, name, ...present({ uid: stringField(reference, 'uid', path) }) };
    }
  }
  const kind = labels[label('resource.kind')];
  // A name that is no label value (too long, or with a colon) stands in the annotation, its hash in a label.
  const name = labels[label('resource.name')] ?? annotations[label('resource.name')];
  return kind === undefined || name === undefined ? undefined : { kind, name };
}

export function readArtifact(report: Json): ScannedImage {
  const artifact = objectField(report, 'artifact', 'report') ?? {};
  const registry = objectField(report, 'registry', 'report') ?? {};
  return {
    registry: stringField(registry, 'server', 'report.registry') ?? '',
    repository: stringField(artifact, 'repository', 'report.artifact') ?? '',
    ...present({
      tag: stringField(artifact, 'tag', 'report.artifact') || undefined,
      digest: stringField(artifact, 'digest', 'report.artifact') || undefined,
    }),
  };
}

export function readScanner(report: Json): string {
  const scanner = objectField(report, 'scanner', 'report') ?? {};
  return (stringField(scanner, 'name', 'report.scanner') ?? '').trim() || 'unknown';
}

/** `report.updateTimestamp`, in milliseconds since the epoch. */
export const readUpdate = (report: Json): number | undefined =>
  readTime(stringField(report, 'updateTimestamp', 'report'));
