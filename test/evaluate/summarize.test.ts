import { expect } from 'chai';
import { complianceSummaryStatus } from '../../src/api/compliance-summary.ts';
import type { SummaryInput } from '../../src/evaluate/summarize.ts';
import { summarize } from '../../src/evaluate/summarize.ts';
import { now } from '../support/builders.ts';

const given = (overrides: Partial<SummaryInput> = {}): SummaryInput => ({
  states: ['Compliant'],
  evidence: [{ source: 'workloads', available: true }],
  unattributed: 0,
  dropped: 0,
  now,
  ...overrides,
});

type State = SummaryInput['states'][number];

describe('summarize', () => {
  const states: Record<string, [states: State[], state: string, counts: number[]]> = {
    'one namespace that fails makes the whole fail': [
      ['Compliant', 'Unknown', 'NonCompliant', undefined],
      'NonCompliant',
      [4, 1, 1, 1, 1],
    ],
    'without one, a namespace that is Unknown makes the whole Unknown': [
      ['Compliant', 'Unknown'],
      'Unknown',
      [2, 1, 0, 1, 0],
    ],
    'a namespace that was not judged yet makes the whole Unknown': [
      ['Compliant', undefined],
      'Unknown',
      [2, 1, 0, 0, 1],
    ],
    'what has nothing to assess leaves the whole Compliant': [
      ['NotAssessed', 'Compliant'],
      'Compliant',
      [2, 1, 0, 0, 1],
    ],
    'nothing but that leaves it NotAssessed': [['NotAssessed'], 'NotAssessed', [1, 0, 0, 0, 1]],
    'no namespace at all leaves it NotAssessed': [[], 'NotAssessed', [0, 0, 0, 0, 0]],
  };
  for (const [sentence, [all, state, counts]] of Object.entries(states)) {
    it(sentence, () => {
      const status = summarize(given({ states: all }));
      const { total, compliant, nonCompliant, unknown, notAssessed } = status.namespaces;
      expect(status.state).to.equal(state);
      expect([total, compliant, nonCompliant, unknown, notAssessed]).to.deep.equal(counts);
    });
  }

  it('shows every source, why one is not there, and when its newest evidence came to be', () => {
    const status = summarize(
      given({
        evidence: [
          { source: 'workloads', available: true, newest: now + 1_999 },
          { source: 'falco', available: false, reason: 'NoEvidence', message: 'No event was received.' },
        ],
        unattributed: 3,
        dropped: 2,
      }),
    );
    expect(status.evidence).to.deep.equal([
      { source: 'workloads', available: true, newestTimestamp: '2026-01-01T00:00:01Z' },
      { source: 'falco', available: false, reason: 'NoEvidence', message: 'No event was received.' },
    ]);
    expect(status.runtime).to.deep.equal({ unattributed: 3, dropped: 2 });
    expect(complianceSummaryStatus.parse(status)).to.deep.equal(status);
    expect(status.conditions[1]).to.deep.equal({
      type: 'EvidenceComplete',
      status: 'False',
      reason: 'SourceUnavailable',
      message: 'These sources cannot be read: falco.',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
  });

  it('moves the times of its conditions with their status alone', () => {
    const first = summarize(given());
    const missing = [{ source: 'falco', available: false } as const];
    const later = summarize(given({ evidence: missing, now: now + 60_000, previous: first }));
    expect(
      later.conditions.map(({ type, status, lastTransitionTime }) => [type, status, lastTransitionTime]),
    ).to.deep.equal([
      ['Ready', 'True', '2026-01-01T00:00:00Z'],
      ['EvidenceComplete', 'False', '2026-01-01T00:01:00Z'],
      ['ReportsWritten', 'True', '2026-01-01T00:00:00Z'],
    ]);
  });

  it('says whether runtime events outlive the process, where they are to', () => {
    const condition = (store?: SummaryInput['store']) =>
      summarize(given({ store })).conditions?.find(({ type }) => type === 'RuntimeEventsKept');
    expect(condition()).to.equal(undefined);
    expect(condition({})).to.include({ status: 'True', reason: 'Stored' });
    expect(condition({ problem: 'the disk is\nfull' })).to.include({
      status: 'False',
      reason: 'StoreUnavailable',
      message: 'Runtime events are held in memory alone: the disk is full',
    });
  });

  it('says how many namespaces have no report because it is refused, and why that of the first', () => {
    const refused = { namespaces: 2, namespace: 'a', reason: 'Forbidden', message: 'no right\nto write' };
    const condition = (input: Partial<SummaryInput>) =>
      summarize(given(input)).conditions?.find(({ type }) => type === 'ReportsWritten');
    expect(condition({})).to.include({ status: 'True', reason: 'AllWritten' });
    expect(condition({ refused })).to.include({
      status: 'False',
      reason: 'Forbidden',
      message: 'The API server refuses the reports of 2 namespaces; in a: no right to write',
    });
    expect(condition({ refused: { ...refused, message: 'x'.repeat(2_000) } })?.message).to.have.length(512);
    const status = summarize(given({ refused }));
    expect(complianceSummaryStatus.safeParse(status).error).to.equal(undefined);
  });
});
