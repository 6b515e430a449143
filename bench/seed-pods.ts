import type { ControlPlane } from '../tools/control-plane/control-plane.ts';
import { podSpec, qualities } from './pod-template.ts';
import { Counter } from './progress.ts';
import { Random } from './random.ts';

type Created = { readonly metadata: { readonly name: string; readonly uid: string } };

/** As many as the client opens. */
const connections = 32;
const podsPerWorkload = 10;

export const namespaceNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `bench-${String(index).padStart(3, '0')}`);

/** Makes namespaces with Deployments, their ReplicaSets and their pods, as if controllers had. */
export async function seedPods(plane: ControlPlane, pods: number, namespaces: number): Promise<void> {
  const names = namespaceNames(namespaces);
  const workloads = Math.ceil(pods / podsPerWorkload);
  await inParallel(names, (name, index) => {
    const labels = index % 3 === 0 ? { 'pod-security.kubernetes.io/audit': 'restricted' } : { team: name };
    return create(plane, '/api/v1/namespaces', { metadata: { name, labels } });
  });
  await inParallel(
    names.filter((_, index) => index % 2 === 0),
    (name) =>
      create(plane, `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`, {
        metadata: { name: 'default-deny' },
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
      }),
  );
  const counter = new Counter('pods created', pods);
  await inParallel(Array.from({ length: workloads }), async (_, index) => {
    const replicas = Math.min(podsPerWorkload, pods - index * podsPerWorkload);
    await seedWorkload(plane, names[index % namespaces] ?? '', index, replicas);
    counter.add(replicas);
  });
}

async function seedWorkload(
  plane: ControlPlane,
  namespace: string,
  index: number,
  replicas: number,
): Promise<void> {
  const random = new Random(index);
  const name = `app-${index}`;
  const labels = { 'app.kubernetes.io/name': name };
  const spec = podSpec(name, random.pick(qualities), random);
  const template = { metadata: { labels }, spec };
  const selector = { matchLabels: labels };
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  const deployment = await create(plane, `${apps}/deployments`, {
    metadata: { name, labels },
    spec: { replicas, selector, template },
  });
  const replicaSet = await create(plane, `${apps}/replicasets`, {
    metadata: { name: `${name}-5d4f8`, labels, ownerReferences: [owner('Deployment', deployment)] },
    spec: { replicas, selector, template },
  });
  for (let pod = 0; pod < replicas; pod++) {
    await create(plane, `/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: `${name}-5d4f8-${pod}`, labels, ownerReferences: [owner('ReplicaSet', replicaSet)] },
      spec,
    });
  }
}

const owner = (kind: string, { metadata: { name, uid } }: Created) => ({
  apiVersion: 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});

export async function create(plane: ControlPlane, path: string, body: unknown): Promise<Created> {
  const answer = await plane.request('POST', path, body);
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as Created;
}

/** In as many lanes as there are connections. */
export async function inParallel<T>(
  items: readonly T[],
  run: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) await run(item, index);
  };
  await Promise.all(Array.from({ length: connections }, worker));
}
