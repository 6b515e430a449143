import { expect } from 'chai';
import type { PackageClass } from '../../../src/domain/vulnerability.ts';
import type { PackageOrigin } from '../../../src/evidence/trivy/package-class.ts';
import { packageClassOf } from '../../../src/evidence/trivy/package-class.ts';

const origin = (overrides: Partial<PackageOrigin>): PackageOrigin => ({
  class: undefined,
  type: undefined,
  purl: undefined,
  target: undefined,
  ...overrides,
});

const cases: Record<string, [Partial<PackageOrigin>, PackageClass | undefined]> = {
  'the class says it': [{ class: 'os-pkgs', type: 'gobinary' }, 'os'],
  'the class says the other': [{ class: 'lang-pkgs', type: 'debian' }, 'language'],
  'a class of another kind does not': [{ class: 'custom' }, undefined],
  'the type is an operating system': [{ class: '', type: 'alpine' }, 'os'],
  'the type is a language': [{ type: 'gobinary' }, 'language'],
  'the package URL is of Debian': [{ purl: 'pkg:deb/debian/openssl@3.0.1?arch=amd64' }, 'os'],
  'the package URL is of Alpine': [{ purl: 'pkg:apk/alpine/musl@1.2.4' }, 'os'],
  'the package URL is of RPM': [{ purl: 'pkg:rpm/redhat/glibc@2.28' }, 'os'],
  'the package URL is of Go': [{ purl: 'pkg:golang/stdlib@1.22.0' }, 'language'],
  'the package URL is of npm, with a scope': [{ purl: 'pkg:npm/%40scope/name@1' }, 'language'],
  'what is no package URL does not tell': [{ purl: 'openssl' }, undefined],
  'the target names an operating system': [{ target: 'library/nginx:1.27 (debian 12.9)' }, 'os'],
  'the target is a path': [{ target: 'usr/bin/app' }, undefined],
  'the target names something else': [{ target: 'app (copy 2)' }, undefined],
  'nothing does': [{ class: '', type: '', purl: '', target: '' }, undefined],
};

describe('packageClassOf', () => {
  for (const [sentence, [given, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      expect(packageClassOf(origin(given))).to.equal(expected);
    });
  }
});
