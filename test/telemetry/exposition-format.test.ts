import { expect } from 'chai';
import fc from 'fast-check';
import { contentTypes, number } from '../../src/telemetry/exposition-format.ts';
import { unitOf } from '../../src/telemetry/metric-table.ts';
import { parseExposition, textOf } from '../support/exposition.ts';
import { describedMetrics as described, fillMetrics as fill } from '../support/filled-metrics.ts';
import { parseOpenMetrics } from '../support/openmetrics.ts';

const unescaped = (text: string) =>
  text.replaceAll(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));

describe('what is written of metrics', () => {
  it('is OpenMetrics when asked, with every metric of the table, its help, type and unit', async () => {
    const families = parseOpenMetrics(await textOf(fill('x', 1).expose('openmetrics')));
    const told = Object.fromEntries(
      [...families].map(([name, { type, help, unit }]) => [name, { type, help, unit }]),
    );
    expect(told).to.deep.equal(
      Object.fromEntries(
        described.map(([name, { type, help }]) => [
          name.replace(/_total$/, ''),
          { type, help, unit: unitOf(name) },
        ]),
      ),
    );
  });

  it('has the same series, with the same values, in both formats', async () => {
    const metrics = fill('x', 2);
    const text = [...parseExposition(await textOf(metrics.expose())).values()];
    const open = [...parseOpenMetrics(await textOf(metrics.expose('openmetrics'))).values()];
    expect(open.flatMap(({ samples }) => samples)).to.deep.equal(text.flatMap(({ samples }) => samples));
  });

  it('reads back as it was, whatever labels hold and numbers are, in both formats', async () => {
    const values = fc.oneof(fc.double(), fc.double({ noNaN: true, min: 0 }), fc.integer());
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', '{', '}', ',', '=', ' ', '#', '\r', 'é') }),
    );
    await fc.assert(
      fc.asyncProperty(texts, values, async (text, value) => {
        const metrics = fill(text, value);
        const read = {
          open: parseOpenMetrics(await textOf(metrics.expose('openmetrics'))),
          text: parseExposition(await textOf(metrics.expose())),
        };
        const [open] = read.open.get('plumbline_evidence_available')?.samples ?? [];
        expect(open).to.deep.equal({
          name: 'plumbline_evidence_available',
          labels: { source: text },
          value: value === 0 ? 0 : value,
        });
        const [plain] = read.text.get('plumbline_control_status')?.samples ?? [];
        expect(Object.values(plain?.labels ?? {}).map(unescaped)).to.deep.equal([
          text,
          text,
          text,
          text,
          text,
        ]);
      }),
    );
  });

  it('writes a bucket in both formats alike: a series has one name, whatever was asked for', async () => {
    const metrics = fill('x', 1);
    const buckets = (text: string) => text.split('\n').filter((line) => line.includes('le="'));
    const plain = buckets(await textOf(metrics.expose()));
    expect(plain.some((line) => line.includes('le="1.0"'))).to.equal(true);
    expect(buckets(await textOf(metrics.expose('openmetrics')))).to.deep.equal(plain);
  });

  it('writes numbers as both formats have them, not as JavaScript has', () => {
    const written = [0.5, -3, 1e21, 1e-7, NaN, Infinity, -Infinity].map(number);
    expect(written).to.deep.equal(['0.5', '-3', '1e+21', '1e-7', 'NaN', '+Inf', '-Inf']);
  });

  it('says which format it is', () => {
    expect(contentTypes.openmetrics).to.equal('application/openmetrics-text; version=1.0.0; charset=utf-8');
  });

  for (const [name, { help }] of described) {
    it(`${name} has a base unit, or counts things, and its help needs no other tool to be read`, () => {
      expect(name).to.not.match(/_(milliseconds|minutes|hours|kilobytes|mebibytes|percent)(_|$)/);
      expect(unitOf(name) ?? 'none').to.equal(/_(seconds|bytes|ratio)(?:_total)?$/.exec(name)?.[1] ?? 'none');
      expect(help).to.not.match(/[\n\\"]/);
    });
  }
});

describe('the reader of OpenMetrics in these tests', () => {
  const gauge = '# TYPE a gauge\n';
  const wrong: Record<string, string> = {
    'without an end': gauge,
    'with something after the end': `${gauge}# EOF\na 1\n`,
    'with an empty line': `${gauge}\na 1\n# EOF\n`,
    'with a counter that does not say so': '# TYPE a counter\na 1\n# EOF\n',
    'with a counter whose family says total': '# TYPE a_total counter\na_total 1\n# EOF\n',
    'with a unit that is not in the name': '# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n',
    'with a series twice': `${gauge}a{b="c"} 1\na{b="c"} 2\n# EOF\n`,
    'with a family in two pieces': `${gauge}a 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\na{c="d"} 1\n# EOF\n`,
    'with a help that is not escaped': `${gauge}# HELP a "b"\na 1\n# EOF\n`,
    'with a label that is not escaped': `${gauge}a{b="c\\d"} 1\n# EOF\n`,
    'with a comma too many': `${gauge}a{b="c",} 1\n# EOF\n`,
    'with a comma too few': `${gauge}a{b="c"d="e"} 1\n# EOF\n`,
    'with a bucket that is a whole number':
      '# TYPE a histogram\na_bucket{le="1"} 0\na_bucket{le="+Inf"} 0\na_sum 0\na_count 0\n# EOF\n',
    'with a number as JavaScript has it': `${gauge}a Infinityy\n# EOF\n`,
    'with a negative counter': '# TYPE a counter\na_total -1\n# EOF\n',
  };
  for (const [sentence, text] of Object.entries(wrong)) {
    it(`refuses a text ${sentence}`, () => {
      expect(() => parseOpenMetrics(text)).to.throw();
    });
  }
  it('takes what is right', () => {
    const text =
      '# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# HELP a_seconds b \\"c\\"\na_seconds{d="e\\n"} +Inf\n# EOF\n';
    expect([...parseOpenMetrics(text)]).to.deep.equal([
      [
        'a_seconds',
        {
          type: 'gauge',
          unit: 'seconds',
          help: 'b "c"',
          samples: [{ name: 'a_seconds', labels: { d: 'e\n' }, value: Infinity }],
        },
      ],
    ]);
  });
});
