import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package of which code is in the bundle. */
export interface BundledPackage {
  /** As the lockfile names it: `node_modules/a/node_modules/b`. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
}

/** Packages nest; the innermost is meant. */
const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/** The packages with code in the bundle, by folder. `root` is what the metafile's paths are relative to. */
export function listPackages(root: string, { outputs }: Metafile): BundledPackage[] {
  const files = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set(files.flatMap((path) => packageFolder.exec(path)?.[0] ?? []));
  return [...folders].sort().map((folder) => {
    const { name, version, license } = readJson(join(root, folder, 'package.json')) as Record<string, string>;
    if (name === undefined || version === undefined || typeof license !== 'string') {
      throw new Error(`${folder}/package.json lacks its name, version or licence`);
    }
    return { folder, name, version, license };
  });
}

/** Their licences as one text: most ask that theirs goes wherever the code goes. */
export function collectLicences(root: string, packages: readonly BundledPackage[]): string {
  const texts = packages.map(({ folder, name, version, license }) => {
    const files = readdirSync(join(root, folder)).filter((file) =>
      /^(?:licen[cs]e|notice|copying)/i.test(file),
    );
    const contents = files.sort().map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
    return [`${name} ${version}: ${license}`, ...contents].join('\n\n') + '\n';
  });
  // One that nests in several places is named once.
  return [...new Set(texts)].join(`\n${'-'.repeat(80)}\n\n`);
}

export const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
