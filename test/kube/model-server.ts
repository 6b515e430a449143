import type { ApiRequest, ApiResponse, ApiStream } from '../../src/kube/client.ts';
import { ApiError, ConnectionError, toApiError } from '../../src/kube/errors.ts';
import { protobufType } from '../../src/kube/protobuf.ts';
import { inProtobuf } from './model-protobuf.ts';
import { ScriptedStream } from './scripted-stream.ts';

interface ModelObject {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly version: number;
  readonly value: string;
}

interface Happening {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ModelObject;
}

/**
 * What an API server promises of list and watch, small enough to be believed, with every fault at hand. It is the model
 * that random sequences are checked against; the real one is in test/cluster.
 */
export class ModelServer {
  /** How the server is. Each may be switched at any time. */
  watchList = true;
  installed = true;
  allowed = true;
  reachable = true;
  bookmarks = true;
  /** Whether it answers in protobuf who asks for it. */
  hasProtobuf = true;
  /** The next requests fail so, in order. */
  readonly faults: (() => Error)[] = [];
  /** Where, in bytes, streams are cut into chunks, over and over; none: each write is one. */
  cuts: readonly number[] = [];
  /** So many lists break before their end is said. */
  brokenLists = 0;
  /** What was asked, in order: `watch`, `watch from 7`, `list`, `page`. */
  readonly asked: string[] = [];
  #objects = new Map<string, ModelObject>();
  #history: Happening[] = [];
  #version = 10;
  /** No backup is older: were versions to begin anew, a frame that lies about them could be ahead of what is there. */
  #compacted = 10;
  #uid = 0;
  readonly #streams = new Set<ScriptedStream>();
  readonly #inProtobuf = new WeakSet<ScriptedStream>();
  #pages = new Map<string, ModelObject[]>();

  /** The truth: `namespace/name` to value. */
  get contents(): Record<string, string> {
    const all = [...this.#objects.values()].map(
      (one) => [`${one.namespace}/${one.name}`, one.value] as const,
    );
    return Object.fromEntries(all);
  }

  get openStreams(): number {
    for (const stream of this.#streams) if (!stream.open) this.#streams.delete(stream);
    return this.#streams.size;
  }

  set(name: string, value: string, namespace = 'ns'): void {
    if (!this.installed) return;
    const old = this.#objects.get(`${namespace}/${name}`);
    const uid = old?.uid ?? `uid-${++this.#uid}`;
    const object = { name, namespace, uid, version: ++this.#version, value };
    this.#objects.set(`${namespace}/${name}`, object);
    this.#happen({ type: old === undefined ? 'ADDED' : 'MODIFIED', object });
  }

  delete(name: string, namespace = 'ns'): void {
    const old = this.#objects.get(`${namespace}/${name}`);
    if (old === undefined) return;
    this.#objects.delete(`${namespace}/${name}`);
    this.#happen({ type: 'DELETED', object: { ...old, version: ++this.#version } });
  }

  /** Forgets the history: who resumes before now gets 410. */
  compact(): void {
    this.#compacted = this.#version;
    this.#history = [];
    this.#pages = new Map();
  }

  bookmark(): void {
    if (this.bookmarks) this.send(bookmark(this.#version));
  }

  /** Writes what is no event to every stream. */
  send(text: string): void {
    for (const stream of this.#streams) this.#write(stream, text);
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }

  /** Breaks every stream; `half`: after the first bytes of a frame. */
  cutStreams(half = false): void {
    for (const stream of this.#streams) {
      if (half) this.#write(stream, '{"type":"ADDED","obj');
      stream.fail(new ConnectionError('ConnectionLost', 'cut'));
    }
  }

  /** The kind goes, with its objects. */
  uninstall(): void {
    for (const { name, namespace } of [...this.#objects.values()]) this.delete(name, namespace);
    this.installed = false;
    this.endStreams();
  }

  /** A backup is put back: the last `count` happenings have never been, and their versions are given out again. */
  restoreBackup(count: number): void {
    const kept = this.#history.slice(0, Math.max(0, this.#history.length - count));
    if (kept.length === this.#history.length) return;
    const lost = this.#history.slice(kept.length);
    for (const { object } of lost) this.#objects.delete(`${object.namespace}/${object.name}`);
    for (const { object } of lost) {
      const key = `${object.namespace}/${object.name}`;
      const before = kept.findLast((one) => `${one.object.namespace}/${one.object.name}` === key);
      if (before !== undefined && before.type !== 'DELETED') this.#objects.set(key, before.object);
    }
    this.#history = kept;
    this.#version = kept.at(-1)?.object.version ?? this.#compacted;
    this.cutStreams();
  }

  async stream(request: Pick<ApiRequest, 'query' | 'accept'> & { signal: AbortSignal }): Promise<ApiStream> {
    const { query = {}, accept = '', signal } = request;
    const isProtobuf = this.hasProtobuf && accept.includes(protobufType);
    const from = query['resourceVersion'];
    this.asked.push(from === undefined ? 'watch' : `watch from ${from}`);
    await this.#answer();
    if (from === undefined && !this.watchList) {
      throw toApiError(422, { reason: 'Invalid', message: 'sendInitialEvents is forbidden for watch' });
    }
    if (from !== undefined && Number(from) < this.#compacted) throw expired();
    if (from !== undefined && Number(from) > this.#version) throw tooLarge();
    const stream = new ScriptedStream(signal);
    this.#streams.add(stream);
    if (isProtobuf) this.#inProtobuf.add(stream);
    if (from === undefined) {
      for (const object of this.#objects.values()) this.#write(stream, frame('ADDED', object));
      if (this.brokenLists > 0) {
        this.brokenLists--;
        stream.fail(new ConnectionError('ConnectionLost', 'cut'));
      } else this.#write(stream, bookmark(this.#version, true));
    } else {
      for (const { type, object } of this.#history) {
        if (object.version > Number(from)) this.#write(stream, frame(type, object));
      }
    }
    return { status: 200, isProtobuf, chunks: stream.chunks() };
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    const { query = {} } = request;
    const token = query['continue'];
    this.asked.push(token === undefined ? 'list' : 'page');
    await this.#answer();
    const objects = token === undefined ? [...this.#objects.values()] : this.#pages.get(String(token));
    if (objects === undefined) throw expired();
    const limit = Number(query['limit']);
    const rest = objects.slice(limit);
    const version = token === undefined ? this.#version : Number(String(token).split(':')[0]);
    const next = rest.length === 0 ? '' : `${version}:${this.#pages.size}:${rest.length}`;
    if (rest.length > 0) this.#pages.set(next, rest);
    const items = objects.slice(0, limit).map(toJson);
    const json = {
      kind: 'ThingList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(version), continue: next },
      items,
    };
    return { status: 200, headers: {}, json, bytes: JSON.stringify(json).length };
  }

  /** Takes a moment, as every answer does, and may be a refusal. */
  async #answer(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.reachable) throw new ConnectionError('ConnectionFailed', 'refused');
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault();
    if (!this.installed)
      throw toApiError(404, { message: 'the server could not find the requested resource' });
    if (!this.allowed) throw toApiError(403, { message: 'things is forbidden', reason: 'Forbidden' });
  }

  #write(stream: ScriptedStream, text: string): void {
    let rest = this.#inProtobuf.has(stream) ? inProtobuf(text) : Buffer.from(text);
    for (const cut of this.cuts) {
      stream.write(rest.subarray(0, cut));
      rest = rest.subarray(cut);
    }
    if (rest.length > 0) stream.write(rest);
  }

  #happen(happening: Happening): void {
    this.#history.push(happening);
    this.send(frame(happening.type, happening.object));
  }
}

export function expired(): ApiError {
  return toApiError(410, { reason: 'Expired', message: 'too old resource version', code: 410 });
}

export function tooLarge(): ApiError {
  const details = { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] };
  return toApiError(504, {
    reason: 'Timeout',
    message: 'Timeout: Too large resource version: 9, current: 5',
    details,
  });
}

function toJson({ name, namespace, uid, version, value }: ModelObject): object {
  return { metadata: { name, namespace, uid, resourceVersion: String(version) }, value };
}

export function frame(type: string, object: ModelObject): string {
  return `${JSON.stringify({ type, object: { kind: 'Thing', apiVersion: 'v1', ...toJson(object) } })}\n`;
}

export function bookmark(version: number, end = false): string {
  const annotations = end ? { 'k8s.io/initial-events-end': 'true' } : {};
  return `${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version), annotations } } })}\n`;
}
