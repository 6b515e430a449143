import control from '../../src/controls/RD-2.7.3.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import { input, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const asking = (replicas: number | undefined, rest: Partial<Workload> = {}) =>
  workload({ template: template(), ...(replicas === undefined ? {} : { replicas }), ...rest });
const running = (...workloads: Workload[]) => input({ workloads: read(workloads) });
const scaled = (minReplicas: number, name = 'app') =>
  read([{ name: 'scaler', target: { kind: 'Deployment', name }, minReplicas }]);

describeControl(control, {
  'passes two replicas': { given: running(asking(2)), status: 'Pass', message: /\(1 workload\)\.$/ },
  'warns of one': {
    given: running(asking(1), asking(2, { name: 'other' })),
    status: 'Warn',
    message: '1 of 2 workloads has too few replicas.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'spec.replicas',
        observed: '1',
        message: 'It asks for fewer replicas than 2.',
      },
    ],
  },
  'warns of one that is left out': {
    given: running(asking(undefined, { kind: 'StatefulSet' })),
    status: 'Warn',
  },
  'takes the number of the profile': {
    given: input({ workloads: read([asking(2)]) }, { 'workloads.minReplicas': 3 }),
    status: 'Warn',
  },
  'lets the autoscaler decide for more': {
    given: input({ workloads: read([asking(1)]), autoscalers: scaled(2) }),
    status: 'Pass',
  },
  'lets the autoscaler decide for fewer': {
    given: input({ workloads: read([asking(5)]), autoscalers: scaled(1) }),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'spec.replicas',
        observed: '1',
        message: 'HorizontalPodAutoscaler scaler may scale it to fewer replicas than 2.',
      },
    ],
  },
  'lets no autoscaler of another workload decide': {
    given: input({ workloads: read([asking(1)]), autoscalers: scaled(2, 'other') }),
    status: 'Warn',
  },
  'does not apply to what is scaled to none': {
    given: running(asking(0)),
    status: 'NotApplicable',
    reason: 'NoSubjects',
  },
  'does not apply to what an annotation excuses': {
    given: running(asking(1, { settings: { ignoreMinimumReplicas: true } })),
    status: 'NotApplicable',
    reason: 'NoSubjects',
  },
  'does not apply to a DaemonSet': {
    given: running(asking(undefined, { kind: 'DaemonSet' })),
    status: 'NotApplicable',
    reason: 'NoSubjects',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the autoscalers cannot be read': {
    given: input({
      workloads: read([asking(2)]),
      autoscalers: unread('Forbidden', 'They may not be listed.'),
    }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
