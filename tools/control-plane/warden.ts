/**
 * The process that holds the parts of a control plane. Run with the folder to remove at the end (or nothing) as its
 * argument; it takes commands as JSON lines on stdin and reports on stdout.
 *
 * When stdin ends it kills every part, removes the folder and exits. The kernel closes that pipe however the parent
 * dies, by SIGKILL too, so that nothing can outlive it. It is a session of its own, so that a Ctrl-C on the
 * terminal reaches the parent alone and the parts are stopped in their order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type WardenCommand =
  | { do: 'start'; name: string; command: string; args: string[]; cwd: string; log: string }
  | { do: 'kill'; name: string; signal: NodeJS.Signals };

export type WardenReport =
  { did: 'start'; name: string; pid: number } | { did: 'exit'; name: string; how: string };

const parts = new Map<string, ChildProcess>();

function report(line: WardenReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function start({ name, command, args, cwd, log }: Extract<WardenCommand, { do: 'start' }>): void {
  const file = openSync(log, 'a', 0o600);
  const part = spawn(command, args, { cwd, stdio: ['ignore', file, file] });
  closeSync(file);
  parts.set(name, part);
  part.on('spawn', () => report({ did: 'start', name, pid: part.pid ?? 0 }));
  part.on('error', (error) => gone(error.message));
  part.on('exit', (code, signal) => gone(signal ?? `exit code ${code}`));
  function gone(how: string): void {
    if (parts.get(name) === part) parts.delete(name);
    report({ did: 'exit', name, how });
  }
}

async function end(): Promise<void> {
  const exits = [...parts.values()].map((part) => once(part, 'exit'));
  for (const part of parts.values()) part.kill('SIGKILL');
  await Promise.all(exits);
  const folder = process.argv[2];
  if (folder) rmSync(folder, { recursive: true, force: true });
  process.exit();
}

process.stdout.on('error', () => {}); // The parent is gone; stdin tells so too, and acts.
process.on('uncaughtException', (error) => {
  process.stderr.write(`the process that holds the control plane: ${error.stack}\n`);
  void end();
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const command = JSON.parse(line) as WardenCommand;
    if (command.do === 'start') start(command);
    else parts.get(command.name)?.kill(command.signal);
  })
  .on('close', () => void end());
