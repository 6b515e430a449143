import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import type { ApiClient } from '../../src/kube/client.ts';
import type { RawObject } from '../../src/kube/frame.ts';
import type { Resource } from '../../src/kube/resource.ts';
import { TcpProxy } from '../kube/tcp-proxy.ts';
import {
  clientFor,
  contents,
  type CountedClient,
  eventually,
  kubeconfigAt,
  type Running,
  runWatcher,
} from '../kube/support.ts';
import { freshNamespace, useCluster } from '../support/cluster.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';

const configMaps: Resource = { group: '', version: 'v1', plural: 'configmaps', namespaced: true };

/** `data.value` of a ConfigMap. */
const valueOf = (object: RawObject) => (object['data'] as { value?: string } | undefined)?.value ?? 'none';

function configMap(name: string, value: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } };
}

function widgetDefinition(group: string) {
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      names: { plural: 'widgets', kind: 'Widget' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

async function must(answer: Promise<{ status: number; body: unknown }>): Promise<void> {
  const { status, body } = await answer;
  if (status >= 400) throw new Error(`${status}: ${JSON.stringify(body)}`);
}

const post = (cluster: ControlPlane, path: string, body: unknown) =>
  must(cluster.request('POST', path, body));
const put = (cluster: ControlPlane, path: string, body: unknown) => must(cluster.request('PUT', path, body));
const remove = (cluster: ControlPlane, path: string) => must(cluster.request('DELETE', path));

/** What the server has: the truth that a store must equal. */
async function truth(cluster: ControlPlane, namespace: string): Promise<Record<string, string>> {
  const { body } = await cluster.request('GET', `/api/v1/namespaces/${namespace}/configmaps`);
  const { items } = body as { items: (RawObject & { metadata: { name: string } })[] };
  return Object.fromEntries(items.map((item) => [`${namespace}/${item.metadata.name}`, valueOf(item)]));
}

async function settles(running: Running<string>, cluster: ControlPlane, namespace: string): Promise<void> {
  const expected = await truth(cluster, namespace);
  const same = () => isDeepStrictEqual(contents(running.store), expected);
  await eventually(same, 'the store equals the server').catch(() => undefined);
  expect(contents(running.store)).to.deep.equal(expected);
}

describe('a watcher against a real API server', function () {
  this.timeout(60_000);
  const cluster = useCluster({ users: [{ name: 'watcher' }] });
  const cleanups: (() => Promise<void>)[] = [];
  let namespace: string;
  let path: string;

  beforeEach(async () => {
    namespace = await freshNamespace(cluster(), 'watch');
    path = `/api/v1/namespaces/${namespace}/configmaps`;
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function connect(kubeconfig = cluster().kubeconfigPath): CountedClient {
    const counted = clientFor(kubeconfig);
    cleanups.push(() => counted.client.close());
    return counted;
  }

  async function connectByProxy(): Promise<CountedClient & { proxy: TcpProxy }> {
    const proxy = new TcpProxy(Number(new URL(cluster().url).port));
    const kubeconfig = kubeconfigAt(cluster().kubeconfigPath, await proxy.listen());
    cleanups.push(() => proxy.close());
    return { ...connect(kubeconfig), proxy };
  }

  async function watch(client: ApiClient, options: { metadataOnly?: boolean; idleMs?: number } = {}) {
    const { metadataOnly = false, idleMs = 90_000 } = options;
    const running = runWatcher<string>({
      client,
      resource: configMaps,
      namespace,
      metadataOnly,
      project: valueOf,
      // Short waits; never 0, which would be none.
      random: () => 0.05,
      limits: { idleMs },
    });
    cleanups.push(() => running.stop());
    await eventually(() => running.watcher.hasSynced, 'the first list is complete');
    return running;
  }

  it('follows creations, changes and deletions on one request', async () => {
    await post(cluster(), path, configMap('before', '1'));
    const { client, requests } = connect();
    const running = await watch(client);
    expect(contents(running.store)).to.deep.equal({ [`${namespace}/before`]: '1' });
    await post(cluster(), path, configMap('created', '2'));
    await put(cluster(), `${path}/before`, configMap('before', '3'));
    await post(cluster(), path, configMap('gone', '4'));
    await remove(cluster(), `${path}/gone`);
    await settles(running, cluster(), namespace);
    expect(requests.map(({ verb, resource, code }) => [verb, resource, code])).to.deep.equal([
      ['watch', 'configmaps', '200'],
    ]);
    expect(running.phases).to.deep.equal(['syncing', 'synced']);
  });

  it('gets metadata only when that is all it asks for', async () => {
    await post(cluster(), path, configMap('big', 'x'.repeat(1000)));
    const running = await watch(connect().client, { metadataOnly: true });
    expect(contents(running.store)).to.deep.equal({ [`${namespace}/big`]: 'none' });
  });

  it('resumes after a cut where it was, and sees what happened in the gap', async () => {
    await post(cluster(), path, configMap('stays', '1'));
    await post(cluster(), path, configMap('goes', '1'));
    const { client, proxy } = await connectByProxy();
    const running = await watch(client);
    proxy.refuse();
    await eventually(() => running.watcher.status.phase === 'backoff', 'the cut is seen');
    await remove(cluster(), `${path}/goes`);
    await post(cluster(), path, configMap('comes', '2'));
    proxy.restore();
    await settles(running, cluster(), namespace);
    expect(running.watcher.status.relists).to.equal(0);
    expect(running.watcher.status.phase).to.equal('synced');
  });

  it('lists again after 410 and sees the deletions and recreations of the gap', async () => {
    for (const name of ['stays', 'goes', 'again']) await post(cluster(), path, configMap(name, '1'));
    const { client, proxy } = await connectByProxy();
    const running = await watch(client);
    const seen: string[] = [];
    running.store.subscribe((change) => seen.push(`${change.type} ${change.name}`));
    proxy.refuse();
    await remove(cluster(), `${path}/goes`);
    await remove(cluster(), `${path}/again`);
    await post(cluster(), path, configMap('again', '2'));
    // Its watch cache starts anew, so it has no history before now.
    await cluster().restartApiServer();
    proxy.restore();
    await eventually(() => running.watcher.status.relists > 0, 'it lists again');
    await settles(running, cluster(), namespace);
    expect(
      running.events.filter((event) => event.type === 'relist').map((event) => event.reason),
    ).to.deep.equal(['expired']);
    expect(seen.toSorted()).to.deep.equal(['delete again', 'delete goes', 'set again']);
  });

  it('notices a line that is dead without a word, and resumes on another', async () => {
    await post(cluster(), path, configMap('before', '1'));
    const { client, proxy } = await connectByProxy();
    const running = await watch(client, { idleMs: 1_000 });
    proxy.stall();
    await post(cluster(), path, configMap('unheard', '2'));
    await eventually(() => running.events.length > 0, 'the silence is noticed');
    proxy.restore();
    await settles(running, cluster(), namespace);
    expect(running.events[0]).to.deep.include({ type: 'restart', reason: 'idle' });
  });

  it('stands by while a kind is absent, fills when it is installed and empties when it is removed', async () => {
    const group = `${namespace}.plumbline.test`;
    const widgets: Resource = { group, version: 'v1', plural: 'widgets', namespaced: true };
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const objects = `/apis/${group}/v1/namespaces/${namespace}/widgets`;
    const widget = (name: string) => ({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name } });
    const install = async () => {
      await post(cluster(), definitions, widgetDefinition(group));
      // Established is said before every handler serves it.
      const served = async () => (await cluster().request('GET', objects)).status === 200;
      await eventually(served, 'the new kind is served');
    };
    const running = runWatcher<string>({
      client: connect().client,
      resource: widgets,
      project: () => 'here',
      random: () => 0.05,
    });
    cleanups.push(() => running.stop());

    await eventually(() => running.watcher.status.phase === 'absent', 'the kind is absent');
    expect(running.watcher.hasSynced).to.equal(false);
    await install();
    await post(cluster(), objects, widget('first'));
    running.watcher.poke();
    await eventually(() => running.store.size === 1, 'its objects are seen');
    expect(running.watcher.status.phase).to.equal('synced');

    await remove(cluster(), `${definitions}/widgets.${group}`);
    await eventually(() => running.watcher.status.phase === 'absent', 'the kind is gone');
    expect(running.store.size).to.equal(0);
    expect(running.watcher.hasSynced).to.equal(false);

    await install();
    await post(cluster(), objects, widget('second'));
    running.watcher.poke();
    await eventually(() => running.store.size === 1, 'its objects are seen again');
    expect(contents(running.store)).to.deep.equal({ [`${namespace}/second`]: 'here' });
  });

  it('stands by while a kind is forbidden, and fills when the right is given', async () => {
    await post(cluster(), path, configMap('secretive', '1'));
    const { client } = connect(cluster().kubeconfigFor('watcher'));
    const running = runWatcher<string>({
      client,
      resource: configMaps,
      namespace,
      project: valueOf,
      random: () => 0.05,
    });
    cleanups.push(() => running.stop());
    await eventually(() => running.watcher.status.phase === 'forbidden', 'it is forbidden');
    expect(running.watcher.status.message).to.contain('configmaps is forbidden: User "watcher"');
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await post(cluster(), `${rbac}/roles`, {
      metadata: { name: 'watcher' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] }],
    });
    await post(cluster(), `${rbac}/rolebindings`, {
      metadata: { name: 'watcher' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'watcher' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'watcher' }],
    });
    await eventually(() => {
      running.watcher.poke();
      return running.watcher.hasSynced;
    }, 'the right is seen');
    await settles(running, cluster(), namespace);
  });
});

describe('a watcher against an API server without WatchList', function () {
  this.timeout(60_000);
  const cluster = useCluster({ featureGates: { WatchList: false } });

  it('lists by pages, watches on, and does not ask for WatchList again', async () => {
    const namespace = await freshNamespace(cluster(), 'pages');
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    for (let n = 0; n < 25; n++) await post(cluster(), path, configMap(`map-${n}`, String(n)));
    const { client, requests } = clientFor(cluster().kubeconfigPath);
    const running = runWatcher<string>({
      client,
      resource: configMaps,
      namespace,
      project: valueOf,
      random: () => 0.05,
      limits: { pageSize: 10 },
    });
    try {
      await eventually(() => running.watcher.hasSynced, 'the first list is complete');
      await remove(cluster(), `${path}/map-7`);
      await post(cluster(), path, configMap('later', 'x'));
      await settles(running, cluster(), namespace);
      expect(running.store.size).to.equal(25);
      expect(requests.map(({ verb, code }) => `${verb} ${code}`)).to.deep.equal([
        'watch 422',
        'list 200',
        'list 200',
        'list 200',
        'watch 200',
      ]);
    } finally {
      await running.stop();
      await client.close();
    }
  });
});
