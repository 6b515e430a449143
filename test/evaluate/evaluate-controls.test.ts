import { expect } from 'chai';
import type { Control } from '../../src/domain/control.ts';
import type { Status } from '../../src/domain/verdict.ts';
import { evaluateControls } from '../../src/evaluate/evaluate-controls.ts';
import type { Profile } from '../../src/evaluate/profile.ts';
import { input, now, snapshot } from '../support/builders.ts';
import { controlThat, finding, profileOf, rollUpOf, verdict } from '../support/judging.ts';

const failOnError = (control: string, error: unknown) => {
  throw new Error(`${control} threw`, { cause: error });
};

const judge = (controls: readonly Control[], profile: Profile = profileOf(controls)) =>
  evaluateControls(input(), profile, failOnError);

const statusOf = (controls: readonly Control[], id: string, profile?: Profile) =>
  judge(controls, profile).find(({ control }) => control.id === id)?.verdict;

const off = (...ids: string[]) => ({
  controls: ids.map((id) => ({ id, disabled: true, rationale: 'Not here.' })),
});

describe('evaluateControls', () => {
  it('gives the controls the snapshot, the parameters and the time, and nothing else', () => {
    const given = input({ namespace: { name: 'other' } }, { 'runtime.noticeThreshold': 3 });
    let seen: unknown;
    const control = controlThat('RD-1.1', (received) => {
      seen = received;
      return verdict('Pass');
    });
    evaluateControls(given, profileOf([control]), failOnError);
    expect(seen).to.equal(given);
    expect(Object.keys(given)).to.have.members(['snapshot', 'parameters', 'now']);
  });

  it('answers in the order of the catalogue, whatever the order of the profile', () => {
    const controls = ['RD-2.10', 'RD-2.9', 'RD-5.H.1.1', 'RD-3.1'].map((id) =>
      controlThat(id, verdict('Pass')),
    );
    expect(judge(controls).map(({ control }) => control.id)).to.deep.equal([
      'RD-2.9',
      'RD-2.10',
      'RD-3.1',
      'RD-5.H.1.1',
    ]);
  });

  describe('roll-ups', () => {
    const worst: Record<string, [parts: Status[], expected: Status]> = {
      'Fail beats Unknown': [['Pass', 'Unknown', 'Fail'], 'Fail'],
      'Unknown beats Manual': [['Manual', 'Unknown', 'Warn'], 'Unknown'],
      'Manual beats Warn': [['Warn', 'Manual', 'Pass'], 'Manual'],
      'Warn beats Excepted': [['Excepted', 'Warn', 'Pass'], 'Warn'],
      'Excepted beats Pass': [['Pass', 'Excepted'], 'Excepted'],
      'Pass beats NotApplicable, which is dropped': [['NotApplicable', 'Pass', 'NotApplicable'], 'Pass'],
      'nothing but NotApplicable stays it': [['NotApplicable', 'NotApplicable'], 'NotApplicable'],
    };
    for (const [sentence, [parts, expected]] of Object.entries(worst)) {
      it(sentence, () => {
        const base = parts.map((status, index) => controlThat(`RD-1.${index}`, verdict(status)));
        const top = rollUpOf(
          'RD-9.1',
          base.map(({ id }) => id),
        );
        expect(statusOf([top, ...base], 'RD-9.1')?.status).to.equal(expected);
      });
    }

    it('is Unknown for a part that no version has yet, and names it', () => {
      const found = statusOf(
        [rollUpOf('RD-9.1', ['RD-1.1', 'RD-7.7']), controlThat('RD-1.1', verdict('Pass'))],
        'RD-9.1',
      );
      expect(found).to.include({ status: 'Unknown', reason: 'NoEvidence' });
      expect(found?.message).to.contain('RD-7.7');
    });

    it('is Fail in spite of a part that no version has yet', () => {
      const controls = [rollUpOf('RD-9.1', ['RD-7.7', 'RD-1.1']), controlThat('RD-1.1', verdict('Fail'))];
      expect(statusOf(controls, 'RD-9.1')?.status).to.equal('Fail');
    });

    it('drops a part that the profile disables, and names it', () => {
      const controls = [
        rollUpOf('RD-9.1', ['RD-1.1', 'RD-1.2']),
        controlThat('RD-1.1', verdict('Fail')),
        controlThat('RD-1.2', verdict('Pass')),
      ];
      const found = statusOf(controls, 'RD-9.1', profileOf(controls, off('RD-1.1')));
      expect(found?.status).to.equal('Pass');
      expect(found?.message).to.equal('The one part of it that applies passes. The profile disables RD-1.1.');
    });

    it('applies to nothing when every part is disabled', () => {
      const controls = [rollUpOf('RD-9.1', ['RD-1.1']), controlThat('RD-1.1', verdict('Fail'))];
      const found = statusOf(controls, 'RD-9.1', profileOf(controls, off('RD-1.1')));
      expect(found).to.include({ status: 'NotApplicable' });
      expect(found?.message).to.contain('RD-1.1');
    });

    it('counts a roll-up among the parts of another, wherever it stands in the profile', () => {
      const controls = [
        rollUpOf('RD-1.1', ['RD-9.1']),
        rollUpOf('RD-9.1', ['RD-5.1']),
        controlThat('RD-5.1', verdict('Fail', { findings: [finding()] })),
      ];
      for (const order of [controls, controls.toReversed()]) {
        expect(statusOf(order, 'RD-1.1')?.status).to.equal('Fail');
      }
    });

    it('tells which parts decided it, and leaves what they found with them', () => {
      const controls = [
        rollUpOf('RD-9.1', ['RD-1.1', 'RD-1.2', 'RD-1.3']),
        controlThat('RD-1.1', verdict('Fail', { findings: [finding({ message: 'One.' })] })),
        controlThat('RD-1.2', verdict('Warn', { findings: [finding({ message: 'Two.' })] })),
        controlThat('RD-1.3', verdict('Fail', { findings: [finding({ message: 'Three.', ref: 'CVE-1' })] })),
      ];
      const found = statusOf(controls, 'RD-9.1');
      expect(found?.message).to.equal('Fail in 2 of its 3 parts: RD-1.1, RD-1.3.');
      expect(found?.findings).to.deep.equal([]);
    });

    it('holds no longer than the first of its parts', () => {
      const controls = [
        rollUpOf('RD-9.1', ['RD-1.1', 'RD-1.2', 'RD-1.3']),
        controlThat('RD-1.1', verdict('Pass', { validUntil: now + 2 })),
        controlThat('RD-1.2', verdict('Pass', { validUntil: now + 1 })),
        controlThat('RD-1.3', verdict('Pass')),
      ];
      expect(statusOf(controls, 'RD-9.1')?.validUntil).to.equal(now + 1);
    });
  });

  describe('a control that throws', () => {
    const boom = new RangeError('boom');
    const broken = controlThat('RD-1.1', () => {
      throw boom;
    });

    it('is Unknown, is reported once, and costs no other verdict', () => {
      const reported: unknown[] = [];
      const controls = [broken, controlThat('RD-1.2', verdict('Pass')), rollUpOf('RD-9.1', ['RD-1.1'])];
      const judged = evaluateControls(input(), profileOf(controls), (...args) => reported.push(args));
      expect(
        judged.map(({ control, verdict: { status, reason } }) => [control.id, status, reason]),
      ).to.deep.equal([
        ['RD-1.1', 'Unknown', 'EvaluationError'],
        ['RD-1.2', 'Pass', undefined],
        ['RD-9.1', 'Unknown', 'EvaluationError'],
      ]);
      expect(reported).to.deep.equal([['RD-1.1', boom]]);
    });

    it('says nothing of what it threw, which may hold anything', () => {
      const [judged] = evaluateControls(input(), profileOf([broken]), () => {});
      expect(judged?.verdict.message).to.not.contain('boom');
    });

    it('may be a roll-up', () => {
      const top = rollUpOf('RD-9.1', ['RD-1.2'], {
        rollUp: () => {
          throw boom;
        },
      });
      const reported: string[] = [];
      const controls = [top, controlThat('RD-1.2', verdict('Pass'))];
      const judged = evaluateControls(input(), profileOf(controls), (id) => reported.push(id));
      expect(judged.map(({ verdict: { status } }) => status)).to.deep.equal(['Pass', 'Unknown']);
      expect(reported).to.deep.equal(['RD-9.1']);
    });
  });

  describe('evidence with a gap', () => {
    const gap = { reason: 'PartialEvidence', message: 'One pod cannot be read.' } as const;
    const gapped = snapshot({ workloads: { available: true, items: [], gap } });
    const given = { ...input(), snapshot: gapped };
    const outcomes: Record<Status, Status> = {
      Pass: 'Unknown',
      Warn: 'Unknown',
      Manual: 'Unknown',
      NotApplicable: 'Unknown',
      Excepted: 'Unknown',
      Fail: 'Fail',
      Unknown: 'Unknown',
    };
    for (const [said, expected] of Object.entries(outcomes) as [Status, Status][]) {
      it(`makes ${said} ${expected}`, () => {
        const [judged] = evaluateControls(
          given,
          profileOf([controlThat('RD-1.1', verdict(said))]),
          failOnError,
        );
        expect(judged?.verdict.status).to.equal(expected);
        if (said !== 'Fail' && said !== 'Unknown') expect(judged?.verdict).to.include(gap);
      });
    }

    it('concerns only the controls that read it', () => {
      const control = controlThat('RD-1.1', verdict('Pass'), { evidence: ['falco'] });
      const [judged] = evaluateControls(given, profileOf([control]), failOnError);
      expect(judged?.verdict.status).to.equal('Pass');
    });

    it('reaches a roll-up by its parts', () => {
      const controls = [rollUpOf('RD-9.1', ['RD-1.1']), controlThat('RD-1.1', verdict('Pass'))];
      const judged = evaluateControls(given, profileOf(controls), failOnError);
      expect(judged.map(({ verdict: { status } }) => status)).to.deep.equal(['Unknown', 'Unknown']);
    });
  });
});
