/** Pages of metrics as Falco 0.44 and Falcosidekick 2.31 write them. */

export interface FalcoPage {
  readonly events?: number;
  readonly drops?: number;
  readonly queueDrops?: number;
  /** Seconds since the epoch. */
  readonly started?: number;
  /** False: metrics.kernel_event_counters_enabled is off. */
  readonly kernel?: boolean;
}

const help = 'https://falco.org/docs/metrics/';

/** Falco writes the comments before each sample, also where the metric is the same. */
const falcoMetric = (type: 'counter' | 'gauge', sample: string): string => {
  const name = /^\w+/.exec(sample)?.[0] ?? '';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${sample}\n`;
};

export function falcoPage({
  events = 17_613,
  drops = 0,
  queueDrops = 0,
  started = 1_748_558_475,
  kernel = true,
}: FalcoPage = {}): string {
  const counter = (sample: string) => falcoMetric('counter', `falcosecurity_${sample}`);
  const gauge = (sample: string) => falcoMetric('gauge', `falcosecurity_${sample}`);
  const ofKernel = [
    counter(`scap_n_evts_total ${events}`),
    ...['enter', 'exit'].map((dir) =>
      counter(`scap_n_drops_buffer_total{dir="${dir}",drop="clone_fork"} ${dir === 'exit' ? drops : 0}`),
    ),
    counter('scap_n_drops_scratch_map_total 0'),
    counter(`scap_n_drops_total ${drops}`),
  ];
  return [
    gauge('falco_version_info{version="0.44.0"} 1'),
    gauge('falco_sha256_rules_files_info{file_name="falco_rules.yaml",sha256="58a4f187b6b04b43"} 1'),
    gauge('scap_engine_name_info{engine_name="modern_bpf",evt_source="syscall"} 1'),
    ...(kernel ? ofKernel : []),
    gauge('falco_kernel_release_info{kernel_release="6.14.6-300.fc42.x86_64"} 1'),
    gauge('evt_hostname_info{hostname="node-1"} 1'),
    counter(`falco_outputs_queue_num_drops_total ${queueDrops}`),
    gauge(`falco_start_timestamp_nanoseconds ${started}711424160`),
    counter('falco_duration_seconds_total 5'),
    counter(
      'falco_rules_matches_total{priority="4",rule_name="Read sensitive file untrusted",source="syscall",tag_container="true"} 1',
    ),
  ].join('');
}

export interface SidekickPage {
  /** What went wrong, by output. */
  readonly errors?: Readonly<Record<string, number>>;
  readonly ok?: number;
  readonly started?: number;
  /** As earlier versions named the counters of inputs and outputs. */
  readonly older?: boolean;
  /** False: it was given no event since it started, and shows none of its counters. */
  readonly used?: boolean;
}

export function sidekickPage(page: SidekickPage = {}): string {
  const { errors = {}, ok = 12, started = 1_748_558_470, older = false, used = true } = page;
  const outputs = [
    `falcosecurity_falcosidekick_outputs_total{destination="webhook",status="ok"} ${ok}`,
    ...Object.entries(errors).map(
      ([output, count]) =>
        `falcosecurity_falcosidekick_outputs_total{destination="${output}",status="error"} ${count}`,
    ),
  ];
  const own = [
    '# HELP falcosecurity_falcosidekick_falco_events_total ',
    '# TYPE falcosecurity_falcosidekick_falco_events_total counter',
    'falcosecurity_falcosidekick_falco_events_total{hostname="node-1",k8s_ns_name="shop",k8s_pod_name="web",priority="1",priority_raw="warning",rule="A \\"quoted\\" rule, with {braces} and a \\\\",source="syscall"} 3',
    '# HELP falcosecurity_falcosidekick_inputs_total ',
    '# TYPE falcosecurity_falcosidekick_inputs_total counter',
    'falcosecurity_falcosidekick_inputs_total{source="requests",status="accepted"} 12',
    '# HELP falcosecurity_falcosidekick_outputs_total ',
    '# TYPE falcosecurity_falcosidekick_outputs_total counter',
    ...outputs,
  ];
  const named = older
    ? own.map((line) => line.replaceAll(/falcosecurity_(falcosidekick_(?:in|out)puts)_total/g, '$1'))
    : own;
  return `${[
    ...(used ? named : []),
    '# HELP go_gc_duration_seconds A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles.',
    '# TYPE go_gc_duration_seconds summary',
    'go_gc_duration_seconds{quantile="0"} 3.5326e-05',
    '# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.',
    '# TYPE process_start_time_seconds gauge',
    `process_start_time_seconds ${(started / 1e9).toFixed(11)}e+09`,
  ].join('\n')}\n`;
}
