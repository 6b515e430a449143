import { readFileSync } from 'node:fs';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { isObject, type Json } from '../../src/evidence/fields.ts';
import { DemoError } from './errors.ts';
import { ask } from './http.ts';
import { findPod } from './names.ts';
import type { NamespaceObjects } from './workloads.ts';

/** Since when the newest event is there, and how old a sign of life is when it arrives, milliseconds. */
const usualAge = { event: 5_000, sign: 0 };

/**
 * Plays Falco and Falcosidekick: sends the events of `file` to the intake as if they had just happened to the pods that
 * run. Returns how many it sent, by namespace (`''`: events that name none).
 * @param lateBy milliseconds after which the newest of them arrives
 */
export async function playFalco(
  intake: string,
  file: string,
  live: ReadonlyMap<string, NamespaceObjects>,
  now: number,
  lateBy: number = usualAge.event,
): Promise<ReadonlyMap<string, number>> {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const newest = Math.max(...lines.map((line) => Date.parse(String(parse(line)['time']))));
  const sent = new Map<string, number>();
  for (const line of lines) {
    const age = newest - Date.parse(String(parse(line)['time']));
    // Late ones lie closer together: on no node, wherever the pods were put, is there to be a gap of runtime.blindSensorAfter.
    const closer = lateBy === usualAge.event ? 0 : Math.round(age * 0.75);
    await post(intake, rewrite(line, live, now - lateBy - newest + closer));
    const namespace = namespaceOf(parse(line));
    sent.set(namespace, (sent.get(namespace) ?? 0) + 1);
  }
  return sent;
}

/** Milliseconds between two signs of life of a sensor: below runtime.blindSensorAfter. */
const signEvery = 300_000;
/** Where they arrive late, less is left of it. */
const lateSignEvery = 5_000;

/**
 * Sends what Falco on each node says of itself, `metrics.enabled` with an interval of five minutes, at once and for as long as
 * the signal lets it. Never resolves; rejects when the operator does not take it, though nobody has ended the demo.
 */
export function keepAlive(
  intake: string,
  nodes: readonly string[],
  signal: AbortSignal,
  lateBy: number = usualAge.sign,
): Promise<never> {
  const run = async (): Promise<never> => {
    while (!signal.aborted) {
      for (const node of nodes) await post(intake, snapshotOf(node, systemClock.now() - lateBy));
      await sleep(systemClock, lateBy === 0 ? signEvery : lateSignEvery, signal);
    }
    return new Promise(() => {});
  };
  const running = run().catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return new Promise<never>(() => {});
  });
  running.catch(() => {}); // Whoever waits for it is told; nobody has to wait.
  return running;
}

const snapshotOf = (hostname: string, now: number): string =>
  JSON.stringify({
    hostname,
    output: 'Falco metrics snapshot',
    output_fields: { 'falco.outputs_queue_num_drops': 0, 'scap.n_drops': 0, 'scap.n_evts': 1_000 },
    priority: 'Informational',
    rule: 'Falco internal: metrics snapshot',
    source: 'internal',
    time: new Date(now).toISOString().replace('Z', '000000Z'),
  });

const parse = (line: string): Json => JSON.parse(line) as Json;

function fieldOf(event: Json, name: string): string {
  const fields = event['output_fields'];
  const value = isObject(fields) ? fields[name] : undefined;
  return typeof value === 'string' ? value : '';
}

const namespaceOf = (event: Json): string => fieldOf(event, 'k8s.ns.name');

/**
 * Works on the text: Falco writes nanoseconds as integers of nineteen digits, and JSON.parse would round them.
 * @param shift milliseconds by which the event happens later
 */
function rewrite(line: string, live: ReadonlyMap<string, NamespaceObjects>, shift: number): string {
  const event = parse(line);
  const time = String(event['time']);
  const moved = new Date(Date.parse(time) + shift).toISOString();
  // Milliseconds are moved; what Falco wrote behind them stays.
  const behind = /\.\d{3}(\d*)Z$/.exec(time)?.[1] ?? '';
  const later = moved.replace('Z', `${behind}Z`);
  const clock = `${moved.slice(11, 23)}${behind.padEnd(6, '0')}`;
  let text = line
    .replaceAll(time, later)
    .replace(/"output":"[\d:.]+: /, `"output":"${clock}: `)
    .replaceAll(/\b\d{19}\b/g, (nanoseconds) => String(BigInt(nanoseconds) + BigInt(shift) * 1_000_000n));
  const named = fieldOf(event, 'k8s.pod.name');
  const objects = live.get(namespaceOf(event));
  const pod = objects && findPod(objects, named);
  if (pod === undefined) return text;
  text = text.replaceAll(named, pod.name);
  return text.replace(`"hostname":"${String(event['hostname'])}"`, `"hostname":"${pod.node}"`);
}

/** Falcosidekick's events have a `uuid`; each sender has its own headers. */
async function post(intake: string, body: string): Promise<void> {
  const headers = body.startsWith('{"uuid"')
    ? { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Falcosidekick' }
    : { 'content-type': 'application/json', 'user-agent': 'falcosecurity/falco' };
  const { ok, status, text } = await ask(intake, { method: 'POST', headers, body });
  if (!ok) throw new DemoError('RequestFailed', `The intake refused an event: ${status} ${text.trim()}`);
}
