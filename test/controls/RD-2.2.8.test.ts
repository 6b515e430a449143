import control from '../../src/controls/RD-2.2.8.ts';
import { commonCases, describeControl, podOf, podWith, templateOf } from '../support/control-cases.ts';

const subject = { kind: 'Deployment', name: 'app', container: 'app' };
const path = 'spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation';
const message = 'Processes of the container may gain privileges, such as by a setuid file.';

describeControl(control, {
  ...commonCases(podWith({ allowPrivilegeEscalation: false }), podWith({ allowPrivilegeEscalation: true })),
  'fails where it is not set, which means true': {
    given: templateOf(podWith({})),
    status: 'Fail',
    findings: [{ subject, path, observed: 'unset', message }],
  },
  'fails where it is true': {
    given: templateOf(podWith({ allowPrivilegeEscalation: true })),
    status: 'Fail',
    message: '1 of 1 workload allows privilege escalation.',
    findings: [{ subject, path, observed: 'true', message }],
  },
  'needs it on init and ephemeral containers too': {
    given: podOf({
      spec: {
        initContainers: [{ name: 'init' }],
        containers: [{ name: 'app', securityContext: { allowPrivilegeEscalation: false } }],
        ephemeralContainers: [{ name: 'debug' }],
      },
    }),
    status: 'Fail',
    findings: ['debug', 'init'].map((container) => ({
      subject: { kind: 'Pod', name: 'app-0', container },
      path: `spec.${container === 'init' ? 'init' : 'ephemeral'}Containers[0].securityContext.allowPrivilegeEscalation`,
      observed: 'unset',
      message,
    })),
  },
  'leaves a privileged container to RD-2.2.2, and judges the others': {
    given: templateOf({
      spec: {
        containers: [
          { name: 'app' },
          { name: 'root', securityContext: { privileged: true, allowPrivilegeEscalation: true } },
        ],
      },
    }),
    status: 'Fail',
    findings: [{ subject, path, observed: 'unset', message }],
  },
  'does not pass a pod of privileged containers, which RD-2.2.2 reports': {
    given: templateOf(podWith({ privileged: true })),
    status: 'NotApplicable',
    reason: 'ReportedElsewhere',
  },
  'leaves CAP_SYS_ADMIN, which forces it too, to RD-2.2.7': {
    given: templateOf(podWith({ capabilities: { add: ['CAP_SYS_ADMIN'] } })),
    status: 'NotApplicable',
    reason: 'ReportedElsewhere',
  },
  'fails SYS_ADMIN without the prefix, which forces nothing': {
    given: templateOf(podWith({ capabilities: { add: ['SYS_ADMIN'] } })),
    status: 'Fail',
  },
  'does not apply to Windows pods': {
    given: templateOf(podWith({}, { os: { name: 'windows' } })),
    status: 'NotApplicable',
    reason: 'Windows',
  },
});
