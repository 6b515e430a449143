import { expect } from 'chai';
import control from '../../src/controls/RD-3.5.1.ts';
import type { ClusterInput } from '../../src/domain/control.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import type { SensorPod } from '../../src/domain/sensors.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { clusterInput, now, sensorPod } from '../support/builders.ts';
import { itShowsEveryVerdict } from '../support/covered-controls.ts';

const hour = 3_600_000;
const day = 24 * hour;

const given = (pods: readonly Partial<SensorPod>[], parameters: Partial<Parameters> = {}): ClusterInput =>
  clusterInput(
    {
      sensors: read(
        pods.map((each, index) => sensorPod({ name: `falco-${index}`, node: `node-${index}`, ...each })),
      ),
    },
    parameters,
  );
const { node: _none, ...unscheduled } = sensorPod({ name: 'falco-x', ready: false });
const scraping = { 'runtime.scrapeFalcoMetrics': true };
const refused = { of: 'falco', since: now - hour, why: 'the answer is 404' } as const;
const unready = { ready: false, since: now - hour };

interface Expected extends Pick<Verdict, 'status' | 'reason' | 'validUntil'> {
  readonly message?: string | RegExp;
  readonly findings?: Verdict['findings'] | number;
}

const cases: Record<string, [ClusterInput, Expected]> = {
  'passes where all pods are ready': [
    given([{}, {}]),
    { status: 'Pass', message: 'All pods of runtime sensors are ready (2 pods), and none had trouble.' },
  ],
  'warns where one is not': [
    given([{}, unready]),
    {
      status: 'Warn',
      message: '1 of 2 pods of runtime sensors is ready; 1 pod had trouble.',
      findings: [
        {
          subject: { kind: 'Node', name: 'node-1' },
          example: 'falco/falco-1',
          message: 'Its pod of falco is not ready since 2025-12-31T23:00:00Z.',
        },
      ],
    },
  ],
  'fails where fewer than half are': [
    given([{}, unready, { ...unready, crashing: true }]),
    { status: 'Fail', message: '1 of 3 pods of runtime sensors is ready.', findings: 2 },
  ],
  'has a parameter for how many': [
    given([{}, unready], { 'runtime.minReadyPercent': 51 }),
    { status: 'Fail', findings: 1 },
  ],
  'counts one that finds no node': [
    clusterInput({ sensors: read([sensorPod(), sensorPod(), unscheduled]) }),
    {
      status: 'Warn',
      findings: [
        {
          subject: { kind: 'Pod', name: 'falco-x' },
          example: 'falco/falco-x',
          message: 'Its pod of falco is not ready.',
        },
      ],
    },
  ],
  'fails where there is none': [
    given([]),
    {
      status: 'Fail',
      reason: 'NoSensor',
      findings: [
        {
          subject: { kind: 'Cluster', name: 'cluster' },
          message: 'No pod of a runtime sensor is there (falco).',
        },
      ],
    },
  ],
  'fails where the one that is there does not count': [
    given([{ sensor: 'tracee' }]),
    { status: 'Fail', reason: 'NoSensor', findings: 1 },
  ],
  'counts the sensors of the profile': [
    given([{ sensor: 'tracee' }], { 'runtime.sensors': ['falco', 'tracee'] }),
    { status: 'Pass' },
  ],
  'warns of a loop that goes on': [
    given([{}, { crashing: true, crashedAt: now - hour }]),
    { status: 'Warn', message: /^2 of 2 pods .* are ready; 1 pod had trouble\.$/, findings: 1 },
  ],
  'warns of a loop within the window, until it has left': [
    given([{ crashedAt: now - 23 * hour }]),
    {
      status: 'Warn',
      findings: [
        {
          subject: { kind: 'Node', name: 'node-0' },
          example: 'falco/falco-0',
          message:
            'A container of its pod of falco had to be started several times; it failed last at 2025-12-31T01:00:00Z.',
        },
      ],
      validUntil: now + hour,
    },
  ],
  'forgets one that has left': [given([{ crashedAt: now - day }]), { status: 'Pass' }],
  'warns of events that were lost, until the window has passed over them': [
    given([{ lost: { since: now - 3 * hour, until: now - 2 * hour, by: 'sensor' } }]),
    {
      status: 'Warn',
      findings: [
        {
          subject: { kind: 'Node', name: 'node-0' },
          example: 'falco/falco-0',
          message: 'Its falco has lost events since 2025-12-31T21:00:00Z.',
        },
      ],
      validUntil: now + 22 * hour,
    },
  ],
  'passes where metrics are asked for and read': [
    given([{ metrics: 'read' }, { metrics: 'read' }], scraping),
    { status: 'Pass' },
  ],
  'knows nothing where they are not read, whatever else is wrong': [
    given([{ metrics: refused }, { metrics: 'read', crashing: true }, {}], scraping),
    {
      status: 'Unknown',
      reason: 'PartialEvidence',
      message:
        '3 of 3 pods of runtime sensors are ready; whether they lose events is not known, since metrics are not read of falco: node-0 since 2025-12-31T23:00:00Z (the answer is 404), node-2 never.',
    },
  ],
  'asks one that is not ready for no metrics': [
    given([{ metrics: 'read' }, unready], scraping),
    { status: 'Warn', findings: 1 },
  ],
  'asks no other sensor for metrics': [
    given([{ sensor: 'tracee' }], { ...scraping, 'runtime.sensors': ['tracee'] }),
    { status: 'Pass' },
  ],
  'fails all the same where too few are ready': [
    given([{ metrics: refused }, unready, unready], scraping),
    { status: 'Fail', findings: 2 },
  ],
  'does not care where nobody asks for metrics': [given([{ metrics: refused }]), { status: 'Pass' }],
  'knows nothing where pods cannot be read': [
    clusterInput({ sensors: unread('Forbidden', 'Pods may not be listed.') }),
    { status: 'Unknown', reason: 'Forbidden', message: 'Pods may not be listed.' },
  ],
};

describe('RD-3.5.1', () => {
  for (const [sentence, [input, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      const verdict = control.evaluateCluster(input);
      const { message, findings } = expected;
      expect({
        status: verdict.status,
        reason: verdict.reason,
        validUntil: verdict.validUntil,
      }).to.deep.equal({
        status: expected.status,
        reason: expected.reason,
        validUntil: expected.validUntil,
      });
      if (typeof message === 'string') expect(verdict.message).to.equal(message);
      else if (message !== undefined) expect(verdict.message).to.match(message);
      if (typeof findings === 'number') expect(verdict.findings).to.have.length(findings);
      else expect(verdict.findings).to.deep.equal(findings ?? []);
    });
  }

  it('changes at the moment that it names, and not before', () => {
    for (const [input] of Object.values(cases)) {
      const verdict = control.evaluateCluster(input);
      const { validUntil } = verdict;
      if (validUntil === undefined) continue;
      expect(control.evaluateCluster({ ...input, now: validUntil - 1 })).to.deep.equal(verdict);
      expect(control.evaluateCluster({ ...input, now: validUntil })).not.to.deep.equal(verdict);
    }
  });

  itShowsEveryVerdict(control, () => Object.values(cases).map(([, { status }]) => status));
});
