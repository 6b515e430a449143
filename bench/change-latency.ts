import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../tools/control-plane/control-plane.ts';
import { podSpec } from './pod-template.ts';
import { Random } from './random.ts';
import type { ReportWatch } from './report-watch.ts';
import { create } from './seed-pods.ts';
import { percentile } from './statistics.ts';

const lateSpec = podSpec('late', 'careless', new Random(1));
let made = 0;

const labels = { bench: 'late' };

/**
 * Makes a pod that is a workload of its own. It stays until `removeLatePods`, so that the count only grows.
 * @returns milliseconds from before the request until the watch shows a report that counts it
 */
export async function measureChange(
  plane: ControlPlane,
  watch: ReportWatch,
  namespace: string,
): Promise<number> {
  const name = `late-${Date.now()}-${made++}`;
  const before = watch.reports.get(namespace)?.workloads ?? 0;
  const started = performance.now();
  const path = `/api/v1/namespaces/${namespace}/pods`;
  await create(plane, path, { metadata: { name, labels }, spec: lateSpec });
  return (await watch.until(() => (watch.reports.get(namespace)?.workloads ?? 0) > before)) - started;
}

export async function removeLatePods(plane: ControlPlane, namespaces: readonly string[]): Promise<void> {
  for (const namespace of namespaces) {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=bench%3Dlate&gracePeriodSeconds=0`;
    await plane.request('DELETE', path);
  }
}

/** One after the other, each in a namespace that was quiet. */
export async function measureChanges(
  plane: ControlPlane,
  watch: ReportWatch,
  namespaces: readonly string[],
): Promise<string> {
  const latencies: number[] = [];
  for (const namespace of namespaces) {
    latencies.push(await measureChange(plane, watch, namespace));
    await sleep(200);
  }
  await removeLatePods(plane, namespaces);
  return `from a new pod to the changed report, ${latencies.length} times: ${describeLatencies(latencies)}`;
}

export function describeLatencies(latencies: readonly number[]): string {
  const at = (fraction: number) => `${percentile(latencies, fraction).toFixed(0)} ms`;
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, least ${at(0)}, most ${at(1)}`;
}
