import { request } from 'node:https';
import { FieldReader } from '../src/base/protobuf.ts';
import { MessageSet } from '../src/base/protobuf-message.ts';
import { LengthSplitter } from '../src/kube/length-frames.ts';
import { decodeEvent, protobufType } from '../src/kube/protobuf.ts';

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
  encoding: 'json' | 'protobuf' = 'json',
): Promise<void> {
  const query = 'watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
  return new Promise((resolve, reject) => {
    const done = (error: Error) => (signal.aborted ? resolve() : reject(error));
    const call = request(
      `${url}${path}?${query}`,
      {
        ...{ ca, agent: false, signal },
        headers: {
          authorization: `Bearer ${token}`,
          accept: encoding === 'json' ? 'application/json' : protobufType,
        },
      },
      (response) => {
        // So a server answers that does not have the kind in its cache yet.
        if (response.statusCode === 429) {
          response.resume();
          const again = () =>
            void watchList({ url, ca, token }, path, signal, onEvent, encoding).then(resolve, reject);
          return void setTimeout(again, 1_000);
        }
        if (response.statusCode !== 200) return done(new Error(`watch of ${path}: ${response.statusCode}`));
        response.on('error', done);
        response.on('end', () => done(new Error(`the watch of ${path} ended`)));
        const inJson = splitLines((line) => onEvent(JSON.parse(line.toString()) as WatchEvent, line.length));
        response.on('data', encoding === 'json' ? inJson : splitLengths(onEvent));
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

const messages = new MessageSet({
  Thing: 'metadata=1:ObjectMeta',
  ObjectMeta: 'name=1 namespace=3 annotations=12%',
});

function splitLengths(onEvent: (event: WatchEvent, bytes: number) => void): (chunk: Buffer) => void {
  const splitter = new LengthSplitter(Infinity);
  const decode = (bytes: Buffer) => messages.message('Thing').decode(new FieldReader(bytes));
  return (chunk) => {
    for (const frame of splitter.push(chunk))
      onEvent(decodeEvent(frame, decode) as unknown as WatchEvent, frame.length);
  };
}
