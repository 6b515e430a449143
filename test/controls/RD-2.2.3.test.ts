import control from '../../src/controls/RD-2.2.3.ts';
import { commonCases, describeControl, podWith, templateOf } from '../support/control-cases.ts';

const subject = { kind: 'Deployment', name: 'app' };

describeControl(control, {
  ...commonCases(podWith({}), podWith({}, { hostNetwork: true })),
  'passes written falsehoods': {
    given: templateOf(podWith({}, { hostNetwork: false, hostPID: false, hostIPC: false })),
    status: 'Pass',
  },
  'passes a process namespace that only the containers of the pod share': {
    given: templateOf(podWith({}, { shareProcessNamespace: true })),
    status: 'Pass',
  },
  'fails with one finding for each field': {
    given: templateOf(podWith({}, { hostNetwork: true, hostPID: true, hostIPC: true })),
    status: 'Fail',
    findings: [
      {
        subject,
        path: 'spec.template.spec.hostIPC',
        observed: 'true',
        message: "The pod is in the node's IPC namespace.",
      },
      {
        subject,
        path: 'spec.template.spec.hostNetwork',
        observed: 'true',
        message: "The pod is in the node's network namespace.",
      },
      {
        subject,
        path: 'spec.template.spec.hostPID',
        observed: 'true',
        message: "The pod is in the node's process namespace.",
      },
    ],
  },
});
