import { expect } from 'chai';
import fc from 'fast-check';
import { type Change, Store, type Stored } from '../../src/kube/store.ts';
import { contents } from './support.ts';

function object(
  name: string,
  version: string,
  options: { uid?: string; namespace?: string } = {},
): Stored<string> {
  const { uid = `uid-${name}`, namespace = 'ns' } = options;
  return { namespace, name, uid, resourceVersion: version, value: `${name}@${version}` };
}

/** A store that has listed `objects`, and what its listeners hear from then on. */
function filled(...objects: Stored<string>[]) {
  const store = new Store<string>();
  store.begin({ distrust: false });
  for (const one of objects) store.set(one);
  store.replaced();
  const changes: Change<string>[] = [];
  store.subscribe((change) => changes.push(change));
  const told = () => changes.map((change) => `${change.type} ${change.namespace}/${change.name}`);
  return { store, changes, told };
}

describe('the store', () => {
  it('marks what belongs to the first list', () => {
    const store = new Store<string>();
    const changes: Change<string>[] = [];
    store.subscribe((change) => changes.push(change));
    store.begin({ distrust: false });
    store.set(object('a', '1'));
    expect(store.synced).to.equal(false);
    store.replaced();
    expect(store.synced).to.equal(true);
    store.set(object('b', '2'));
    expect(changes.map(({ name, initial }) => [name, initial])).to.deep.equal([
      ['a', true],
      ['b', false],
    ]);
  });

  it('tells the old and the new value', () => {
    const { store, changes } = filled(object('a', '1'));
    store.set(object('a', '2'));
    store.delete('ns', 'a');
    expect(changes).to.deep.equal([
      { type: 'set', namespace: 'ns', name: 'a', old: 'a@1', value: 'a@2', initial: false },
      { type: 'delete', namespace: 'ns', name: 'a', old: 'a@2', initial: false },
    ]);
  });

  it('has a revision for each namespace, which moves with its values alone', () => {
    const same = { ...object('a', '9'), value: 'a@1' };
    const { store } = filled(object('a', '1'), object('b', '1'), object('c', '1', { namespace: 'other' }));
    const moves: Record<string, [change: () => void, moves: boolean]> = {
      'nothing happens': [() => undefined, false],
      'a new version says the same': [() => void store.set(same), false],
      'an object changes': [() => void store.set(object('a', '10')), true],
      'an object comes': [() => void store.set(object('d', '11')), true],
      'one of several goes': [() => store.delete('ns', 'd'), true],
      'another is made under its name': [() => void store.set(object('b', '12', { uid: 'new' })), true],
      'another namespace changes': [() => void store.set(object('c', '13', { namespace: 'other' })), false],
      'a list does not have one': [
        () => {
          store.begin({ distrust: false });
          store.set(object('a', '10'));
          store.replaced();
        },
        true,
      ],
      'the last one goes': [() => store.delete('ns', 'a'), true],
      'one comes where none was': [() => void store.set(object('a', '14')), true],
    };
    const seen = new Set<number>();
    for (const [sentence, [change, isMove]] of Object.entries(moves)) {
      const before = store.revision('ns');
      seen.add(before);
      change();
      expect(store.revision('ns') !== before, sentence).to.equal(isMove);
      if (isMove) expect(seen.has(store.revision('ns')), `${sentence}, to a new one`).to.equal(false);
    }
  });

  it('takes what a complete list did not have for deleted, and tells nothing of what it had unchanged', () => {
    const { store, told } = filled(object('same', '1'), object('changed', '1'), object('gone', '1'));
    store.begin({ distrust: false });
    for (const one of [object('same', '1'), object('changed', '2'), object('new', '3')]) store.set(one);
    expect(store.size).to.equal(4);
    store.replaced();
    expect(told()).to.deep.equal(['set ns/changed', 'set ns/new', 'delete ns/gone']);
    expect(contents(store)).to.deep.equal({
      'ns/changed': 'changed@2',
      'ns/new': 'new@3',
      'ns/same': 'same@1',
    });
  });

  it('deletes nothing for a list that broke off', () => {
    const { store, told } = filled(object('a', '1'), object('b', '1'));
    store.begin({ distrust: false });
    store.set(object('a', '1'));
    store.begin({ distrust: false });
    store.set(object('b', '1'));
    store.replaced();
    expect(told()).to.deep.equal(['delete ns/a']);
  });

  it('tells a deletion and a creation when another object has the name', () => {
    const { store, changes } = filled(object('a', '1'));
    store.begin({ distrust: false });
    store.set(object('a', '5', { uid: 'other' }));
    store.replaced();
    expect(changes.map((change) => [change.type, change.old])).to.deep.equal([
      ['delete', 'a@1'],
      ['set', undefined],
    ]);
    expect(store.size).to.equal(1);
  });

  it('does not trust known versions when it is told so, until the list is complete', () => {
    const { store, told } = filled(object('a', '1'));
    store.begin({ distrust: true });
    store.set({ ...object('a', '1'), value: 'another truth' });
    store.replaced();
    store.set({ ...object('a', '1'), value: 'not heard' });
    expect(told()).to.deep.equal(['set ns/a']);
    expect(store.get('ns', 'a')?.value).to.equal('another truth');
  });

  it('empties when the kind is gone, and its next list is a first one', () => {
    const { store, changes } = filled(object('a', '1'));
    store.clear();
    expect([store.size, store.synced]).to.deep.equal([0, false]);
    store.begin({ distrust: false });
    store.set(object('a', '9'));
    store.replaced();
    expect(changes.map(({ type, initial }) => [type, initial])).to.deep.equal([
      ['delete', true],
      ['set', true],
    ]);
  });

  it('keeps namespaces apart and cluster-scoped objects under the empty one', () => {
    const { store } = filled(
      object('a', '1'),
      object('a', '2', { namespace: '' }),
      object('b', '3', { namespace: 'other' }),
    );
    expect(store.namespaces()).to.have.members(['ns', '', 'other']);
    expect(store.list('').map(({ value }) => value)).to.deep.equal(['a@2']);
    expect(store.list('none')).to.deep.equal([]);
    store.delete('other', 'b');
    expect(store.namespaces()).to.have.members(['ns', '']);
    store.delete('other', 'b');
    expect(store.size).to.equal(2);
  });

  it('gives lists that a later change does not touch', () => {
    const { store } = filled(object('a', '1'));
    const before = store.list('ns');
    store.set(object('a', '2'));
    expect(before.map(({ value }) => value)).to.deep.equal(['a@1']);
  });

  it('tells every listener even if one throws, and then says so', () => {
    const { store, told } = filled();
    store.subscribe(() => {
      throw new Error('defect');
    });
    const late: string[] = [];
    const stop = store.subscribe(({ name }) => late.push(name));
    expect(() => store.set(object('a', '1'))).to.throw('defect');
    expect(() => store.set(object('b', '1'))).to.throw('defect');
    stop();
    expect(() => store.clear()).to.throw('2 listeners of a store failed');
    expect(late).to.deep.equal(['a', 'b']);
    expect(told()).to.have.length(4);
    expect(store.size).to.equal(0);
  });

  it('finds objects by an index, whenever it was added', () => {
    const { store } = filled(object('a-1', '1'), object('b-1', '1'));
    const byLetter = store.addIndex(({ name }) => [name.slice(0, 1)]);
    store.set(object('a-2', '2'));
    store.set(object('b-1', '3'));
    store.delete('ns', 'a-1');
    expect(byLetter.get('a').map(({ value }) => value)).to.deep.equal(['a-2@2']);
    expect(byLetter.get('b').map(({ value }) => value)).to.deep.equal(['b-1@3']);
    expect(byLetter.get('c')).to.deep.equal([]);
  });

  it('has the same objects, index and history of changes as a plain map, whatever is done to it', () => {
    const ref = { name: fc.constantFrom('a', 'b', 'c', 'd'), namespace: fc.constantFrom('x', 'y') };
    const item = fc.record({ ...ref, uid: fc.constantFrom('1', '2'), version: fc.nat(3) });
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), item }),
      fc.record({ do: fc.constant('delete' as const), item }),
      fc.record({
        do: fc.constant('list' as const),
        items: fc.array(item),
        distrust: fc.boolean(),
        breaks: fc.boolean(),
      }),
      fc.record({ do: fc.constant('clear' as const) }),
    );
    type Item = { name: string; namespace: string; uid: string; version: number };
    const key = (one: { name: string; namespace: string }) => `${one.namespace}/${one.name}`;
    const stored = ({ name, namespace, uid, version }: Item) =>
      object(name, String(version), { uid, namespace });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const store = new Store<string>();
        const byValue = store.addIndex(({ value, uid }) => (uid === '1' ? [value] : [value, 'two']));
        const model = new Map<string, Stored<string>>();
        const replay = new Map<string, string>();
        store.subscribe((change) => {
          expect(replay.get(key(change))).to.equal(change.old);
          if (change.type === 'set') replay.set(key(change), change.value);
          else replay.delete(key(change));
        });
        for (const one of steps) {
          if (one.do === 'clear') {
            store.clear();
            model.clear();
          } else if (one.do === 'list') {
            store.begin(one);
            for (const entry of one.items) store.set(stored(entry));
            if (!one.breaks) {
              store.replaced();
              model.clear();
            }
            for (const entry of one.items) model.set(key(entry), stored(entry));
          } else if (one.do === 'set') {
            store.set(stored(one.item));
            model.set(key(one.item), stored(one.item));
          } else {
            store.delete(one.item.namespace, one.item.name);
            model.delete(key(one.item));
          }
        }
        const expected = Object.fromEntries([...model].map(([at, { value }]) => [at, value] as const));
        expect(contents(store)).to.deep.equal(expected);
        expect(Object.fromEntries(replay)).to.deep.equal(expected);
        expect(store.size).to.equal(model.size);
        const two = [...model.values()].filter(({ uid }) => uid === '2').map(key);
        expect(byValue.get('two').map(key).toSorted()).to.deep.equal(two.toSorted());
      }),
    );
  });
});
