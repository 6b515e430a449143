import type { IncomingHttpHeaders } from 'node:http';
import { cleanText } from '../base/clean-text.ts';
import type { FalcoEvent, FalcoRejection } from '../evidence/falco/event.ts';
import { parseFalcoEvent, readFalcoEvent } from '../evidence/falco/event.ts';
import { isObject } from '../evidence/fields.ts';

/** What a request holds: one event, or the events of a batch, each read or refused for itself. */
export type Received = { readonly batch: boolean; readonly events: readonly (FalcoEvent | FalcoRejection)[] };

const structured = 'application/cloudevents+json';
const batched = 'application/cloudevents-batch+json';

/**
 * Reads a request's body: an event as Falco and Falcosidekick send it, or one in a CloudEvents 1.0 envelope in any mode of
 * its HTTP binding: binary (the envelope in `ce-` headers), structured, or a structured batch. Of the envelope nothing is
 * used but its version: the id is the sender's own, another on each way that an event takes.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export function readRequest(headers: IncomingHttpHeaders, text: string): Received {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === batched) return readBatch(text);
  if (type === structured) return one(readEnvelope(parseJson(text)));
  if (type.startsWith('application/cloudevents'))
    return one({ error: `content-type ${cleanText(type, 60)}: expected ${structured} or ${batched}` });
  const version = headers['ce-specversion'];
  if (version !== undefined && !isKnown(version)) return one(unknownVersion(version));
  return one(parseFalcoEvent(text));
}

const one = (event: FalcoEvent | FalcoRejection): Received => ({ batch: false, events: [event] });

function readBatch(text: string): Received {
  const list = parseJson(text);
  if (Array.isArray(list)) return { batch: true, events: list.map((each: unknown) => readEnvelope(each)) };
  return one(isBroken(list) ? list : { error: 'expected a list of events' });
}

function readEnvelope(envelope: unknown): FalcoEvent | FalcoRejection {
  if (!isObject(envelope)) return { error: 'expected an event in a CloudEvents envelope' };
  if (isBroken(envelope)) return envelope;
  const { specversion, data, data_base64: encoded } = envelope;
  if (!isKnown(specversion)) return unknownVersion(specversion);
  if (typeof encoded === 'string') return parseFalcoEvent(Buffer.from(encoded, 'base64').toString('utf8'));
  if (typeof data === 'string') return parseFalcoEvent(data);
  return isObject(data) ? readFalcoEvent(data) : { error: 'data: expected the event, found nothing' };
}

/** Minor versions only add attributes. */
const isKnown = (version: unknown): boolean => typeof version === 'string' && /^1\.\d{1,3}$/.test(version);

const unknownVersion = (version: unknown): FalcoRejection => ({
  error: `specversion: expected 1.0, found ${typeof version === 'string' ? `"${cleanText(version, 20)}"` : 'no text'}`,
});

class Broken {
  readonly error: string;
  constructor(error: string) {
    this.error = error;
  }
}
const isBroken = (value: unknown): value is Broken => value instanceof Broken;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return new Broken(`not valid JSON: ${cleanText((error as Error).message, 120)}`);
  }
}
