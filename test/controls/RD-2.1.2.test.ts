import control from '../../src/controls/RD-2.1.2.ts';
import { commonCases, describeControl, podOf, podWith, templateOf } from '../support/control-cases.ts';

describeControl(control, {
  ...commonCases(podWith({ runAsUser: 1 }), podWith({ runAsUser: 0 })),
  'passes a user that is left open': { given: templateOf(podWith({})), status: 'Pass' },
  'fails a 0 that a container inherits, at the place where it stands': {
    given: podOf({
      spec: {
        securityContext: { runAsUser: 0 },
        containers: [{ name: 'a', securityContext: { runAsUser: 1000 } }, { name: 'b' }],
      },
    }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'b' },
        path: 'spec.securityContext.runAsUser',
        observed: '0',
        message: 'The container is told to run as UID 0.',
      },
    ],
  },
  'passes a 0 of the pod that every container overrides': {
    given: templateOf(podWith({ runAsUser: 1000 }, { securityContext: { runAsUser: 0 } })),
    status: 'Pass',
  },
  'does not count group 0': {
    given: templateOf(
      podWith({ runAsGroup: 0 }, { securityContext: { fsGroup: 0, supplementalGroups: [0], runAsGroup: 0 } }),
    ),
    status: 'Pass',
  },
  'fails a 0 inside a user namespace too': {
    given: templateOf(podWith({ runAsUser: 0 }, { hostUsers: false })),
    status: 'Fail',
  },
  'does not apply to Windows pods': {
    given: templateOf(podWith({ runAsUser: 0 }, { os: { name: 'windows' } })),
    status: 'NotApplicable',
    reason: 'Windows',
    message: 'Not judged: 1 of 1 workload, since Windows pods (spec.os.name) have no such setting.',
  },
});
