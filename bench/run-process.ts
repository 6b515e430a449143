import { spawn } from 'node:child_process';
import { peakMemory, processorTime } from './machine.ts';

export interface Usage {
  /** From the start of the process to its end, in seconds. */
  readonly wall: number;
  /** User and system time, in seconds. */
  readonly cpu: number;
  /** Most memory resident, in bytes. */
  readonly memory: number;
  readonly exitCode: number | null;
}

/**
 * Runs a program to its end, throws its output away and tells what it used. Memory is asked for every few milliseconds,
 * as the kernel forgets it with the process. One at a time: processor time is that of all children.
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Usage> {
  const before = processorTime('self', 'children');
  const started = performance.now();
  const child = spawn(command, args, { env, stdio: 'ignore' });
  let memory = 0;
  const sampler = setInterval(() => {
    if (child.pid !== undefined) memory = Math.max(memory, peakMemory(child.pid) || 0);
  }, 5);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => clearInterval(sampler));
  const wall = (performance.now() - started) / 1000;
  return { wall, cpu: processorTime('self', 'children') - before, memory, exitCode };
}
