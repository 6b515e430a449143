import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { eventually } from '../kube/support.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** What the process runs: `plumbline run` as it ships, or another program that takes the same environment. */
const shipped: readonly string[] = [main, 'run'];

/** A process that starts has much to read, and on a machine under load many wait for their turn. */
const startMs = 45_000;

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
  constructor(
    environment: Readonly<Record<string, string>>,
    args: readonly string[] = [],
    program: readonly string[] = shipped,
  ) {
    const env = {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      PLUMBLINE_METRICS_ADDRESS: '127.0.0.1:0',
      PLUMBLINE_INTAKE_ADDRESS: '127.0.0.1:0',
      // One that was killed would keep the next from leading for a while.
      PLUMBLINE_LEADER_ELECTION: 'false',
      ...environment,
    };
    this.#process = spawn(process.execPath, [...program, ...args], {
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
    await eventually(() => find() !== undefined, `it logs: ${message}`, startMs).catch((error: unknown) => {
      throw new Error(`${this.#stdout}\n${this.#stderr}`, { cause: error });
    });
    return find() ?? {};
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const { metrics } = await this.logged('listening');
    const response = await fetch(`${String(metrics)}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** The sum over the series of a metric whose labels contain all of `labels`. */
  async metric(name: string, ...labels: string[]): Promise<number> {
    const { text } = await this.get('/metrics');
    const lines = text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return lines
      .filter((line) => labels.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async ready(): Promise<void> {
    await eventually(async () => (await this.get('/readyz')).status === 200, 'it is ready', startMs);
  }

  /** @returns how it ended, and milliseconds from the signal to its end */
  async terminate(): Promise<Exit & { readonly took: number }> {
    const start = systemClock.monotonic();
    this.#process.kill('SIGTERM');
    const exit = await this.#exit;
    return { ...exit, took: systemClock.monotonic() - start };
  }

  /** It stands still, and everything that it has under way. */
  pause(): void {
    this.#process.kill('SIGSTOP');
  }

  resume(): void {
    this.#process.kill('SIGCONT');
  }

  /** Ends it by force, if it still runs. */
  async kill(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL');
    await this.#exit;
  }
}
