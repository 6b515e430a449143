import { cleanText } from '../../base/clean-text.ts';
import { compareText } from '../../domain/compare-text.ts';
import { Interner } from '../../domain/interner.ts';
import { entriesOf } from '../../domain/package-names.ts';
import type { Composition, NamedPackage, Sbom } from '../../domain/sbom.ts';
import type { ScannedImage } from '../../domain/scan-report.ts';
import type { PackageClass } from '../../domain/vulnerability.ts';
import type { Json } from '../fields.ts';
import { integerField, objectField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import { readArtifact, readHead, readLastWrite, readMetadata } from './metadata.ts';
import { packageClassOf } from './package-class.ts';
import type { InNamespace } from './project-report.ts';

/** What of a report its metadata tells. */
export interface SbomHead extends Omit<Sbom, 'image' | 'composition' | 'problem'>, InNamespace {
  /** When it was last written, milliseconds since the epoch. */
  readonly updatedAt?: number;
}

export interface SbomContent {
  readonly image: ScannedImage;
  readonly composition: Composition;
}

const longestText = 128;
const path = 'report.components.components';
const compositions = new Interner<Omit<Composition, 'sought'>>();

/** An SbomReport of which nothing but metadata is known. @throws ShapeError */
export function projectSbomHead(object: Json): SbomHead | undefined {
  const metadata = readMetadata(object);
  if (metadata === undefined) return undefined;
  const { name, namespace, owner, container } = metadata;
  const { updatedAt } = readLastWrite(object) ?? {};
  return present({ name, namespace, owner, container, updatedAt });
}

/**
 * An SbomReport with its body.
 * @returns undefined for a report that is history
 * @throws ShapeError
 */
export function projectSbomReport(object: Json): (Sbom & InNamespace) | undefined {
  const head = projectSbomHead(object);
  if (head === undefined) return undefined;
  const { updatedAt: _when, ...rest } = head;
  return { ...rest, ...readSbom(object) };
}

/**
 * What the body of a report says of its image: a few numbers and names of hundreds of kilobytes.
 * @param sought keep the packages that answer to one of these entries; all, where it is left out
 * @throws ShapeError
 */
export function readSbom(object: Json, sought?: ReadonlySet<string>): SbomContent {
  const report = readHead(object)?.report ?? {};
  // Without the bill itself an image would look as if it held nothing.
  const bom = objectField(report, 'components', 'report');
  const components = bom === undefined ? [] : objectsField(bom, 'components', 'report.components');
  const counted = integerField(
    objectField(report, 'summary', 'report') ?? {},
    'componentsCount',
    'report.summary',
  );
  const packages = components
    .filter((each) => stringField(each, 'type', path) === 'library')
    .map(readPackage);
  const count = (wanted: PackageClass | undefined) =>
    packages.filter(({ packageClass }) => packageClass === wanted).length;
  const composition = compositions.intern({
    osPackages: count('os'),
    languagePackages: count('language'),
    otherPackages: count(undefined),
    // The image itself is counted, and stands beside the list.
    unlisted:
      bom === undefined ? Math.max(1, counted ?? 0) : Math.max(0, (counted ?? 0) - components.length - 1),
    named: namedPackages(packages, sought),
    markers: markersOf(packages),
    ...present({ os: readOs(components), base: bom && readBase(bom) }),
  });
  return {
    image: readArtifact(report),
    composition: sought === undefined ? composition : { ...composition, sought },
  };
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly packageClass: PackageClass | undefined;
}

function readPackage(from: Json): Package {
  const text = (key: string) => stringField(from, key, path) ?? '';
  const group = text('group');
  return {
    name: cleanText(group === '' ? text('name') : `${group}/${text('name')}`, longestText),
    version: cleanText(text('version'), longestText),
    packageClass: packageClassOf({
      class: property(from, 'Class'),
      type: property(from, 'PkgType'),
      purl: stringField(from, 'purl', path),
      target: undefined,
    }),
  };
}

const property = (from: Json, name: string): string | undefined => {
  const found = objectsField(from, 'properties', path).find(
    (each) => stringField(each, 'name', path) === `aquasecurity:trivy:${name}`,
  );
  return found && stringField(found, 'value', path);
};

function namedPackages(packages: readonly Package[], sought?: ReadonlySet<string>): readonly NamedPackage[] {
  const found = new Map<string, NamedPackage>();
  for (const { name, packageClass } of packages) {
    for (const entry of entriesOf(name, packageClass)) {
      if (sought?.has(entry) !== false) found.set(`${entry}\n${name}`, { entry, name });
    }
  }
  return [...found.values()].sort((a, b) => compareText(a.entry, b.entry) || compareText(a.name, b.name));
}

/** The C library, OpenSSL, and what names the release. */
const marker =
  /^(?:libc6|libc-bin|glibc|glibc-common|musl|openssl|openssl-libs|libssl[\d.t]+(?:64)?|libcrypto\d+|base-files|alpine-baselayout|alpine-release|wolfi-baselayout|redhat-release)$/;

const markersOf = (packages: readonly Package[]): Composition['markers'] =>
  packages
    .filter(({ name, packageClass }) => packageClass === 'os' && marker.test(name))
    .map(({ name, version }) => ({ name, version }))
    .sort((a, b) => compareText(a.name, b.name) || compareText(a.version, b.version));

function readOs(components: readonly Json[]): Composition['os'] | undefined {
  const os = components.find((each) => stringField(each, 'type', path) === 'operating-system');
  if (os === undefined) return undefined;
  const family = cleanText(stringField(os, 'name', path) ?? '', longestText).toLowerCase();
  const release = cleanText(stringField(os, 'version', path) ?? '', longestText);
  return family === '' || family === 'none' ? undefined : { family, release };
}

/** Labels of the image stand among the properties of the component that is the image. */
function readBase(bom: Json): Composition['base'] | undefined {
  const image = objectField(objectField(bom, 'metadata', 'report.components') ?? {}, 'component', 'metadata');
  const labels = new Map(
    objectsField(image ?? {}, 'properties', 'metadata.component').map((each) => [
      (stringField(each, 'name', path) ?? '').replace(/^aquasecurity:trivy:Labels:/, ''),
      cleanText(stringField(each, 'value', path) ?? '', longestText * 4),
    ]),
  );
  const name = labels.get('org.opencontainers.image.base.name') || undefined;
  const digest = labels.get('org.opencontainers.image.base.digest') || undefined;
  return name === undefined ? undefined : { name, ...present({ digest }) };
}
