import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Exposition } from './exposition.ts';
import { peakMemory, processorTime } from './machine.ts';
import type { ProbeSample } from './probe.ts';

export interface OperatorProcessOptions {
  readonly entry: string;
  readonly kubeconfig: string;
  /** A file. */
  readonly log: string;
  /** Loads probe.ts before the program, so that `sample` has somebody to ask. */
  readonly probe?: boolean;
  /** Beside what the image sets. */
  readonly environment?: Readonly<Record<string, string>>;
}

interface LogLine {
  readonly message: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** The operator, started from the bundle as the image starts it; its log goes to a file. */
export class OperatorProcess {
  readonly started = performance.now();
  readonly #startedAt = Date.now();
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #ended: Promise<void>;
  readonly #lines: LogLine[] = [];
  readonly #waiting = new Set<() => void>();

  constructor({ entry, kubeconfig, log, probe = false, environment = {} }: OperatorProcessOptions) {
    this.#log = log;
    writeFileSync(log, '');
    const preload = ['--expose-gc', '--import', join(import.meta.dirname, 'probe.ts')];
    this.#child = spawn(process.execPath, [...imageOptions(), ...(probe ? preload : []), entry, 'run'], {
      env: {
        ...imageEnvironment(),
        PATH: process.env['PATH'],
        KUBECONFIG: kubeconfig,
        PLUMBLINE_METRICS_ADDRESS: '127.0.0.1:0',
        PLUMBLINE_INTAKE_ADDRESS: '',
        PLUMBLINE_LEADER_ELECTION: 'false',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe', ...(probe ? (['ipc'] as const) : [])],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    }
    // A benchmark that fails must not leave it behind.
    const kill = () => void this.#child.kill('SIGKILL');
    process.once('exit', kill);
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', () => {
        process.off('exit', kill);
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Rejects when the process ends by itself. */
  async untilItDies(): Promise<never> {
    await this.#ended;
    throw new Error(`the operator ended (${this.#child.exitCode}); it last wrote:\n${this.#tail()}`);
  }

  /** The first line of the log with this message. */
  async logged(message: string): Promise<LogLine> {
    const find = () => this.#lines.find((line) => line.message === message);
    const found = new Promise<LogLine>((resolve) => {
      const check = () => {
        const line = find();
        if (line === undefined) return;
        this.#waiting.delete(check);
        resolve(line);
      };
      this.#waiting.add(check);
      check();
    });
    return Promise.race([found, this.untilItDies()]);
  }

  /** When it wrote a line with this message, by the line's own stamp: milliseconds since the epoch. */
  async timeOf(message: string): Promise<number> {
    return Date.parse((await this.logged(message)).timestamp);
  }

  /** Seconds from the start of the process until then. */
  async secondsTo(message: string): Promise<number> {
    return ((await this.timeOf(message)) - this.#startedAt) / 1000;
  }

  async metrics(): Promise<Exposition> {
    const { metrics } = await this.logged('listening');
    return new Exposition(await (await fetch(`${String(metrics)}/metrics`)).text());
  }

  /** Asks the probe. What it counts since the last time begins anew. */
  async sample(): Promise<ProbeSample> {
    const answer = new Promise<ProbeSample>((resolve) => {
      this.#child.once('message', (message) => resolve(message as ProbeSample));
      this.#child.send('sample');
    });
    return Promise.race([answer, this.untilItDies()]);
  }

  /** Seconds of the processor and most bytes resident, up to now. */
  usage(): { cpu: number; memory: number } {
    return { cpu: processorTime(this.pid), memory: peakMemory(this.pid) };
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await this.#ended;
    clearTimeout(timer);
  }

  #hear(text: string): void {
    appendFileSync(this.#log, `${text}\n`);
    if (!text.startsWith('{')) return;
    this.#lines.push(JSON.parse(text) as LogLine);
    for (const check of [...this.#waiting]) check();
  }

  #tail(): string {
    return readFileSync(this.#log, 'utf8').split('\n').slice(-10).join('\n');
  }
}

const dockerfile = readFileSync(join(import.meta.dirname, '..', 'Dockerfile'), 'utf8');

/** What the image gives to Node before the program: it is what is measured. */
function imageOptions(): string[] {
  const [, list = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? [];
  return (JSON.parse(list) as string[]).slice(1, -1);
}

/** The environment that it sets. */
const imageEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    [...dockerfile.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
