import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { peakMemory, processorTime } from './machine.ts';

/** The operator, started from the bundle as the image starts it; its log goes to a file. */
export class OperatorProcess {
  readonly started = performance.now();
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #ended: Promise<void>;

  constructor(entry: string, kubeconfig: string, log: string) {
    this.#log = log;
    const file = openSync(log, 'w');
    this.#child = spawn(process.execPath, [...imageOptions(), entry, 'run'], {
      env: {
        PATH: process.env['PATH'],
        KUBECONFIG: kubeconfig,
        PLUMBLINE_METRICS_ADDRESS: '127.0.0.1:0',
        PLUMBLINE_INTAKE_ADDRESS: '',
      },
      stdio: ['ignore', file, file],
    });
    closeSync(file);
    this.#ended = new Promise((resolve) => void this.#child.once('close', () => resolve()));
  }

  /** Rejects when the process ends by itself. */
  async untilItDies(): Promise<never> {
    await this.#ended;
    throw new Error(`the operator ended (${this.#child.exitCode}); it last wrote:\n${this.#tail()}`);
  }

  /** Seconds of the processor and most bytes resident, up to now. */
  usage(): { cpu: number; memory: number } {
    const pid = this.#child.pid ?? 0;
    return { cpu: processorTime(pid), memory: peakMemory(pid) };
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await this.#ended;
    clearTimeout(timer);
  }

  #tail(): string {
    return readFileSync(this.#log, 'utf8').split('\n').slice(-10).join('\n');
  }
}

/** What the image gives to Node before the program: it is what is measured. */
function imageOptions(): string[] {
  const dockerfile = readFileSync(join(import.meta.dirname, '..', 'Dockerfile'), 'utf8');
  const [, list = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? [];
  return (JSON.parse(list) as string[]).slice(1, -1);
}
