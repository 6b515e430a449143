import { expect } from 'chai';
import type { Status } from '../../src/domain/verdict.ts';
import type { PreviousReport } from '../../src/evaluate/report.ts';
import type { ControlResult } from '../../src/evaluate/report.ts';
import { recordTransitions } from '../../src/evaluate/transitions.ts';
import { now } from '../support/builders.ts';
import { controlThat, evaluateBy, verdict } from '../support/judging.ts';

const earlier = '2025-06-01T00:00:00Z';
const time = '2026-01-01T00:00:00Z';

const result = (id: string, status: Status, overrides: Partial<ControlResult> = {}): ControlResult => ({
  id,
  title: id,
  severity: 'high',
  status,
  message: 'So it is.',
  findingsTotal: 0,
  findings: [],
  lastTransitionTime: '',
  ...overrides,
});

const before = (...controls: [string, Status][]): PreviousReport => ({
  controls: controls.map(([id, status]) => ({ id, status, lastTransitionTime: earlier })),
});

describe('recordTransitions', () => {
  const moved = { time, control: 'RD-1.1', from: 'Pass', to: 'Fail' };
  const cases: Record<
    string,
    [previous: PreviousReport | undefined, now: [string, Status][], times: string[], transitions: object[]]
  > = {
    'a first report has times and no transitions': [undefined, [['RD-1.1', 'Fail']], [time], []],
    'a status that stays keeps its time': [before(['RD-1.1', 'Fail']), [['RD-1.1', 'Fail']], [earlier], []],
    'a status that changes moves its time': [
      before(['RD-1.1', 'Pass']),
      [['RD-1.1', 'Fail']],
      [time],
      [moved],
    ],
    'a control that the previous report does not know is no transition': [
      before(['RD-1.1', 'Pass']),
      [
        ['RD-1.1', 'Pass'],
        ['RD-1.2', 'Fail'],
      ],
      [earlier, time],
      [],
    ],
    'a control that is gone is no transition': [
      before(['RD-1.1', 'Pass'], ['RD-1.2', 'Fail']),
      [['RD-1.1', 'Pass']],
      [earlier],
      [],
    ],
    'a previous report without any status starts anew': [{}, [['RD-1.1', 'Fail']], [time], []],
  };
  for (const [sentence, [previous, present, times, transitions]] of Object.entries(cases)) {
    it(sentence, () => {
      const recorded = recordTransitions(
        present.map(([id, status]) => result(id, status)),
        previous,
        time,
      );
      expect(recorded.controls.map(({ lastTransitionTime }) => lastTransitionTime)).to.deep.equal(times);
      expect(recorded.transitions).to.deep.equal(transitions);
    });
  }

  it('moves no time for another message, reason or finding', () => {
    const changed = result('RD-1.1', 'Fail', { message: 'Otherwise.', reason: 'Other', findingsTotal: 9 });
    const { controls, transitions } = recordTransitions([changed], before(['RD-1.1', 'Fail']), time);
    expect(controls).to.deep.equal([{ ...changed, lastTransitionTime: earlier }]);
    expect(transitions).to.deep.equal([]);
  });

  it('remembers the last 32, the newest first', () => {
    let previous: PreviousReport = before(['RD-1.1', 'Pass']);
    for (let day = 1; day <= 40; day++) {
      const at = `2026-02-${String(day).padStart(2, '0')}`;
      const { controls, transitions } = recordTransitions(
        [result('RD-1.1', day % 2 === 1 ? 'Fail' : 'Pass')],
        previous,
        at,
      );
      previous = { controls, transitions };
    }
    expect(previous.transitions).to.have.length(32);
    expect(previous.transitions?.[0]).to.deep.equal({
      time: '2026-02-40',
      control: 'RD-1.1',
      from: 'Fail',
      to: 'Pass',
    });
    expect(previous.transitions?.at(-1)?.time).to.equal('2026-02-09');
  });
});

describe('a report that is evaluated again', () => {
  const controls = [controlThat('RD-1.1', verdict('Fail')), controlThat('RD-1.2', verdict('Pass'))];

  it('is the same to the byte while nothing changes, at any later time', () => {
    const first = evaluateBy(controls).status;
    const later = evaluateBy(controls, { now: now + 86_400_000, previous: first }).status;
    expect(JSON.stringify(later)).to.equal(JSON.stringify(first));
  });

  it('tells in seconds when a verdict moved, and keeps the time of the others', () => {
    const first = evaluateBy(controls).status;
    const changed = [controlThat('RD-1.1', verdict('Pass')), controlThat('RD-1.2', verdict('Pass'))];
    const { status } = evaluateBy(changed, { now: now + 1_999, previous: first });
    expect(status.transitions).to.deep.equal([
      { time: '2026-01-01T00:00:01Z', control: 'RD-1.1', from: 'Fail', to: 'Pass' },
    ]);
    expect(
      Object.fromEntries(status.controls.map((each) => [each.id, each.lastTransitionTime])),
    ).to.deep.equal({
      'RD-1.1': '2026-01-01T00:00:01Z',
      'RD-1.2': '2026-01-01T00:00:00Z',
    });
  });
});
