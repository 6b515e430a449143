import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Lets Node keep what it makes of the code (its bytecode) among the user's caches, so that the next command need not make it again. Never in a
 * folder that others may write to, as Node's own default is: who can put code there can have it run. Where nothing can be written, nothing is kept.
 * Node itself obeys `NODE_COMPILE_CACHE`, another folder, and `NODE_DISABLE_COMPILE_CACHE=1`.
 */
export function keepCompiled(env: Readonly<NodeJS.ProcessEnv> = process.env): void {
  const folder = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  if (isAbsolute(folder)) enableCompileCache(join(folder, 'plumbline', 'code'));
}
