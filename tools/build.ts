import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Metafile } from 'esbuild';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** The file that `bin` names and the image runs. */
export const entry = 'plumbline.js';

/** CommonJS packages inside an ES module call `require`, which is not there; esbuild leaves that to us. */
const banner = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

/**
 * Bundles src/main.ts for Node into `outdir`: an entry and, for each command, the chunks that it alone needs. The same
 * sources give the same bytes, whatever the folder. Returns what esbuild says went where.
 */
export async function buildBundle(outdir: string): Promise<Metafile> {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { plumbline: 'src/main.ts' },
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // A scan must not pay for loading the Kubernetes client.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: banner },
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  chmodSync(join(outdir, entry), 0o755);
  writeFileSync(join(outdir, 'LICENSES.txt'), collectLicences(metafile));
  return metafile;
}

/** The licence of every package whose code is in the bundle: most ask that it goes wherever the code goes. */
function collectLicences(metafile: Metafile): string {
  const folders = Object.keys(metafile.inputs).flatMap((path) => packageFolder.exec(path)?.[0] ?? []);
  return [...new Set(folders)].sort().map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`);
}

/** The innermost one: packages nest. */
const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
  return `${name} ${version} (${license ?? 'see below'})\n\n${texts.join('\n\n')}\n`;
}

if (import.meta.main) {
  const outdir = join(root, 'dist');
  const { outputs } = await buildBundle(outdir);
  const scripts = Object.entries(outputs).filter(([path]) => path.endsWith('.js'));
  const size = scripts.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  console.error(`${relative(root, join(outdir, entry))}: ${scripts.length} files, ${(size / 1e6).toFixed(1)} MB`);
}
