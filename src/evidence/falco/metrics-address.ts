import type { PodSpec } from '../../domain/pod-spec.ts';
import type { Json } from '../fields.ts';
import { stringField } from '../fields.ts';

/** Where a pod shows its metrics: an address, never a name, so that nobody else can be asked in its place. */
export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

/** By the names that the charts give to ports, the best first; and the port where a pod names none. */
const ports = {
  falco: { names: ['metrics', 'web', 'http'], usual: 8765 },
  // With TLS on its own port it has another one without, for probes and metrics.
  falcosidekick: { names: ['http-notls', 'http'], usual: 2801 },
} as const;

/** @returns undefined until the pod has an address */
export function metricsAddressOf(
  of: keyof typeof ports,
  { containers }: PodSpec,
  status: Json,
): MetricsAddress | undefined {
  const host = stringField(status, 'podIP', 'status');
  if (host === undefined || host === '') return undefined;
  const { names, usual } = ports[of];
  const named = containers.flatMap((container) => container.ports);
  const found = names
    .map((name) => named.find((port) => port.name === name))
    .find((port) => port !== undefined);
  return { host, port: found?.containerPort ?? usual };
}
