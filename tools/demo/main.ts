import { parseArgs } from 'node:util';
import { ControlPlaneError } from '../control-plane/errors.ts';
import type { DemoOptions } from './demo.ts';
import { runDemo } from './demo.ts';
import { DemoError } from './errors.ts';
import { Interruption } from './interruption.ts';

const usage = `Usage: npm run demo [-- [--once] [--monitoring] [--unplug-falco]]

Runs Plumbline on a real Kubernetes API server on this machine, over three namespaces of examples/, shows the reports,
and keeps running until Ctrl-C, which leaves nothing behind. docs/control-plane.md tells where the executables come from.

  --once           end when the reports were shown
  --monitoring     start a Prometheus and an Alertmanager beside it, and show an alert
  --unplug-falco   then show what the runtime controls say once Falco is silent, and once it is gone: a minute and a half
`;

const say = (line: string) => void process.stderr.write(`${line}\n`);

type Arguments = Pick<DemoOptions, 'once' | 'monitoring' | 'unplugFalco'>;

function readArguments(): Arguments | undefined {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({
      options: { once: flag, monitoring: flag, 'unplug-falco': flag, help: { ...flag, short: 'h' } },
    });
    const { once, monitoring, 'unplug-falco': unplugFalco } = values;
    if (!values.help) return { once, monitoring, unplugFalco };
    process.stdout.write(usage);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    process.exitCode = 2;
  }
  return undefined;
}

async function main(args: Arguments): Promise<number> {
  const interruption = new Interruption(say);
  const { signal } = interruption;
  let shown = false;
  const print = (text: string) => {
    shown = true;
    process.stdout.write(text);
  };
  try {
    await runDemo({ ...args, signal, say, print });
    return 0;
  } catch (error) {
    // Whatever fails after a Ctrl-C fails because of it: the terminal sends it to kubectl too.
    if (signal.aborted) return shown ? 0 : interruption.exitCode;
    if (!(error instanceof ControlPlaneError || error instanceof DemoError)) throw error;
    say(error.message);
    return 1;
  }
}

const args = readArguments();
// Not process.exit: what was printed may still be on its way through a pipe.
if (args !== undefined) process.exitCode = await main(args);
