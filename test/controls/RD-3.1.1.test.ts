import { expect } from 'chai';
import control from '../../src/controls/RD-3.1.1.ts';
import type { LogNode, LogReader } from '../../src/domain/log-readers.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { input, now, pod, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';
import { logReader } from '../support/log-readers.ts';

const minute = 60_000;
const node = (index: number, readers: readonly LogReader[], since?: number): LogNode => ({
  ...{ name: `node-${index}`, readers },
  ...(since === undefined ? {} : { since }),
});
const somewhere = [{ name: 'logging', readers: [logReader()] }];

/** A pod on each of the nodes. */
const on = (nodes: readonly LogNode[], more: SnapshotOverrides = {}, parameters: Partial<Parameters> = {}) =>
  input(
    {
      workloads: read([
        workload({ pods: nodes.map(({ name }, index) => pod({ name: `app-${index}`, node: name })) }),
      ]),
      logNodes: read(nodes),
      logNamespaces: somewhere,
      ...more,
    },
    parameters,
  );
const late = logReader({ ready: false, since: now - 10 * minute });
const gone = logReader({ ready: false, since: now - 31 * minute });
const external = { 'logs.externalNodeAgent': true };

describeControl(control, {
  'passes where a collector is ready on every node': {
    given: on([
      node(0, [logReader()]),
      node(1, [logReader({ name: 'agent', image: 'fluent/fluent-bit:4' })]),
    ]),
    status: 'Pass',
    message: 'A log collector is ready on every node that runs pods of the namespace (2 nodes).',
  },
  'knows a collector by its label': {
    given: on([
      node(0, [logReader({ name: 'x', labels: { 'app.kubernetes.io/name': 'fluentd-elasticsearch' } })]),
    ]),
    status: 'Pass',
  },
  'warns while a node is without one for less than the grace': {
    given: on([node(0, [logReader()]), node(1, [late])]),
    status: 'Warn',
    message:
      'No log collector that is known is ready on 1 of 2 nodes that run pods of the namespace at the moment.',
    findings: [
      {
        subject: { kind: 'Node', name: 'node-1' },
        example: 'app-1',
        message: 'No log collector is ready on it, for less than logs.uncoveredGrace.',
      },
    ],
  },
  'warns of a node that has come not long ago': { given: on([node(0, [], now - minute)]), status: 'Warn' },
  'fails a node without one for longer': {
    given: on([node(0, [gone]), node(1, [late]), node(2, [logReader()])]),
    status: 'Fail',
    message: 'No log collector is ready on 1 of 3 nodes that run pods of the namespace.',
    findings: [
      {
        subject: { kind: 'Node', name: 'node-0' },
        example: 'app-0',
        message: 'No log collector is ready on it.',
      },
    ],
  },
  'fails a node of which nobody knows how long it has been without one': {
    given: on([node(0, [])]),
    status: 'Fail',
  },
  'fails a node that has just come, where there is no collector at all': {
    given: on([node(0, [], now - minute)], { logNamespaces: [] }),
    status: 'Fail',
  },
  'warns where the only collector of the cluster starts anew': {
    given: on([node(0, [late])], { logNamespaces: [] }),
    status: 'Warn',
  },
  'takes the grace of the profile': {
    given: on([node(0, [late])], {}, { 'logs.uncoveredGrace': 5 * minute }),
    status: 'Fail',
  },
  'warns of a pod that reads the logs of pods and is of no known collector': {
    given: on([node(0, [logReader({ name: 'shipper', hostPath: '/var/log/pods/' })])]),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Node', name: 'node-0' },
        example: 'app-0',
        message: 'A pod reads the logs of its pods, and is of no collector that is known.',
      },
    ],
  },
  'does not take for a collector what mounts all logs and is not known': {
    given: on([node(0, [logReader({ name: 'etcd' })])]),
    status: 'Fail',
  },
  'does not take for a collector what reads no logs of the node': {
    given: on([node(0, [logReader({ hostPath: '/var/lib/other' })])]),
    status: 'Fail',
  },
  'asks a person where an agent outside Kubernetes is said to be': {
    given: on([node(0, []), node(1, [late])], {}, external),
    status: 'Manual',
    reason: 'NotAttested',
    message: /of 2 of 2 nodes that run pods of the namespace, on which no log collector is ready\?/,
  },
  'asks nobody where collectors run': { given: on([node(0, [logReader()])], {}, external), status: 'Pass' },
  'is Unknown for a time in the future': {
    given: on([node(0, [logReader({ ready: false, since: now + 10 * minute })])]),
    status: 'Unknown',
    reason: 'EvaluationError',
    message: 'Node node-0: Clock skew: no log collector is ready on it since a time in the future.',
  },
  'is Unknown for a node of which nothing was read': {
    given: on([node(0, [logReader()])], { logNodes: read([]) }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'fails for one node, whatever is not known of another': {
    given: on([node(0, []), node(1, [logReader()])], { logNodes: read([node(0, [])]) }),
    status: 'Fail',
  },
  'is Unknown in manifests': {
    given: input({ cluster: { live: false }, workloads: read([workload({ template: template() })]) }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not apply while no pod has a node': {
    given: input({ workloads: read([workload({ pods: [pod()], template: template() })]) }),
    status: 'NotApplicable',
    reason: 'NoPods',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while collectors cannot be read': {
    given: on([node(0, [])], { logNodes: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});

describe('when a node without a collector is looked at again', () => {
  const cases: Record<string, [nodes: readonly LogNode[], expected: number | undefined]> = {
    'is when the first grace ends': [[node(0, [late]), node(1, [], now - minute)], now + 20 * minute],
    'is also then where another node fails': [[node(0, [gone]), node(1, [late])], now + 20 * minute],
    'is when a time is no longer too far in the future': [
      [node(0, [logReader({ ready: false, since: now + 10 * minute })])],
      now + 5 * minute,
    ],
    'is for no time while all is well': [[node(0, [logReader()])], undefined],
    'is for no time when it has failed': [[node(0, [gone])], undefined],
  };
  for (const [name, [nodes, expected]] of Object.entries(cases)) {
    it(name, () => expect(control.evaluate(on(nodes)).validUntil).to.equal(expected));
  }

  it('fails at that moment', () => {
    const given = on([node(0, [late])]);
    expect(control.evaluate({ ...given, now: now + 20 * minute - 1 }).status).to.equal('Warn');
    expect(control.evaluate({ ...given, now: now + 20 * minute }).status).to.equal('Fail');
  });
});
