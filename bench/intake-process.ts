import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a server that took events says at its end. */
export interface ServerResult {
  readonly unstored: number;
  /** Events in reports, and those that are in none, with the reason known. */
  readonly counted: number;
  readonly dropped: number;
  readonly unattributed: number;
  readonly commits: number;
  /** p50 and p99. */
  readonly commitMs: readonly [number, number];
  readonly bytes: number;
  readonly cpu: number;
}

/** A server that takes events, `intake-server.ts` or `intake-floor.ts`, as a process of its own on a folder of its own. */
export class IntakeProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #folder: string;
  url = '';

  private constructor(program: string, disk: string, args: readonly string[]) {
    this.#folder = mkdtempSync(join(disk, 'plumbline-intake-'));
    this.#child = spawn(process.execPath, [join(import.meta.dirname, program), this.#folder, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (this.#child.stdout === null) throw new Error('it has no output');
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  static async start(program: string, disk: string, ...args: readonly string[]): Promise<IntakeProcess> {
    const started = new IntakeProcess(program, disk, args);
    started.url = String((await started.#lines.next()).value);
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Ends it in order. */
  async result(): Promise<ServerResult> {
    this.#child.kill('SIGTERM');
    return JSON.parse(String((await this.#lines.next()).value)) as ServerResult;
  }

  /** Ends it in any case, and removes what it wrote. */
  async discard(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    rmSync(this.#folder, { recursive: true });
  }
}
