import control from '../../src/controls/RD-2.2.15.ts';
import { commonCases, describeControl, podWith, templateOf } from '../support/control-cases.ts';

const hostProcess = (value: boolean) => ({ windowsOptions: { hostProcess: value } });
const subject = { kind: 'Deployment', name: 'app' };

describeControl(control, {
  ...commonCases(podWith(hostProcess(false)), podWith(hostProcess(true))),
  'passes where nothing is set': { given: templateOf(podWith({ windowsOptions: {} })), status: 'Pass' },
  'fails at pod level': {
    given: templateOf(podWith({}, { os: { name: 'windows' }, securityContext: hostProcess(true) })),
    status: 'Fail',
    findings: [
      {
        subject,
        path: 'spec.template.spec.securityContext.windowsOptions.hostProcess',
        observed: 'true',
        message: "The pod's containers run as processes of the Windows node.",
      },
    ],
  },
  'fails at container level, whatever operating system the pod declares': {
    given: templateOf(podWith(hostProcess(true))),
    status: 'Fail',
    findings: [
      {
        subject: { ...subject, container: 'app' },
        path: 'spec.template.spec.containers[0].securityContext.windowsOptions.hostProcess',
        observed: 'true',
        message: 'The container runs as processes of the Windows node.',
      },
    ],
  },
});
