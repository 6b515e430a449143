import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/**
 * Makes a folder hold exactly these files; others in it (not in folders below it) are removed.
 * @param folder from the root of the repository
 * @param files name to content
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, string>,
  check: boolean,
): Promise<string[]> {
  const path = join(root, folder);
  await mkdir(path, { recursive: true });
  const changed: string[] = [];
  for (const [name, content] of files) {
    if (await writeOne(join(path, name), content, check)) changed.push(`${folder}/${name}`);
  }
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (!entry.isFile() || files.has(entry.name)) continue;
    if (!check) await rm(join(path, entry.name));
    changed.push(`${folder}/${entry.name}`);
  }
  return changed;
}

/** Makes one file hold this content, in a folder that holds others too. */
export async function writeFileAt(path: string, content: string, check: boolean): Promise<string[]> {
  return (await writeOne(join(root, path), content, check)) ? [path] : [];
}

async function writeOne(path: string, content: string, check: boolean): Promise<boolean> {
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present === content) return false;
  if (!check) await writeFile(path, content);
  return true;
}
