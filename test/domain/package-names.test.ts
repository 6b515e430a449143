import { expect } from 'chai';
import { defaultParameters } from '../../src/domain/parameters.ts';
import { packageParameters } from '../../src/domain/sbom.ts';
import { entriesOf } from '../../src/domain/package-names.ts';

/** Packages as distributions call them, and the entry of the default lists by which each is found. */
const found: Readonly<Record<string, string>> = {
  'gcc-12': 'gcc',
  'gcc-c++': 'g++',
  'g++-13': 'g++',
  clang17: 'clang',
  'clang-15': 'clang',
  'netcat-openbsd': 'netcat',
  'netcat-traditional': 'netcat',
  'nmap-ncat': 'ncat',
  'python3-pip': 'pip',
  'python3.11-pip': 'pip',
  'py3-pip': 'pip',
  'git-core': 'git',
  'curl-minimal': 'curl',
  wget2: 'wget',
  dnf5: 'dnf',
  'openssh-clients': 'openssh-client',
  mount: 'util-linux',
  login: 'passwd',
  'shadow-utils': 'shadow',
  'libpam-modules-bin': 'pam',
  'policykit-1': 'polkit',
  fuse3: 'fuse',
  cronie: 'cron',
  bash: 'bash',
};

/** Packages that come with nearly every image and are none of these tools. */
const others = [
  'gcc-12-base',
  'libgcc-s1',
  'bash-completion',
  'libapt-pkg6.0',
  'libcurl4',
  'git-man',
  'rpm-libs',
  'libpam-runtime',
  'libpam0g',
  'libdbus-1-3',
  'at-spi2-core',
  'make-guile',
  'ssl_client',
];

const entries = new Set(packageParameters.flatMap((path) => defaultParameters[path]));
const answers = (name: string) => entriesOf(name, 'os').filter((entry) => entries.has(entry));

describe('the entries that a package answers to', () => {
  for (const [name, entry] of Object.entries(found)) {
    it(`${name} is found as ${entry}`, () => expect(answers(name)).to.deep.equal([entry]));
  }
  for (const name of others) {
    it(`${name} is not`, () => expect(answers(name)).to.deep.equal([]));
  }

  it('are its own name first, whatever else', () => {
    expect(entriesOf('gcc-12', 'os')).to.deep.equal(['gcc-12', 'gcc']);
    expect(entriesOf('7', 'os')).to.deep.equal(['7']);
  });

  it('are none of the system for a package of a language that only bears a name of one', () => {
    for (const name of ['make', 'git', 'bash', 'gcc', 'sudo'])
      expect(entriesOf(name, 'language'), name).to.deep.equal([]);
    for (const name of ['pip', 'npm', 'log4j-core'])
      expect(entriesOf(name, 'language'), name).to.deep.equal([name]);
  });

  it('are known for every default entry: each is a tool of the system, or a package manager of a language', () => {
    const free = [...entries].filter((entry) => entriesOf(entry, 'language').length > 0);
    expect(free.sort()).to.deep.equal(['gem', 'npm', 'pip']);
  });
});
