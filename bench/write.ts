import { parseArgs } from 'node:util';
import { catalogue } from '../src/controls/catalogue.generated.ts';
import { evaluateNamespace } from '../src/evaluate/evaluate-namespace.ts';
import { builtInProfile } from '../src/evaluate/profile.ts';
import { assembleWorkloads } from '../src/evidence/workloads/assemble.ts';
import type { ControlPlane } from '../tools/control-plane/control-plane.ts';
import { withCluster } from './cluster.ts';
import { hold, now, snapshotOf } from './held-namespace.ts';
import { processorTime } from './machine.ts';
import { progress } from './progress.ts';
import { median, spread, table } from './statistics.ts';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
    workloads: { type: 'string', default: '0,3,10' },
    help: { type: 'boolean', default: false },
  },
});
/** As many as the operator's workers. */
const lanes = 4;

interface Written {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** The same status under the same fence, by each verb that the server has for it. */
const ways: Readonly<
  Record<string, { verb: 'PATCH' | 'PUT'; type: string; query: string; head: (name: string) => object }>
> = {
  apply: {
    verb: 'PATCH',
    type: 'application/apply-patch+yaml',
    query: '&force=true&fieldValidation=Ignore',
    head: () => identity,
  },
  'apply, read twice': {
    verb: 'PATCH',
    type: 'application/apply-patch+yaml',
    query: '&force=true',
    head: () => identity,
  },
  put: {
    verb: 'PUT',
    type: 'application/json',
    query: '&fieldValidation=Strict',
    head: (name) => ({ ...identity, spec: { profile: name } }),
  },
  'merge patch': {
    verb: 'PATCH',
    type: 'application/merge-patch+json',
    query: '&fieldValidation=Strict',
    head: () => ({}),
  },
};
const identity = { apiVersion: 'plumbline.dev/v1alpha1', kind: 'ComplianceReport' };

/** What the operator writes of a namespace with so many Deployments of mixed quality, ten pods each. */
function statusOf(workloads: number): object {
  const { status } = evaluateNamespace({
    snapshot: snapshotOf(assembleWorkloads(hold(workloads, workloads * 10, 0))),
    profile: builtInProfile(catalogue),
    now,
    onError: (id, error) => {
      throw new Error(id, { cause: error });
    },
  });
  return status;
}

async function send(plane: ControlPlane, verb: string, path: string, body: object, type: string) {
  const answer = await plane.request(verb, path, body, { contentType: type });
  if (answer.status >= 300)
    throw new Error(`${verb} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return (answer.body as { metadata: Written }).metadata;
}

async function inLanes<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) results.push(await run(item));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** Milliseconds of the API server's processor for each of `count`. */
async function cost<T>(plane: ControlPlane, count: number, run: () => Promise<T>) {
  const pid = plane.pids['kube-apiserver'] ?? 0;
  const before = processorTime(pid);
  const result = await run();
  return { result, ms: ((processorTime(pid) - before) * 1_000) / count };
}

async function measure(plane: ControlPlane, namespace: string): Promise<void> {
  const collection = `/apis/plumbline.dev/v1alpha1/namespaces/${namespace}/compliancereports`;
  const [objects, rounds] = [Number(values.objects), Number(values.rounds)];
  const rows = [['least / median / greatest of the rounds', 'KB', 'create', ...Object.keys(ways)]];
  let made = 0;
  for (const workloads of values.workloads.split(',').map(Number)) {
    const status = statusOf(workloads);
    const costs: Record<string, number[]> = { create: [] };
    for (let round = 1; round <= rounds; round++) {
      progress(`${workloads} workloads, round ${round} of ${rounds}`);
      for (const [way, { verb, type, query, head }] of Object.entries(ways)) {
        const names = Array.from({ length: objects }, () => `report-${made++}`);
        const create = (name: string) =>
          send(
            plane,
            'POST',
            collection,
            { ...identity, metadata: { name }, spec: { profile: name } },
            'application/json',
          );
        const created = await cost(plane, objects, () => inLanes(names, create));
        costs['create']?.push(created.ms);
        const write = ({ name, uid, resourceVersion }: Written) =>
          send(
            plane,
            verb,
            `${collection}/${name}/status?fieldManager=plumbline${query}`,
            { ...head(name), metadata: { name, namespace, uid, resourceVersion }, status },
            type,
          );
        (costs[way] ??= []).push((await cost(plane, objects, () => inLanes(created.result, write))).ms);
      }
      await plane.request('DELETE', collection, undefined);
    }
    const kilobytes = Buffer.byteLength(JSON.stringify(status)) / 1e3;
    rows.push([
      `${workloads} workloads`,
      kilobytes.toFixed(1),
      median(costs['create'] ?? []).toFixed(1),
      ...Object.keys(ways).map((way) => spread(costs[way] ?? [], 1)),
    ]);
  }
  console.log(`milliseconds of the API server's processor for one write, ${lanes} at once\n`);
  console.log(table(rows));
}

if (values.help) {
  console.log(
    'npm run bench write -- [OPTIONS]\n\n' +
      '  --objects N       written in each way and round (100)\n' +
      '  --rounds N        in turns (5)\n' +
      '  --workloads LIST  of the namespaces whose reports are written (0,3,10)',
  );
} else {
  await withCluster({ pods: 10, namespaces: 1 }, ({ plane, namespaces }) =>
    measure(plane, namespaces[0] ?? 'default'),
  );
}
