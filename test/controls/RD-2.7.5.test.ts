import control from '../../src/controls/RD-2.7.5.ts';
import { unread } from '../../src/domain/snapshot.ts';
import { input } from '../support/builders.ts';
import { deploymentOf, describeControl, podOf, podWith, templateOf } from '../support/control-cases.ts';

const closed = podWith({ readOnlyRootFilesystem: true });

describeControl(control, {
  'passes a root file system that is read-only': { given: templateOf(closed), status: 'Pass' },
  'warns of one that is not': {
    given: podOf(podWith({ readOnlyRootFilesystem: false })),
    status: 'Warn',
    message: '1 of 1 workload has containers that may write into their own image.',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].securityContext.readOnlyRootFilesystem',
        observed: 'false',
        message: 'The container may write into its own image.',
      },
    ],
  },
  'warns of one of which nothing is said': { given: templateOf(podWith({})), status: 'Warn' },
  'lets the live pods decide': { given: deploymentOf(podWith({}), closed), status: 'Warn' },
  'does not apply to Windows pods': {
    given: templateOf(podWith({}, { os: { name: 'windows' } })),
    status: 'NotApplicable',
    reason: 'Windows',
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
