import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../tools/control-plane/control-plane.ts';
import { Random } from './random.ts';
import { inParallel } from './seed-pods.ts';

export interface ChurnOptions {
  /** Changes a second. */
  readonly rate: number;
  /** Pods that the changes are spread over. */
  readonly pods: readonly PodName[];
  /** Pods that get half of the changes for themselves; none if there are none. */
  readonly hot: readonly PodName[];
  readonly signal: AbortSignal;
}

export interface ChurnResult {
  readonly sent: number;
  readonly failed: number;
  readonly seconds: number;
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** Milliseconds between two handfuls of changes. */
const beat = 25;
/** A server that cannot keep up must not pile up requests here. */
const mostUnderWay = 64;

/**
 * Changes seeded pods at a steady rate until the signal aborts: half of the changes matter to a control (an image,
 * labels), half do not (what a kubelet writes into the status).
 */
export async function churn(plane: ControlPlane, options: ChurnOptions): Promise<ChurnResult> {
  const { rate, pods, hot, signal } = options;
  const random = new Random(7);
  const began = performance.now();
  const underWay = new Set<Promise<void>>();
  let [sent, failed] = [0, 0];
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - began) / 1000) * rate);
    while (sent < due && underWay.size < mostUnderWay) {
      const from = random.chance(0.5) && hot.length > 0 ? hot : pods;
      const pod = from[random.below(from.length)];
      if (pod === undefined) throw new Error('there are no pods to change');
      sent++;
      const changed = change(plane, pod, random)
        .catch(() => false)
        .then((done) => {
          if (!done) failed++;
          underWay.delete(changed);
        });
      underWay.add(changed);
    }
    await sleep(beat);
  }
  await Promise.all(underWay);
  return { sent, failed, seconds: (performance.now() - began) / 1000 };
}

/** In their order, so that two runs change the same ones. */
export async function listPods(plane: ControlPlane, namespaces: readonly string[]): Promise<PodName[]> {
  const found = new Map<string, PodName[]>();
  await inParallel(namespaces, async (namespace) => {
    const { body } = await plane.request('GET', `/api/v1/namespaces/${namespace}/pods`);
    const { items } = body as { items: { metadata: { name: string } }[] };
    found.set(
      namespace,
      items.map(({ metadata }) => ({ namespace, name: metadata.name })),
    );
  });
  return namespaces.flatMap((namespace) => found.get(namespace) ?? []);
}

async function change(plane: ControlPlane, { namespace, name }: PodName, random: Random): Promise<boolean> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const contentType = 'application/strategic-merge-patch+json';
  const [suffix, body] = pickChange(random);
  const { status } = await plane.request('PATCH', path + suffix, body, { contentType });
  return status === 200;
}

function pickChange(random: Random): [path: string, patch: object] {
  const kind = random.below(4);
  if (kind === 0) {
    const image = `registry.example.com/team/app:${random.pick(['1.0', '1.1', 'latest'])}`;
    return ['', { spec: { containers: [{ name: 'app', image }] } }];
  }
  if (kind === 1) return ['', { metadata: { labels: { track: `canary-${random.below(8)}` } } }];
  const ready = { type: 'Ready', status: random.pick(['True', 'False']) };
  const message = `restart ${random.below(1_000_000)}`;
  return [
    '/status',
    { status: { message, podIP: `10.1.${random.below(250)}.${random.below(250)}`, conditions: [ready] } },
  ];
}
