import control from '../../src/controls/RD-2.7.4.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import { input, pod, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const running = (...workloads: Workload[]) => input({ workloads: read(workloads) });
const job = (rest: Partial<Workload> = {}) => workload({ kind: 'Job', template: template(), ...rest });

describeControl(control, {
  'passes what a controller runs': { given: running(workload({ pods: [pod()] })), status: 'Pass' },
  'passes a Job that is cleaned up, even at once': {
    given: running(job({ settings: { ttlSecondsAfterFinished: 0 } })),
    status: 'Pass',
  },
  'warns of a naked pod': {
    given: running(workload({ kind: 'Pod', name: 'app-0', pods: [pod()] })),
    status: 'Warn',
    message: '1 of 1 workload is a naked pod, or a Job that stays.',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0' },
        path: 'metadata.ownerReferences',
        observed: 'unset',
        message: 'No controller would replace the pod.',
      },
    ],
  },
  'warns of a Job that stays, also when it has finished': {
    given: running(job({ completed: true })),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Job', name: 'app' },
        path: 'spec.ttlSecondsAfterFinished',
        observed: 'unset',
        message: 'The Job stays after it has finished.',
      },
    ],
  },
  'does not apply to static pods': {
    given: running(workload({ kind: 'Pod', pods: [pod({ mirror: true })] })),
    status: 'NotApplicable',
    reason: 'StaticPods',
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
