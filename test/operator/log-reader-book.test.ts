import { expect } from 'chai';
import fc from 'fast-check';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import type { PodObject } from '../../src/evidence/workloads/project-pod.ts';
import { Store } from '../../src/kube/store.ts';
import type { Coverage } from '../../src/operator/log-reader-book.ts';
import { LogReaderBook } from '../../src/operator/log-reader-book.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { podObject } from '../support/objects.ts';

const readySince = '2025-12-31T23:00:00Z';

interface PodOptions {
  readonly namespace?: string;
  readonly node?: string;
  /** Undefined for a pod that reads no logs. */
  readonly ready?: boolean;
  readonly image?: string;
  readonly deleting?: boolean;
}

function podOf(
  name: string,
  { namespace = 'shop', node, ready, image = 'app', deleting = false }: PodOptions,
) {
  const reads = ready !== undefined;
  const spec = {
    ...(node === undefined ? {} : { nodeName: node }),
    volumes: reads ? [{ name: 'logs', hostPath: { path: '/var/log' } }] : [],
    containers: [{ name: 'app', image, volumeMounts: reads ? [{ name: 'logs', mountPath: '/logs' }] : [] }],
  };
  const condition = {
    type: 'Ready',
    status: ready === true ? 'True' : 'False',
    lastTransitionTime: readySince,
  };
  return projectPod(podObject(name, { namespace, spec, deleting, status: { conditions: [condition] } }));
}

function open(synced = true) {
  const clock = new FakeClock();
  const store = new Store<PodObject>();
  const book = new LogReaderBook(store, clock);
  const told: Coverage[] = [];
  book.subscribe((coverage) => void told.push(coverage));
  const sync = () => {
    store.begin({ distrust: false });
    store.replaced();
  };
  if (synced) sync();
  let version = 0;
  const show = (name: string, options: PodOptions) => {
    const { namespace = 'shop' } = options;
    const value = podOf(name, options);
    store.set({ namespace, name, uid: `${namespace}/${name}`, resourceVersion: String(++version), value });
  };
  return { clock, store, book, show, take: () => told.splice(0) };
}

describe('LogReaderBook', () => {
  it('knows since when a node runs pods, unless they were there before', () => {
    const { clock, book, show, store } = open(false);
    show('old', { node: 'a' });
    store.replaced();
    show('new', { node: 'b' });
    expect(book.node('a')).to.deep.equal({ name: 'a', readers: [] });
    expect(book.node('b')).to.deep.equal({ name: 'b', since: clock.now(), readers: [] });
    expect(book.node('c')).to.equal(undefined);
  });

  it('tells the namespaces of a node when a reader of it becomes ready, is no longer, and goes', () => {
    const { clock, book, show, take, store } = open();
    show('app', { node: 'a' });
    show('web', { node: 'a', namespace: 'blog' });
    show('web', { node: 'b', namespace: 'other' });
    show('agent', { node: 'a', namespace: 'logging', ready: false });
    expect(take()).to.deep.equal([{ what: 'moved' }]);
    show('agent', { node: 'a', namespace: 'logging', ready: true });
    const namespaces = ['shop', 'blog', 'logging'];
    expect(take()).to.deep.equal([{ what: 'gained', namespaces }]);
    expect(book.node('a')?.readers.map(({ ready, since }) => ({ ready, since }))).to.deep.equal([
      { ready: true, since: Date.parse(readySince) },
    ]);
    show('agent', { node: 'a', namespace: 'logging', ready: false });
    expect(take()).to.deep.equal([{ what: 'lost', namespaces }]);
    show('agent', { node: 'a', namespace: 'logging', ready: true });
    take();
    clock.jump(5_000);
    store.delete('logging', 'agent');
    expect(take()).to.deep.equal([{ what: 'lost', namespaces: ['shop', 'blog'] }, { what: 'moved' }]);
    expect(book.node('a')?.readers.map(({ ready, since }) => ({ ready, since }))).to.deep.equal([
      { ready: false, since: clock.now() },
    ]);
  });

  it('takes a pod that is being deleted for one that went', () => {
    const { book, show, take, clock } = open();
    show('app', { node: 'a' });
    show('agent', { node: 'a', namespace: 'logging', ready: true });
    take();
    show('agent', { node: 'a', namespace: 'logging', ready: true, deleting: true });
    expect(take().map(({ what }) => what)).to.deep.equal(['lost', 'moved']);
    expect(book.node('a')?.readers.map(({ since }) => since)).to.deep.equal([clock.now()]);
  });

  it('forgets what went when its like is ready again, and keeps no more than four', () => {
    const { book, show, store } = open();
    show('app', { node: 'a' });
    for (const image of ['v1', 'v2', 'v3', 'v4', 'v5']) {
      show('agent', { node: 'a', namespace: 'logging', ready: true, image });
      store.delete('logging', 'agent');
    }
    const images = () => book.node('a')?.readers.map(({ spec }) => spec.containers[0]?.image);
    expect(images()).to.deep.equal(['v2', 'v3', 'v4', 'v5']);
    show('agent', { node: 'a', namespace: 'logging', ready: true, image: 'v3' });
    expect(images()).to.deep.equal(['v3', 'v2', 'v4', 'v5']);
  });

  it('tells nothing of what the first list brings', () => {
    const { show, take } = open(false);
    show('agent', { node: 'a', namespace: 'logging', ready: true });
    expect(take()).to.deep.equal([]);
  });

  const anyPod: fc.Arbitrary<PodOptions & { name: string }> = fc.record(
    {
      name: fc.constantFrom('x', 'y', 'z'),
      namespace: fc.constantFrom('shop', 'blog'),
      node: fc.constantFrom('a', 'b'),
      ready: fc.boolean(),
      image: fc.constantFrom('v1', 'v2'),
      deleting: fc.constantFrom(false, false, true),
    },
    { requiredKeys: ['name', 'namespace'] },
  );

  it('knows after any course of events what a look through all pods would find', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), anyPod), { maxLength: 30 }), (events) => {
        const { store, book, show } = open();
        for (const [gone, { name, ...options }] of events) {
          if (gone) store.delete(options.namespace ?? '', name);
          else show(name, options);
        }
        const live = [...store.all()].map(({ value }) => value).filter(({ state }) => state === 'live');
        for (const node of ['a', 'b']) {
          const here = live.filter((pod) => pod.node === node);
          expect(book.node(node) === undefined).to.equal(here.length === 0);
          const found = book.node(node)?.readers.filter(({ ready }) => ready).length ?? 0;
          expect(found).to.equal(here.filter(({ logReader }) => logReader?.ready === true).length);
        }
        const reading = live.filter(({ logReader, node }) => logReader !== undefined && node !== undefined);
        const namespaces = [...new Set(reading.map(({ namespace }) => namespace))].sort();
        expect(book.namespaces().map(({ name }) => name)).to.deep.equal(namespaces);
        for (const name of namespaces) {
          const own = reading.filter((pod) => pod.namespace === name);
          const specs = [...new Set(own.map(({ spec }) => spec))];
          expect(book.readers(name).map(({ spec }) => spec)).to.have.members(specs);
        }
      }),
    );
  });
});
