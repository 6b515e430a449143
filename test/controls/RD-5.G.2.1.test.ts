import { expect } from 'chai';
import control from '../../src/controls/RD-5.G.2.1.ts';
import type { FlowNode } from '../../src/domain/flows.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { projectPodSpec } from '../../src/evidence/workloads/project-pod-spec.ts';
import { input, now, pod, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const plain = projectPodSpec({ containers: [{ name: 'app' }] }, {});
const traced = [
  projectPodSpec({ containers: [{ name: 'app', env: [{ name: 'OTEL_SERVICE_NAME', value: 'x' }] }] }, {}),
  projectPodSpec({ containers: [{ name: 'app' }] }, { 'sidecar.opentelemetry.io/inject': 'true' }),
  projectPodSpec({ containers: [{ name: 'app' }, { name: 'jaeger-agent' }] }, {}),
];
const running = (specs: (typeof plain)[], overrides: object = {}, parameters: object = {}) =>
  input(
    {
      workloads: read(
        specs.map((spec, index) => workload({ name: `app-${index}`, template: template({ spec }) })),
      ),
      ...overrides,
    },
    parameters,
  );

const required = { 'monitoring.requireFlowSource': true };
/** Two workloads that nobody traces, with pods on two nodes. */
const on = (flows: readonly FlowNode[] | Snapshot['flowNodes'], parameters: object = {}) =>
  input(
    {
      workloads: read(
        ['a', 'b'].map((node) => workload({ name: `app-${node}`, pods: [pod({ spec: plain, node })] })),
      ),
      flowNodes: 'available' in flows ? flows : read(flows),
    },
    parameters,
  );

describeControl(control, {
  'passes where all are traced, by whatever sign': {
    given: running(traced),
    status: 'Pass',
    message: '3 of 3 workloads are traced.',
  },
  'passes where enough are traced': {
    given: running([...traced, plain], {}, { 'monitoring.instrumentedPercent': 75 }),
    status: 'Pass',
  },
  'passes where the namespace asks for it': {
    given: running([plain, plain], {
      namespace: { name: 'shop', labels: {}, tracing: ['sidecar.jaegertracing.io/inject'] },
    }),
    status: 'Pass',
  },
  'warns where fewer are traced': {
    given: running([...traced, plain]),
    status: 'Warn',
    message: '1 of 4 workloads shows no tracing, and no source of network flows is seen.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app-3' },
        message: 'Nothing shows that it is traced.',
      },
    ],
  },
  'fails the same where the profile asks for a source': {
    given: running([plain, plain], {}, required),
    status: 'Fail',
    message: '2 of 2 workloads show no tracing, and no source of network flows is seen.',
  },
  'passes what is traced without any source where the profile asks for one': {
    given: running(traced, { flowNodes: unread('Forbidden', 'Pods may not be listed.') }, required),
    status: 'Pass',
  },
  'passes where the network shows the flows on every node': {
    given: on(
      [
        { name: 'a', sources: [{ name: 'Hubble' }] },
        { name: 'b', sources: [{ name: 'Hubble' }, { name: 'calico-accountant' }] },
        { name: 'other', sources: [] },
      ],
      required,
    ),
    status: 'Pass',
    message: 'The network shows the flows on all nodes that run its pods (Hubble, calico-accountant).',
  },
  'warns where one node shows none': {
    given: on([
      { name: 'a', sources: [{ name: 'Hubble' }] },
      { name: 'b', sources: [] },
    ]),
    status: 'Warn',
    message:
      '2 of 2 workloads show no tracing, and no source of network flows is seen on 1 of 2 nodes that run its pods.',
  },
  'fails where nobody knows of one node, and the profile asks for a source': {
    given: on([{ name: 'a', sources: [{ name: 'Hubble' }] }], required),
    status: 'Fail',
    message: /on 1 of 2 nodes that run its pods\.$/,
  },
  'warns where a source is away for too long': {
    given: on([
      { name: 'a', sources: [{ name: 'Hubble', until: now }] },
      { name: 'b', sources: [{ name: 'Hubble', until: now + 1 }] },
    ]),
    status: 'Warn',
  },
  'passes what the network shows although settings that might show more are unread': {
    given: on(
      read(
        ['a', 'b'].map((name) => ({ name, sources: [{ name: 'Hubble' }] })),
        { reason: 'Forbidden', message: 'They may not be listed.' },
      ),
      required,
    ),
    status: 'Pass',
  },
  'does not know while settings are unread that might show the flows': {
    given: on(read([], { reason: 'Forbidden', message: 'FelixConfigurations may not be listed.' })),
    status: 'Unknown',
    reason: 'Forbidden',
    message:
      '2 of 2 workloads show no tracing, and what shows network flows is not known: FelixConfigurations may not be listed.',
  },
  'does not know of sources of network flows in manifests': {
    given: running(
      [plain, plain],
      { flowNodes: unread('NoEvidence', 'That can be seen in a cluster alone.') },
      required,
    ),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: /: That can be seen in a cluster alone\.$/,
  },
  'does not apply to a single workload': {
    given: running([plain]),
    status: 'NotApplicable',
    reason: 'SingleWorkload',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});

describe('the time of RD-5.G.2.1', () => {
  const until = (...flows: FlowNode[]) => control.evaluate(on(flows)).validUntil;

  it('ends when the first node shows nothing any more', () => {
    const away = (name: string, at: number) => ({ name, sources: [{ name: 'Hubble', until: at }] });
    expect(until(away('a', now + 3), away('b', now + 2))).to.equal(now + 2);
    expect(until(away('a', now + 3), { name: 'b', sources: [] })).to.equal(now + 3);
  });

  it('does not end where another source is there', () => {
    const both = { name: 'a', sources: [{ name: 'Hubble', until: now + 1 }, { name: 'calico-accountant' }] };
    expect(until(both, { ...both, name: 'b' })).to.equal(undefined);
  });
});
