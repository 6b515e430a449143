import { expect } from 'chai';
import fc from 'fast-check';
import { complianceReportStatus } from '../../src/api/compliance-report.ts';
import type { Control } from '../../src/domain/control.ts';
import type { Finding, Severity } from '../../src/domain/verdict.ts';
import type { ReportStatus } from '../../src/evaluate/report.ts';
import { anyVerdict } from '../support/findings.ts';
import { controlThat, evaluateBy, finding, verdict } from '../support/judging.ts';

const budget = 200 * 1024;
const sizeOf = (status: ReportStatus) => Buffer.byteLength(JSON.stringify(status));
const idOf = (index: number) => `RD-${Math.floor(index / 20) + 1}.${(index % 20) + 1}`;

/** `count` findings with a text of `length` characters in each of four fields. */
const findings = (count: number, length: number, overrides: Partial<Finding> = {}) =>
  Array.from({ length: count }, (_, index) => {
    const text = '語'.repeat(length);
    return finding({
      subject: { kind: 'Deployment', name: `app-${String(index).padStart(5, '0')}` },
      path: text,
      observed: text,
      message: text,
      ref: text,
      ...overrides,
    });
  });

const failing = (count: number, each: () => readonly Finding[]) =>
  Array.from({ length: count }, (_, index) =>
    controlThat(idOf(index), verdict('Fail', { message: '語'.repeat(600), findings: each() })),
  );

/** The number of findings that each control lists, and the longest message among them. */
const listed = (controls: readonly Control[]) => {
  const { status } = evaluateBy(controls);
  expect(sizeOf(status)).to.be.below(budget);
  const all = status.controls.flatMap((control) => control.findings);
  return {
    fewest: Math.min(...status.controls.map((control) => control.findings.length)),
    longest: Math.max(...all.map(({ message }) => message.length)),
    omitted: status.controls.reduce((sum, each) => sum + each.findingsTotal - each.findings.length, 0),
    truncated: status.conditions.find(({ type }) => type === 'Truncated'),
  };
};

const printable = (text: string) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text);

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

describe('the size of a status', () => {
  it('stays below 200 KiB whatever the controls find, in the schema of a report', function () {
    this.timeout(30_000);
    fc.assert(
      fc.property(fc.array(anyVerdict, { maxLength: 112 }), (verdicts) => {
        const controls = verdicts.map((each, index) => controlThat(idOf(index), each));
        const { status } = evaluateBy(controls);
        expect(sizeOf(status)).to.be.below(budget);
        expect(complianceReportStatus.safeParse(status).error).to.equal(undefined);
        expect(stringsOf(status).filter((text) => !printable(text))).to.deep.equal([]);
        let cut = 0;
        for (const control of status.controls) {
          const said = verdicts[controls.findIndex(({ id }) => id === control.id)];
          expect(control.findingsTotal).to.equal(said?.findings.length);
          cut += control.findingsTotal - control.findings.length;
        }
        const truncated = status.conditions.find(({ type }) => type === 'Truncated');
        expect(truncated?.status).to.equal(cut === 0 ? 'False' : 'True');
        if (cut > 0) expect(truncated?.message).to.match(new RegExp(`^${cut} finding`));
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the first three findings of every failing control before any other finding', () => {
    const loud = controlThat(
      'RD-1.1',
      verdict('Fail', { findings: findings(3_000, 10, { severity: 'critical' }) }),
    );
    const quiet = controlThat(
      'RD-9.1',
      verdict('Fail', { findings: findings(5, 100, { severity: 'low' }) }),
      {
        severity: 'low',
      },
    );
    const { status } = evaluateBy([loud, quiet]);
    expect(sizeOf(status)).to.be.within(budget - 8_192, budget);
    const [first, second] = status.controls;
    expect(first).to.deep.include({ id: 'RD-1.1', findingsTotal: 3_000 });
    expect(first?.findings.length).to.be.above(500);
    expect(second?.findings.map(({ subject }) => subject.name)).to.deep.equal([
      'app-00000',
      'app-00001',
      'app-00002',
    ]);
    expect(second?.findingsTotal).to.equal(5);
  });

  it('fills up by severity, then control, then subject', () => {
    const both = (id: string, severities: Severity[]) =>
      controlThat(
        id,
        verdict('Fail', { findings: severities.flatMap((severity) => findings(400, 30, { severity })) }),
      );
    const { status } = evaluateBy([both('RD-1.1', ['low', 'critical']), both('RD-1.2', ['critical', 'low'])]);
    const severitiesOf = (index: number) =>
      Object.entries(
        Object.groupBy(status.controls[index]?.findings ?? [], ({ severity }) => severity ?? 'none'),
      ).map(([severity, all]) => [severity, all?.length]);
    // Each critical one costs some 440 bytes, so that not even all of these fit: no low one comes before them.
    expect(severitiesOf(0)).to.deep.equal([['critical', 400]]);
    expect(severitiesOf(1).map(([severity]) => severity)).to.deep.equal(['critical']);
    const names = status.controls[1]?.findings.map(({ subject }) => subject.name) ?? [];
    expect(names).to.deep.equal(names.toSorted());
  });

  const shrinking: Record<string, [controls: Control[], expected: { fewest: number; longest: number }]> = {
    'has strings of 512 characters as long as the first three fit': [
      failing(8, () => findings(10, 600)),
      { fewest: 3, longest: 512 },
    ],
    'shrinks them to 128 when the first three do not fit': [
      failing(30, () => findings(10, 600)),
      { fewest: 3, longest: 128 },
    ],
    'then keeps two of each control': [failing(50, () => findings(10, 600)), { fewest: 2, longest: 128 }],
    'then keeps one of each control': [failing(80, () => findings(10, 600)), { fewest: 1, longest: 128 }],
    'at the very last keeps none of some, and says so': [
      failing(112, () => findings(10, 600)),
      { fewest: 0, longest: 128 },
    ],
  };
  for (const [sentence, [controls, expected]] of Object.entries(shrinking)) {
    it(sentence, () => {
      const { omitted, truncated, ...found } = listed(controls);
      expect(found).to.deep.equal(expected);
      expect(truncated).to.deep.include({
        status: 'True',
        message: `${omitted} findings are counted in findingsTotal and not listed.`,
      });
    });
  }

  it('is no matter to a scan, which lists them all', () => {
    const controls = [controlThat('RD-1.1', verdict('Fail', { findings: findings(2_000, 600) }))];
    const { status } = evaluateBy(controls, { bounded: false });
    expect(status.controls[0]?.findings).to.have.length(2_000);
    expect(status.controls[0]?.findings[0]?.message).to.have.length(512);
    expect(status.conditions.find(({ type }) => type === 'Truncated')?.status).to.equal('False');
  });

  it('costs no more than a moment with 20,000 findings in each of ten controls', function () {
    this.timeout(5_000);
    const all = findings(20_000, 20);
    const controls = Array.from({ length: 10 }, (_, index) =>
      controlThat(idOf(index), verdict('Fail', { findings: all })),
    );
    const { status } = evaluateBy(controls);
    expect(sizeOf(status)).to.be.below(budget);
    expect(status.controls.every(({ findingsTotal }) => findingsTotal === 20_000)).to.equal(true);
  });
});
