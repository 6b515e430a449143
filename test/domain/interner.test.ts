import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { stableText } from '../../src/base/stable-text.ts';
import { contentKey, Interner } from '../../src/domain/interner.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('Interner', () => {
  it('gives one object for equal contents, short and long', () => {
    for (const text of ['x', 'x'.repeat(10_000)]) {
      const interner = new Interner<object>();
      const first = interner.intern({ a: 1, b: { c: [1, 2], d: text } });
      expect(interner.intern({ a: 1, b: { c: [1, 2], d: text } })).to.equal(first);
      expect(interner.size).to.equal(1);
    }
  });

  it('keeps no copy of a long content as its key', () => {
    expect(contentKey('x'.repeat(10_000))).to.have.length(44);
    expect(contentKey(`${'x'.repeat(10_000)}y`)).not.to.equal(contentKey(`${'x'.repeat(10_000)}z`));
    expect(contentKey('short')).to.equal('short');
  });

  it('tells contents apart by the order of a list, by type and by nesting', () => {
    const interner = new Interner<object>();
    const contents = [{ a: [1, 2] }, { a: [2, 1] }, { a: '1' }, { a: 1 }, { a: { a: 1 } }, { a: false }, {}];
    expect(new Set(contents.map((content) => interner.intern(content))).size).to.equal(contents.length);
  });

  it('freezes all of it', () => {
    const value = new Interner<{ list: { x: number }[] }>().intern({ list: [{ x: 1 }] });
    expect(() => value.list.push({ x: 2 })).to.throw(TypeError);
    expect(() => Object.assign(value.list[0] ?? {}, { x: 2 })).to.throw(TypeError);
  });

  for (const recent of [0, 10]) {
    const but = recent === 0 ? '' : `, but for the last ${recent}`;
    it(`forgets what nobody holds, and keeps what somebody does${but}`, async () => {
      const interner = new Interner<object>(recent);
      const held = Array.from({ length: 100 }, (_, index) => interner.intern({ name: `held-${index}` }));
      for (let round = 0; round < 20; round++) {
        for (let i = 0; i < 500; i++) interner.intern({ name: `dropped-${round}-${i}` });
        // What a job has looked at lives until its end.
        await new Promise((resolve) => setImmediate(resolve));
        collectGarbage();
      }
      // Those of the last two rounds, of ten thousand.
      expect(interner.size).to.be.at.most(1_200 + recent);
      for (const [index, one] of held.entries())
        expect(interner.intern({ name: `held-${index}` })).to.equal(one);
    });
  }
});

describe('stableText', () => {
  const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('does not depend on the order in which keys were written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(stableText(reversed)).to.equal(stableText(value));
      }),
    );
  });

  it('does not depend on it within, nor for numbers, many keys and one that is no property elsewhere', () => {
    const many = (letters: string) => Object.fromEntries(Array.from(letters, (one) => [`${one}${one}`, one]));
    const letters = 'zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA';
    const pairs = [
      ['[{"b":1,"a":{"10":1,"9":{"y":1,"x":2}}}]', '[{"a":{"9":{"x":2,"y":1},"10":1},"b":1}]'],
      ['{"b":{"__proto__":{"d":1,"c":2},"a":1}}', '{"b":{"a":1,"__proto__":{"c":2,"d":1}}}'],
    ].map((pair) => pair.map((text) => JSON.parse(text) as unknown));
    pairs.push([many(letters), many(Array.from(letters).reverse().join(''))]);
    for (const [a, b] of pairs) {
      expect(stableText(a)).to.equal(stableText(b));
      expect(isDeepStrictEqual(JSON.parse(stableText(a)), a)).to.equal(true);
    }
  });

  it('is equal for two values exactly when they are equal as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(stableText(a) === stableText(b)).to.equal(isDeepStrictEqual(asJson(a), asJson(b)));
        expect(JSON.parse(stableText(a))).to.deep.equal(asJson(a));
      }),
    );
  });
});
