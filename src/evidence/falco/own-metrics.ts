import type { MetricsProblem, Sample } from './metrics-text.ts';
import { readSamples } from './metrics-text.ts';

/** What one process says of itself, counted since it started. */
export interface CounterReading {
  /** When it started, seconds since the epoch; 0 where it does not say. */
  readonly started: number;
  /** Events that it has lost. */
  readonly drops: number;
  /** Events that it was given; absent for one that need not be given any. */
  readonly events?: number;
}

const falco = {
  events: 'falcosecurity_scap_n_evts_total',
  kernelDrops: 'falcosecurity_scap_n_drops_total',
  queueDrops: 'falcosecurity_falco_outputs_queue_num_drops_total',
  started: 'falcosecurity_falco_start_timestamp_nanoseconds',
} as const;

const sidekick = {
  outputs: 'falcosecurity_falcosidekick_outputs_total',
  started: 'process_start_time_seconds',
} as const;

/** The outputs of Falcosidekick that may lead to Plumbline. What its other outputs lose does not concern us. */
const ourOutputs: readonly (string | undefined)[] = ['webhook', 'cloudevents'];

/** A page of Falco (0.38 and later). Without the counters of the kernel it proves neither life nor that nothing was lost. */
export function readFalcoMetrics(text: string): CounterReading | MetricsProblem {
  const samples = readSamples(text, Object.values(falco));
  if ('problem' in samples) return samples;
  const [events, kernelDrops] = [sumOf(samples, falco.events), sumOf(samples, falco.kernelDrops)];
  if (events === undefined || kernelDrops === undefined)
    return { problem: 'it has no counters of kernel events (kernel_event_counters_enabled)' };
  const queueDrops = sumOf(samples, falco.queueDrops) ?? 0;
  const started = Math.floor((sumOf(samples, falco.started) ?? 0) / 1e9);
  return checked({ started, drops: kernelDrops + queueDrops, events });
}

/** A page of Falcosidekick. An output that was never used has no series, so that none is lost where there is none. */
export function readSidekickMetrics(text: string): CounterReading | MetricsProblem {
  const samples = readSamples(text, Object.values(sidekick));
  if ('problem' in samples) return samples;
  const started = sumOf(samples, sidekick.started);
  // Whatever else answers there has no such counters either.
  if (started === undefined) return { problem: 'it is no page of Falcosidekick' };
  const errors = samples.filter(
    ({ name, labels }) =>
      name === sidekick.outputs &&
      labels.get('status') === 'error' &&
      ourOutputs.includes(labels.get('destination')),
  );
  return checked({
    started: Math.floor(started),
    drops: errors.reduce((sum, { value }) => sum + value, 0),
  });
}

function sumOf(samples: readonly Sample[], name: string): number | undefined {
  const found = samples.filter((sample) => sample.name === name);
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

function checked(reading: CounterReading): CounterReading | MetricsProblem {
  const counts = [reading.started, reading.drops, reading.events ?? 0];
  return counts.every((value) => value >= 0 && value < 1e15) ? reading : { problem: 'a counter is no count' };
}
