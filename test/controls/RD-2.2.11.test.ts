import control from '../../src/controls/RD-2.2.11.ts';
import { commonCases, describeControl, podWith, templateOf } from '../support/control-cases.ts';

const options = (seLinuxOptions: object) => ({ seLinuxOptions });
const subject = { kind: 'Deployment', name: 'app' };

describeControl(control, {
  ...commonCases(podWith(options({ type: 'container_t' })), podWith(options({ type: 'spc_t' }))),
  'passes where nothing is set': { given: templateOf(podWith({})), status: 'Pass' },
  'passes a level, and empty values': {
    given: templateOf(podWith(options({ level: 's0:c1,c2', type: '', user: '', role: '' }))),
    status: 'Pass',
  },
  'passes container_engine_t from 1.31 on': {
    given: templateOf(podWith(options({ type: 'container_engine_t' })), { minor: 31 }),
    status: 'Pass',
  },
  'fails container_engine_t below 1.31': {
    given: templateOf(podWith(options({ type: 'container_engine_t' })), { minor: 30 }),
    status: 'Fail',
  },
  'fails a user and a role, in one finding': {
    given: templateOf(podWith(options({ type: 'container_t', user: 'sysadm_u', role: 'sysadm_r' }))),
    status: 'Fail',
    findings: [
      {
        subject: { ...subject, container: 'app' },
        path: 'spec.template.spec.containers[0].securityContext.seLinuxOptions',
        observed: 'user: sysadm_u, role: sysadm_r',
        message: 'The container chooses its own SELinux label.',
      },
    ],
  },
  'fails a type of the pod that every container overrides': {
    given: templateOf(
      podWith(options({ type: 'container_t' }), { securityContext: options({ type: 'spc_t' }) }),
    ),
    status: 'Fail',
    findings: [
      {
        subject,
        path: 'spec.template.spec.securityContext.seLinuxOptions',
        observed: 'type: spc_t',
        message: 'The pod chooses its own SELinux label.',
      },
    ],
  },
});
