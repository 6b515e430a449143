import { expect } from 'chai';
import { systemClock } from '../../src/base/clock.ts';
import {
  applyObject,
  applyStatus,
  createObject,
  deleteObject,
  type Target,
  type Writing,
} from '../../src/kube/apply.ts';
import { AlreadyExistsError, ConflictError, NotFoundError, TerminalError } from '../../src/kube/errors.ts';
import type { Resource } from '../../src/kube/resource.ts';
import { TcpProxy } from '../kube/tcp-proxy.ts';
import { clientFor, eventually, kubeconfigAt } from '../kube/support.ts';
import { freshNamespace, useCluster } from '../support/cluster.ts';

const group = 'apply.plumbline.test';
const gauges: Resource = { group, version: 'v1', plural: 'gauges', namespaced: true };

const gaugeDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `gauges.${group}` },
  spec: {
    group,
    names: { plural: 'gauges', kind: 'Gauge' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { unit: { type: 'string' } } },
              status: {
                type: 'object',
                'x-kubernetes-map-type': 'atomic',
                properties: {
                  reading: { type: 'integer', minimum: 0 },
                  note: { type: 'string' },
                  list: { type: 'array', items: { type: 'string' } },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** @returns what `run` throws */
async function failure(run: Promise<unknown>): Promise<unknown> {
  try {
    await run;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

describe('writing to a real API server', function () {
  this.timeout(60_000);
  const cluster = useCluster({ users: [{ name: 'watcher' }] });
  const closers: (() => Promise<void>)[] = [];
  let writing: Writing;
  let target: Target;

  const read = async () => {
    const path = `/apis/${group}/v1/namespaces/${target.namespace}/gauges/${target.name}`;
    return (await cluster().request('GET', path)).body as {
      metadata: { resourceVersion: string; managedFields: { manager: string; subresource?: string }[] };
      spec?: object;
      status?: object;
    };
  };

  function connect(kubeconfig: string): Writing {
    const { client } = clientFor(kubeconfig);
    closers.push(() => client.close());
    return { client, clock: systemClock, random: () => 0.05 };
  }

  before(async () => {
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await cluster().request('POST', definitions, gaugeDefinition);
    const served = async () => (await cluster().request('GET', `/apis/${group}/v1/gauges`)).status === 200;
    await eventually(served, 'the kind is served');
  });
  after(async () => {
    for (const close of closers) await close();
  });
  beforeEach(async () => {
    const namespace = await freshNamespace(cluster(), 'apply');
    writing = connect(cluster().kubeconfigPath);
    target = { resource: gauges, kind: 'Gauge', namespace, name: 'one' };
  });

  it('creates once and says so the second time', async () => {
    const { uid } = await createObject(writing, target, { spec: { unit: 'K' } });
    expect(uid).to.match(/^[0-9a-f-]{36}$/);
    expect(await failure(createObject(writing, target))).to.be.instanceOf(AlreadyExistsError);
    expect((await read()).spec).to.deep.equal({ unit: 'K' });
  });

  it('applies a status as plumbline, and what it leaves out of the next is gone', async () => {
    const created = await createObject(writing, target);
    const first = await applyStatus(writing, target, created, { reading: 1, note: 'a', list: ['x', 'y'] });
    await applyStatus(writing, target, first, { reading: 2, list: ['z'] });
    const { status, metadata } = await read();
    expect(status).to.deep.equal({ reading: 2, list: ['z'] });
    const owner = metadata.managedFields.find((entry) => entry.subresource === 'status');
    expect(owner).to.deep.include({ manager: 'plumbline', operation: 'Apply' });
  });

  it('raises no new version when it applies what is there', async () => {
    const first = await applyStatus(writing, target, await createObject(writing, target), { reading: 1 });
    const second = await applyStatus(writing, target, first, { reading: 1 });
    expect(second.resourceVersion).to.equal(first.resourceVersion);
  });

  it('sets right what another has written into the status', async () => {
    const first = await applyStatus(writing, target, await createObject(writing, target), { reading: 1 });
    const path = `/apis/${group}/v1/namespaces/${target.namespace}/gauges/${target.name}/status`;
    const edit = { status: { reading: 99, note: 'tampered' } };
    await cluster().request('PATCH', path, edit, { contentType: 'application/merge-patch+json' });
    expect(await failure(applyStatus(writing, target, first, { reading: 1 }))).to.be.instanceOf(
      ConflictError,
    );
    const fence = { uid: first.uid, resourceVersion: (await read()).metadata.resourceVersion };
    await applyStatus(writing, target, fence, { reading: 1 });
    // Of a status that is not atomic the other's note would stay.
    expect((await read()).status).to.deep.equal({ reading: 1 });
  });

  it('is refused, even with force, when the object has changed since', async () => {
    const created = await createObject(writing, target);
    await applyStatus(writing, target, created, { reading: 1 });
    const stale = await failure(applyStatus(writing, target, created, { reading: 2 }));
    expect(stale).to.be.instanceOf(ConflictError);
    expect((await read()).status).to.deep.equal({ reading: 1 });
  });

  it('does not hit an object that was made anew under the name', async () => {
    const created = await createObject(writing, target);
    await deleteObject(writing, target, created);
    await createObject(writing, target);
    expect(await failure(applyStatus(writing, target, created, { reading: 1 }))).to.be.instanceOf(
      ConflictError,
    );
    expect((await read()).status).to.equal(undefined);
  });

  it('does not make an object anew by a status', async () => {
    const created = await createObject(writing, target);
    await deleteObject(writing, target, created);
    expect(await failure(applyStatus(writing, target, created, { reading: 1 }))).to.be.instanceOf(
      NotFoundError,
    );
  });

  const megabyte = 1024 ** 2;
  const refused: Record<string, { content: object; status: number; reason: string }> = {
    'a value that the schema refuses': { content: { reading: -1 }, status: 422, reason: 'Invalid' },
    'a field that the schema does not have': { content: { unknown: 1 }, status: 500, reason: 'Invalid' },
    'more than etcd takes': {
      content: { note: 'x'.repeat(1.7 * megabyte) },
      status: 500,
      reason: 'TooLarge',
    },
    'more than goes to etcd': {
      content: { note: 'x'.repeat(2.1 * megabyte) },
      status: 500,
      reason: 'TooLarge',
    },
    'more than a request holds': {
      content: { note: 'x'.repeat(4 * megabyte) },
      status: 413,
      reason: 'TooLarge',
    },
  };
  for (const [title, { content, status, reason }] of Object.entries(refused)) {
    it(`says at once that no retry helps: ${title}`, async () => {
      const created = await createObject(writing, target);
      const error = await failure(applyStatus(writing, target, created, content));
      expect(error).to.be.instanceOf(TerminalError);
      expect(error).to.deep.include({ status, reason });
    });
  }

  it('says at once that no retry helps: without the right', async () => {
    const error = await failure(createObject(connect(cluster().kubeconfigFor('watcher')), target));
    expect(error).to.be.instanceOf(TerminalError);
    expect(error).to.deep.include({ status: 403, reason: 'Forbidden' });
    expect((error as Error).message).to.contain('User "watcher" cannot create resource "gauges"');
  });

  it('tells a namespace that is being deleted from a missing right', async () => {
    // Without a controller manager it stays so.
    await cluster().request('DELETE', `/api/v1/namespaces/${target.namespace}`);
    const error = await failure(createObject(writing, target));
    expect(error).to.deep.include({ code: 'Terminal', reason: 'NamespaceTerminating' });
  });

  it('applies metadata and spec, and makes the object when there is none', async () => {
    const first = await applyObject(writing, target, undefined, {
      metadata: { labels: { a: '1' } },
      spec: { unit: 'K' },
    });
    await applyObject(writing, target, first, { metadata: { labels: { b: '2' } } });
    const { metadata, spec } = await read();
    expect(metadata).to.deep.include({ labels: { b: '2' } });
    expect(spec).to.equal(undefined);
    const stale = await failure(applyObject(writing, target, first, { spec: { unit: 'C' } }));
    expect(stale).to.be.instanceOf(ConflictError);
  });

  it('deletes only the very object that it decided on', async () => {
    const created = await createObject(writing, target);
    const changed = await applyStatus(writing, target, created, { reading: 1 });
    expect(await failure(deleteObject(writing, target, created))).to.be.instanceOf(ConflictError);
    expect(await deleteObject(writing, target, changed)).to.equal(true);
    expect(await deleteObject(writing, target, changed)).to.equal(false);
  });

  it('gets through when the line breaks for a moment', async () => {
    const proxy = new TcpProxy(Number(new URL(cluster().url).port));
    const port = await proxy.listen();
    try {
      const flaky = connect(kubeconfigAt(cluster().kubeconfigPath, port));
      const created = await createObject(flaky, target);
      proxy.cut();
      await applyStatus(flaky, target, created, { reading: 7 });
      expect((await read()).status).to.deep.equal({ reading: 7 });
    } finally {
      await proxy.close();
    }
  });
});
