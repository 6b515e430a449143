import type { ClusterControl, ClusterInput } from '../domain/control.ts';
import type { SensorPod } from '../domain/sensors.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { pass, soonest, unknown } from '../domain/verdict.ts';
import { count, sortFindings } from './shared/findings.ts';
import { listGaps, metricsGap, moment } from './shared/sensor-coverage.ts';

/** What keeps a pod from being well, and when time alone mends it. */
interface Trouble {
  readonly pod: SensorPod;
  readonly message: string;
  readonly until?: number;
}

function evaluateCluster({ snapshot, parameters, now }: ClusterInput): Verdict {
  const { sensors } = snapshot;
  if (!sensors.available) return unknown(sensors.reason, sensors.message);
  const wanted = parameters['runtime.sensors'];
  const pods = sensors.items.filter(({ sensor }) => wanted.includes(sensor));
  if (pods.length === 0) {
    const message = `No pod of a runtime sensor is there (${wanted.join(', ')}).`;
    return {
      status: 'Fail',
      reason: 'NoSensor',
      message,
      findings: [{ subject: { kind: 'Cluster', name: 'cluster' }, message }],
    };
  }
  const unready: Trouble[] = pods.flatMap((pod) => (pod.ready ? [] : [{ pod, message: unreadiness(pod) }]));
  const ready = pods.length - unready.length;
  const some = `${ready} of ${count(pods.length, 'pod')} of runtime sensors ${ready === 1 ? 'is' : 'are'} ready`;
  if (ready * 100 < pods.length * parameters['runtime.minReadyPercent'])
    return { status: 'Fail', message: `${some}.`, findings: findingsOf(unready) };
  const unread = parameters['runtime.scrapeFalcoMetrics'] ? unreadOf(pods) : [];
  if (unread.length > 0)
    return unknown(
      'PartialEvidence',
      `${some}; whether they lose events is not known, since metrics are not read of ${listGaps(unread)}.`,
    );
  const window = parameters['runtime.crashLoopWindow'];
  const troubles = [...unready, ...pods.flatMap((pod) => troublesOf(pod, window, now))];
  if (troubles.length > 0) {
    const until = troubles.reduce<number | undefined>((least, each) => soonest(least, each.until), undefined);
    return {
      status: 'Warn',
      message: `${some}; ${count(new Set(troubles.map(({ pod }) => pod)).size, 'pod')} had trouble.`,
      findings: findingsOf(troubles),
      ...(until === undefined ? {} : { validUntil: until }),
    };
  }
  return pass(`All pods of runtime sensors are ready (${count(pods.length, 'pod')}), and none had trouble.`);
}

const unreadOf = (pods: readonly SensorPod[]) =>
  pods.flatMap(({ sensor, ready, node, name, metrics }) => {
    const gap = sensor === 'falco' && ready ? metricsGap(metrics) : undefined;
    return gap === undefined ? [] : [{ name: node ?? name, gap }];
  });

const unreadiness = ({ sensor, since, crashing }: SensorPod): string =>
  `Its pod of ${sensor} is not ready${since === undefined ? '' : ` since ${moment(since)}`}${crashing === true ? ', and fails again and again' : ''}.`;

/** Of one that is ready, or may be. */
function troublesOf(pod: SensorPod, window: number, now: number): Trouble[] {
  const { ready, crashing, crashedAt, lost, sensor } = pod;
  const troubles: Trouble[] = [];
  if (crashing === true && ready)
    troubles.push({ pod, message: `A container of its pod of ${sensor} fails again and again.` });
  else if (crashing !== true && crashedAt !== undefined && crashedAt + window > now)
    troubles.push({
      pod,
      message: `A container of its pod of ${sensor} had to be started several times; it failed last at ${moment(crashedAt)}.`,
      until: crashedAt + window,
    });
  if (lost !== undefined && lost.until + window > now)
    troubles.push({
      pod,
      message: `Its ${sensor} has lost events since ${moment(lost.since)}.`,
      until: lost.until + window,
    });
  return troubles;
}

const findingsOf = (troubles: readonly Trouble[]): readonly Finding[] =>
  sortFindings(
    troubles.map(({ pod: { node, namespace, name }, message }) => ({
      subject: node === undefined ? { kind: 'Pod', name } : { kind: 'Node', name: node },
      example: `${namespace}/${name}`,
      message,
    })),
  );

const control: ClusterControl = {
  id: 'RD-3.5.1',
  title: 'Runtime defence engine is healthy',
  requirement: '§3: Runtime Defense',
  severity: 'high',
  scope: 'cluster',
  rationale:
    'A sensor that restarts over and over, or drops what it cannot keep up with, has holes through which an intruder fits.',
  rule: 'Judged over the pods of runtime.sensors. Pass: all are ready, none had a crash loop and none lost events within runtime.crashLoopWindow. Warn: some are not ready; or a container waits in CrashLoopBackOff, or had to be started three times or more and failed within runtime.crashLoopWindow; or a sensor said within it that it lost events, or its metrics did. Fail: fewer than runtime.minReadyPercent are ready. Fail (NoSensor): there is none. Unknown (PartialEvidence): with runtime.scrapeFalcoMetrics the metrics of a ready pod of Falco are not read. Unknown: pods could not be read, or manifests are judged, which do not show it.',
  notes: [
    'Which nodes lack a sensor is told where it matters, in RD-2.5.1 of each namespace that has pods there.',
    'Pods that are wanted and do not exist, since something refuses them, are not counted: of a DaemonSet that has none at all this fails.',
    'Falco says that it lost events in events of its own (syscall event drop, timeouts notification, and the counters of its metrics snapshots); a higher minimum priority keeps these from arriving. With runtime.scrapeFalcoMetrics it says so in its metrics too (falcosecurity_scap_n_drops_total, falcosecurity_falco_outputs_queue_num_drops_total), which are read once a minute.',
    'Kubernetes tells how often a container was started again and when it failed last, and not how often within a window.',
  ],
  remediation:
    'Repair the sensor: see why its pods are not ready or fail (kubectl describe, logs of the previous container), give it memory and CPU, and a larger buffer or fewer rules where it drops system calls.',
  evidence: ['sensors'],
  parameters: [
    'runtime.sensors',
    'runtime.minReadyPercent',
    'runtime.crashLoopWindow',
    'runtime.scrapeFalcoMetrics',
  ],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown'],
  references: {
    nist80053: ['SI-4', 'SI-4(2)', 'SI-6'],
    nist800190: ['4.4.4'],
    other: ['Reference Design v2.1 table 1: Runtime Defense (secondary)'],
  },
  evaluateCluster,
};
export default control;
