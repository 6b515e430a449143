import { readFileSync } from 'node:fs';
import { projectPod } from '../src/evidence/workloads/project-pod.ts';
import { Store } from '../src/kube/store.ts';
import { isLastOfList, watchList } from './watch.ts';

/**
 * The floor with the projection and the store of the operator, from the sources. Prints how many pods it holds and how many
 * distinct specifications those share. Started by sync.ts as floor.ts is.
 */
const [url = '', caFile = '', path = ''] = process.argv.slice(2);
const server = { url, ca: readFileSync(caFile, 'utf8'), token: process.env['BENCH_TOKEN'] ?? '' };
const store = new Store<ReturnType<typeof projectPod>>();
const reading = new AbortController();
store.begin({ distrust: false });
await watchList(server, path, reading.signal, (event) => {
  if (isLastOfList(event)) return reading.abort();
  const { metadata } = event.object as unknown as { metadata: Record<string, string> };
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = metadata;
  const value = projectPod(event.object);
  store.set({ namespace, name, uid, resourceVersion, value });
});
store.replaced();
const specs = new Set([...store.all()].map(({ value }) => value.spec));
console.log(`${store.size} pods are held with ${specs.size} distinct specifications`);
