import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Packages nest; the innermost is meant. */
const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/**
 * The licence of every package whose code is in the bundle, as one text: most ask that theirs goes wherever the code goes.
 * @param files those that went in, relative to `root`
 */
export function collectLicences(root: string, files: readonly string[]): string {
  const folders = new Set(files.flatMap((path) => packageFolder.exec(path)?.[0] ?? []));
  const texts = new Set([...folders].sort().map((folder) => licenceOf(join(root, folder))));
  return [...texts].join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version}: ${license ?? 'see below'}`, ...texts].join('\n\n') + '\n';
}
