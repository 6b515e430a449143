import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Metafile } from 'esbuild';
import { build } from 'esbuild';
import { describeMaterials } from './bundle/bill-of-materials.ts';
import { collectLicences, listPackages } from './bundle/packages.ts';
import { requiredBuiltins } from './bundle/required-builtins.ts';
import { slimClient } from './bundle/slim-client.ts';
import { keepOwnSources } from './bundle/source-map.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** CommonJS packages in an ES module call `require`, which is not there; esbuild leaves that to us. */
const banner = "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);";

/**
 * Bundles src/main.ts for Node: `plumbline.js` and, in `chunks`, what each command alone needs; beside them the licences of
 * what went in, and a bill of materials. `folder` is emptied first. The same sources give the same bytes. Returns what esbuild says went where, paths beginning `dist/`.
 */
export async function buildBundle(folder: string): Promise<Metafile> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    // The others are threads of the first.
    entryPoints: {
      plumbline: 'src/main.ts',
      'journal-worker': 'src/intake/store/journal-worker.ts',
      'read-ahead-worker': 'src/evidence/manifests/read-ahead-worker.ts',
    },
    outdir: dist,
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // A scan must not pay for loading the Kubernetes client.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: banner },
    plugins: [requiredBuiltins, slimClient],
    // Parsing less text saves the operator 44 MB. Names stay, so that a stack trace can be read without a map too.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
  });
  rmSync(folder, { recursive: true, force: true });
  for (const { path, text } of outputFiles) {
    const target = join(folder, relative(dist, path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, path.endsWith('.map') ? keepOwnSources(text, isOurs) : text);
  }
  const packages = listPackages(root, metafile);
  writeFileSync(join(folder, 'LICENSES.txt'), collectLicences(root, packages));
  writeFileSync(join(folder, 'sbom.cdx.json'), describeMaterials(root, packages));
  chmodSync(join(folder, 'plumbline.js'), 0o755);
  return metafile;
}

/** What a plugin makes has no file. */
const isOurs = (source: string) => !source.includes('node_modules/') && !/^\w+:/.test(source);

if (import.meta.main) {
  const { outputs } = await buildBundle(dist);
  const scripts = Object.entries(outputs).filter(([path]) => path.endsWith('.js'));
  const megabytes = scripts.reduce((sum, [, { bytes }]) => sum + bytes, 0) / 1e6;
  console.error(`dist/plumbline.js and ${scripts.length - 1} chunks, ${megabytes.toFixed(1)} MB`);
}
