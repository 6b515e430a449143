import control from '../../src/controls/RD-2.2.16.ts';
import { commonCases, describeControl, podWith, templateOf } from '../support/control-cases.ts';

const nonRoot = (value: boolean) => ({ runAsNonRoot: value });
const subject = { kind: 'Deployment', name: 'app' };
const inUserNamespace = podWith({}, { hostUsers: false });

describeControl(control, {
  ...commonCases(podWith(nonRoot(true)), podWith(nonRoot(false))),
  'passes where it is inherited': {
    given: templateOf(podWith({}, { securityContext: nonRoot(true) })),
    status: 'Pass',
  },
  'fails a user above 0 alone': {
    given: templateOf(podWith({ runAsUser: 1000 })),
    status: 'Fail',
    findings: [
      {
        subject: { ...subject, container: 'app' },
        path: 'spec.template.spec.containers[0].securityContext.runAsNonRoot',
        observed: 'unset',
        message: 'Nothing says that it must not run as root.',
      },
    ],
  },
  'fails false of the pod that every container overrides': {
    given: templateOf(podWith(nonRoot(true), { securityContext: nonRoot(false) })),
    status: 'Fail',
    findings: [
      {
        subject,
        path: 'spec.template.spec.securityContext.runAsNonRoot',
        observed: 'false',
        message: 'The pod says that it may run as root.',
      },
    ],
  },
  'fails false of one container under a good pod': {
    given: templateOf(podWith(nonRoot(false), { securityContext: nonRoot(true) })),
    status: 'Fail',
    findings: [
      {
        subject: { ...subject, container: 'app' },
        path: 'spec.template.spec.containers[0].securityContext.runAsNonRoot',
        observed: 'false',
        message: 'The container says that it may run as root.',
      },
    ],
  },
  'does not excuse Windows pods': {
    given: templateOf(podWith({}, { os: { name: 'windows' } })),
    status: 'Fail',
  },
  'passes root in a user namespace from 1.35 on, and says so': {
    given: templateOf(inUserNamespace, { minor: 35 }),
    status: 'Pass',
    reason: 'UserNamespace',
    message: /Noted: root that exists only inside a user namespace/,
  },
  'fails root in a user namespace below 1.35': {
    given: templateOf(inUserNamespace, { minor: 34 }),
    status: 'Fail',
  },
  'fails root in a user namespace where the profile is strict': {
    given: templateOf(inUserNamespace, { parameters: { 'podSecurity.userNamespaces': 'strict' } }),
    status: 'Fail',
  },
});
