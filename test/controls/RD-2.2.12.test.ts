import control from '../../src/controls/RD-2.2.12.ts';
import { commonCases, describeControl, podWith, templateOf } from '../support/control-cases.ts';

describeControl(control, {
  ...commonCases(podWith({ procMount: 'Default' }), podWith({ procMount: 'Unmasked' })),
  'passes where it is not set': { given: templateOf(podWith({})), status: 'Pass' },
  'fails Unmasked in a user namespace too': {
    given: templateOf(podWith({ procMount: 'Unmasked' }, { hostUsers: false }), { minor: 37 }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        path: 'spec.template.spec.containers[0].securityContext.procMount',
        observed: 'Unmasked',
        message: 'The container sees /proc without the mask that hides and protects parts of it.',
      },
    ],
  },
});
