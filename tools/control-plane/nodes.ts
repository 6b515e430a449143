import type { Clock } from '../../src/base/clock.ts';
import type { ApiResponse } from './api.ts';
import { ControlPlaneError } from './errors.ts';
import { waitFor } from './ready.ts';

export interface NodeOptions {
  /** Default `node`; names are `node-0`, `node-1` and so on. */
  readonly prefix?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Server {
  request(method: string, path: string, body?: unknown): Promise<ApiResponse>;
}

/** Makes `count` nodes that KWOK plays. Resolves, if `awaitReady`, when all of them are ready. */
export async function createNodes(
  server: Server,
  count: number,
  options: NodeOptions & { awaitReady: boolean },
  clock: Clock,
): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `${options.prefix ?? 'node'}-${index}`);
  await Promise.all(names.map((name) => createNode(server, name, options.labels ?? {})));
  if (options.awaitReady) {
    await waitFor(`${count} nodes to be ready`, 60_000, clock, async () => {
      const ready = await listReadyNodes(server);
      return names.every((name) => ready.has(name)) ? true : undefined;
    });
  }
  return names;
}

async function createNode(server: Server, name: string, labels: Readonly<Record<string, string>>) {
  const { status, body } = await server.request('POST', '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels } },
  });
  if (status !== 201)
    throw new ControlPlaneError('RequestFailed', `node ${name}: ${status} ${JSON.stringify(body)}`);
}

async function listReadyNodes(server: Server): Promise<Set<string>> {
  const { body } = await server.request('GET', '/api/v1/nodes');
  const { items } = body as {
    items: { metadata: { name: string }; status?: { conditions?: { type: string; status: string }[] } }[];
  };
  const ready = items.filter((node) =>
    node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  return new Set(ready.map((node) => node.metadata.name));
}
