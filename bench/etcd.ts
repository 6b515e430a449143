import { request } from 'node:http';
import { join } from 'node:path';
import type { ControlPlane } from '../tools/control-plane/control-plane.ts';
import { Exposition } from './exposition.ts';

export interface EtcdSize {
  /** Bytes of the file, which never shrinks by itself. */
  readonly file: number;
  /** Of them, not free. */
  readonly inUse: number;
}

export async function etcdSize(plane: ControlPlane): Promise<EtcdSize> {
  const metrics = new Exposition(await ask(plane, 'GET', '/metrics'));
  return {
    file: metrics.sum('etcd_mvcc_db_total_size_in_bytes'),
    inUse: metrics.sum('etcd_mvcc_db_total_size_in_use_in_bytes'),
  };
}

/** Forgets every version but the newest, as the API server has it done every five minutes. */
export async function compact(plane: ControlPlane): Promise<void> {
  const range = await ask(plane, 'POST', '/v3/kv/range', { key: 'AA==', limit: 1 });
  const { header } = JSON.parse(range) as { header: { revision: string } };
  await ask(plane, 'POST', '/v3/kv/compaction', { revision: header.revision, physical: true });
}

/** etcd listens on a socket in the folder of the control plane. */
function ask(plane: ControlPlane, method: string, path: string, body?: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: join(plane.dir, 'etcd.sock'), method, path }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`etcd: ${method} ${path}: ${response.statusCode} ${text}`));
      });
    });
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
