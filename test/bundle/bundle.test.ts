import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Metafile } from 'esbuild';
import { dump } from 'js-yaml';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { version } from '../../src/cli/version.ts';
import { buildBundle } from '../../tools/build.ts';
import { falcoEvent } from '../support/falco.ts';
import { InstalledImage } from './installed.ts';

const privileged = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'careless', namespace: 'shop' },
  spec: { containers: [{ name: 'app', image: 'nginx', securityContext: { privileged: true } }] },
};

describe('the bundle', function () {
  this.timeout(60_000);
  const image = new InstalledImage();
  before(() => image.build());
  after(() => image.remove());

  describe('run as the image runs it', () => {
    it('tells its version', () => {
      const { stdout, stderr, status } = image.run(['version']);
      expect({ stdout, stderr, status }).to.deep.equal({
        stdout: `plumbline ${version}\n`,
        stderr: '',
        status: 0,
      });
    });

    it('lists every control', () => {
      const { stdout, stderr, status } = image.run(['controls']);
      expect({ stderr, status }).to.deep.equal({ stderr: '', status: 0 });
      for (const { id } of catalogue) expect(stdout).to.include(`${id} `);
    });

    it('explains a control', () => {
      const { stdout, stderr, status } = image.run(['explain', 'RD-2.2.1']);
      expect({ stderr, status }).to.deep.equal({ stderr: '', status: 0 });
      expect(stdout).to.match(/^RD-2\.2\.1 /);
    });

    it('scans what comes on standard input, in the schema of the reports', () => {
      const { stdout, status } = image.run(['scan', '-', '--format', 'json'], { input: dump(privileged) });
      const { kind, items } = JSON.parse(stdout) as {
        kind: string;
        items: { kind: string; metadata: { namespace?: string }; status: { state: string } }[];
      };
      const reports = items.map((item) => [item.kind, item.metadata.namespace, item.status.state]);
      expect(status).to.equal(1);
      expect(kind).to.equal('List');
      expect(reports).to.deep.equal([
        ['ComplianceReport', 'shop', 'NonCompliant'],
        ['ComplianceSummary', undefined, 'NonCompliant'],
      ]);
    });

    it('takes a profile', () => {
      const profile = {
        apiVersion: 'plumbline.dev/v1alpha1',
        kind: 'ComplianceProfile',
        metadata: { name: 'narrow' },
        spec: { controls: { 'RD-9.9.9': {} } },
      };
      const folder = mkdtempSync(join(tmpdir(), 'plumbline-profile-'));
      try {
        const path = join(folder, 'profile.yaml');
        writeFileSync(path, dump(profile));
        chmodSync(folder, 0o755);
        const { stderr, status } = image.run(['scan', '-', '--profile', path], { input: dump(privileged) });
        expect(status).to.equal(2);
        expect(stderr).to.include(path);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('ends with 2 and names the kubeconfig that points nowhere', () => {
      const KUBECONFIG = '/nowhere/kubeconfig';
      const { stdout, stderr, status } = image.run(['run'], { env: { KUBECONFIG } });
      expect({ stdout, status }).to.deep.equal({ stdout: '', status: 2 });
      expect(stderr).to.match(/^plumbline: .*\/nowhere\/kubeconfig.*\n$/);
    });

    it('ends with 2 and says that there is no cluster where none is named', () => {
      const { stderr, status } = image.run(['run'], { env: { HOME: '/nonexistent' } });
      expect(status).to.equal(2);
      expect(stderr).to.match(/^plumbline: no cluster is named: /);
    });

    it('keeps events on disk, with a thread of its own, before it has met its cluster', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'plumbline-events-'));
      chmodSync(folder, 0o777);
      const kubeconfig = join(folder, 'kubeconfig');
      const cluster = {
        clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        users: [{ name: 'u', user: {} }],
        'current-context': 'c',
      };
      writeFileSync(kubeconfig, dump(cluster));
      const env = {
        KUBECONFIG: kubeconfig,
        PLUMBLINE_METRICS_ADDRESS: '127.0.0.1:0',
        PLUMBLINE_INTAKE_ADDRESS: '127.0.0.1:0',
        PLUMBLINE_STORE_FOLDER: join(folder, 'store'),
      };
      const process = image.start(['run'], { env });
      try {
        const url = await new Promise<string>((resolve, reject) => {
          let log = '';
          process.on('close', () => reject(new Error(log)));
          process.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
          process.stdout.on('data', (chunk: Buffer) => {
            log += chunk.toString();
            const found = /"intake":"([^"]+)"/.exec(log)?.[1];
            if (found !== undefined) resolve(found);
          });
        });
        const answer = await fetch(url, {
          method: 'POST',
          body: JSON.stringify(falcoEvent({ time: new Date().toISOString() })),
        });
        expect(answer.status).to.equal(204);
        expect(readFileSync(join(folder, 'store', 'events.db-wal')).includes('Terminal shell')).to.equal(
          true,
        );
      } finally {
        process.kill('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      }
    });

    it('shows our own sources, by line, in a stack trace', () => {
      // A defect is played by taking away what every version of Node has.
      const defect = 'data:text/javascript,process.stdout.write = undefined;';
      const { stderr, status } = image.run(['version'], { nodeOptions: ['--import', defect] });
      expect(status).to.equal(2);
      expect(stderr).to.match(/TypeError/);
      expect(stderr).to.match(/src\/cli\/main\.ts:\d+/);
    });
  });

  describe('loads', () => {
    const trace = ['--import', join(import.meta.dirname, 'trace-loads.mjs')];
    const loaded = (args: string[], input = '') =>
      [...image.run(args, { nodeOptions: trace, input }).stderr.matchAll(/^loads (\S+)$/gm)].map(
        (match) => match[1] ?? '',
      );

    const forbidden = /node_modules\/(@kubernetes|@dot-i|undici|winston|prom-client|zod|ws|gaxios)\//;
    for (const [args, input] of [
      [['version'], ''],
      [['controls'], ''],
      [['explain', 'RD-2.2.1'], ''],
      [['scan', '-'], dump(privileged)],
    ] as [string[], string][]) {
      it(`neither client nor schema for ${args[0]}`, () => {
        const files = loaded(args, input).filter((url) => url.startsWith('file:') && url.includes('/app/'));
        const outputs = files
          .map((url) => `dist/${url.split('/app/')[1]}`)
          .filter((path) => path.endsWith('.js'));
        expect(outputs).to.include('dist/plumbline.js');
        const inputs = outputs.flatMap((path) =>
          Object.keys(image.metafile.outputs[path]?.inputs ?? { [`unknown ${path}`]: 0 }),
        );
        expect(inputs.length).to.be.above(2);
        expect(inputs.filter((path) => forbidden.test(path) || path.startsWith('unknown'))).to.deep.equal([]);
      });
    }

    it('the client for run, so that the rule above is about something', () => {
      const chunks = Object.values(image.metafile.outputs).filter(
        ({ entryPoint }) => entryPoint === 'src/cli/run.ts',
      );
      expect(
        chunks.flatMap(({ inputs }) => Object.keys(inputs)).some((path) => forbidden.test(path)),
      ).to.equal(true);
    });
  });

  describe('keeps out of the memory of run', () => {
    // On stderr as the last line: what Node has loaded of itself.
    const listing = `process.on('exit', () => process._rawDebug(process.moduleLoadList.join('\\n')))`;
    const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(listing)}`];

    it("Node's own fetch, and HTTP/2", () => {
      const { stderr } = image.run(['run'], { env: { KUBECONFIG: '/nowhere/kubeconfig' }, nodeOptions });
      expect(stderr).to.match(/^NativeModule https$/m);
      expect(stderr).not.to.match(/^NativeModule (?:internal\/deps\/undici|internal\/http2)/m);
    });

    it('what Kubernetes is made of, as the client has it, and what undici brings beside its agents', () => {
      const inputs = inputsOf(image.metafile);
      expect(inputs.some((path) => path.includes('/client-node/dist/config.js'))).to.equal(true);
      expect(inputs.some((path) => path.includes('/undici/lib/dispatcher/agent.js'))).to.equal(true);
      const unused =
        /\/client-node\/dist\/gen\/(?:apis|models|types)\/|\/gaxios\/|\/undici\/(?:index\.js|lib\/mock)/;
      expect(inputs.filter((path) => unused.test(path))).to.deep.equal([]);
    });
  });

  describe('has all that it needs for', () => {
    // Ends the process when a line of its log shows that it got as far as asking for the API server.
    const ending = `
      const { write } = process.stdout;
      process.stdout.write = function (text, ...others) {
        const result = write.call(this, text, ...others);
        if (/cannot be worked with/.test(text)) process.exit(7);
        return result;
      };`;
    const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(ending)}`];
    const expired = { exp: 1 };
    const token = `e30.${Buffer.from(JSON.stringify(expired)).toString('base64url')}.x`;
    const cases: Record<string, { cluster?: object; user: object; says: RegExp }> = {
      'an HTTP proxy': {
        cluster: { 'proxy-url': 'http://127.0.0.1:1' },
        user: { token: 'x' },
        says: /ECONNREFUSED/,
      },
      'a SOCKS proxy': {
        cluster: { 'proxy-url': 'socks5://127.0.0.1:1' },
        user: { token: 'x' },
        says: /ECONNREFUSED/,
      },
      'the answer of a command that gets a token': {
        user: {
          'auth-provider': {
            name: 'gcp',
            config: {
              'cmd-path': process.execPath,
              'cmd-args': `-p 'JSON.stringify({ token: "new", expiry: "2099-01-01T00:00:00Z" })'`,
              'token-key': '{.token}',
              'expiry-key': '{.expiry}',
              expiry: '2001-01-01T00:00:00Z',
              'access-token': 'old',
            },
          },
        },
        says: /ECONNREFUSED/,
      },
      // It is reached, and says what it makes of an address as client-node hands it over.
      'OpenID Connect': {
        user: {
          'auth-provider': {
            name: 'oidc',
            config: {
              'client-id': 'a',
              'refresh-token': 'b',
              'idp-issuer-url': 'https://127.0.0.1:1',
              'id-token': token,
            },
          },
        },
        says: /AuthFailed.*(?:ECONNREFUSED|\\"server\\" must be an instance of URL)/,
      },
    };

    for (const [what, { cluster = {}, user, says }] of Object.entries(cases)) {
      it(what, () => {
        const folder = mkdtempSync(join(tmpdir(), 'plumbline-late-'));
        try {
          const KUBECONFIG = join(folder, 'kubeconfig');
          const config = {
            'current-context': 'c',
            contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
            clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1', ...cluster } }],
            users: [{ name: 'u', user }],
          };
          writeFileSync(KUBECONFIG, dump(config));
          chmodSync(folder, 0o755);
          const env = { KUBECONFIG, PLUMBLINE_METRICS_ADDRESS: '127.0.0.1:0', PLUMBLINE_INTAKE_ADDRESS: '' };
          const { stdout, status } = image.run(['run'], { env, nodeOptions });
          expect(stdout).to.match(says);
          expect(status).to.equal(7);
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
    }
  });

  describe('as files', () => {
    it('is an executable that finds its own Node', () => {
      const path = join(image.folder, 'app', 'plumbline.js');
      expect(statSync(path).mode & 0o111).to.equal(0o111);
      const PATH = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
      const { stdout } = spawnSync(path, ['version'], {
        env: { PATH, NODE_V8_COVERAGE: undefined },
        encoding: 'utf8',
      });
      expect(stdout).to.equal(`plumbline ${version}\n`);
    });

    it('comes out the same wherever it is built', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'plumbline-again-'));
      try {
        await buildBundle(folder);
        const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
          statSync(join(folder, name)).isFile(),
        );
        expect(names).to.include('plumbline.js');
        for (const name of names) {
          const same = readFileSync(join(folder, name)).equals(readFileSync(join(image.folder, 'app', name)));
          expect(same, name).to.equal(true);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('carries the licence of every package in it, and a bill of materials that names them', () => {
      const licences = readFileSync(join(image.folder, 'app', 'LICENSES.txt'), 'utf8');
      const bill = JSON.parse(readFileSync(join(image.folder, 'app', 'sbom.cdx.json'), 'utf8')) as Bill;
      const packages = packagesOf(image.metafile);
      expect(packages).to.include.members(['js-yaml', 'zod', '@kubernetes/client-node']);
      expect(new Set(bill.components.map(({ name }) => name))).to.deep.equal(new Set(packages));
      for (const { name, version, licenses, hashes } of bill.components) {
        expect(licences).to.include(
          `${name} ${version}: ${licenses[0]?.license?.id ?? licenses[0]?.expression}\n`,
        );
        expect(hashes[0]?.content, name).to.match(/^[0-9a-f]{128}$/);
      }
    });

    // A program's text is kept for as long as it runs, and one such character doubles what it takes.
    it('is written in ASCII', () => {
      const folder = join(image.folder, 'app', 'chunks');
      const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
      const others = scripts.flatMap(
        (name) => /[^\n]{0,40}[^\0-\x7f]/.exec(readFileSync(join(folder, name), 'utf8')) ?? [],
      );
      expect(others).to.deep.equal([]);
      expect(scripts.length).to.be.above(5);
    });

    it('leaves out of its source maps what would cost memory', () => {
      const folder = join(image.folder, 'app', 'chunks');
      const maps = readdirSync(folder).filter((name) => name.endsWith('.map'));
      for (const name of maps) {
        const { sources } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { sources: string[] };
        expect(
          sources.filter((source) => !source.startsWith('../../src/') && source !== '../../package.json'),
        ).to.deep.equal([]);
      }
      expect(maps.length).to.be.above(5);
    });
  });
});

interface Bill {
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly licenses: readonly {
      readonly license?: { readonly id: string };
      readonly expression?: string;
    }[];
    readonly hashes: readonly { readonly content: string }[];
  }[];
}

const inputsOf = ({ outputs }: Metafile): string[] =>
  Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));

/** Names of the packages with code in the bundle. */
function packagesOf(metafile: Metafile): string[] {
  const paths = inputsOf(metafile);
  return [
    ...new Set(paths.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])),
  ];
}
