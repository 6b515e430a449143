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
  /** Why it is no proof that the process works, though it can be read. */
  readonly unproven?: string;
}

const falco = {
  events: 'falcosecurity_scap_n_evts_total',
  kernelDrops: 'falcosecurity_scap_n_drops_total',
  queueDrops: 'falcosecurity_falco_outputs_queue_num_drops_total',
  started: 'falcosecurity_falco_start_timestamp_nanoseconds',
} as const;

/** Of Falcosidekick by its later and its earlier names. */
const outputs: readonly string[] = ['falcosecurity_falcosidekick_outputs_total', 'falcosidekick_outputs'];
const inputs: readonly string[] = ['falcosecurity_falcosidekick_inputs_total', 'falcosidekick_inputs'];

/** This any process shows that is written in Go. */
const processStarted = 'process_start_time_seconds';

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

/**
 * A page of Falcosidekick. A counter that was never used has no series: an output that is not there lost nothing, but a page
 * without any counter is of one that was never given an event, or of something else.
 */
export function readSidekickMetrics(text: string): CounterReading | MetricsProblem {
  const samples = readSamples(text, [...outputs, ...inputs, processStarted]);
  if ('problem' in samples) return samples;
  const started = sumOf(samples, processStarted);
  const none = 'it has no counters of Falcosidekick';
  const isOwn = samples.some(({ name }) => name !== processStarted);
  if (!isOwn && started === undefined) return { problem: none };
  const errors = samples.filter(
    ({ name, labels }) =>
      outputs.includes(name) &&
      labels.get('status') === 'error' &&
      ourOutputs.includes(labels.get('destination')),
  );
  return checked({
    started: Math.floor(started ?? 0),
    drops: errors.reduce((sum, { value }) => sum + value, 0),
    // It is counted all the same: what is lost of the first events is then seen.
    ...(isOwn ? {} : { unproven: none }),
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
