import { expect } from 'chai';
import fc from 'fast-check';
import { isParseFailure, parseImageReference } from '../../src/domain/image-reference.ts';
import type { RegistryEntry } from '../../src/domain/registry-entry.ts';
import { matches, parseRegistryEntry } from '../../src/domain/registry-entry.ts';
import { unicodeText } from '../support/unicode-text.ts';

const digest = `sha256:${'a1'.repeat(32)}`;
const other = `sha256:${'b2'.repeat(32)}`;

/** Entry, images that it allows, images that it does not. */
const cases: Record<string, [string, string[], string[]]> = {
  'a registry allows all that is in it and nothing that only looks like it': [
    'registry.example.com',
    [
      'registry.example.com/x',
      'registry.example.com/a/b:1',
      'REGISTRY.example.com/x',
      'registry.example.com:443/x',
    ],
    [
      'registry.example.com.evil.io/x',
      'evil.io/registry.example.com/x',
      'registry.example.com:8443/x',
      'xregistry.example.com/x',
      'example.com/x',
      'xn--rgistry-bya.example.com/x',
      'busybox',
    ],
  ],
  'a port is part of the registry': [
    'registry.example.com:8443',
    ['registry.example.com:8443/x'],
    [
      'registry.example.com/x',
      'registry.example.com:443/x',
      'registry.example.com:84430/x',
      'registry.example.com:08443/x',
    ],
  ],
  'the default port is no port': [
    'registry.example.com:443',
    ['registry.example.com/x', 'registry.example.com:443/x'],
    ['registry.example.com:80/x'],
  ],
  'an entry in upper case means the same': [
    'Registry.Example.COM',
    ['registry.example.com/x'],
    ['registry.example.org/x'],
  ],
  'a path is a prefix of whole segments': [
    'h.example/team',
    ['h.example/team', 'h.example/team/app', 'h.example/team/a/b:1'],
    ['h.example/team-evil/app', 'h.example/teams', 'h.example/a/team', 'h.example/x'],
  ],
  'a trailing /* leaves out the path itself': [
    'h.example/team/*',
    ['h.example/team/app', 'h.example/team/a/b'],
    ['h.example/team', 'h.example/team-x/app'],
  ],
  'a trailing slash changes nothing': [
    'h.example/team/',
    ['h.example/team', 'h.example/team/app'],
    ['h.example/team-x'],
  ],
  'a registry with /* is the registry': [
    'h.example/*',
    ['h.example/a', 'h.example/a/b'],
    ['h.example.evil.io/a'],
  ],
  'a leading *. stands for one label': [
    '*.example.com',
    ['a.example.com/x', 'B.example.com/x'],
    [
      'example.com/x',
      'a.b.example.com/x',
      'a.example.com.evil.io/x',
      'aexample.com/x',
      'a.example.com:8443/x',
    ],
  ],
  'a leading *. goes with a port and a path': [
    '*.example.com:5000/team',
    ['a.example.com:5000/team/x'],
    ['a.example.com/team/x', 'a.example.com:5000/x'],
  ],
  'a tag must be the same, of the same repository': [
    'h.example/app:1',
    ['h.example/app:1', `h.example/app:1@${digest}`],
    ['h.example/app:2', 'h.example/app', 'h.example/app/below:1', `h.example/app@${digest}`],
  ],
  'the tag latest is the one that is not written': [
    'h.example/app:latest',
    ['h.example/app'],
    [`h.example/app@${digest}`],
  ],
  'a digest must be the same, of the same repository': [
    `h.example/app@${digest}`,
    [`h.example/app@${digest}`, `h.example/app:1@${digest}`],
    [`h.example/app@${other}`, 'h.example/app:1', `h.example/app/below@${digest}`],
  ],
  'Docker Hub allows what names no registry': [
    'docker.io',
    ['busybox', 'bitnami/redis', 'index.docker.io/busybox'],
    ['docker.io.evil.io/busybox', 'docker.io:5000/busybox', 'quay.io/x'],
  ],
  'Docker Hub by its old name is Docker Hub': ['index.docker.io', ['busybox'], ['quay.io/busybox']],
  'the official images are a namespace of Docker Hub': [
    'docker.io/library',
    ['busybox', 'docker.io/busybox'],
    ['bitnami/redis', 'library-evil/x'],
  ],
  'a word behind Docker Hub is a namespace': [
    'docker.io/bitnami',
    ['bitnami/redis'],
    ['bitnami', 'bitnami-evil/redis'],
  ],
  'a word with a tag behind Docker Hub is an official image': [
    'docker.io/busybox:1.36',
    ['busybox:1.36'],
    ['busybox', 'busybox/x:1.36'],
  ],
  'localhost is a registry': ['localhost', ['localhost/app'], ['localhost:5000/app', 'app']],
  'an address is a registry': [
    '[fd00::1]:5000',
    ['[FD00::1]:5000/app'],
    ['[fd00::1]/app', '[fd00::2]:5000/app'],
  ],
};

const failures: Record<string, [string, string]> = {
  'an empty text': ['', 'is empty'],
  'white space': [' h.example', 'has white space in it'],
  'a scheme': ['https://h.example', 'has a scheme: write the host alone'],
  'user information': ['user@h.example', 'has an "@" in its host: user information is never accepted'],
  'every registry': ['*', 'would allow every registry'],
  'every registry with a path': ['*/team', 'would allow every registry'],
  'a word that is no host': [
    'openpolicyagent/',
    'names "openpolicyagent", which is no registry host without a dot or a port (for Docker Hub write docker.io/openpolicyagent)',
  ],
  'a word with a tag': ['ubuntu:20.14', 'names "ubuntu:20.14", which is not a registry host'],
  'a * within a label': [
    'reg*.example.com',
    'has a "*" that is neither the whole first label nor the whole last segment',
  ],
  'a * behind the first label': [
    'a.*.example.com',
    'has a "*" that is neither the whole first label nor the whole last segment',
  ],
  'two *': ['*.*.example.com', 'has a "*" that is neither the whole first label nor the whole last segment'],
  'a * within a path': [
    'h.example/*/app',
    'has a "*" that is neither the whole first label nor the whole last segment',
  ],
  'a * at the end of a segment': [
    'h.example/team*',
    'has a "*" that is neither the whole first label nor the whole last segment',
  ],
  'a * for a tag': ['h.example/app:*', 'has "*", which is not a tag'],
  'a tag and /*': ['h.example/app:1/*', 'has both a tag or digest and a trailing "/*"'],
  'a * before an address': ['*.0.0.1', 'has a "*" before an address'],
  'a * before an IPv6 address': ['*.[::1]', 'has a "*" before an address'],
  'upper case in the path': ['h.example/Team', 'has upper case in "Team"'],
  'an empty path component': ['h.example//team', 'has an empty path component'],
  'a port that does not exist': ['h.example:70000', 'has the port 70000, which does not exist'],
  'a digest that is none': ['h.example/app@sha256:1', 'has a malformed sha256 digest'],
  'letters outside ASCII': ['régistry.example', 'has letters outside ASCII: write the host in its xn-- form'],
  'a text that is too long': [`h.example/${'a'.repeat(600)}`, 'is longer than 512 characters'],
};

const entryOf = (text: string): RegistryEntry => {
  const entry = parseRegistryEntry(text);
  if (isParseFailure(entry)) throw new Error(`${text} ${entry.problem}`);
  return entry;
};

const allows = (entry: RegistryEntry, image: string): boolean => {
  const reference = parseImageReference(image);
  if (isParseFailure(reference)) throw new Error(`${image} ${reference.problem}`);
  return matches(entry, reference);
};

describe('RegistryEntry', () => {
  for (const [sentence, [entry, allowed, refused]] of Object.entries(cases)) {
    it(sentence, () => {
      for (const image of allowed) expect(allows(entryOf(entry), image), image).to.equal(true);
      for (const image of refused) expect(allows(entryOf(entry), image), image).to.equal(false);
    });
  }
  for (const [sentence, [text, problem]] of Object.entries(failures)) {
    it(`refuses ${sentence}`, () => {
      expect(parseRegistryEntry(text)).to.deep.equal({ problem });
    });
  }

  it('allows only what stands in its own registry, whatever both texts are', () => {
    const host = fc.constantFrom(
      'a.io',
      'A.io',
      'b.a.io',
      'c.b.a.io',
      'a.io.evil.io',
      'docker.io',
      'localhost',
      'a.io:443',
      'a.io:80',
    );
    const path = fc
      .array(fc.constantFrom('t', 'tt', 't-t'), { minLength: 1, maxLength: 3 })
      .map((all) => all.join('/'));
    const entry = fc.tuple(fc.constantFrom('', '*.'), host, fc.option(path), fc.constantFrom('', '/*', ':1'));
    const image = fc.tuple(fc.option(host), path, fc.constantFrom('', ':1', ':2'));
    let matched = 0;
    fc.assert(
      fc.property(entry, image, ([star, entryHost, entryPath, end], [imageHost, imagePath, tag]) => {
        const parsed = parseRegistryEntry(
          `${star}${entryHost}${entryPath === null ? '' : `/${entryPath}${end}`}`,
        );
        const reference = parseImageReference(
          `${imageHost === null ? '' : `${imageHost}/`}${imagePath}${tag}`,
        );
        if (isParseFailure(parsed) || isParseFailure(reference) || !matches(parsed, reference)) return;
        matched++;
        const registry = parsed.anyLabel ? reference.host.replace(/^[^.]+\./, '') : reference.host;
        expect([registry, reference.port]).to.deep.equal([parsed.host, parsed.port]);
      }),
      { numRuns: 2000 },
    );
    expect(matched).to.be.greaterThan(0);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(unicodeText(), fc.string(), (text, image) => {
        const entry = parseRegistryEntry(text);
        const reference = parseImageReference(image);
        if (!isParseFailure(entry) && !isParseFailure(reference)) matches(entry, reference);
      }),
    );
  });
});
