import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { InputError } from './documents.ts';

const readable = /\.(ya?ml|json)$/i;

export interface FileText {
  readonly file: string;
  readonly text: string;
}

/**
 * The files of a path: itself, or all YAML and JSON files below it, in the order of their names. `-` is standard input.
 * What cannot be read is an error in the list and stops nothing.
 */
export function readFiles(paths: readonly string[]): { files: FileText[]; errors: InputError[] } {
  const files: FileText[] = [];
  const errors: InputError[] = [];
  const seen = new Set<string>();
  const attempt = (file: string, run: () => void) => {
    try {
      run();
    } catch (error) {
      errors.push({ file, message: explain(error) });
    }
  };
  const visit = (path: string, named: boolean) =>
    attempt(path, () => {
      const entry = statSync(path);
      // A folder may be reached twice, or hold a link to its own parent.
      const identity = `${entry.dev}:${entry.ino}`;
      if (seen.has(identity)) return;
      if (entry.isDirectory()) {
        seen.add(identity);
        for (const name of readdirSync(path).sort()) visit(join(path, name), false);
      } else if (named || readable.test(path)) {
        seen.add(identity);
        files.push({ file: path, text: readFileSync(path, 'utf8') });
      }
    });
  for (const path of paths) {
    if (path === '-')
      attempt(
        'standard input',
        () => void files.push({ file: 'standard input', text: readFileSync(0, 'utf8') }),
      );
    else visit(path, true);
  }
  return { files, errors };
}

const words: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  ELOOP: 'too many symbolic links',
  EISDIR: 'it is a folder',
  ERR_STRING_TOO_LONG: 'it is larger than 512 MiB',
};

/** Why a file cannot be read, in words that follow its name. */
export function explain(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return words[code] ?? (error instanceof Error ? error.message : String(error));
}
