import { parseArgs } from 'node:util';
import { resolveBinaries } from './binaries.ts';
import { binaryNames, monitoringNames } from './components.ts';
import { startControlPlane } from './control-plane.ts';
import { ControlPlaneError } from './errors.ts';
import { findKwokStages } from './kwok.ts';

const allNames = [...binaryNames, ...monitoringNames];

const usage = `Usage:
  node tools/control-plane/main.ts build [NAME...]
      Finds or builds the executables (default: ${binaryNames.join(', ')},
      ${monitoringNames.join(', ')})
      and prints where each is.
  node tools/control-plane/main.ts start [--controller-manager] [--scheduler] [--kwok] [--nodes N]
      Runs a control plane until Ctrl-C. Prints the line that points kubectl at it.
docs/control-plane.md tells more.`;

const progress = (line: string) => void process.stderr.write(`${line}\n`);

async function build(names: readonly string[]): Promise<void> {
  const known = allNames.filter((name) => names.length === 0 || names.includes(name));
  const unknown = names.filter((name) => !allNames.some((one) => one === name));
  if (unknown.length > 0) throw new UsageError(`there is no ${unknown.join(', no ')} to build`);
  const found = await resolveBinaries(known, { progress });
  if (known.includes('kwok')) await findKwokStages({ progress });
  for (const name of known) process.stdout.write(`${name} ${found[name]}\n`);
}

async function start(args: string[]): Promise<void> {
  const flag = { type: 'boolean', default: false } as const;
  const options = {
    'controller-manager': flag,
    scheduler: flag,
    kwok: flag,
    nodes: { type: 'string' },
  } as const;
  const { values } = parseArgs({ args, options });
  const nodes = Number(values.nodes ?? 0);
  if (!Number.isSafeInteger(nodes) || nodes < 0)
    throw new UsageError(`--nodes ${values.nodes} is not a count`);
  const plane = await startControlPlane({
    controllerManager: values['controller-manager'],
    scheduler: values.scheduler,
    kwok: values.kwok || nodes > 0,
  });
  try {
    if (nodes > 0) await plane.createNodes(nodes);
    process.stdout.write(`export KUBECONFIG=${plane.kubeconfigPath}\n`);
    progress(`The API server is ${plane.url}; kubectl is ${plane.kubectlPath}; logs are in ${plane.dir}.`);
    progress('Ctrl-C stops it and removes the folder.');
    await nextSignal();
  } finally {
    await plane.stop();
  }
}

/** Resolves at the first SIGINT or SIGTERM, and keeps the process alive until then; the second one kills as ever. */
function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    const keepAlive = setInterval(() => {}, 2 ** 30);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        clearInterval(keepAlive);
        resolve();
      });
    }
  });
}

class UsageError extends Error {}

async function main([command, ...args]: string[]): Promise<void> {
  if (command === 'build') return build(args);
  if (command === 'start') return start(args);
  throw new UsageError(command === undefined ? 'name a command' : `there is no command ${command}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const unknownFlag = error instanceof TypeError && 'code' in error;
  if (!(error instanceof ControlPlaneError || error instanceof UsageError || unknownFlag)) throw error;
  progress(error.message);
  if (!(error instanceof ControlPlaneError)) progress(usage);
  process.exitCode = error instanceof ControlPlaneError ? 1 : 2;
}
