import control from '../../src/controls/RD-2.7.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { projectPodSpec } from '../../src/evidence/workloads/project-pod-spec.ts';
import { input, template, workload } from '../support/builders.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import type { Manifest } from '../support/control-cases.ts';
import { commonCases, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const stating = (resources: object, rest: object = {}): Manifest => ({
  spec: { containers: [{ name: 'app', resources }], ...rest },
});
const both = { requests: { cpu: '1', memory: '1Gi' } };
const around = (manifest: Manifest, overrides: SnapshotOverrides) =>
  input({
    workloads: read([
      workload({ template: template({ spec: projectPodSpec(manifest.spec, manifest.annotations) }) }),
    ]),
    ...overrides,
  });
const defaults = (...requests: string[]) => ({ limitRanges: read([{ name: 'limits', requests }]) });

describeControl(control, {
  ...commonCases(stating(both), stating({})),
  'passes requests of the pod as a whole': {
    given: templateOf(stating({}, { resources: both })),
    status: 'Pass',
  },
  'does not count requests of the pod as a whole before Kubernetes 1.34': {
    given: templateOf(stating({}, { resources: both }), { minor: 33 }),
    status: 'Fail',
  },
  'fails a request of 0, which asks for nothing': {
    given: templateOf(stating({ requests: { cpu: 0, memory: '1Gi' } })),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        path: 'spec.template.spec.containers[0].resources.requests.cpu',
        observed: '0',
        message: 'The container requests no cpu.',
      },
    ],
  },
  'passes limits, which are requests too': {
    given: templateOf(stating({ limits: both.requests })),
    status: 'Pass',
  },
  'asks no ephemeral container for requests': {
    given: podOf({ spec: { ...stating(both).spec, ephemeralContainers: [{ name: 'debug' }] } }),
    status: 'Pass',
  },
  'fails an init container without them, and names what is missing': {
    given: podOf({
      spec: {
        ...stating(both).spec,
        initContainers: [{ name: 'init', resources: { requests: { cpu: '1' } } }],
      },
    }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'init' },
        path: 'spec.initContainers[0].resources.requests.memory',
        observed: 'unset',
        message: 'The container requests no memory.',
      },
    ],
  },
  'warns of a template that a LimitRange would fill in': {
    given: around(stating({}), defaults('cpu', 'memory')),
    status: 'Warn',
    reason: 'LimitRange',
  },
  'fails a template that a LimitRange would fill in by half': {
    given: around(stating({}), defaults('cpu')),
    status: 'Fail',
  },
  'warns of a live pod that a LimitRange filled in': {
    given: podOf({
      ...stating(both),
      annotations: {
        'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu, memory request for container app',
      },
    }),
    status: 'Warn',
    reason: 'LimitRange',
  },
  'does not know what becomes of a template while the LimitRanges cannot be read': {
    given: around(stating({}), { limitRanges: unread('Forbidden', 'LimitRanges may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not know it while a part of them is not read': {
    given: around(stating({}), {
      limitRanges: { available: true, items: [], gap: { reason: 'EvaluationError', message: 'Broken.' } },
    }),
    status: 'Unknown',
    reason: 'EvaluationError',
  },
  'needs no LimitRange to pass': {
    given: around(stating(both), { limitRanges: unread('Forbidden', 'LimitRanges may not be listed.') }),
    status: 'Pass',
  },
});
