import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { Interruption } from '../demo/interruption.ts';
import { runDemo } from '../demo/demo.ts';
import { allDashboards } from '../generate/dashboards.ts';
import { Surroundings } from '../monitoring/part.ts';
import { startPrometheus } from '../monitoring/prometheus.ts';
import type { Choice } from './ask.ts';
import { drawDashboard } from './draw.ts';
import { playStory, storySeconds } from './story.ts';

/**
 * Draws the dashboards into docs/images: runs the demo with a real Prometheus beside it, lets things happen, and asks what the panels ask.
 * Takes some minutes.
 */
const say = (line: string) => void process.stderr.write(`${line}\n`);
const folder = join(import.meta.dirname, '../../docs/images');

const shown: Readonly<Record<string, readonly [variables: Readonly<Record<string, string>>, words: string]>> =
  {
    'plumbline-overview': [{ profile: 'reference-design' }, 'profile reference-design, all namespaces'],
    'plumbline-namespace': [
      { profile: 'reference-design', namespace: 'legacy' },
      'profile reference-design, namespace legacy',
    ],
    'plumbline-health': [{}, ''],
  };

const { signal } = new Interruption(say);
const around = new Surroundings((death) => say(death.message), say);
try {
  await runDemo({
    once: true,
    unplugFalco: false,
    monitoring: false,
    signal,
    say,
    print: () => {},
    use: async (live) => {
      const target = { address: new URL(live.metrics).host, labels: { pod: 'plumbline-0' } };
      const prometheus = await startPrometheus(around, {
        jobs: [{ name: 'plumbline', targets: [target] }],
        interval: '2s',
      });
      say(`Prometheus is at ${prometheus.url}. For ${storySeconds} seconds things happen.`);
      await playStory(live, say);
      const now = Math.floor(systemClock.now() / 1_000);
      await drawAll({ prometheus, end: now, range: storySeconds, step: 2, rateInterval: 10, variables: {} });
    },
  });
} finally {
  await around.stop();
}

async function drawAll(choice: Choice): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const dashboard of allDashboards.values()) {
    const [variables = {}, words = ''] = shown[dashboard.uid] ?? [];
    const path = join(folder, `${dashboard.uid}.svg`);
    await writeFile(path, await drawDashboard(dashboard, { ...choice, variables }, words));
    say(`drawn: ${path}`);
  }
}
