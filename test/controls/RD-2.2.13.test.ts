import control from '../../src/controls/RD-2.2.13.ts';
import type { ControlCase, Surroundings } from '../support/control-cases.ts';
import { commonCases, describeControl, podWith, templateOf } from '../support/control-cases.ts';

const withSysctls = (...names: string[]) =>
  podWith({}, { securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) } });

/** The first minor version of Kubernetes that calls it safe. */
const since: Record<string, number> = {
  'net.ipv4.ip_local_reserved_ports': 27,
  'net.ipv4.tcp_keepalive_time': 29,
  'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_fin_timeout': 29,
  'net.ipv4.tcp_rmem': 32,
  'net.ipv4.tcp_wmem': 32,
  'net.ipv4.tcp_slow_start_after_idle': 37,
  'net.ipv4.tcp_notsent_lowat': 37,
};

const always = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];

const forbidAll: Surroundings = { parameters: { 'podSecurity.forbidAllSysctls': true } };
const found = (observed: string, which: string) => [
  {
    subject: { kind: 'Deployment', name: 'app' },
    path: 'spec.template.spec.securityContext.sysctls',
    observed,
    message: `The pod sets kernel parameters, ${which}.`,
  },
];
const unsafe = 'beyond those that are safe to share a node with';

describeControl(control, {
  ...commonCases(withSysctls(), withSysctls('kernel.msgmax')),
  'passes what was always safe': { given: templateOf(withSysctls(...always), { minor: 24 }), status: 'Pass' },
  ...Object.fromEntries(
    Object.entries(since).flatMap(([name, minor]): [string, ControlCase][] => [
      [
        `passes ${name} from 1.${minor} on`,
        { given: templateOf(withSysctls(name), { minor }), status: 'Pass' },
      ],
      [
        `fails ${name} below 1.${minor}`,
        {
          given: templateOf(withSysctls(name), { minor: minor - 1 }),
          status: 'Fail',
          findings: found(name, unsafe),
        },
      ],
    ]),
  ),
  'fails with one finding that names those beyond the list': {
    given: templateOf(withSysctls('kernel.msgmax', 'net.ipv4.tcp_syncookies', 'net.core.somaxconn')),
    status: 'Fail',
    findings: found('kernel.msgmax, net.core.somaxconn', unsafe),
  },
  'reads the form with slashes': {
    given: templateOf(withSysctls('net/ipv4/tcp_syncookies')),
    status: 'Pass',
  },
  'fails an unsafe one in the form with slashes, as written': {
    given: templateOf(withSysctls('net/ipv4/conf/eth0.100/forwarding')),
    status: 'Fail',
    findings: found('net/ipv4/conf/eth0.100/forwarding', unsafe),
  },
  'does not take dots for slashes where slashes separate': {
    given: templateOf(withSysctls('net/ipv4.tcp_syncookies')),
    status: 'Fail',
  },
  'fails a safe one where the profile allows none': {
    given: templateOf(withSysctls('net.ipv4.tcp_syncookies'), forbidAll),
    status: 'Fail',
    findings: found('net.ipv4.tcp_syncookies', 'although the profile allows none'),
  },
});
