import { parseArgs } from 'node:util';
import { systemClock } from '../base/clock.ts';
import { catalogue } from '../controls/catalogue.generated.ts';
import { loadKubeConfig } from '../kube/kube-config.ts';
import { ComplianceOperator } from '../operator/compliance-operator.ts';
import { readSettings } from '../settings.ts';
import { createLogger } from '../telemetry/log.ts';
import type { Output } from './text.ts';
import { UsageError } from './usage.ts';

export const runUsage = `Usage: plumbline run [--context NAME]

Watches a cluster and keeps one ComplianceReport for each namespace and profile up to date. It uses KUBECONFIG, else the
service account of its pod, else ~/.kube/config. Its settings are environment variables: docs/reference/settings.md.
`;

/** `plumbline run`. @returns the exit status, after SIGTERM or SIGINT */
export async function runOperator(args: readonly string[], _output: Output): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { context: { type: 'string' } },
  });
  if (positionals.length > 0) throw new UsageError(`run takes no argument ${positionals[0]}`);
  const settings = readSettings();
  const kubeConfig = loadKubeConfig({ kubeconfig: settings.kubeconfig, context: values.context });
  const logger = createLogger(settings.logLevel, 'stdout');
  const operator = new ComplianceOperator({ settings, kubeConfig, clock: systemClock, logger, catalogue });
  const stopped = untilSignalled();
  await operator.start();
  logger.info('signal received', { signal: await stopped });
  await operator.stopped;
  return 0;
}

/** A second signal ends the process at once, as people expect of Ctrl-C. */
function untilSignalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}
