import { expect } from 'chai';
import fc from 'fast-check';
import { readSamples } from '../../../src/evidence/falco/metrics-text.ts';
import { falcoPage } from '../../support/falco-metrics.ts';

const plain = (text: string, wanted: readonly string[] = ['a']) => {
  const read = readSamples(text, wanted);
  return 'problem' in read
    ? read.problem
    : read.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value]);
};

const read: Record<string, [string, ReturnType<typeof plain>]> = {
  'a sample without labels': ['a 1\n', [['a', {}, 1]]],
  'a page without a last line feed': ['a 1', [['a', {}, 1]]],
  'lines that end as on Windows': ['# TYPE a counter\r\na 1\r\n', [['a', {}, 1]]],
  'a number as Go writes it': ['a 1.03911e+05\n', [['a', {}, 103_911]]],
  'a time behind the value': ['a 1 1395066363000\n', [['a', {}, 1]]],
  'labels with a comma behind the last': ['a{b="c",d="e",} 2\n', [['a', { b: 'c', d: 'e' }, 2]]],
  'empty braces': ['a{} 2\n', [['a', {}, 2]]],
  'a value without a blank before it': ['a{b="c"}2\n', [['a', { b: 'c' }, 2]]],
  'quotes, braces and commas in a label': [
    'a{b="x \\"y\\", z} \\\\ \\n"} 2\n',
    [['a', { b: 'x "y", z} \\ \n' }, 2]],
  ],
  'comments that come again and again': [
    '# TYPE a counter\na{b="1"} 1\n# TYPE a counter\na{b="2"} 2\n',
    [
      ['a', { b: '1' }, 1],
      ['a', { b: '2' }, 2],
    ],
  ],
  'nothing of what nobody asked for': ['b{c="d"} 1\nab 2\na 3\n', [['a', {}, 3]]],
  'an empty page': ['', []],
  'no page of metrics': ['<!DOCTYPE html>\n', 'line 1 is no metric'],
  'a name alone': ['a\n', 'line 1 is no metric'],
  'a word for a value': ['\na one\n', 'line 2 is no sample of a'],
  'no number': ['a NaN\n', 'line 1 is no sample of a'],
  'a number without an end': ['a +Inf\n', 'line 1 is no sample of a'],
  'a hexadecimal number': ['a 0x10\n', 'line 1 is no sample of a'],
  'a label without quotes': ['a{b=c} 1\n', 'line 1 is no sample of a'],
  'a label that does not end': ['a{b="c} 1\n', 'line 1 is no sample of a'],
  'labels that do not end': ['a{b="c" 1\n', 'line 1 is no sample of a'],
  'a label twice': ['a{b="c",b="d"} 1\n', 'line 1 is no sample of a'],
  'an unknown escape': ['a{b="\\t"} 1\n', 'line 1 is no sample of a'],
  'something behind the value': ['a 1 2 3\n', 'line 1 is no sample of a'],
};

const anyLabel = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
const anyText = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\r', ''));
const anySample = fc.record({
  name: fc.constantFrom('a', 'a_total', 'b:c'),
  labels: fc.dictionary(anyLabel, anyText, { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof(fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true })),
});
const escape = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

describe('the text of metrics', () => {
  for (const [what, [text, expected]] of Object.entries(read))
    it(`reads ${what}`, () => expect(plain(text)).to.deep.equal(expected));

  it('reads what was written, whatever stands in labels', () => {
    fc.assert(
      fc.property(fc.array(anySample), (samples) => {
        const lines = samples.map(({ name, labels, value }) => {
          const written = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
          return `# TYPE ${name} gauge\n${name}{${written.join(',')}} ${value}\n`;
        });
        const expected = samples.map(({ name, labels, value }) => [name, labels, value]);
        expect(plain(lines.join(''), ['a', 'a_total', 'b:c'])).to.deep.equal(
          expected.map(([name, labels, value]) => [name, labels, value === 0 ? Number(`${value}`) : value]),
        );
      }),
    );
  });

  it('gives finite numbers or a problem, whatever comes', () => {
    const page = falcoPage();
    const anyCut = fc
      .tuple(fc.nat(page.length), fc.nat(20), fc.string({ maxLength: 20 }))
      .map(([at, length, put]) => page.slice(0, at) + put + page.slice(at + length));
    const wanted = ['falcosecurity_scap_n_drops_total', 'falcosecurity_scap_n_drops_buffer_total', 'a'];
    fc.assert(
      fc.property(fc.oneof(anyCut, fc.string({ unit: 'binary' })), (text) => {
        const found = readSamples(text, wanted);
        if ('problem' in found) expect(found.problem).to.match(/^line \d+ is no (metric|sample of \w+)$/);
        else
          for (const { name, value } of found)
            expect(wanted.includes(name) && Number.isFinite(value)).to.equal(true);
      }),
    );
  });

  it('is read in a time that follows its length, however labels are made', () => {
    const long = `a{${'b="'.repeat(100_000)}\na{${'b="c",'.repeat(100_000)}\n${'a'.repeat(100_000)}\n`;
    const began = performance.now();
    expect(plain(long)).to.equal('line 1 is no sample of a');
    expect(plain(`b{${'\\"'.repeat(500_000)}} 1\na{b="${'\\"'.repeat(500_000)}} 1\n`)).to.match(/^line 2/);
    expect(performance.now() - began).to.be.below(1_000);
  });
});
