import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { cacheRoot, type ResolveOptions } from './binaries.ts';
import { cacheFolder } from './build.ts';
import { findComponent } from './components.ts';
import { findGo } from './go.ts';
import { withLock } from './lock.ts';

const run = promisify(execFile);

/** How KWOK plays nodes and pods: at once, and with a heartbeat. Folders of its module. */
const stageFolders = ['node/fast', 'node/heartbeat-with-lease', 'pod/fast'];

/**
 * The files that tell KWOK how to play, for its `--config`. They are part of its Go module; a copy is kept in the
 * cache, so that a KWOK that is built once needs no Go to run.
 */
export async function findKwokStages(options: ResolveOptions): Promise<string[]> {
  const env = options.env ?? process.env;
  const component = findComponent('kwok');
  const cache = cacheFolder(options.cacheRoot ?? cacheRoot(env), component);
  const folder = join(cache, 'stages');
  if (!existsSync(folder)) {
    const go = await findGo(component.module, env);
    await withLock(
      join(cache, 'stages.lock'),
      systemClock,
      () => {},
      async () => {
        if (existsSync(folder)) return;
        // `go mod download` makes sure that the module is on this machine, and checks it against go.sum.
        const { cwd, env: environment } = { cwd: component.module.folder, env: go.environment };
        await run(go.command, ['mod', 'download', component.module.path], { cwd, env: environment });
        const { stdout } = await run(go.command, ['list', '-m', '-f', '{{.Dir}}', component.module.path], {
          cwd,
          env: environment,
        });
        copyStages(join(stdout.trim(), 'kustomize', 'stage'), folder);
      },
    );
  }
  return readdirSync(folder).map((file) => join(folder, file));
}

function copyStages(from: string, to: string): void {
  const temporary = `${to}.copying`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  for (const stage of stageFolders) {
    for (const file of readdirSync(join(from, stage))) {
      if (!file.endsWith('.yaml') || file === 'kustomization.yaml') continue;
      copyFileSync(join(from, stage, file), join(temporary, `${stage.replaceAll('/', '-')}-${file}`));
    }
  }
  renameSync(temporary, to);
}
