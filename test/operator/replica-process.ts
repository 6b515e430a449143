import { systemClock } from '../../src/base/clock.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import type { OperatorOptions } from '../../src/operator/operator-options.ts';
import { ComplianceOperator } from '../../src/operator/compliance-operator.ts';
import { readSettings } from '../../src/settings.ts';
import { createLogger } from '../../src/telemetry/log.ts';

/**
 * `plumbline run` with shorter intervals, as a process of its own, to be killed and paused: `node replica-process.ts
 * INTERVALS`, where INTERVALS is JSON. Everything else is as it ships.
 */
const intervals = JSON.parse(process.argv[2] ?? '{}') as NonNullable<OperatorOptions['intervals']>;
const settings = readSettings();
const operator = new ComplianceOperator({
  settings,
  kubeConfig: loadKubeConfig({ kubeconfig: settings.kubeconfig }),
  clock: systemClock,
  logger: createLogger(settings.logLevel, 'stdout'),
  catalogue,
  intervals,
});
const stopped = new Promise((resolve) => process.once('SIGTERM', resolve));
await operator.start();
await stopped;
await operator.stopped;
