import { expect } from 'chai';
import control from '../../src/controls/RD-3.5.3.ts';
import type { ClusterInput } from '../../src/domain/control.ts';
import type { FalcoRules } from '../../src/domain/falco-rules.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { clusterInput, falcoRules, now, sensorPod } from '../support/builders.ts';
import { itShowsEveryVerdict } from '../support/covered-controls.ts';

const hour = 3_600_000;
const sensors = read([sensorPod()]);
const given = (deliveries: readonly number[], maps: readonly FalcoRules[] = [falcoRules()]): ClusterInput =>
  clusterInput({ sensors, deliveries: read(deliveries), falcoRules: read(maps) });
const mute = falcoRules({ outputs: ['stdout_output', 'syslog_output'] });

type Expected = Pick<Verdict, 'status' | 'reason' | 'validUntil'> & { readonly message?: RegExp };

const cases: Record<string, [ClusterInput, Expected]> = {
  'passes while events arrive, until the proof is too old': [
    given([now - 3 * hour]),
    { status: 'Pass', validUntil: now + 21 * hour },
  ],
  'passes by what arrives, whatever is configured': [
    given([now - hour], [mute]),
    { status: 'Pass', validUntil: now + 23 * hour },
  ],
  'passes although no ConfigMap can be read': [
    clusterInput({ sensors, deliveries: read([now]), falcoRules: unread('Forbidden', 'No.') }),
    { status: 'Pass', validUntil: now + 24 * hour },
  ],
  'has no proof in an event before the window': [
    given([now - 24 * hour]),
    { status: 'Unknown', reason: 'NoEvidence', message: /has a way out/ },
  ],
  'has no proof where nothing ever came': [given([]), { status: 'Unknown', reason: 'NoEvidence' }],
  'does not know where events go without a configuration': [
    given([], []),
    { status: 'Unknown', reason: 'NoEvidence', message: /no ConfigMap shows/ },
  ],
  'fails where events end in the log': [given([], [mute]), { status: 'Fail' }],
  'fails where nothing is on at all': [given([], [falcoRules({ outputs: [] })]), { status: 'Fail' }],
  'looks at the configuration of Falco alone': [
    given([], [falcoRules({ namespace: 'elsewhere', outputs: [] })]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'fails though it is not known what arrives': [
    clusterInput({ sensors, falcoRules: read([mute]), deliveries: unread('PartialEvidence', 'No.') }),
    { status: 'Fail' },
  ],
  'knows nothing where that is not known': [
    clusterInput({ sensors, falcoRules: read([falcoRules()]), deliveries: unread('PartialEvidence', 'No.') }),
    { status: 'Unknown', reason: 'PartialEvidence' },
  ],
  'knows nothing where nothing arrives and ConfigMaps cannot be read': [
    clusterInput({ sensors, falcoRules: unread('Forbidden', 'No.') }),
    { status: 'Unknown', reason: 'Forbidden' },
  ],
  'knows nothing where pods cannot be read': [
    clusterInput({ sensors: unread('Forbidden', 'No.'), deliveries: read([now]) }),
    { status: 'Unknown', reason: 'Forbidden' },
  ],
  'does not apply without Falco': [
    clusterInput({ deliveries: read([now]) }),
    { status: 'NotApplicable', reason: 'NoFalco' },
  ],
};

describe('RD-3.5.3', () => {
  for (const [sentence, [input, { message, ...expected }]] of Object.entries(cases)) {
    it(sentence, () => {
      const { status, reason, validUntil, message: told, findings } = control.evaluateCluster(input);
      expect({ status, reason, validUntil }).to.deep.equal({
        ...{ reason: undefined, validUntil: undefined },
        ...expected,
      });
      if (message !== undefined) expect(told).to.match(message);
      expect(findings.length > 0).to.equal(status === 'Fail');
    });
  }

  it('changes at the moment that it names, and not before', () => {
    const [input] = cases['passes while events arrive, until the proof is too old'] ?? [given([])];
    const verdict = control.evaluateCluster(input);
    const { validUntil = 0 } = verdict;
    expect(control.evaluateCluster({ ...input, now: validUntil - 1 })).to.deep.equal(verdict);
    expect(control.evaluateCluster({ ...input, now: validUntil }).status).to.equal('Unknown');
  });

  itShowsEveryVerdict(control, () => Object.values(cases).map(([, { status }]) => status));
});
