import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { eventually } from '../kube/support.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** `plumbline run` as a process of its own. */
export class Child {
  readonly #process;
  readonly #exit: Promise<Exit>;
  #stdout = '';
  #stderr = '';

  /** @param environment beside PATH and free ports; the test's own environment is not handed on */
  constructor(environment: Readonly<Record<string, string>>, args: readonly string[] = []) {
    const env = {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      PLUMBLINE_METRICS_ADDRESS: '127.0.0.1:0',
      PLUMBLINE_INTAKE_ADDRESS: '127.0.0.1:0',
      ...environment,
    };
    this.#process = spawn(process.execPath, [main, 'run', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    this.#process.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.#exit = once(this.#process, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stderr: this.#stderr,
    }));
  }

  /** Resolves when it has ended. */
  get exit(): Promise<Exit> {
    return this.#exit;
  }

  /** Every line of its log so far; each is one JSON object. */
  get log(): Record<string, unknown>[] {
    const lines = this.#stdout.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Waits for a line of the log with this message. */
  async logged(message: string): Promise<Record<string, unknown>> {
    const find = () => this.log.find((line) => line['message'] === message);
    await eventually(() => find() !== undefined, `it logs: ${message}`).catch((error: unknown) => {
      throw new Error(`${this.#stdout}\n${this.#stderr}`, { cause: error });
    });
    return find() ?? {};
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const { metrics } = await this.logged('listening');
    const response = await fetch(`${String(metrics)}${path}`);
    return { status: response.status, text: await response.text() };
  }

  async ready(): Promise<void> {
    await eventually(async () => (await this.get('/readyz')).status === 200, 'it is ready');
  }

  /** @returns how it ended, and milliseconds from the signal to its end */
  async terminate(): Promise<Exit & { readonly took: number }> {
    const start = systemClock.monotonic();
    this.#process.kill('SIGTERM');
    const exit = await this.#exit;
    return { ...exit, took: systemClock.monotonic() - start };
  }

  /** Ends it by force, if it still runs. */
  async kill(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL');
    await this.#exit;
  }
}
