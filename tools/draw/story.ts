import { join } from 'node:path';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { apply, kubectl } from '../demo/cluster.ts';
import type { LiveDemo } from '../demo/demo.ts';

const examples = join(import.meta.dirname, '../../examples');

/** What happens while Prometheus looks on, so that there is a course of things to draw. Each step begins so many seconds after the start. */
const steps: readonly (readonly [second: number, step: (live: LiveDemo) => Promise<unknown>])[] = [
  // Somebody mends what costs one line.
  [
    45,
    ({ plane }) =>
      kubectl(plane, ['label', 'namespace', 'legacy', 'pod-security.kubernetes.io/enforce=restricted']),
  ],
  [80, ({ plane }) => apply(plane, ['-n', 'legacy', '-f', '-'], { input: denyAll })],
  [100, ({ replayEvents }) => replayEvents()],
  // Somebody takes away what isolates a hardened namespace, and puts it back.
  [125, ({ plane }) => kubectl(plane, ['-n', 'payments', 'delete', 'networkpolicies', '--all'])],
  [170, ({ replayEvents }) => replayEvents()],
  [185, ({ plane }) => apply(plane, ['-f', join(examples, 'payments', 'network-policies.yaml')])],
];

/** Seconds that the pictures show. */
export const storySeconds = 240;

const denyAll = JSON.stringify({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny-all' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
});

export async function playStory(live: LiveDemo, say: (line: string) => void): Promise<void> {
  const start = systemClock.monotonic();
  const until = (second: number) =>
    sleep(systemClock, Math.max(0, start + second * 1_000 - systemClock.monotonic()), live.signal);
  for (const [second, step] of steps) {
    await until(second);
    live.signal.throwIfAborted();
    await step(live);
    say(`${second} s of ${storySeconds}`);
  }
  await until(storySeconds);
}
