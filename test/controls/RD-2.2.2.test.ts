import control from '../../src/controls/RD-2.2.2.ts';
import { commonCases, describeControl, podOf, podWith, templateOf } from '../support/control-cases.ts';

const privileged = { securityContext: { privileged: true } };

describeControl(control, {
  ...commonCases(podWith({ privileged: false }), podWith({ privileged: true })),
  'passes where it is not set': {
    given: templateOf(podWith({})),
    status: 'Pass',
    message: 'No container is privileged (1 workload).',
  },
  'fails init and ephemeral containers too': {
    given: podOf({
      spec: {
        initContainers: [{ name: 'setup', ...privileged }],
        containers: [{ name: 'app' }],
        ephemeralContainers: [{ name: 'debug', ...privileged }],
      },
    }),
    status: 'Fail',
    message: '1 of 1 workload runs privileged containers.',
    findings: ['debug', 'setup'].map((container) => ({
      subject: { kind: 'Pod', name: 'app-0', container },
      path: `spec.${container === 'debug' ? 'ephemeral' : 'init'}Containers[0].securityContext.privileged`,
      observed: 'true',
      message: 'The container is privileged: it has every capability and every device of the node.',
    })),
  },
  'is not excused by a user namespace': {
    given: templateOf(podWith({ privileged: true }, { hostUsers: false })),
    status: 'Fail',
  },
  'fails on Windows too': {
    given: templateOf(podWith({ privileged: true }, { os: { name: 'windows' } })),
    status: 'Fail',
  },
});
