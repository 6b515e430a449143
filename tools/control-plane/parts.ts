import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../src/base/clock.ts';
import { ControlPlaneError, throwIfStopped } from './errors.ts';
import { waitFor } from './ready.ts';
import type { WardenCommand, WardenReport } from './warden.ts';

interface Part {
  pid: number | undefined;
  /** Its end, if it ended, and whether that was asked for. */
  end: string | undefined;
  stopping: boolean;
  readonly started: PromiseWithResolvers<void>;
  readonly exited: PromiseWithResolvers<string>;
}

/**
 * The running executables of one control plane, held by a warden process so that none outlives this one. They do
 * not keep this process alive: a script that forgets `close` ends, and the warden cleans up after it.
 */
export class Parts {
  readonly #warden: ChildProcessByStdio<Writable, Readable, null>;
  readonly #parts = new Map<string, Part>();
  readonly #folder: string;
  readonly #remove: boolean;
  readonly #clock: Clock;
  readonly #onDeath: (death: ControlPlaneError) => void;
  readonly #gone: Promise<void>;
  readonly #closing = new AbortController();

  /**
   * `folder` is where the parts run and log; the warden removes it in the end if `remove`. `onDeath` is told of a part
   * that ends though nobody stopped it.
   */
  constructor(folder: string, remove: boolean, clock: Clock, onDeath: (death: ControlPlaneError) => void) {
    this.#folder = folder;
    this.#remove = remove;
    this.#clock = clock;
    this.#onDeath = onDeath;
    const script = join(import.meta.dirname, 'warden.ts');
    this.#warden = spawn(process.execPath, [script, remove ? folder : ''], {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { stdin, stdout } = this.#warden;
    createInterface({ input: stdout }).on('line', (line) => this.#hear(JSON.parse(line) as WardenReport));
    stdin.on('error', () => {}); // The warden is gone; `exit` tells so.
    this.#gone = new Promise((resolve) => this.#warden.once('exit', () => resolve(this.#bury())));
    this.#warden.unref();
    for (const stream of [stdin, stdout]) (stream as unknown as { unref(): void }).unref();
  }

  /** Starts `command` as the part `name`; its output goes to the log. Rejects if it cannot be started at all. */
  async start(name: string, command: string, args: string[]): Promise<void> {
    throwIfStopped(this.#closing.signal);
    const part: Part = {
      pid: undefined,
      end: undefined,
      stopping: false,
      started: Promise.withResolvers(),
      exited: Promise.withResolvers(),
    };
    this.#parts.set(name, part);
    this.#tell({ do: 'start', name, command, args, cwd: this.#folder, log: this.logFile(name) });
    await this.#within(30_000, Promise.race([part.started.promise, part.exited.promise]));
    if (part.pid === undefined) throw this.death(name, part.end ?? 'it did not start');
  }

  /** SIGTERM, and SIGKILL after `grace` milliseconds. Resolves when the part is gone; at once if it is already. */
  async stop(name: string, grace: number): Promise<void> {
    const part = this.#parts.get(name);
    if (part === undefined) return;
    part.stopping = true;
    this.#tell({ do: 'kill', name, signal: 'SIGTERM' });
    if ((await this.#within(grace, part.exited.promise)) === undefined) {
      this.#tell({ do: 'kill', name, signal: 'SIGKILL' });
      await this.#within(10_000, part.exited.promise);
    }
    this.#parts.delete(name);
  }

  /**
   * Resolves when `probe`, of the part `name`, gives something. Throws PartDied if any part ends by itself meanwhile,
   * NotReady if time is up, Stopped if the parts are closed.
   */
  ready<T>(name: string, milliseconds: number, probe: () => Promise<T | undefined>): Promise<T> {
    const what = `${name} to be ready (its log is ${this.logFile(name)})`;
    return waitFor(what, milliseconds, this.#clock, async () => {
      throwIfStopped(this.#closing.signal);
      for (const [other, { end, stopping }] of this.#parts) {
        if (end !== undefined && !stopping) throw this.death(other, end);
      }
      return probe();
    });
  }

  pids(): Record<string, number> {
    const pids: Record<string, number> = {};
    for (const [name, { pid }] of this.#parts) if (pid !== undefined) pids[name] = pid;
    return pids;
  }

  logFile(name: string): string {
    return join(this.#folder, `${name}.log`);
  }

  /** The last lines that the part wrote: they tell why it died. */
  logTail(name: string, lines = 15): string {
    try {
      return readFileSync(this.logFile(name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } catch {
      return '(no log)';
    }
  }

  death(name: string, how: string): ControlPlaneError {
    return new ControlPlaneError('PartDied', `${name} died (${how}). It last wrote:\n${this.logTail(name)}`);
  }

  /** Stops every part, the last started first, and the warden; removes the folder if that was asked for. */
  async close(grace: number): Promise<void> {
    this.#closing.abort();
    for (const name of [...this.#parts.keys()].reverse()) await this.stop(name, grace);
    this.#warden.stdin.end();
    await this.#within(10_000, this.#gone);
    // The warden has done it, unless it was killed; then its parts may still be dying, hence the retries.
    if (this.#remove) rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  #tell(command: WardenCommand): void {
    this.#warden.stdin.write(`${JSON.stringify(command)}\n`);
  }

  #hear(report: WardenReport): void {
    const part = this.#parts.get(report.name);
    if (part === undefined) return;
    if (report.did === 'start') {
      part.pid = report.pid;
      part.started.resolve();
    } else {
      this.#end(report.name, part, report.how);
    }
  }

  #end(name: string, part: Part, how: string): void {
    if (part.end !== undefined) return;
    part.pid = undefined;
    part.end = how;
    part.exited.resolve(how);
    if (!part.stopping) this.#onDeath(this.death(name, how));
  }

  /** The warden ended; had it been killed, its group (it leads one) would still hold the parts. */
  #bury(): void {
    try {
      if (this.#warden.pid !== undefined) process.kill(-this.#warden.pid, 'SIGKILL');
    } catch {
      // No such group: every part went with it, as it should be.
    }
    for (const [name, part] of this.#parts) this.#end(name, part, 'the process that held it ended');
  }

  /** What `promise` gives, or undefined after `milliseconds`. The timer keeps this process alive meanwhile. */
  #within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.timer(milliseconds, () => resolve(undefined));
      promise.then(resolve, reject).finally(() => timer.cancel());
    });
  }
}
