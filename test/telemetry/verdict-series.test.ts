import { expect } from 'chai';
import type { ReportSample } from '../../src/telemetry/verdict-series.ts';
import { VerdictSeries } from '../../src/telemetry/verdict-series.ts';
import { parseExposition, textOf } from '../support/exposition.ts';

const report = (overrides: Partial<ReportSample> = {}): ReportSample => ({
  namespace: 'shop',
  profile: 'reference-design',
  compliant: false,
  score: 57,
  controls: [
    { id: 'RD-2.2.7', severity: 'critical', status: 'Fail' },
    { id: 'RD-2.6.1', severity: 'high', status: 'Unknown' },
  ],
  findings: { critical: 3, high: 0, medium: 0, low: 0 },
  evaluatedAt: 1_767_225_600_500,
  ...overrides,
});

const opened = (...reports: ReportSample[]) => {
  const series = new VerdictSeries();
  for (const each of reports) series.set(each);
  series.open();
  return series;
};

/** `name{labels}` to value. */
const read = (series: VerdictSeries) => {
  const samples = [...parseExposition([...series.chunks()].join('')).values()].flatMap(
    (each) => each.samples,
  );
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => [
      `${name} ${Object.values(labels).join(' ')}`.replace('plumbline_', ''),
      value,
    ]),
  );
};

describe('VerdictSeries', () => {
  it('is silent until it is opened', () => {
    const series = new VerdictSeries();
    series.set(report());
    expect([...series.chunks()]).to.deep.equal([]);
    series.open();
    expect([...series.chunks()].join('')).to.contain('RD-2.2.7');
  });

  it('writes each number of a report once', () => {
    expect(read(opened(report()))).to.deep.equal({
      'control_status shop reference-design RD-2.2.7 critical Fail': 1,
      'control_status shop reference-design RD-2.6.1 high Unknown': 1,
      'report_compliant shop reference-design': 0,
      'report_score_ratio shop reference-design': 0.57,
      'findings shop reference-design critical': 3,
      'findings shop reference-design high': 0,
      'findings shop reference-design medium': 0,
      'findings shop reference-design low': 0,
      'report_last_evaluated_timestamp_seconds shop reference-design': 1_767_225_600.5,
    });
  });

  it('has a series for the present status only', () => {
    const series = opened(report());
    series.set(report({ controls: [{ id: 'RD-2.2.7', severity: 'critical', status: 'Pass' }] }));
    const statuses = Object.keys(read(series)).filter((name) => name.startsWith('control_status'));
    expect(statuses).to.deep.equal(['control_status shop reference-design RD-2.2.7 critical Pass']);
  });

  it('writes out the empty namespace of cluster controls', () => {
    expect([...opened(report({ namespace: '' })).chunks()].join('')).to.contain(
      'plumbline_report_compliant{namespace="",profile="reference-design"} 0\n',
    );
  });

  it('has no score where there is none', () => {
    const { score: _, ...unscored } = report();
    expect(Object.keys(read(opened(unscored))).filter((name) => name.includes('score'))).to.deep.equal([]);
  });

  it('leaves nothing of a report that is deleted', () => {
    const series = opened(report(), report({ profile: 'stig' }), report({ namespace: 'other' }));
    series.delete('shop', 'reference-design');
    const left = Object.keys(read(series));
    expect(left.filter((name) => name.includes('shop reference-design'))).to.deep.equal([]);
    expect(left.filter((name) => name.includes('shop stig'))).to.have.length(9);
    expect(left.filter((name) => name.includes('other reference-design'))).to.have.length(9);
  });

  it('has no series of a namespace that is gone, though its report waits to be forgotten', () => {
    const gone = new Set<string>();
    const series = new VerdictSeries((namespace) => !gone.has(namespace));
    for (const namespace of ['shop', 'other', '']) series.set(report({ namespace }));
    series.open();
    // No namespace is called so: it stands for the cluster.
    for (const namespace of ['shop', '']) gone.add(namespace);
    const left = new Set(Object.keys(read(series)).map((name) => name.split(' ')[1]));
    expect([...left]).to.deep.equal(['other', '']);
  });

  it('writes each family in one piece, with HELP and TYPE once, whatever the number of reports', async () => {
    const series = opened(
      ...Array.from({ length: 2_000 }, (_, index) => report({ namespace: `ns-${index}` })),
    );
    const chunks = [...series.chunks()];
    expect(chunks.length).to.be.above(20);
    // One takes far less than a millisecond to write.
    expect(Math.max(...chunks.map(({ length }) => length))).to.be.below(70_000);
    const families = parseExposition(await textOf(chunks));
    expect([...families].map(([name, { samples }]) => [name, samples.length])).to.deep.equal([
      ['plumbline_control_status', 4_000],
      ['plumbline_report_compliant', 2_000],
      ['plumbline_report_score_ratio', 2_000],
      ['plumbline_findings', 8_000],
      ['plumbline_report_last_evaluated_timestamp_seconds', 2_000],
    ]);
  });

  it('shows one scrape one moment, whatever changes while it is read', () => {
    const series = opened(
      ...Array.from({ length: 1_000 }, (_, index) => report({ namespace: `ns-${index}` })),
    );
    let text = '';
    for (const chunk of series.chunks()) {
      text += chunk;
      series.delete('ns-0', 'reference-design');
      series.set(report({ namespace: 'ns-0' }));
      series.set(report({ namespace: `new-${text.length}` }));
    }
    const families = parseExposition(text);
    expect(families.get('plumbline_report_compliant')?.samples).to.have.length(1_000);
  });

  it('has the families and nothing else when there is no report', () => {
    const families = parseExposition([...opened().chunks()].join(''));
    expect([...families.values()].flatMap(({ samples }) => samples)).to.deep.equal([]);
    expect(families.size).to.equal(5);
  });
});
