import { expect } from 'chai';
import * as fc from 'fast-check';
import { readFalcoEvents } from '../../../src/evidence/falco/read-events.ts';
import { falcoEvent } from '../../support/falco.ts';

const one = (rule: string) => falcoEvent({ rule });
const line = (rule: string) => JSON.stringify(one(rule));
const pretty = (rule: string) => JSON.stringify(one(rule), null, 2);

const cases: Record<string, [string, string[], [number, RegExp][]]> = {
  'an object a line': [`${line('a')}\n${line('b')}\n`, ['a', 'b'], []],
  'one object over several lines': [pretty('a'), ['a'], []],
  'such objects one behind the other': [`${pretty('a')}\n${pretty('b')}`, ['a', 'b'], []],
  'objects without anything between them': [line('a') + line('b'), ['a', 'b'], []],
  'a list': [`[${line('a')},\n${line('b')}]`, ['a', 'b'], []],
  'a list as a printer lays it out': [JSON.stringify([one('a'), one('b')], null, 2), ['a', 'b'], []],
  'a byte order mark, and lines that end as on Windows': [
    `\uFEFF${line('a')}\r\n${line('b')}\r\n`,
    ['a', 'b'],
    [],
  ],
  'braces within strings': [`${line('a{')}\n${line('"}\\')}`, ['a{', '"}\\'], []],
  'an empty file': ['\n \n', [], []],
  'lines of text between': [
    `Thu: Falco version\n${line('a')}\n\nThu: Closing\n${line('b')}`,
    ['a', 'b'],
    [
      [1, /json_output: true/],
      [4, /json_output: true/],
    ],
  ],
  'a line that breaks off': [
    `${line('a')}\n${line('b').slice(0, 50)}\n${line('c')}`,
    ['a', 'c'],
    [[2, /^not a complete JSON object$/]],
  ],
  'an object that is never closed': [
    `{"a": {\n${line('b')}\n{"x": 1\n`,
    ['b'],
    [
      [1, /^not a complete/],
      [3, /^not a complete/],
    ],
  ],
  'an object that is no event': [`{"a": 1}\n${line('b')}`, ['b'], [[1, /^rule: /]]],
  'braces that are no JSON': [`{a}\n${line('b')}`, ['b'], [[1, /^not valid JSON/]]],
};

describe('readFalcoEvents', () => {
  for (const [sentence, [text, rules, errors]] of Object.entries(cases)) {
    it(`reads ${sentence}`, () => {
      const result = readFalcoEvents('events.json', text);
      expect(result.events.map(({ rule }) => rule)).to.deep.equal(rules);
      expect(result.errors.map((each) => [each.file, each.line])).to.deep.equal(
        errors.map(([at]) => ['events.json', at]),
      );
      for (const [index, [, message]] of errors.entries())
        expect(result.errors[index]?.message).to.match(message);
    });
  }

  it('loses no event and no error, whatever stands in the lines between', () => {
    const junk = fc.string().map((text) => `x${text.replaceAll(/[\r\n{]/g, '')}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(junk, fc.constant(line('a'))), { maxLength: 20 }), (lines) => {
        const { events, errors } = readFalcoEvents('f', lines.join('\n'));
        expect(events.length).to.equal(lines.filter((each) => each.startsWith('{')).length);
        expect(errors.length).to.equal(lines.length - events.length);
      }),
    );
  });

  it('comes to an end with any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '"', '\\', '\n', ' ', 'a', '[', ',') }),
        (text) => {
          const { events, errors } = readFalcoEvents('f', text);
          expect(events).to.deep.equal([]);
          if (/[^\s,[\]]/.test(text)) expect(errors).not.to.deep.equal([]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('does not read a broken file over and over', () => {
    const text = `${'{"a": 1\n'.repeat(100_000)}${'{'.repeat(100_000)}`;
    expect(readFalcoEvents('f', text).errors).to.have.length(100_001);
  });
});
