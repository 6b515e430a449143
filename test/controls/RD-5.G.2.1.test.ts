import control from '../../src/controls/RD-5.G.2.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { projectPodSpec } from '../../src/evidence/workloads/project-pod-spec.ts';
import { input, template, workload } from '../support/builders.ts';
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
    message: '1 of 4 workloads shows no tracing.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app-3' },
        message: 'Nothing shows that it is traced.',
      },
    ],
  },
  'does not know of sources of network flows where the profile asks for one': {
    given: running([plain, plain], {}, { 'monitoring.requireFlowSource': true }),
    status: 'Unknown',
    reason: 'NoEvidence',
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
