import { readFileSync } from 'node:fs';
import { isLastOfList, watchList } from './watch.ts';

/**
 * What no client can go below: reads every pod, parses it, keeps its name, ends. Started by sync.ts with the address of the
 * API server and the file of its certificate; the token comes in the environment.
 */
const [url = '', caFile = ''] = process.argv.slice(2);
const server = { url, ca: readFileSync(caFile, 'utf8'), token: process.env['BENCH_TOKEN'] ?? '' };
const names = new Set<string>();
const reading = new AbortController();
await watchList(server, '/api/v1/pods', reading.signal, (event) => {
  if (isLastOfList(event)) reading.abort();
  else names.add(`${event.object.metadata.namespace}/${event.object.metadata.name}`);
});
if (names.size < Number(process.env['BENCH_PODS'])) throw new Error(`only ${names.size} pods were read`);
