import control from '../../src/controls/RD-2.2.17.ts';
import { commonCases, describeControl, podWith, templateOf } from '../support/control-cases.ts';

const inUserNamespace = podWith({ runAsUser: 0 }, { hostUsers: false });

describeControl(control, {
  ...commonCases(podWith({ runAsUser: 1 }), podWith({ runAsUser: 0 })),
  'passes where nothing is set': { given: templateOf(podWith({})), status: 'Pass' },
  'fails a 0 of the pod that every container overrides': {
    given: templateOf(podWith({ runAsUser: 1000 }, { securityContext: { runAsUser: 0 } })),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'spec.template.spec.securityContext.runAsUser',
        observed: '0',
        message: 'The pod sets UID 0.',
      },
    ],
  },
  'passes a 0 in a user namespace from 1.35 on, and says so': {
    given: templateOf(inUserNamespace, { minor: 35 }),
    status: 'Pass',
    reason: 'UserNamespace',
  },
  'fails a 0 in a user namespace below 1.35': {
    given: templateOf(inUserNamespace, { minor: 34 }),
    status: 'Fail',
  },
  'fails a 0 in a user namespace where the profile is strict': {
    given: templateOf(inUserNamespace, { parameters: { 'podSecurity.userNamespaces': 'strict' } }),
    status: 'Fail',
  },
});
