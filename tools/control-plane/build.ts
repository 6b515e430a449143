import { spawn } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { Component } from './components.ts';
import { ControlPlaneError, stopped, throwIfStopped } from './errors.ts';
import { type Environment, findGo, type Go } from './go.ts';
import { withLock } from './lock.ts';
import { isExecutable } from './path.ts';

/** Told, line by line, to a person who waits. */
export type Progress = (line: string) => void;

export interface BuildOptions {
  readonly env: Environment;
  readonly cacheRoot: string;
  readonly progress: Progress;
  readonly clock?: Clock;
  /** Aborting it ends a build: it fails with `Stopped`, and the next one goes on where it was. */
  readonly signal?: AbortSignal | undefined;
}

const tickMilliseconds = 10_000;

/** Where a component's executable is, or will be: a folder for each version, platform and set of dependencies. */
export function cacheFolder(cacheRoot: string, { module }: Component): string {
  const name = `${module.path.replaceAll('/', '-')}-${module.version}`;
  return join(cacheRoot, 'control-plane', `${name}-${process.platform}-${process.arch}-${module.hash}`);
}

/**
 * Returns the path of the component's executable, built first where it is not there yet. What lies under its final
 * name is finished: a build goes to a temporary name and is renamed when it is whole and on the disk. An interrupted
 * build is taken up by Go's own build cache.
 */
export async function buildOnce(component: Component, options: BuildOptions): Promise<string> {
  const folder = cacheFolder(options.cacheRoot, component);
  const path = join(folder, component.name);
  if (isExecutable(path)) return path;
  const { env, clock = systemClock, signal } = options;
  const go = await findGo(component.module, env);
  mkdirSync(folder, { recursive: true });
  const onWait = (pid: number | undefined) =>
    options.progress(
      `waiting for another process${pid === undefined ? '' : ` (pid ${pid})`} that builds ${component.name}`,
    );
  const work = async () => {
    if (!isExecutable(path)) await build(component, go, path, options);
    return path;
  };
  return withLock(join(folder, `${component.name}.lock`), clock, onWait, work, signal);
}

async function build(component: Component, go: Go, path: string, options: BuildOptions) {
  const { progress, clock = systemClock, signal } = options;
  throwIfStopped(signal);
  const { name, module, usually } = component;
  const title = `${name} ${module.version.slice(1)}`;
  progress(`building ${title} from source; ${usually} the first time, then it is kept in ${dirname(path)}`);
  const started = clock.monotonic();
  const seconds = () => `${Math.round((clock.monotonic() - started) / 1000)} s`;
  removeLeftovers(path);
  // A name of its own: the compiler of a killed builder may live on for a while, and write to the name it was given.
  const temporary = `${path}.building-${process.pid}`;
  const compiled = { count: 0 };
  let ticker = clock.timer(tickMilliseconds, tick);
  function tick() {
    progress(`  ${title}: ${seconds()}, ${compiled.count} packages compiled (${usually} the first time)`);
    ticker = clock.timer(tickMilliseconds, tick);
  }
  try {
    await compile(component, go, temporary, compiled, signal);
    flush(temporary);
    renameSync(temporary, path);
    flush(dirname(path));
  } finally {
    ticker.cancel();
    rmSync(temporary, { force: true });
  }
  progress(`built ${title} in ${seconds()}`);
}

function compile(
  { name, module, package: packagePath }: Component,
  go: Go,
  output: string,
  compiled: { count: number },
  signal: AbortSignal | undefined,
) {
  const args = ['build', '-mod=readonly', '-buildvcs=false', '-trimpath', '-v'];
  if (module.tags !== '') args.push('-tags', module.tags);
  args.push('-ldflags', module.ldflags, '-o', output, packagePath);
  const child = spawn(go.command, args, {
    cwd: module.folder,
    env: go.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // By SIGINT Go removes its temporary folder; by SIGTERM it would leave it.
  const interrupt = () => void child.kill('SIGINT');
  signal?.addEventListener('abort', interrupt, { once: true });
  const said: string[] = [];
  const listen = (line: string) => {
    // With -v Go names each package that it compiles, and nothing else on such a line.
    if (/^[\w.~/-]+$/.test(line)) compiled.count++;
    else said.push(line);
    if (said.length > 40) said.shift();
  };
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', listen);
  return new Promise<void>((resolve, reject) => {
    const fail = (why: string, cause?: Error) => {
      const message = `Building ${name} ${module.version} in ${module.folder} failed (${why}).\n${said.join('\n')}`;
      reject(new ControlPlaneError('BuildFailed', message, { cause }));
    };
    child.on('error', (error) => fail(error.message, error));
    child.on('close', (code, killer) => {
      signal?.removeEventListener('abort', interrupt);
      if (code === 0) resolve();
      else if (signal?.aborted === true) reject(stopped());
      else fail(killer ?? `exit code ${code}`);
    });
  });
}

/** Half-finished outputs of builders that were killed: the caller holds the lock, so no living builder needs them. */
function removeLeftovers(path: string): void {
  const prefix = `${basename(path)}.building-`;
  for (const entry of readdirSync(dirname(path))) {
    if (entry.startsWith(prefix)) rmSync(join(dirname(path), entry), { force: true });
  }
}

function flush(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
