import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { InputError } from './documents.ts';

const readable = /\.(ya?ml|json)$/i;

export interface FileText {
  readonly file: string;
  readonly text: string;
  /** Reads it once more, so that nobody has to hold it; what was read again is held. '' when it is gone. */
  readonly again: () => string;
}

/**
 * The files of a path: itself, or all YAML and JSON files below it, in the order of their names. `-` is standard input.
 * Each is read when it is asked for, so that thousands of them are not held at once. What cannot be read is added to
 * `errors` and stops nothing.
 */
export function* readFiles(paths: readonly string[], errors: InputError[]): Generator<FileText> {
  const seen = new Set<string>();
  for (const path of paths) {
    if (path === '-') {
      const text = attempt('standard input', errors, () => readText(0));
      // It can be read only once.
      if (text !== undefined) yield { file: 'standard input', text, again: () => text };
    } else yield* visit(path, true, seen, errors);
  }
}

/** @param named by the user, whatever its ending */
function* visit(path: string, named: boolean, seen: Set<string>, errors: InputError[]): Generator<FileText> {
  const entry = attempt(path, errors, () => statSync(path));
  if (entry === undefined) return;
  // A folder may be reached twice, or hold a link to its own parent.
  const identity = `${entry.dev}:${entry.ino}`;
  if (seen.has(identity)) return;
  if (entry.isDirectory()) {
    seen.add(identity);
    const names = attempt(path, errors, () => readdirSync(path).sort()) ?? [];
    // To join each name takes as long as to read its file.
    const folder = join(path, '_').slice(0, -1);
    for (const name of names) yield* visit(folder + name, false, seen, errors);
  } else if (named || readable.test(path)) {
    seen.add(identity);
    const text = attempt(path, errors, () => readText(path));
    if (text !== undefined) yield { file: path, text, again: rereader(path) };
  }
}

/** Reads a file once more, and holds it from then on. */
export function rereader(path: string): () => string {
  let text: string | undefined;
  return () => (text ??= attempt(path, [], () => readText(path)) ?? '');
}

function readText(from: string | number): string {
  const text = readFileSync(from, 'utf8');
  // Read as UTF-8, the mark at the beginning of UTF-16 is two characters that are none.
  if (text.startsWith('\uFFFD\uFFFD'))
    throw new Error('it is UTF-16, as PowerShell writes it: save it as UTF-8');
  return text;
}

function attempt<T>(file: string, errors: InputError[], run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    errors.push({ file, message: explain(error) });
    return undefined;
  }
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
