import control from '../../src/controls/RD-2.2.7.ts';
import type { Finding } from '../../src/domain/verdict.ts';
import { commonCases, describeControl, podWith, templateOf } from '../support/control-cases.ts';

const caps = (add: string[], drop: string[], rest: object = {}) =>
  podWith({ capabilities: { add, drop } }, rest);
const at = 'spec.template.spec.containers[0].securityContext.capabilities';

const found = (field: 'add' | 'drop', observed: string, message: string, extra: Partial<Finding> = {}) => [
  {
    subject: { kind: 'Deployment', name: 'app', container: 'app' },
    path: `${at}.${field}`,
    observed,
    message,
    ...extra,
  },
];

describeControl(control, {
  ...commonCases(caps([], ['ALL']), caps([], [])),
  'passes NET_BIND_SERVICE': { given: templateOf(caps(['NET_BIND_SERVICE'], ['ALL'])), status: 'Pass' },
  'passes ALL among others': { given: templateOf(caps([], ['NET_RAW', 'ALL'])), status: 'Pass' },
  'fails when nothing is said': {
    given: templateOf(podWith({})),
    status: 'Fail',
    message: '1 of 1 workload keeps or adds capabilities.',
    findings: found('drop', 'add: none; drop: none', 'It does not drop ALL.'),
  },
  'fails a list of capabilities that is not ALL': {
    given: templateOf(caps([], ['NET_RAW'])),
    status: 'Fail',
    findings: found('drop', 'add: none; drop: NET_RAW', 'It does not drop ALL.'),
  },
  'fails a star, with a hint': {
    given: templateOf(caps([], ['*'])),
    status: 'Fail',
    findings: found('drop', 'add: none; drop: *', 'It does not drop ALL. "*" does not count: write "ALL".'),
  },
  'fails other ways to write ALL, with a hint': {
    given: templateOf(caps([], ['all', 'CAP_ALL'])),
    status: 'Fail',
    findings: found(
      'drop',
      'add: none; drop: all, CAP_ALL',
      'It does not drop ALL. "all", "CAP_ALL" does not count: write "ALL".',
    ),
  },
  'fails another way to write NET_BIND_SERVICE, with a hint': {
    given: templateOf(caps(['CAP_NET_BIND_SERVICE'], ['ALL'])),
    status: 'Fail',
    findings: found(
      'add',
      'add: CAP_NET_BIND_SERVICE; drop: ALL',
      'It adds CAP_NET_BIND_SERVICE (allowed at the Baseline level). "CAP_NET_BIND_SERVICE" does not count: write "NET_BIND_SERVICE".',
    ),
  },
  'fails what Baseline allows, and says so': {
    given: templateOf(caps(['CHOWN', 'SETUID'], ['ALL'])),
    status: 'Fail',
    findings: found(
      'add',
      'add: CHOWN, SETUID; drop: ALL',
      'It adds CHOWN, SETUID (allowed at the Baseline level).',
    ),
  },
  'fails NET_RAW, which is beyond Baseline, as critical': {
    given: templateOf(caps(['CHOWN', 'NET_RAW'], ['ALL'])),
    status: 'Fail',
    findings: found('add', 'add: CHOWN, NET_RAW; drop: ALL', 'It adds CHOWN, NET_RAW.', {
      severity: 'critical',
    }),
  },
  'tells both in one finding': {
    given: templateOf(caps(['SYS_ADMIN'], [])),
    status: 'Fail',
    findings: found('drop', 'add: SYS_ADMIN; drop: none', 'It does not drop ALL. It adds SYS_ADMIN.', {
      severity: 'critical',
    }),
  },
  'fails ephemeral and init containers too': {
    given: templateOf({
      spec: {
        initContainers: [{ name: 'init' }],
        containers: [{ name: 'app', securityContext: { capabilities: { drop: ['ALL'] } } }],
      },
    }),
    status: 'Fail',
  },
  'does not apply to Windows pods': {
    given: templateOf(podWith({}, { os: { name: 'windows' } })),
    status: 'NotApplicable',
    reason: 'Windows',
  },
  'applies to Windows pods on a server below 1.25': {
    given: templateOf(podWith({}, { os: { name: 'windows' } }), { minor: 24 }),
    status: 'Fail',
  },
});
