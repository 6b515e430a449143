import { cpSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';

/** Asks etcd itself, by the gateway to its gRPC services. */
async function ask(cluster: ControlPlane, path: string, body: object): Promise<Record<string, unknown>> {
  const socketPath = cluster.etcdEndpoint.replace('unix://', '');
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = request({ socketPath, path, method: 'POST' }, (response) => {
      void text(response).then(resolve, reject);
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
  const parsed = JSON.parse(answer) as Record<string, unknown>;
  if ('error' in parsed) throw new Error(`etcd: ${answer}`);
  return parsed;
}

/** The number of the newest write, which the API server gives out as resourceVersion. */
export async function revisionOf(cluster: ControlPlane): Promise<number> {
  const { header } = (await ask(cluster, '/v3/kv/range', { key: 'AA==' })) as {
    header: { revision: string };
  };
  return Number(header.revision);
}

/** Throws away the history before now, as the API server has it done every five minutes. */
export async function compact(cluster: ControlPlane): Promise<void> {
  await ask(cluster, '/v3/kv/compaction', { revision: String(await revisionOf(cluster)), physical: true });
}

/** Copies what etcd holds. The API server is away meanwhile. @returns puts the copy in the place of what is there then */
export async function backUp(cluster: ControlPlane): Promise<() => Promise<void>> {
  const backup = join(cluster.dir, 'backup');
  await cluster.whileStopped((data) => cpSync(data, backup, { recursive: true }));
  return () =>
    cluster.whileStopped((data) => {
      rmSync(data, { recursive: true });
      cpSync(backup, data, { recursive: true });
    });
}
