import { expect } from 'chai';
import control from '../../src/controls/RD-2.5.1.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import type { SensorNode } from '../../src/domain/sensors.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { input, now, pod, sensorNode, sensorPod, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const minute = 60_000;
const node = (index: number, overrides: Partial<SensorNode> = {}): SensorNode =>
  sensorNode({ name: `node-${index}`, pods: [sensorPod({ node: `node-${index}` })], ...overrides });
const without = { signs: 'heard', pods: [] } as const;
const unready = (since?: number) => ({
  pods: [sensorPod({ ready: false, ...(since === undefined ? {} : { since }) })],
});

/** A pod on each of the nodes. */
const on = (
  nodes: readonly SensorNode[],
  more: SnapshotOverrides = {},
  parameters: Partial<Parameters> = {},
) =>
  input(
    {
      workloads: read([
        workload({ pods: nodes.map(({ name }, index) => pod({ name: `app-${index}`, node: name })) }),
      ]),
      sensorNodes: read(nodes),
      sensorsPresent: ['falco'],
      ...more,
    },
    parameters,
  );

const scraping = { 'runtime.scrapeFalcoMetrics': true };
const refused = { of: 'falco', since: now - 20 * minute, why: 'the connection is refused' } as const;

describeControl(control, {
  'passes where metrics are asked for and read': {
    given: on([node(0, { metrics: 'read' })], {}, scraping),
    status: 'Pass',
    message:
      'A runtime sensor is ready on every node that runs pods of the namespace, and its events are received or its metrics read (1 node).',
  },
  'says which metrics are not read, also where events are heard': {
    given: on([node(0, { metrics: 'read' }), node(1, { metrics: refused }), node(2)], {}, scraping),
    status: 'Pass',
    message:
      'A runtime sensor is ready on every node that runs pods of the namespace, and its events are received or its metrics read (3 nodes). Metrics are not read of falco: node-1 since 2025-12-31T23:40:00Z (the connection is refused), node-2 never.',
  },
  'says why a node is silent': {
    given: on(
      [node(0, { signs: 'never', metrics: { of: 'falco', why: 'the answer is 404' } })],
      {},
      scraping,
    ),
    status: 'Unknown',
    reason: 'NoEvidence',
    message:
      'A sensor is ready on 1 of 1 node that run pods of the namespace, and no sign of life of it has ever been seen: node-0. Metrics are not read of falco: node-0 never (the answer is 404).',
  },
  'passes where no event comes, and a page shows that the sensor lives': {
    given: on(
      [
        node(0, {
          signs: 'silent',
          lastSign: now - 60 * minute,
          withPages: { signs: 'heard' },
          metrics: 'read',
        }),
        node(1, { signs: 'never', withPages: { signs: 'heard' }, metrics: 'read' }),
      ],
      {},
      scraping,
    ),
    status: 'Pass',
  },
  'says since when neither event nor page has come': {
    given: on(
      [
        node(0, {
          ...{ signs: 'silent', lastSign: now - 60 * minute, metrics: refused },
          withPages: { signs: 'silent', lastSign: now - 20 * minute },
        }),
      ],
      {},
      scraping,
    ),
    status: 'Unknown',
    reason: 'StaleEvidence',
    message: /nothing is heard of it: node-0 since 2025-12-31T23:40:00Z\./,
  },
  'does not care where nobody asks for metrics': {
    given: on([node(0, { metrics: refused })]),
    status: 'Pass',
    message:
      'A runtime sensor is ready on every node that runs pods of the namespace, and its events are received (1 node).',
  },
  'passes where Falco is ready and heard on every node': {
    given: on([node(0), node(1)]),
    status: 'Pass',
    message:
      'A runtime sensor is ready on every node that runs pods of the namespace, and its events are received (2 nodes).',
  },
  'warns while a node is without one for less than the grace': {
    given: on([node(0), node(1, unready(now - 10 * minute))]),
    status: 'Warn',
    message: 'No runtime sensor is ready on 1 of 2 nodes that run pods of the namespace at the moment.',
    findings: [
      {
        subject: { kind: 'Node', name: 'node-1' },
        example: 'app-1',
        message: 'No runtime sensor is ready on it, for less than runtime.uncoveredGrace.',
      },
    ],
  },
  'warns of a node that was not there before': {
    given: on([node(0), node(1, { ...without, since: now - minute })]),
    status: 'Warn',
  },
  'fails a node that is without one for longer': {
    given: on([node(0), node(1, unready(now - 30 * minute))]),
    status: 'Fail',
    message: 'No runtime sensor is ready on 1 of 2 nodes that run pods of the namespace.',
    findings: [
      {
        subject: { kind: 'Node', name: 'node-1' },
        example: 'app-1',
        message: 'No runtime sensor is ready on it.',
      },
    ],
  },
  'fails a node of which nobody knows since when it has none': {
    given: on([node(0), node(1, without)]),
    status: 'Fail',
  },
  'fails where no sensor runs anywhere, without grace': {
    given: on([node(0, { ...without, since: now - minute })], { sensorsPresent: [] }),
    status: 'Fail',
  },
  'counts only the sensors of the profile': {
    given: on([node(0)], {}, { 'runtime.sensors': ['tetragon'] }),
    status: 'Fail',
  },
  'does not know whether another sensor than Falco sees anything': {
    given: on(
      [node(0, { pods: [sensorPod({ sensor: 'tetragon' })] })],
      { sensorsPresent: ['tetragon'] },
      { 'runtime.sensors': ['tetragon'] },
    ),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'fails virtual nodes and those of Windows, which no sensor can watch': {
    given: on([node(0, { uncoverable: 'windows' }), node(1, { uncoverable: 'virtual' })]),
    status: 'Fail',
    reason: 'Uncoverable',
    findings: [
      {
        subject: { kind: 'Node', name: 'node-0' },
        example: 'app-0',
        message: 'It runs Windows, where no sensor can run.',
      },
      {
        subject: { kind: 'Node', name: 'node-1' },
        example: 'app-1',
        message: 'It is a virtual node, where no sensor can run.',
      },
    ],
  },
  'has no such reason where another node could have one': {
    given: on([node(0, { uncoverable: 'virtual' }), node(1, without)]),
    status: 'Fail',
  },
  'does not know whether a sensor sees anything that was never heard': {
    given: on([node(0), node(1, { signs: 'never' })]),
    status: 'Unknown',
    reason: 'NoEvidence',
    message:
      'A sensor is ready on 1 of 2 nodes that run pods of the namespace, and no sign of life of it has ever been seen: node-1.',
  },
  'does not know of one that fell silent, and tells since when': {
    given: on([0, 1, 2, 3, 4].map((index) => node(index, { signs: 'silent', lastSign: now - 16 * minute }))),
    status: 'Unknown',
    reason: 'StaleEvidence',
    message:
      'A sensor is ready on 5 of 5 nodes that run pods of the namespace, and nothing is heard of it: node-0 since 2025-12-31T23:44:00Z, node-1 since 2025-12-31T23:44:00Z, node-2 since 2025-12-31T23:44:00Z, and 2 more.',
  },
  'fails for one node, whatever is not known of another': {
    given: on([node(0, without), node(1, { signs: 'never' })]),
    status: 'Fail',
  },
  'does not know a node of which nothing is told': {
    given: on([node(0), node(1)], { sensorNodes: read([node(0)]) }),
    status: 'Unknown',
    reason: 'PartialEvidence',
    message: 'Node node-1: Whether a runtime sensor runs on it is not known.',
  },
  'does not know what began in the future': {
    given: on([node(0, unready(now + 6 * minute))]),
    status: 'Unknown',
    reason: 'EvaluationError',
  },
  'does not apply to pods that are on no node yet': {
    given: on([], { workloads: read([workload({ template: template(), pods: [pod()] })]) }),
    status: 'NotApplicable',
    reason: 'NoPods',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'knows nothing from manifests': {
    given: on([], {
      cluster: { live: false },
      workloads: read([workload({ template: template() })]),
    }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'is Unknown while the pods cannot be read': {
    given: on([node(0)], { sensorNodes: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});

describe('RD-2.5.1 as time passes', () => {
  it('warns until the grace is over, and not longer', () => {
    const given = on([node(0, unready(now - 10 * minute))]);
    const { validUntil = 0 } = control.evaluate(given);
    expect(validUntil).to.equal(now + 20 * minute);
    expect(control.evaluate({ ...given, now: validUntil - 1 }).status).to.equal('Warn');
    expect(control.evaluate({ ...given, now: validUntil }).status).to.equal('Fail');
  });
});
