import { expect } from 'chai';
import control from '../../src/controls/RD-2.5.2.ts';
import type { EvaluationInput } from '../../src/domain/control.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import type { RuntimeFinding } from '../../src/domain/runtime.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { SensorNode } from '../../src/domain/sensors.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import {
  input,
  now,
  pod,
  runtimeFinding,
  sensorNode,
  sensorPod,
  template,
  workload,
} from '../support/builders.ts';
import { itShowsEveryVerdict } from '../support/covered-controls.ts';

const hour = 3_600_000;
const day = 24 * hour;
const stamp = (at: number) => `${new Date(at).toISOString().slice(0, 23)}000000Z`;
const full = (at: number) => `${new Date(at - (at % hour)).toISOString().slice(0, 19)}Z`;

/** A finding whose alerts were all in the hour of its last event. */
function seen(at: number, alerts = 1, overrides: Partial<RuntimeFinding> = {}): RuntimeFinding {
  return runtimeFinding({
    count: alerts,
    firstSeen: stamp(at),
    lastSeen: stamp(at),
    hours: [{ hour: full(at), alerts }],
    ...overrides,
  });
}

const notices = (at: number, alerts: number) => seen(at, alerts, { priority: 'Notice', rule: 'Notice rule' });

const at = (
  findings: readonly RuntimeFinding[],
  rest: SnapshotOverrides = {},
  parameters: Partial<Parameters> = {},
): EvaluationInput =>
  input({ workloads: read([workload({ pods: [onNode] })]), runtime: read(findings), ...rest }, parameters);

/** Two nodes that run pods of the namespace. */
const onNode = pod({ node: 'node-1' });
const onTwo = read([workload({ pods: [onNode, pod({ name: 'app-1', node: 'node-2' })] })]);
const sensed = (...nodes: Partial<SensorNode>[]): SnapshotOverrides => ({
  workloads: onTwo,
  sensorNodes: read([
    sensorNode({ name: 'node-1', ...nodes[0] }),
    sensorNode({ name: 'node-2', pods: [sensorPod({ node: 'node-2' })], ...nodes[1] }),
  ]),
  sensorsPresent: ['falco'],
});
const minute = 60_000;

const scraping = { 'runtime.scrapeFalcoMetrics': true };
const refused = { of: 'falco', since: now - 20 * minute, why: 'the connection is refused' } as const;

const empty: SnapshotOverrides = { workloads: read([]) };
const files: SnapshotOverrides = {
  workloads: read([workload({ template: template() })]),
  cluster: { live: false },
};

interface Expected {
  readonly status: Verdict['status'];
  readonly reason?: string;
  readonly message?: RegExp;
  readonly findings?: number;
  readonly validUntil?: number | undefined;
}

const cases: Record<string, [EvaluationInput, Expected]> = {
  'a Warning in the window fails, until it has left': [
    at([seen(now - hour)]),
    {
      status: 'Fail',
      message: /^Within runtime\.alertWindow: 1 finding of priority Warning or worse\.$/,
      findings: 1,
      validUntil: now - hour + day + 1,
    },
  ],
  'the first of several to leave sets the time, since it changes the findings': [
    at([seen(now - hour), seen(now - 5 * hour, 1, { rule: 'b' })]),
    { status: 'Fail', findings: 2, validUntil: now - 5 * hour + day + 1 },
  ],
  'an event at the very edge of the window still fails': [
    at([seen(now - day)]),
    { status: 'Fail', validUntil: now + 1 },
  ],
  'an event that has left does not': [
    at([seen(now - day - 1)]),
    { status: 'Unknown', reason: 'NoEvidence', findings: 0 },
  ],
  'worse priorities fail too': [
    at([seen(now - hour, 1, { priority: 'Emergency' })]),
    { status: 'Fail', findings: 1 },
  ],
  'the priority that fails is a parameter': [
    at([seen(now - hour)], {}, { 'runtime.alertPriority': 'Critical' }),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'the window is a parameter': [
    at([seen(now - 3 * day)], {}, { 'runtime.alertWindow': 7 * day }),
    { status: 'Fail' },
  ],
  'a few Notice alerts prove nothing': [
    at([notices(now - hour, 19)]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'many Notice alerts fail, until the last has left': [
    at([notices(now - hour, 20)]),
    {
      status: 'Fail',
      message: /^Within runtime\.alertWindow: 20 or more Notice alerts \(runtime\.noticeThreshold\)\.$/,
      findings: 1,
      validUntil: now - hour + day + 1,
    },
  ],
  'Notice alerts of several findings add up': [
    at([notices(now - hour, 12), seen(now - 2 * hour, 8, { priority: 'Notice', rule: 'b' })]),
    { status: 'Fail', findings: 2, validUntil: now - 2 * hour + day + 1 },
  ],
  'the threshold is a parameter': [
    at([notices(now - hour, 3)], {}, { 'runtime.noticeThreshold': 3 }),
    { status: 'Fail' },
  ],
  'repeats within the hour do not count towards it': [
    at([notices(now - hour, 1), seen(now - hour, 1, { priority: 'Notice', count: 500, rule: 'b' })]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'hours that have left do not count towards it': [
    at([
      seen(now - hour, 1, {
        priority: 'Notice',
        count: 30,
        hours: [
          { hour: full(now - 26 * hour), alerts: 19 },
          { hour: full(now - hour), alerts: 1 },
        ],
      }),
    ]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'an hour that is half out counts until the whole of it is': [
    at(
      [
        seen(now + hour / 2 - hour, 1, {
          priority: 'Notice',
          hours: [
            { hour: full(now - 24 * hour), alerts: 19 },
            { hour: full(now - hour), alerts: 1 },
          ],
        }),
      ],
      {},
      {},
    ),
    { status: 'Fail', validUntil: now + hour },
  ],
  'lesser priorities do not count, however many': [
    at([seen(now - hour, 1_000, { priority: 'Informational' })]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'where Notice itself fails, one is enough': [
    at([notices(now - hour, 1)], {}, { 'runtime.alertPriority': 'Notice' }),
    { status: 'Fail', message: /: 1 finding of priority Notice or worse\.$/, findings: 1 },
  ],
  'alerts and many Notice alerts are told together': [
    at([seen(now - hour), notices(now - hour, 20)]),
    { status: 'Fail', message: /Warning or worse\. 20 or more Notice alerts/, findings: 2 },
  ],
  'silence proves nothing without proof of life': [
    at([]),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message: /^No alert was received, and nothing proves that .* on 1 of 1 node .*: node-1\.$/,
      validUntil: undefined,
    },
  ],
  'silence passes while every node is watched': [
    at([], sensed()),
    {
      status: 'Pass',
      message: /^No alert within runtime\.alertWindow, while .* watched 2 nodes that run pods/,
      findings: 0,
      validUntil: undefined,
    },
  ],
  'lesser events pass too': [at([notices(now - hour, 19)], sensed()), { status: 'Pass' }],
  'an alert fails, whoever watches': [at([seen(now - hour)], sensed()), { status: 'Fail' }],
  'a sensor that is young passes since it was heard first, and says so': [
    at([], sensed({}, { unbrokenSince: now - 3 * hour })),
    {
      status: 'Pass',
      message: /^No alert since 2025-12-31T21:00:00Z, while /,
      validUntil: now - 3 * hour + day,
    },
  ],
  'a gap in the window leaves it open, until the window has passed over it': [
    at([], sensed({}, { unbrokenSince: now - 3 * hour, broken: true })),
    {
      status: 'Unknown',
      reason: 'PartialEvidence',
      message: /gap between the events of a sensor; without one are node-2 since 2025-12-31T21:00:00Z\.$/,
      validUntil: now - 3 * hour + day,
    },
  ],
  'a gap before the window is none': [
    at([], sensed({ unbrokenSince: now - 25 * hour, broken: true })),
    { status: 'Pass', message: /^No alert within/, validUntil: undefined },
  ],
  'a gap that ends just where the window begins is none': [
    at([], sensed({ unbrokenSince: now - day, broken: true })),
    { status: 'Pass', message: /^No alert within/, validUntil: undefined },
  ],
  'events that the sensor lost leave it open': [
    at([], sensed({ lost: { since: now - 2 * hour, until: now - hour, by: 'sensor' } })),
    {
      status: 'Unknown',
      reason: 'PartialEvidence',
      message: /^Events are known to be lost: node-1 since 2025-12-31T22:00:00Z\.$/,
      validUntil: now - hour + day,
    },
  ],
  'a gap and losses are told together': [
    at(
      [],
      sensed(
        { lost: { since: now - 2 * hour, until: now - hour, by: 'operator' } },
        { unbrokenSince: now - 3 * hour, broken: true },
      ),
    ),
    { status: 'Unknown', reason: 'PartialEvidence', message: /gap.*lost/, validUntil: now - 3 * hour + day },
  ],
  'metrics that are asked for and read change nothing': [
    at([], sensed({ metrics: 'read' }, { metrics: 'read' }), scraping),
    { status: 'Pass', message: /^No alert within/, validUntil: undefined },
  ],
  'metrics that are not read leave it open, since they would tell of losses': [
    at([], sensed({ metrics: refused }, { metrics: 'read' }), scraping),
    {
      status: 'Unknown',
      reason: 'PartialEvidence',
      message:
        /^No alert was received, and whether events were lost is not known, since metrics are not read of falco: node-1 since 2025-12-31T23:40:00Z \(the connection is refused\)\.$/,
    },
  ],
  'so do those of Falcosidekick': [
    at([], sensed({ metrics: 'read' }, { metrics: { of: 'falcosidekick' } }), scraping),
    { status: 'Unknown', reason: 'PartialEvidence', message: /of falcosidekick: node-2 never\.$/ },
  ],
  'so do those of which nothing is said': [
    at([], sensed({ metrics: 'read' }), scraping),
    { status: 'Unknown', reason: 'PartialEvidence', message: /of falco: node-2 never\.$/ },
  ],
  'pages of metrics are no proof that events arrive, which have ceased': [
    at(
      [],
      sensed({
        ...{ signs: 'silent', lastSign: now - 20 * minute, metrics: 'read' },
        withPages: { signs: 'heard' },
      }),
      scraping,
    ),
    { status: 'Unknown', reason: 'StaleEvidence', message: /node-1 since 2025-12-31T23:40:00Z\.$/ },
  ],
  'nor where none has ever come': [
    at(
      [],
      sensed({ metrics: 'read' }, { signs: 'never', withPages: { signs: 'heard' }, metrics: 'read' }),
      scraping,
    ),
    { status: 'Unknown', reason: 'NoEvidence', message: /: node-2\.$/ },
  ],
  'where nobody asks for metrics, it does not matter that they are not read': [
    at([], sensed({ metrics: refused })),
    { status: 'Pass' },
  ],
  'an alert fails, whether metrics are read or not': [
    at([seen(now - hour)], sensed({ metrics: refused }), scraping),
    { status: 'Fail' },
  ],
  'a sensor that fell silent leaves it open, and since when is told': [
    at([], sensed({ signs: 'silent', lastSign: now - 20 * minute })),
    {
      status: 'Unknown',
      reason: 'StaleEvidence',
      message: /on 1 of 2 nodes .*: node-1 since 2025-12-31T23:40:00Z\.$/,
    },
  ],
  'a sensor that was never heard proves nothing': [
    at([], sensed({}, { signs: 'never' })),
    { status: 'Unknown', reason: 'NoEvidence', message: /on 1 of 2 nodes .*: node-2\.$/ },
  ],
  'nor does one that is not ready, though it is heard': [
    at([], sensed({ pods: [sensorPod({ ready: false, since: now - minute })] })),
    { status: 'Unknown', reason: 'NoEvidence', message: /: node-1\.$/, validUntil: undefined },
  ],
  'nor one that the profile does not count': [
    at([], sensed(), { 'runtime.sensors': ['tetragon'] }),
    { status: 'Unknown', reason: 'NoEvidence', message: /: node-1, node-2\.$/ },
  ],
  'pods that wait for a node are watched by nobody': [
    at([], { workloads: read([workload({ pods: [pod()] })]) }),
    { status: 'Unknown', reason: 'NoEvidence', message: /runs on a node, so that no sensor/ },
  ],
  'sensors that could not be read leave it open': [
    at([], { sensorNodes: unread('Forbidden', 'pods: not allowed.') }),
    { status: 'Unknown', reason: 'Forbidden' },
  ],
  'events of a namespace whose pods are gone still fail': [at([seen(now - hour)], empty), { status: 'Fail' }],
  'lesser events alone keep an empty namespace in view until they have left': [
    at([notices(now - hour, 1)], empty),
    { status: 'Unknown', reason: 'NoEvidence', validUntil: now - hour + day + 1 },
  ],
  'neither pods nor events is no concern': [
    at([], empty),
    { status: 'NotApplicable', reason: 'NoWorkloads' },
  ],
  'nor are events that have left': [
    at([seen(now - 2 * day)], empty),
    { status: 'NotApplicable', reason: 'NoWorkloads' },
  ],
  'a workload without pods runs nothing': [
    at([], { workloads: read([workload({ template: template(), replicas: 2 })]) }),
    { status: 'NotApplicable', reason: 'NoWorkloads' },
  ],
  'in files templates stand for pods': [at([], files), { status: 'Unknown', reason: 'NoEvidence' }],
  'without a source of events nothing is known': [
    at([], { runtime: unread('NoEvidence', 'No Falco event has reached Plumbline yet.') }),
    { status: 'Unknown', reason: 'NoEvidence', message: /^No Falco event has reached/ },
  ],
  'so it is in an empty namespace': [
    at([], { ...empty, runtime: unread('PartialEvidence', 'Events were lost.') }),
    { status: 'Unknown', reason: 'PartialEvidence' },
  ],
  'an alert fails although the workloads could not be read': [
    at([seen(now - hour)], { workloads: unread('Forbidden', 'pods: not allowed.') }),
    { status: 'Fail' },
  ],
  'without alerts, workloads that could not be read leave it open': [
    at([], { workloads: unread('Forbidden', 'pods: not allowed.') }),
    { status: 'Unknown', reason: 'Forbidden', message: /^pods: not allowed\.$/ },
  ],
};

describe('RD-2.5.2', () => {
  for (const [sentence, [given, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      const verdict = control.evaluate(given);
      expect(verdict.status).to.equal(expected.status);
      expect(verdict.reason).to.equal(expected.reason);
      if (expected.message !== undefined) expect(verdict.message).to.match(expected.message);
      if (expected.findings !== undefined) expect(verdict.findings).to.have.length(expected.findings);
      if ('validUntil' in expected) expect(verdict.validUntil).to.equal(expected.validUntil);
    });
  }

  it('changes at the moment that it names, and not before', () => {
    for (const [given] of Object.values(cases)) {
      const verdict = control.evaluate(given);
      const { validUntil } = verdict;
      if (validUntil === undefined) continue;
      expect(control.evaluate({ ...given, now: validUntil - 1 })).to.deep.equal(verdict);
      expect(control.evaluate({ ...given, now: validUntil })).not.to.deep.equal(verdict);
    }
  });

  it('tells rule, how often and when last', () => {
    const finding = runtimeFinding({ count: 3, lastSeen: '2025-12-31T23:20:00.000000001Z' });
    expect(control.evaluate(at([finding])).findings).to.deep.equal([
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-0',
        observed: 'A shell was spawned',
        message:
          'Terminal shell in container (Warning, syscall): 3 times since 2025-12-31T23:00:00.000000000Z, last at 2025-12-31T23:20:00.000000001Z.',
        severity: 'medium',
        ref: 'Terminal shell in container',
      },
    ]);
  });

  itShowsEveryVerdict(control, () => Object.values(cases).map(([given]) => control.evaluate(given).status));
});
