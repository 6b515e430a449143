import { readFileSync } from 'node:fs';
import type { WatchEvent } from './watch.ts';
import { isLastOfList, watchList } from './watch.ts';

/**
 * What no client can go below: reads every object of the given collections, all at once, parses it, keeps its name, ends.
 * In protobuf it reads no more of each than that name.
 * Started by sync.ts with the address of the API server, the file of its certificate and the paths; the token comes in
 * the environment.
 */
const [url = '', caFile = '', ...paths] = process.argv.slice(2);
const encoding = process.env['BENCH_ENCODING'] === 'protobuf' ? 'protobuf' : 'json';
const server = { url, ca: readFileSync(caFile, 'utf8'), token: process.env['BENCH_TOKEN'] ?? '' };
const names = new Set<string>();
await Promise.all(
  paths.map((path) => {
    const reading = new AbortController();
    const onEvent = (event: WatchEvent) => {
      if (isLastOfList(event)) reading.abort();
      else names.add(`${path}/${event.object.metadata.namespace}/${event.object.metadata.name}`);
    };
    return watchList(server, path, reading.signal, onEvent, encoding);
  }),
);
if (names.size < Number(process.env['BENCH_OBJECTS']))
  throw new Error(`only ${names.size} objects were read`);
