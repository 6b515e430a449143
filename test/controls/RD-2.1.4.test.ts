import control from '../../src/controls/RD-2.1.4.ts';
import { input, pod, workload } from '../support/builders.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { deploymentOf, describeControl, podOf, podWith, templateOf } from '../support/control-cases.ts';

describeControl(control, {
  'passes where every container has a group': {
    given: templateOf(podWith({ runAsGroup: 1 })),
    status: 'Pass',
  },
  'passes a group that the pod gives to all': {
    given: podOf(podWith({}, { securityContext: { runAsGroup: 1, fsGroup: 2, supplementalGroups: [3] } })),
    status: 'Pass',
  },
  'passes live pods in which a policy set what the template leaves open': {
    given: deploymentOf(podWith({ runAsGroup: 1 }), podWith({})),
    status: 'Pass',
  },
  'warns of group 0, wherever it stands': {
    given: podOf(podWith({ runAsGroup: 0 }, { securityContext: { fsGroup: 0, supplementalGroups: [5, 0] } })),
    status: 'Warn',
    message: '1 of 1 workload may be of group 0.',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0' },
        path: 'spec.securityContext.fsGroup',
        observed: '0',
        message: 'The files of the volumes belong to group 0.',
      },
      {
        subject: { kind: 'Pod', name: 'app-0' },
        path: 'spec.securityContext.supplementalGroups[1]',
        observed: '0',
        message: 'The processes are members of group 0.',
      },
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].securityContext.runAsGroup',
        observed: '0',
        message: 'The container is told to run as group 0.',
      },
    ],
  },
  'warns of a user without a group, who gets group 0': {
    given: podOf(podWith({ runAsUser: 1000 })),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].securityContext.runAsGroup',
        observed: 'unset',
        message: 'The group is left open: unless the image knows UID 1000, it is 0.',
      },
    ],
  },
  'warns of a group that is left to the image': { given: templateOf(podWith({})), status: 'Warn' },
  'does not apply to Windows pods': {
    given: templateOf(podWith({}, { os: { name: 'windows' } })),
    status: 'NotApplicable',
    reason: 'Windows',
  },
  'does not judge a pod that has finished': {
    given: input({ workloads: read([workload({ kind: 'Pod', completed: true })]) }),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'judges a live pod': { given: input({ workloads: read([workload({ pods: [pod()] })]) }), status: 'Warn' },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
