import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import type { SpecCheck } from './shared/spec-check.ts';

/** Name, and the minor version of Kubernetes since which the standard calls it safe. */
const safe = new Map([
  ['kernel.shm_rmid_forced', 0],
  ['net.ipv4.ip_local_port_range', 0],
  ['net.ipv4.tcp_syncookies', 0],
  ['net.ipv4.ping_group_range', 0],
  ['net.ipv4.ip_unprivileged_port_start', 0],
  ['net.ipv4.ip_local_reserved_ports', 27],
  ['net.ipv4.tcp_keepalive_time', 29],
  ['net.ipv4.tcp_keepalive_intvl', 29],
  ['net.ipv4.tcp_keepalive_probes', 29],
  ['net.ipv4.tcp_fin_timeout', 29],
  ['net.ipv4.tcp_rmem', 32],
  ['net.ipv4.tcp_wmem', 32],
  ['net.ipv4.tcp_slow_start_after_idle', 37],
  ['net.ipv4.tcp_notsent_lowat', 37],
]);

/** Both forms name one sysctl: the first separator tells which of `.` and `/` separates. */
const dotted = (name: string): string =>
  /^[^./]*\//.test(name) ? name.replaceAll(/[./]/g, (mark) => (mark === '/' ? '.' : '/')) : name;

export const check: SpecCheck = (spec, { minor, parameters }) => {
  const forbidAllSysctls = parameters['podSecurity.forbidAllSysctls'];
  const wrong = (spec.security.sysctls ?? []).filter(
    (name) => forbidAllSysctls || (safe.get(dotted(name)) ?? Infinity) > minor,
  );
  if (wrong.length === 0) return [];
  const which = forbidAllSysctls
    ? 'although the profile allows none'
    : 'beyond those that are safe to share a node with';
  const path = 'spec.securityContext.sysctls';
  return [{ path, observed: wrong.join(', '), message: `The pod sets kernel parameters, ${which}.` }];
};

const control: BaseControl = {
  id: 'RD-2.2.13',
  title: 'Only safe sysctls',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'medium',
  scope: 'pod',
  rationale:
    'Kernel parameters that are not confined to the pod change the node for everybody on it, or take resources from its neighbours.',
  rule: `Pass: every sysctl is on the safe list of the server's version. Fail: another one; or any, if podSecurity.forbidAllSysctls. The list: ${[...safe].map(([name, minor]) => (minor === 0 ? name : `${name} (since 1.${minor})`)).join(', ')}. ${commonRule}`,
  notes: [
    'The form with slashes (net/ipv4/tcp_syncookies) is the same sysctl and is judged so; Pod Security Admission compares the text and refuses it.',
  ],
  remediation: 'Remove the sysctl from the pod, or set it on the nodes.',
  evidence: ['workloads'],
  parameters: ['podSecurity.forbidAllSysctls'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7', 'SC-39'],
    nist800190: ['4.4.3'],
    pss: ['Sysctls [sysctls]'],
    trivy: ['KSV-0026'],
    kubescape: ['C-0211 (set-sysctls-params)'],
    other: ['kyverno restrict-sysctls'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'sets kernel parameters that are not allowed',
      many: 'set kernel parameters that are not allowed',
      pass: 'No pod sets a kernel parameter that is not allowed',
    }),
};
export default control;
