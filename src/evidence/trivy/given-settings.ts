import { stableText } from '../../base/stable-text.ts';
import type { ScannerSettings } from '../../domain/scan-report.ts';
import type { Gap, Source } from '../../domain/snapshot.ts';
import { read, unread } from '../../domain/snapshot.ts';
import type { Json } from '../fields.ts';
import { objectField, stringField } from '../fields.ts';
import { missingSettings, nameOf, readScannerSettings, settingsConfigMaps } from './settings.ts';

/**
 * What the scanner hides in a namespace, by ConfigMaps out of files.
 * @param given those of `settingsConfigMaps`, of whatever namespace
 * @param scannerNamespaces where profiles say that the scanner runs
 * @throws ShapeError
 */
export function givenSettings(
  given: readonly Json[],
  scannerNamespaces: readonly string[],
  namespace: string,
): Source<ScannerSettings> {
  const sorted = Map.groupBy(given, namespaceOf);
  const items = [...sorted].flatMap(
    ([where, objects]) => readScannerSettings(objects, where, namespace) ?? [],
  );
  const [asked = ''] = scannerNamespaces.filter((where) => !sorted.has(where));
  if (!scannerNamespaces.some((where) => sorted.has(where)))
    return unread(
      'NoEvidence',
      tell('the ConfigMaps of Trivy Operator were not given', asked, settingsConfigMaps),
    );
  const gaps = scannerNamespaces.flatMap((where) => gapOf(where, sorted.get(where)) ?? []);
  return read(items, gaps[0]);
}

function gapOf(where: string, objects: readonly Json[] | undefined): Gap | undefined {
  // That one of several namespaces shows nothing at all concerns the profile alone that names it.
  if (objects === undefined) return undefined;
  const [missing] = missingSettings(objects);
  if (missing !== undefined) {
    const message = tell(`ConfigMap ${where}/${missing} was not given`, where, [missing]);
    return { reason: 'PartialEvidence', message };
  }
  const different = new Set(objects.map((object) => stableText([nameOf(object), object['data'] ?? {}])));
  if (different.size === settingsConfigMaps.length) return undefined;
  const message = `What the scanner hides is not known: a ConfigMap of Trivy Operator in ${where} was given twice, and says different things.`;
  return { reason: 'PartialEvidence', message };
}

const tell = (problem: string, where: string, names: readonly string[]): string =>
  `What the scanner hides is not known: ${problem}. Give ${names.length === 1 ? 'it' : 'them'} too, among the manifests or with --trivy-reports: ` +
  `kubectl -n ${where} get configmap ${names.join(' ')} -o yaml`;

const metadataOf = (object: Json): Json => objectField(object, 'metadata', '') ?? {};
const namespaceOf = (object: Json): string =>
  stringField(metadataOf(object), 'namespace', 'metadata') ?? 'default';
