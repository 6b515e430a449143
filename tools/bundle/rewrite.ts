import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { PluginBuild } from 'esbuild';

/** What a library says, once, and how it is to be said in the bundle. */
export type Rewrite = readonly [from: string, to: string];

/** Has the files of libraries that match `filter` say something else. A build fails when one no longer says what it said. */
export function rewriteFile(build: PluginBuild, filter: RegExp, rewrites: readonly Rewrite[]): void {
  build.onLoad({ filter }, ({ path }) => ({
    contents: rewrites.reduce((source, rewrite) => apply(path, source, rewrite), readFileSync(path, 'utf8')),
    loader: 'js',
  }));
}

function apply(path: string, source: string, [from, to]: Rewrite): string {
  const parts = source.split(from);
  if (parts.length === 2) return parts.join(to);
  const file = relative(process.cwd(), path);
  throw new Error(`${file} no longer says ${from}: see what it says now, and adapt tools/bundle`);
}
