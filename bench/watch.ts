import { request } from 'node:https';

export interface Server {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: {
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly status?: Readonly<Record<string, unknown>>;
  };
}

const newline = 10;

/**
 * Lists and watches `path` by a watch list, the way that is cheapest for the server: each object comes as an ADDED event,
 * then a bookmark says that these are all. Calls `onEvent` with each event and its size in bytes. Resolves when `signal`
 * aborts.
 */
export function watchList(
  { url, ca, token }: Server,
  path: string,
  signal: AbortSignal,
  onEvent: (event: WatchEvent, bytes: number) => void,
): Promise<void> {
  const query = 'watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
  return new Promise((resolve, reject) => {
    const done = (error: Error) => (signal.aborted ? resolve() : reject(error));
    const call = request(
      `${url}${path}?${query}`,
      { ca, agent: false, signal, headers: { authorization: `Bearer ${token}`, accept: 'application/json' } },
      (response) => {
        // So a server answers that does not have the kind in its cache yet.
        if (response.statusCode === 429) {
          response.resume();
          const again = () => void watchList({ url, ca, token }, path, signal, onEvent).then(resolve, reject);
          return void setTimeout(again, 1_000);
        }
        if (response.statusCode !== 200) return done(new Error(`watch of ${path}: ${response.statusCode}`));
        response.on('error', done);
        response.on('end', () => done(new Error(`the watch of ${path} ended`)));
        response.on(
          'data',
          splitLines((line) => onEvent(JSON.parse(line.toString()) as WatchEvent, line.length)),
        );
      },
    );
    call.on('error', done);
    call.end();
  });
}

export const isLastOfList = ({ type, object }: WatchEvent): boolean =>
  type === 'BOOKMARK' && object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true';

function splitLines(onLine: (line: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer[] = [];
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = chunk.subarray(start, end);
      onLine(rest.length === 0 ? line : Buffer.concat([...rest, line]));
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  };
}
