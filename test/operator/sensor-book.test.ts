import { expect } from 'chai';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import { Store } from '../../src/kube/store.ts';
import type { SensorNews } from '../../src/operator/sensor-book.ts';
import { SensorBook } from '../../src/operator/sensor-book.ts';
import { FakeClock } from '../support/fake-clock.ts';

const since = '2025-12-31T12:00:00Z';

interface Given {
  readonly node?: string;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly image?: string;
}

function falco(
  name: string,
  { node, ready = true, phase = 'Running', image = 'falcosecurity/falco:1' }: Given,
) {
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'falco', uid: 'ds', controller: true };
  return projectPod({
    metadata: { name, namespace: 'falco', uid: name, ownerReferences: [owner] },
    spec: { ...(node === undefined ? {} : { nodeName: node }), containers: [{ name: 'falco', image }] },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: since }],
    },
  });
}

/** A book of a store that the test fills. */
function given() {
  const [store, clock] = [new Store<ReturnType<typeof falco>>(), new FakeClock()];
  const book = new SensorBook(store, clock);
  const told: SensorNews[] = [];
  book.subscribe((news) => told.push(news));
  let version = 0;
  const put = (name: string, rest: Given = {}) =>
    store.set({
      namespace: 'falco',
      name,
      uid: name,
      resourceVersion: String(++version),
      value: falco(name, rest),
    });
  const remove = (name: string) => store.delete('falco', name);
  store.begin({ distrust: false });
  store.replaced();
  return { book, put, remove, clock, take: () => told.splice(0) };
}

const node = 'node-1';

describe('the book of sensors', () => {
  it('knows them by their node, and of which there are any', () => {
    const { book, put } = given();
    expect(book.names()).to.deep.equal([]);
    put('falco-a', { node });
    put('falco-b', { node: 'node-2', ready: false });
    put('falco-c');
    put('web', { node, image: 'registry.example/web:1' });
    expect(book.on(node)).to.deep.equal([
      {
        ...{ sensor: 'falco', namespace: 'falco', name: 'falco-a', node, ready: true },
        since: Date.parse(since),
      },
    ]);
    expect(book.on('node-3')).to.deep.equal([]);
    expect(book.all().map(({ name, ready }) => [name, ready])).to.deep.equal([
      ['falco-a', true],
      ['falco-b', false],
      ['falco-c', true],
    ]);
    expect(book.names()).to.deep.equal(['falco']);
  });

  it('tells when one becomes ready or is no longer, and when the first comes or the last goes', () => {
    const { put, remove, take } = given();
    put('falco-a', { node, ready: false });
    expect(take()).to.deep.equal([{ what: 'changed', node, moved: true }]);
    put('falco-a', { node });
    expect(take()).to.deep.equal([{ what: 'gained', node, moved: false }]);
    put('falco-a', { node });
    expect(take()).to.deep.equal([]);
    put('falco-a', { node, ready: false });
    expect(take()).to.deep.equal([{ what: 'lost', node, moved: false }]);
    put('falco-a', { node });
    take();
    put('falco-a', { node, phase: 'Failed' });
    expect(take()).to.deep.equal([{ what: 'lost', node, moved: true }]);
    remove('falco-a');
    expect(take()).to.deep.equal([]);
  });

  it('remembers since when a node has none, until there is one again', () => {
    const { book, put, remove, clock } = given();
    put('falco-a', { node });
    clock.jump(60_000);
    remove('falco-a');
    expect(book.on(node)).to.deep.equal([
      { ...{ sensor: 'falco', namespace: 'falco', name: 'falco-a', node, ready: false }, since: clock.now() },
    ]);
    put('falco-b', { node });
    expect(book.on(node).map(({ name }) => name)).to.deep.equal(['falco-b']);
  });

  it('knows the node of a pod by its name, by which older charts call the host, also of one that went', () => {
    const { book, put, remove } = given();
    put('falco-a', { node });
    remove('falco-a');
    expect([book.nodeOf('falco-a'), book.nodeOf('falco-b')]).to.deep.equal([node, undefined]);
  });

  it('forgets nodes that are gone', () => {
    const { book, put, remove } = given();
    put('falco-a', { node });
    put('falco-b', { node: 'node-2' });
    remove('falco-a');
    book.keepOnly((name) => name === node);
    expect(book.on(node)).to.have.length(1);
    book.keepOnly(() => false);
    expect(book.on(node)).to.deep.equal([]);
    expect(book.on('node-2')).to.have.length(1);
  });
});
