import { readdirSync, statSync } from 'node:fs';
import { ReadAhead } from '../evidence/manifests/read-ahead.ts';
import { parseScanOptions } from './scan-options.ts';
import type { Output } from './text.ts';

/** `plumbline scan`. @returns the exit status */
export async function runScan(args: readonly string[], output: Output): Promise<number> {
  const options = parseScanOptions(args);
  const ahead = isWorthAThread(options.paths) ? new ReadAhead(options.paths) : undefined;
  try {
    // The controls take their time to load, in which the thread reads.
    const { scanManifests } = await import('./scan-manifests.ts');
    return await scanManifests(options, ahead, output);
  } finally {
    await ahead?.end();
  }
}

/** To read fewer files takes no longer than to start a thread. */
const fewFiles = 100;

function isWorthAThread(paths: readonly string[]): boolean {
  // Standard input is read once, and what is to be read twice has to be held.
  return !paths.includes('-') && paths.reduce((sum, path) => sum + filesIn(path), 0) > fewFiles;
}

function filesIn(path: string): number {
  try {
    return statSync(path).isDirectory() ? readdirSync(path, { recursive: true }).length : 1;
  } catch {
    // Who reads it will say so.
    return 1;
  }
}
