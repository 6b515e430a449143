import { systemClock, sleep } from '../base/clock.ts';
import type { Output } from './text.ts';
import { usage, UsageError } from './usage.ts';
import { didYouMean } from '../base/closest.ts';

interface Command {
  readonly usage: () => Promise<string>;
  readonly run: (args: readonly string[], output: Output) => Promise<number>;
}

/** Each command is loaded when it is asked for: a scan must not pay for the Kubernetes client. */
const commands: Readonly<Record<string, Command>> = {
  run: {
    usage: async () => (await import('./run.ts')).runUsage,
    run: async (args, output) => (await import('./run.ts')).runOperator(args, output),
  },
  scan: {
    usage: async () => (await import('./scan-options.ts')).scanUsage,
    run: async (args, output) => (await import('./scan.ts')).runScan(args, output),
  },
  controls: {
    usage: async () => (await import('./controls.ts')).controlsUsage,
    run: async (args, output) => (await import('./controls.ts')).runControls(args, output),
  },
  explain: {
    usage: async () => (await import('./explain.ts')).explainUsage,
    run: async (args, output) => (await import('./explain.ts')).runExplain(args, output),
  },
};

const terminal: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/**
 * For `plumbline … | head`: who stops reading has read enough. A full disk is another matter: what was found is lost.
 * @returns tells what kept the output from being written
 */
function watchOutput(): () => Error | undefined {
  let failure: Error | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') failure ??= error;
    });
  }
  return () => failure;
}

/** @returns the exit status: 0 well, 1 the command's own, 2 what was asked cannot be done */
export async function main(args: readonly string[], output: Output = terminal): Promise<number> {
  const failed = output === terminal ? watchOutput() : () => undefined;
  const code = await attempt(args, output);
  await flushed();
  const failure = failed();
  if (failure === undefined) return code;
  output.err(`plumbline: the output could not be written: ${failure.message}\n`);
  return 2;
}

async function attempt([name = 'help', ...rest]: readonly string[], output: Output): Promise<number> {
  try {
    return await dispatch(name, rest, output);
  } catch (error) {
    output.err(`plumbline: ${describe(error)}\n`);
    return 2;
  }
}

async function dispatch(name: string, args: readonly string[], output: Output): Promise<number> {
  if (name === 'version' || name === '--version')
    return print(output, `plumbline ${(await import('./version.ts')).version}\n`);
  if (name === 'help' || name === '--help' || name === '-h') return print(output, await help(args[0]));
  const command = findCommand(name);
  if (args.includes('--help') || args.includes('-h')) return print(output, await command.usage());
  return command.run(args, output);
}

async function help(name: string | undefined): Promise<string> {
  return name === undefined ? usage : findCommand(name).usage();
}

function findCommand(name: string): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command;
  throw new UsageError(`no command ${name}${didYouMean(name, Object.keys(commands))}\n\n${usage}`);
}

function print({ out }: Output, text: string): number {
  out(text);
  return 0;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  const expected = typeof code === 'string' && /^(?:[A-Z][a-zA-Z]+|ERR_PARSE_ARGS_.*)$/.test(code);
  // A message of ours says what to do; anything else is a defect, and its stack is what helps.
  return expected ? error.message : (error.stack ?? error.message);
}

/** A pipe may take its time; what was printed must be through before the process ends. */
async function flushed(): Promise<void> {
  const busy = () =>
    [process.stdout, process.stderr].some(
      ({ destroyed, writableLength }) => !destroyed && writableLength > 0,
    );
  // An error of a write that is done at once is told a turn later.
  await sleep(systemClock, 0);
  for (let wait = 0; wait < 500 && busy(); wait++) await sleep(systemClock, 10);
}
