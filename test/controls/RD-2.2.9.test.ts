import control from '../../src/controls/RD-2.2.9.ts';
import { commonCases, describeControl, podWith, templateOf } from '../support/control-cases.ts';

const profile = (type: string) => ({ seccompProfile: { type } });
const subject = { kind: 'Deployment', name: 'app' };
const spec = 'spec.template.spec';
const warnOnLocalhost = { parameters: { 'podSecurity.warnOnLocalhostSeccomp': true } };

describeControl(control, {
  ...commonCases(podWith(profile('RuntimeDefault')), podWith(profile('Unconfined'))),
  'passes a profile that is inherited': {
    given: templateOf(podWith({}, { securityContext: profile('RuntimeDefault') })),
    status: 'Pass',
  },
  'fails where neither the container nor the pod sets it': {
    given: templateOf(podWith({})),
    status: 'Fail',
    findings: [
      {
        subject: { ...subject, container: 'app' },
        path: `${spec}.containers[0].securityContext.seccompProfile.type`,
        observed: 'unset',
        message: 'Neither it nor its pod sets a profile.',
      },
    ],
  },
  'fails Unconfined of the pod that every container overrides': {
    given: templateOf(podWith(profile('RuntimeDefault'), { securityContext: profile('Unconfined') })),
    status: 'Fail',
    findings: [
      {
        subject,
        path: `${spec}.securityContext.seccompProfile.type`,
        observed: 'Unconfined',
        message: 'The pod turns seccomp off.',
      },
    ],
  },
  'tells Unconfined of the pod once, and not for each container that inherits it': {
    given: templateOf({
      spec: { securityContext: profile('Unconfined'), containers: [{ name: 'a' }, { name: 'b' }] },
    }),
    status: 'Fail',
    findings: [
      {
        subject,
        path: `${spec}.securityContext.seccompProfile.type`,
        observed: 'Unconfined',
        message: 'The pod turns seccomp off.',
      },
    ],
  },
  'fails Unconfined of one container under a good pod': {
    given: templateOf(podWith(profile('Unconfined'), { securityContext: profile('RuntimeDefault') })),
    status: 'Fail',
    findings: [
      {
        subject: { ...subject, container: 'app' },
        path: `${spec}.containers[0].securityContext.seccompProfile.type`,
        observed: 'Unconfined',
        message: 'The container turns seccomp off.',
      },
    ],
  },
  'fails a profile without a type': { given: templateOf(podWith({ seccompProfile: {} })), status: 'Fail' },
  'does not count the old annotations': {
    given: templateOf({
      ...podWith({}),
      annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default' },
    }),
    status: 'Fail',
  },
  'passes Localhost': { given: templateOf(podWith(profile('Localhost'))), status: 'Pass' },
  'warns of Localhost where the profile asks for it': {
    given: templateOf(podWith({}, { securityContext: profile('Localhost') }), warnOnLocalhost),
    status: 'Warn',
    reason: 'LocalhostProfile',
    message: '1 of 1 workload relies on a Localhost seccomp profile.',
    findings: [
      {
        subject: { ...subject, container: 'app' },
        path: `${spec}.securityContext.seccompProfile.type`,
        observed: 'Localhost',
        message: 'What the profile allows is written on the node, where this cannot be seen.',
      },
    ],
  },
  'does not apply to Windows pods': {
    given: templateOf(podWith({}, { os: { name: 'windows' } })),
    status: 'NotApplicable',
    reason: 'Windows',
  },
});
