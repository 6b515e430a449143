import type { BaseControl } from '../domain/control.ts';
import type { Container } from '../domain/pod-spec.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { exceptOnWindows } from './shared/pod-security.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';
import { containerIssue, quote } from './shared/spec-check.ts';

/** What the Baseline level lets a container add: the defaults of the container runtimes without NET_RAW. */
const baseline = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);
const restricted = new Set(['NET_BIND_SERVICE']);

export const check: SpecCheck = exceptOnWindows((spec, { level }) =>
  spec.containers.flatMap((container) => judge(container, level) ?? []),
);

/** Runtimes take NET_RAW, net_raw and CAP_NET_RAW for the same; the standard compares the text. */
const plain = (capability: string) => capability.toUpperCase().replace(/^CAP_/, '');

function judge(container: Container, level: 'baseline' | 'restricted'): Issue | undefined {
  const { add = [], drop = [] } = container.security.capabilities ?? {};
  const allowed = level === 'baseline' ? baseline : restricted;
  const added = add.filter((capability) => !allowed.has(capability));
  const keeps = level === 'restricted' && !drop.includes('ALL');
  if (added.length === 0 && !keeps) return undefined;
  const beyond = added.filter((capability) => !baseline.has(plain(capability)));
  return containerIssue(container, `securityContext.capabilities.${keeps ? 'drop' : 'add'}`, {
    observed: `add: ${add.join(', ') || 'none'}; drop: ${drop.join(', ') || 'none'}`,
    message: [keeps ? describeDrop(drop) : '', added.length > 0 ? describeAdd(added, beyond) : '']
      .join(' ')
      .trim(),
    ...(beyond.length > 0 && { severity: 'critical' }),
  });
}

function describeDrop(drop: readonly string[]): string {
  const meant = drop.filter((capability) => capability === '*' || plain(capability) === 'ALL');
  const hint = meant.length === 0 ? '' : ` ${quote(meant)} does not count: write "ALL".`;
  return `It does not drop ALL.${hint}`;
}

function describeAdd(added: readonly string[], beyond: readonly string[]): string {
  const meant = added.filter((capability) => restricted.has(plain(capability)));
  const hint = meant.length === 0 ? '' : ` ${quote(meant)} does not count: write "NET_BIND_SERVICE".`;
  const tag = beyond.length === 0 ? ' (allowed at the Baseline level)' : '';
  return `It adds ${added.join(', ')}${tag}.${hint}`;
}

const control: BaseControl = {
  id: 'RD-2.2.7',
  title: 'All capabilities dropped; only NET_BIND_SERVICE added',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'high',
  scope: 'container',
  rationale:
    'Capabilities are the parts of root. Those that runtimes leave by default forge packets, change owners and make device files; hardly any application needs one.',
  rule: `Pass: drop contains exactly ALL, and add nothing but NET_BIND_SERVICE. Fail: otherwise. NotApplicable (Windows): only Windows pods. ${commonRule}`,
  notes: [
    'The text is compared as the standard does: "*", "all" and CAP_ALL do not drop, and CAP_NET_BIND_SERVICE is not NET_BIND_SERVICE. They fail with a hint, although runtimes understand them.',
    'A capability beyond the Baseline level (NET_RAW, SYS_ADMIN and the like) makes the finding critical.',
    'Windows pods (spec.os.name) are exempt since Kubernetes 1.25.',
  ],
  remediation:
    'Set capabilities: {drop: [ALL]} in the securityContext of every container, and add NET_BIND_SERVICE only for ports below 1024.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'CM-7'],
    nist800190: ['4.4.3'],
    cis: ['5.2.8', '5.2.9', '5.2.10 (v1.11)'],
    nsaCisa: ['Kubernetes Pod security'],
    stig: ['V-254800'],
    srg: ['SRG-APP-000342-CTR-000775'],
    pss: ['Capabilities [capabilities_baseline]', 'Capabilities [capabilities_restricted], since 1.22'],
    trivy: ['KSV-0003', 'KSV-0004', 'KSV-0022', 'KSV-0106', 'KSV-0005', 'KSV-0119', 'KSV-0120'],
    kubescape: ['C-0046', 'C-0055', 'C-0199', 'C-0200', 'C-0201'],
    other: [
      'kyverno disallow-capabilities',
      'kyverno disallow-capabilities-strict',
      'kyverno require-drop-all',
    ],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'keeps or adds capabilities',
      many: 'keep or add capabilities',
      pass: 'Every container drops ALL capabilities and adds none but NET_BIND_SERVICE',
    }),
};
export default control;
