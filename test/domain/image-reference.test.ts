import { expect } from 'chai';
import fc from 'fast-check';
import {
  formatImageReference,
  isParseFailure,
  parseImageReference,
} from '../../src/domain/image-reference.ts';
import { unicodeText } from '../support/unicode-text.ts';

const digest = `sha256:${'a1'.repeat(32)}`;

const spellings: Record<string, [string, string]> = {
  'writes out Docker Hub, its official namespace and the tag': [
    'busybox',
    'docker.io/library/busybox:latest',
  ],
  'keeps the tag': ['busybox:1.36', 'docker.io/library/busybox:1.36'],
  'adds no tag to a digest': [`busybox@${digest}`, `docker.io/library/busybox@${digest}`],
  'keeps both tag and digest': [`busybox:1@${digest}`, `docker.io/library/busybox:1@${digest}`],
  'takes a first word without dot, port or upper case for a namespace of Docker Hub': [
    'bitnami/redis',
    'docker.io/bitnami/redis:latest',
  ],
  'keeps the namespace of Docker Hub': ['docker.io/bitnami/redis', 'docker.io/bitnami/redis:latest'],
  'knows the official namespace under the full name too': [
    'docker.io/busybox',
    'docker.io/library/busybox:latest',
  ],
  'knows Docker Hub by its old name': ['index.docker.io/busybox', 'docker.io/library/busybox:latest'],
  'takes localhost for a registry': ['localhost/app', 'localhost/app:latest'],
  'takes a number behind a lone word for a tag': ['localhost:5000', 'docker.io/library/localhost:5000'],
  'takes a word with a port for a registry': ['registry:5000/app', 'registry:5000/app:latest'],
  'takes a word with upper case for a registry, as the runtimes do, and says so': [
    'Harbor/app',
    'harbor:443/app:latest',
  ],
  'leaves the default port where the word alone would be a namespace of Docker Hub': [
    'harbor:443/app',
    'harbor:443/app:latest',
  ],
  'lowers the case of the host': ['REGISTRY.Example.com/app:V1', 'registry.example.com/app:V1'],
  'strips the default port': ['registry.example.com:443/app', 'registry.example.com/app:latest'],
  'keeps every other port': ['registry.example.com:8443/app', 'registry.example.com:8443/app:latest'],
  'keeps a port with zeros before it apart from the default one': [
    'h.example:0443/app',
    'h.example:0443/app:latest',
  ],
  'does not take the port for a tag': [
    'registry.example.com:8443/a/b',
    'registry.example.com:8443/a/b:latest',
  ],
  'knows IPv4 addresses': ['10.0.0.1:5000/app', '10.0.0.1:5000/app:latest'],
  'knows IPv6 addresses': ['[FD00::1]:5000/app:1', '[fd00::1]:5000/app:1'],
  'keeps punycode as it is written': [
    'xn--rgistry-bya.example.com/app',
    'xn--rgistry-bya.example.com/app:latest',
  ],
  'allows dots, underscores and dashes between letters': [
    'a/b.c_d__e---f',
    'docker.io/a/b.c_d__e---f:latest',
  ],
};

const failures: Record<string, [string, string]> = {
  'an empty text': ['', 'is empty'],
  'user information': [
    'registry.example.com@evil.io/x',
    'has an "@" that no digest follows (user information is never accepted)',
  ],
  'a name and password': [
    'user:pass@evil.io/x',
    'has an "@" that no digest follows (user information is never accepted)',
  ],
  'a scheme': ['https://registry.example.com/app', 'names "https:", which is not a registry host'],
  'an image ID': ['a1'.repeat(32), 'is an image ID, which names no registry'],
  'an image ID with its algorithm': [digest, 'is an image ID, which names no registry'],
  'upper case in the repository': ['docker.io/Library/busybox', 'has upper case in "Library"'],
  'upper case in a lone word': ['Busybox', 'has upper case in "Busybox"'],
  'an empty path component': ['registry.example.com//app', 'has an empty path component'],
  'nothing behind the registry': ['registry.example.com/', 'has no repository'],
  'nothing before the tag': [':1', 'has no repository'],
  'a separator at the end': ['registry.example.com/app-', 'has "app-", which is not a path component'],
  'three underscores': ['a___b', 'has "a___b", which is not a path component'],
  'a host with a dot at its end': [
    'registry.example.com./app',
    'names "registry.example.com.", which is not a registry host',
  ],
  'a host with a dash at its start': [
    '-registry.example.com/app',
    'names "-registry.example.com", which is not a registry host',
  ],
  'an IPv6 address without brackets': ['fd00::1/app', 'names "fd00::1", which is not a registry host'],
  'a host with letters outside ASCII': [
    'régistry.example.com/app',
    'names "régistry.example.com", which is not a registry host',
  ],
  'an empty tag': ['busybox:', 'has "", which is not a tag'],
  'a tag that is too long': [`busybox:${'a'.repeat(129)}`, `has "${'a'.repeat(129)}", which is not a tag`],
  'a digest that is too short': ['busybox@sha256:a1', 'has a malformed sha256 digest'],
  'a digest in upper case': [
    `busybox@${digest.toUpperCase().replace('SHA', 'sha')}`,
    'has a malformed sha256 digest',
  ],
  'a digest of an unknown algorithm': [
    `busybox@md5:${'a1'.repeat(16)}`,
    'has an "@" that no digest follows (user information is never accepted)',
  ],
  'two digests': [
    `busybox@${digest}@${digest}`,
    'has an "@" that no digest follows (user information is never accepted)',
  ],
  'white space': ['busybox ', 'has "busybox ", which is not a path component'],
  'a line feed at the end': ['busybox\n', 'has "busybox\n", which is not a path component'],
  'a repository that is too long': [
    `h.example/${'a'.repeat(256)}`,
    'has a repository longer than 255 characters',
  ],
  'a text without end': ['a'.repeat(5000), 'is longer than 4096 characters'],
};

describe('parseImageReference', () => {
  for (const [sentence, [text, expected]] of Object.entries(spellings)) {
    it(sentence, () => {
      const parsed = parseImageReference(text);
      expect(isParseFailure(parsed) ? parsed.problem : formatImageReference(parsed)).to.equal(expected);
    });
  }
  for (const [sentence, [text, problem]] of Object.entries(failures)) {
    it(`refuses ${sentence}`, () => {
      expect(parseImageReference(text)).to.deep.equal({ problem });
    });
  }

  it('never throws, and reads its own spelling back', () => {
    const piece = fc.constantFrom(
      'docker.io',
      'localhost',
      'Reg',
      'a',
      'B.c',
      '[::1]',
      ':',
      '/',
      '@',
      '443',
      digest,
      '.',
      '-',
      '*',
      'é',
    );
    const text = fc.oneof(
      unicodeText(),
      fc.array(piece, { maxLength: 9 }).map((all) => all.join('')),
    );
    let readable = 0;
    fc.assert(
      fc.property(text, (written) => {
        const parsed = parseImageReference(written);
        if (isParseFailure(parsed)) return;
        readable++;
        const spelling = formatImageReference(parsed);
        const again = parseImageReference(spelling);
        expect(isParseFailure(again) ? again.problem : formatImageReference(again)).to.equal(spelling);
      }),
      { numRuns: 5000 },
    );
    expect(readable).to.be.greaterThan(0);
  });
});
