import type { PackageClass } from '../../domain/vulnerability.ts';
import { osFamilies } from '../../domain/os-families.ts';

/** What a report may say of where a package comes from; Trivy Operator writes most of it only when told to. */
export interface PackageOrigin {
  /** `os-pkgs` or `lang-pkgs`. */
  readonly class: string | undefined;
  /** Such as `debian` or `gobinary`. */
  readonly type: string | undefined;
  /** Such as `pkg:deb/debian/openssl@3.0.1`. */
  readonly purl: string | undefined;
  /** Such as `library/nginx:1.27 (debian 12.9)` or `usr/bin/app`. */
  readonly target: string | undefined;
}

/** Package types of package URLs that operating systems use; any other is a language's. */
const osPurlTypes: readonly string[] = ['alpm', 'apk', 'deb', 'rpm'];

/** @returns undefined when nothing tells */
export function packageClassOf(origin: PackageOrigin): PackageClass | undefined {
  return (
    fromClass(origin.class) ?? fromType(origin.type) ?? fromPurl(origin.purl) ?? fromTarget(origin.target)
  );
}

const fromClass = (text: string | undefined): PackageClass | undefined =>
  text === 'os-pkgs' ? 'os' : text === 'lang-pkgs' ? 'language' : undefined;

const fromType = (text = ''): PackageClass | undefined =>
  text === '' ? undefined : osFamilies.has(text.toLowerCase()) ? 'os' : 'language';

function fromPurl(text = ''): PackageClass | undefined {
  const type = /^pkg:([^/@]+)\//.exec(text)?.[1];
  return type === undefined ? undefined : osPurlTypes.includes(type.toLowerCase()) ? 'os' : 'language';
}

/** Trivy puts the operating system behind the image in the target of its packages. A path alone tells nothing. */
function fromTarget(text = ''): PackageClass | undefined {
  const family = /\(([a-z.-]+) [^()]*\)$/.exec(text)?.[1];
  return family !== undefined && osFamilies.has(family) ? 'os' : undefined;
}
