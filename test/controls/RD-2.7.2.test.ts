import control from '../../src/controls/RD-2.7.2.ts';
import { unread } from '../../src/domain/snapshot.ts';
import { input } from '../support/builders.ts';
import type { Manifest } from '../support/control-cases.ts';
import { deploymentOf, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const stating = (resources: object, rest: object = {}): Manifest => ({
  spec: { containers: [{ name: 'app', resources }], ...rest },
});
const limited = stating({ limits: { memory: '1Gi' } });
const required = { parameters: { 'workloads.requireMemoryLimits': true } };

describeControl(control, {
  'passes a memory limit, also without one of CPU': { given: templateOf(limited), status: 'Pass' },
  'passes a limit of the pod as a whole': {
    given: templateOf(stating({}, { resources: { limits: { memory: '1Gi' } } })),
    status: 'Pass',
  },
  'does not count a limit of the pod as a whole before Kubernetes 1.34': {
    given: templateOf(stating({}, { resources: { limits: { memory: '1Gi' } } }), { minor: 33 }),
    status: 'Warn',
  },
  'counts it from Kubernetes 1.34 on': {
    given: templateOf(stating({}, { resources: { limits: { memory: '1Gi' } } }), { minor: 34 }),
    status: 'Pass',
  },
  'takes a limit of 0 for what it is, none': {
    given: podOf(stating({ limits: { memory: '0' } })),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].resources.limits.memory',
        observed: '0',
        message: 'A memory limit of 0 is none.',
      },
    ],
  },
  'does not count a limit of 0 of the pod as a whole either': {
    given: templateOf(stating({}, { resources: { limits: { memory: '0Mi' } } })),
    status: 'Warn',
  },
  'passes ephemeral containers, which have none': {
    given: podOf({ spec: { ...limited.spec, ephemeralContainers: [{ name: 'debug' }] } }),
    status: 'Pass',
  },
  'warns where it is missing': {
    given: podOf(stating({ limits: { cpu: '1' } })),
    status: 'Warn',
    message: '1 of 1 workload has containers without a memory limit.',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].resources.limits.memory',
        observed: 'unset',
        message: 'The container has no memory limit.',
      },
    ],
  },
  'fails where it is missing and the profile demands it': {
    given: podOf(stating({}), required),
    status: 'Fail',
  },
  'warns of a template that lacks what is demanded and live pods have': {
    given: deploymentOf(limited, stating({}), required),
    status: 'Warn',
    reason: 'CompliantByMutation',
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
