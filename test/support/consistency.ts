import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import type { ComplianceReportStatus } from '../../src/api/compliance-report.ts';
import type { RawObject } from '../../src/kube/frame.ts';
import { collectionPath } from '../../src/kube/resource.ts';
import type { AnyWatched } from '../../src/operator/watched.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import { expectOk } from '../operator/live.ts';
import { judgeAfresh } from './fresh-judge.ts';

/**
 * What has to be true after any fault, as soon as it is over: every store of the running operator holds what the server
 * has, and every report says what an evaluation by somebody who has just come says, with none too many and none missing.
 */
export async function expectConsistent(cluster: ControlPlane, running: Running): Promise<void> {
  await expectStoresEqualServer(cluster, running);
  await expectReportsEqualFreshOnes(cluster, running);
  // Writing the reports changed a store, and nothing may have been lost on the way back.
  await expectStoresEqualServer(cluster, running);
}

type Content = Record<string, unknown>;

interface Held {
  readonly content: Content;
  /** `namespace/name` of what is there and cannot be read. */
  readonly unreadable: readonly string[];
}

/** Every store that the operator holds, with a fresh LIST of what it watches, in the same projection. */
export async function expectStoresEqualServer(cluster: ControlPlane, running: Running): Promise<void> {
  const { operator } = running;
  const differing = async () => {
    const both = await Promise.all(
      operator.watched.map(async (watched) => {
        // The server first: what it had then, a store that follows has by now or soon.
        const server = await heldByServer(cluster, watched);
        return { name: nameOf(watched), server, store: heldBy(watched) };
      }),
    );
    return both.filter(({ server, store }) => !isDeepStrictEqual(store, server));
  };
  let found = await differing();
  const same = async () => {
    hurry(running);
    found = await differing();
    return found.length === 0;
  };
  await eventually(same, 'stores equal the server').catch(() => undefined);
  for (const { name, server, store } of found) expect(store, `store of ${name}`).to.deep.equal(server);
}

/** A watch that backs off may do so for half a minute: on a clock that can jump that is soon over. */
export function hurry({ operator, clock }: Running): void {
  const isWaiting = operator.watched.some(({ watcher }) => watcher.status.phase === 'backoff');
  if (isWaiting && clock instanceof JumpClock) clock.jump(1_000);
}

/** Several watches may be of one resource, each of another part of it. */
const nameOf = ({ name, options: { namespace, fieldSelector, labelSelector } }: AnyWatched): string =>
  [name, ...present([namespace, fieldSelector, labelSelector])].join(' ');

const present = (parts: readonly (string | undefined)[]) => parts.flatMap((part) => part ?? []);

function heldBy({ store, watcher }: AnyWatched): Held {
  const content = sorted(
    [...store.all()].map(({ namespace, name, uid, resourceVersion, value }) => [
      `${namespace}/${name}`,
      { uid, resourceVersion, value },
    ]),
  );
  const unreadable = watcher.unreadable().map(({ namespace, name }) => `${namespace}/${name}`);
  return { content, unreadable: unreadable.sort() };
}

interface Listed extends RawObject {
  readonly metadata: {
    readonly namespace?: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
}

async function heldByServer(cluster: ControlPlane, { options }: AnyWatched): Promise<Held> {
  const list = await listOf(cluster, pathOf(options));
  const unreadable: string[] = [];
  const entries = list.items.flatMap((item): [string, unknown][] => {
    const object = { kind: list.kind.replace(/List$/, ''), apiVersion: list.apiVersion, ...item };
    const { namespace = '', name, uid, resourceVersion } = item.metadata;
    try {
      const value = options.project(object);
      return value === undefined ? [] : [[`${namespace}/${name}`, { uid, resourceVersion, value }]];
    } catch {
      unreadable.push(`${namespace}/${name}`);
      return [];
    }
  });
  return { content: sorted(entries), unreadable: unreadable.sort() };
}

function pathOf({ resource, namespace, fieldSelector, labelSelector }: AnyWatched['options']): string {
  const query = new URLSearchParams({
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  });
  const path = collectionPath(resource, namespace);
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly items: readonly Listed[];
}

/** Empty for a kind that is not installed. A server that has just started refuses for a while. */
async function listOf(cluster: ControlPlane, path: string): Promise<List> {
  let answer = await cluster.request('GET', path);
  await eventually(async () => {
    if (answer.status === 429) answer = await cluster.request('GET', path);
    return answer.status !== 429;
  }, `${path} is served`);
  if (answer.status === 404) return { kind: '', apiVersion: '', items: [] };
  return expectOk(`list ${path}`, answer) as List;
}

const sorted = (entries: [string, unknown][]): Content =>
  Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));

/** By somebody who has only just read the cluster, and knows nothing of what was before. */
export async function expectReportsEqualFreshOnes(
  cluster: ControlPlane,
  { clock }: Pick<Running, 'clock'>,
): Promise<void> {
  const judged = await judgeAfresh(cluster, clock);
  const fresh = Object.fromEntries(judged.map(([name, status]) => [name, withoutHistory(status)]));
  let found: Content = {};
  const same = async () => isDeepStrictEqual((found = await reportsOf(cluster)), fresh);
  await eventually(same, 'reports equal fresh ones').catch(() => undefined);
  expect(Object.keys(found), 'which reports there are').to.deep.equal(Object.keys(fresh));
  // One at a time, and its controls first: what differs in a hundred kilobytes nobody would find.
  for (const [name, status] of Object.entries(found)) {
    expect(controlsOf(status), `verdicts of ${name}`).to.deep.equal(controlsOf(fresh[name]));
    expect(status, `report ${name}`).to.deep.equal(fresh[name]);
  }
}

function controlsOf(status: unknown): Record<string, string> {
  const { controls = [] } = (status ?? {}) as Partial<ComplianceReportStatus>;
  return Object.fromEntries(controls.map((each) => [each.id, `${each.status}: ${each.message}`]));
}

async function reportsOf(cluster: ControlPlane): Promise<Content> {
  const namespaces = await listOf(cluster, '/api/v1/namespaces');
  const reports = await listOf(cluster, '/apis/plumbline.dev/v1alpha1/compliancereports');
  const ending = new Set(
    namespaces.items
      .filter(({ metadata }) => 'deletionTimestamp' in metadata)
      .map(({ metadata }) => metadata.name),
  );
  const entries = reports.items.flatMap(({ metadata, status }): [string, unknown][] =>
    ending.has(metadata.namespace ?? '')
      ? []
      : [[`${metadata.namespace}/${metadata.name}`, withoutHistory(status)]],
  );
  return sorted(entries);
}

/** A status without what only somebody knows who has watched for a while. */
function withoutHistory(status: unknown): unknown {
  return JSON.parse(
    JSON.stringify(status ?? null, (key, value: unknown) =>
      key === 'lastTransitionTime' || key === 'transitions' ? undefined : value,
    ),
  );
}
