import { expect } from 'chai';
import type { PodObject } from '../../src/evidence/workloads/project-pod.ts';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import { Store } from '../../src/kube/store.ts';
import { FlowBook } from '../../src/operator/flow-book.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { flowPod } from '../support/flow-pods.ts';

/** A book of a store that the test fills. */
function given() {
  const [store, clock] = [new Store<PodObject>(), new FakeClock()];
  const book = new FlowBook(store, clock);
  const told: string[] = [];
  book.subscribe((node) => told.push(node));
  let version = 0;
  const put = (...pod: Parameters<typeof flowPod>) => {
    const value = projectPod(flowPod(...pod));
    const { namespace, name } = value;
    store.set({ namespace, name, uid: name, resourceVersion: String(++version), value });
  };
  const remove = (name: string) => store.delete('kube-system', name);
  store.begin({ distrust: false });
  store.replaced();
  const on = (node: string) => book.on(node).map(({ agent, until }) => `${agent} ${until ?? 'ready'}`);
  return { book, clock, put, remove, on, take: () => told.splice(0) };
}

const minutes = 60_000;

describe('the book of what sees flows', () => {
  it('knows who is ready on which node', () => {
    const { book, put, on, take } = given();
    expect(book.has('cilium')).to.equal(false);
    put('a', 'cilium-agent');
    put('b', 'cilium-agent', { node: 'node-2', ready: false });
    put('app', 'app', { node: 'node-2' });
    expect(book.has('cilium')).to.equal(true);
    expect([on('node-1'), on('node-2'), on('node-3')]).to.deep.equal([['cilium ready'], [], []]);
    expect(take()).to.deep.equal(['node-1', 'node-2']);
    put('b', 'cilium-agent', { node: 'node-2' });
    expect(on('node-2')).to.deep.equal(['cilium ready']);
  });

  it('lets one that is replaced count for a while, and no longer', async () => {
    const { book, clock, put, remove, on } = given();
    put('a', 'calico-node');
    remove('a');
    expect(book.has('calico')).to.equal(false);
    const until = clock.now() + 15 * minutes;
    expect(on('node-1')).to.deep.equal([`calico ${until}`]);
    put('b', 'calico-node', { ready: false });
    expect(on('node-1')).to.deep.equal([`calico ${until}`]);
    put('b', 'calico-node');
    expect(on('node-1')).to.deep.equal(['calico ready']);
    put('b', 'calico-node', { ready: false });
    await clock.advance(15 * minutes);
    expect(on('node-1')).to.deep.equal([]);
  });

  it('forgets nodes that are gone', () => {
    const { book, put, remove, on } = given();
    put('a', 'calico-node');
    put('b', 'calico-node', { node: 'node-2' });
    remove('a');
    book.keepOnly(() => false);
    expect([on('node-1'), on('node-2')]).to.deep.equal([[], ['calico ready']]);
  });
});
