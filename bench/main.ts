import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** `npm run bench` lists the benchmarks; `npm run bench NAME` runs one. None is a test: they print what they measured. */
const benchmarks: Readonly<Record<string, string>> = {
  evaluate: 'judging a namespace of 5,000 pods and 20,000 vulnerabilities anew',
  scan: 'plumbline scan of 2,000 workloads beside kube-score on the same files',
  sync: 'the first sync of 20,000 pods (or 100,000) beside reading them, and the way of a lone change',
  churn: '200 changes of pods a second: queue, latency, what it costs etcd',
  relist: 'what blocks the event loop while 100,000 pods are read, at first and again',
  idle: 'ten real minutes in which nothing changes',
  soak: 'minutes of churn and faults: does anything grow, is every report right (exit status 1 if not)',
  memory: 'bytes held for each object of a kind',
  scrape: 'one scrape of 2,000 namespaces beside prom-client with the same series',
  write: 'what the API server spends on the status of a report, by each verb that writes one',
  intake: 'Falco events taken and kept on disk: how many a second, and how soon they are answered',
  'intake-memory': 'two million Falco events of bounded variety, then hostile ones: what stays in memory',
  events: 'the way of a lone change to its report while the operator takes Falco events',
  kills: 'a thousand deaths of a replica on its disk: is each event counted once (exit status 1 if not)',
};

const [name, ...args] = process.argv.slice(2);
if (name !== undefined && Object.hasOwn(benchmarks, name)) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...args], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  if (name !== undefined) console.error(`no benchmark ${name}\n`);
  console.log('npm run bench NAME [-- OPTIONS]\n');
  for (const [each, what] of Object.entries(benchmarks)) console.log(`  ${each.padEnd(13)} ${what}`);
  console.log('\n  --help after a name lists its options');
  process.exitCode = name === undefined ? 0 : 2;
}
