import { expect } from 'chai';
import { NamespaceMemories, NamespaceMemory } from '../../src/operator/namespace-memories.ts';
import { Recent } from '../../src/operator/recent.ts';
import { Remembered } from '../../src/operator/remembered.ts';

describe('what was asked for last', () => {
  const weighed = (most: number, weight: number) =>
    new Recent<{ weight: number }>({ most, weight }, (value) => value.weight);
  const make = (weight: number) => () => ({ weight });

  it('is kept, and made once', () => {
    const recent = weighed(2, 100);
    const first = recent.get('a', make(1));
    expect(recent.get('a', make(1))).to.equal(first);
    recent.delete('a');
    expect(recent.get('a', make(1))).to.not.equal(first);
  });

  it('is no more than so many, of which the one that was not asked for the longest goes', () => {
    const recent = weighed(2, 100);
    const [a, b] = [recent.get('a', make(1)), recent.get('b', make(1))];
    recent.get('a', make(1));
    recent.get('c', make(1));
    recent.trim();
    expect(recent.size).to.equal(2);
    expect(recent.get('a', make(1))).to.equal(a);
    expect(recent.get('b', make(1))).to.not.equal(b);
  });

  it('weighs no more than so much, as heavy as it is by then', () => {
    const recent = weighed(10, 100);
    recent.get('old', make(60));
    const growing = recent.get('new', make(10));
    recent.trim();
    expect(recent.size).to.equal(2);
    growing.weight = 50;
    recent.trim();
    expect(recent.size).to.equal(1);
    expect(recent.get('new', make(0))).to.equal(growing);
    growing.weight = 101;
    recent.trim();
    expect(recent.size).to.equal(0);
  });
});

describe('the memory of a namespace', () => {
  it('is kept from the second judgement on, until the namespace is gone', () => {
    const memories = new NamespaceMemories();
    const first = memories.of('shop');
    const second = memories.of('shop');
    expect(second).to.not.equal(first);
    expect(memories.of('shop')).to.equal(second);
    memories.trim();
    expect(memories.of('shop')).to.equal(second);
    memories.delete('shop');
    expect(memories.of('shop')).to.not.equal(second);
  });

  it('is of the profiles that select it', () => {
    const memory = new NamespaceMemory();
    const [mild, strict] = [memory.verdictsBy('mild'), memory.verdictsBy('strict')];
    memory.keepOnly(['strict']);
    expect(memory.verdictsBy('strict')).to.equal(strict);
    expect(memory.verdictsBy('mild')).to.not.equal(mild);
  });
});

describe('what was remembered', () => {
  it('is the same object while its inputs are, and when it is made equal', () => {
    const remembered = new Remembered();
    const [one, two] = [{}, {}];
    const first = remembered.get('a', [one, 1], () => ['x']);
    expect(remembered.get('a', [one, 1], () => ['y'])).to.equal(first);
    expect(remembered.get('a', [two, 1], () => ['x'])).to.equal(first);
    expect(remembered.get('a', [two, 2], () => ['y'])).to.deep.equal(['y']);
    expect(remembered.get('a', [two], () => ['z'])).to.deep.equal(['z']);
  });

  it('may be that there is nothing', () => {
    const remembered = new Remembered();
    let made = 0;
    const nothing = () => void made++;
    remembered.get('a', [1], nothing);
    expect(remembered.get('a', [1], nothing)).to.equal(undefined);
    expect(made).to.equal(1);
  });
});
