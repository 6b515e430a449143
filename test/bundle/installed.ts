import { type ChildProcessByStdio, spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Metafile } from 'esbuild';
import { buildBundle } from '../../tools/build.ts';
import { parseDockerfile, parseExec, type Stage } from './dockerfile.ts';

const root = join(import.meta.dirname, '../..');
const buildFolder = '/plumbline/';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Before the program's own arguments. */
  readonly nodeOptions?: readonly string[];
}

/**
 * What the image holds, laid out in a temporary folder as the Dockerfile says, and run as the image would: by its
 * entrypoint, as nobody in particular, where nothing may be written, with hardly any environment.
 */
export class InstalledImage {
  readonly folder = mkdtempSync(join(tmpdir(), 'plumbline-image-'));
  readonly #image: Stage;
  #metafile: Metafile | undefined;

  constructor() {
    const image = parseDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8')).at(-1);
    if (image === undefined) throw new Error('the Dockerfile has no stage');
    this.#image = image;
  }

  async build(): Promise<void> {
    const dist = join(this.folder, 'build', 'dist');
    this.#metafile = await buildBundle(dist);
    const app = join(this.folder, 'app');
    mkdirSync(app, { recursive: true });
    for (const path of this.#copied()) {
      const source = path === 'dist' ? dist : join(root, path);
      // As COPY does it: what is in a folder, but a file itself.
      cpSync(source, path === 'dist' ? app : join(app, path), { recursive: true });
    }
    // Not the one under node_modules: others may not be let in there.
    mkdirSync(join(this.folder, 'nodejs', 'bin'), { recursive: true });
    copyFileSync(process.execPath, join(this.folder, 'nodejs', 'bin', 'node'), constants.COPYFILE_FICLONE);
    rmSync(join(this.folder, 'build'), { recursive: true });
    mkdirSync(join(this.folder, 'elsewhere'));
    chmodSync(this.folder, 0o555);
  }

  /** Paths of the build stage, without its folder. */
  #copied(): string[] {
    const copies = this.#image.instructions.filter(({ keyword }) => keyword === 'COPY');
    return copies.flatMap(({ words }) => words.slice(0, -1).map((path) => path.replace(buildFolder, '')));
  }

  get metafile(): Metafile {
    if (this.#metafile === undefined) throw new Error('build it first');
    return this.#metafile;
  }

  run(args: readonly string[], options: RunOptions = {}): SpawnSyncReturns<string> {
    const { command, settings } = this.#command(args, options);
    return spawnSync(command[0] ?? '', command.slice(1), {
      ...settings,
      encoding: 'utf8',
      input: options.input ?? '',
      // Nothing else runs meanwhile that could end a test.
      timeout: 30_000,
    });
  }

  /** Starts it and lets it run. */
  start(args: readonly string[], options: RunOptions = {}): ChildProcessByStdio<null, Readable, Readable> {
    const { command, settings } = this.#command(args, options);
    return spawn(command[0] ?? '', command.slice(1), { ...settings, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  #command(args: readonly string[], { env = {}, nodeOptions = [] }: RunOptions) {
    const entrypoint = this.#image.instructions.find(({ keyword }) => keyword === 'ENTRYPOINT');
    const [node = '', ...rest] = (entrypoint && parseExec(entrypoint)) ?? [];
    const here = (path: string) => (path.startsWith('/') ? join(this.folder, path) : path);
    return {
      command: [here(node), ...nodeOptions, ...rest.map(here), ...args],
      settings: {
        cwd: join(this.folder, 'elsewhere'),
        // Coverage would be written by every process that is started; undefined keeps it out.
        env: { PATH: '/usr/bin:/bin', NODE_V8_COVERAGE: undefined, ...env },
        ...(process.getuid?.() === 0 ? { uid: 65_532, gid: 65_532 } : {}),
      },
    };
  }

  remove(): void {
    chmodSync(this.folder, 0o755);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
