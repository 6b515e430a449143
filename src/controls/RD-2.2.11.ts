import type { BaseControl } from '../domain/control.ts';
import type { SharedSecurity } from '../domain/pod-spec.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { settingsOf } from './shared/pod-security.ts';
import type { SpecCheck } from './shared/spec-check.ts';

/** Type, and the minor version of Kubernetes since which the standard allows it. */
const types = new Map([
  ['', 0],
  ['container_t', 0],
  ['container_init_t', 0],
  ['container_kvm_t', 0],
  ['container_engine_t', 31],
]);

export const check: SpecCheck = (spec, { minor }) =>
  settingsOf(spec, 'seLinux').flatMap(({ container, value, path }) => {
    const wrong = offences(value, minor);
    if (wrong.length === 0) return [];
    return {
      ...(container && { container: container.name }),
      path,
      observed: wrong.join(', '),
      message: `The ${container ? 'container' : 'pod'} chooses its own SELinux label.`,
    };
  });

function offences(
  { type = '', user = '', role = '' }: NonNullable<SharedSecurity['seLinux']>,
  minor: number,
) {
  return [
    ...((types.get(type) ?? Infinity) <= minor ? [] : [`type: ${type}`]),
    ...(user === '' ? [] : [`user: ${user}`]),
    ...(role === '' ? [] : [`role: ${role}`]),
  ];
}

const control: BaseControl = {
  id: 'RD-2.2.11',
  title: 'No custom SELinux user, role or type',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'medium',
  scope: 'container',
  rationale:
    'The SELinux label decides what the kernel lets a container touch. A pod that chooses its own can choose one that is not confined.',
  rule: `Pass: seLinuxOptions has no user and no role, and its type is empty, container_t, container_init_t, container_kvm_t or (since Kubernetes 1.31) container_engine_t, at pod and container level. Fail: otherwise. ${commonRule}`,
  notes: [
    'The level (MCS) is free.',
    'A bad value at pod level fails, also when every container overrides it.',
  ],
  remediation: 'Remove seLinuxOptions, or keep only its level.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7', 'SC-39'],
    nist800190: ['4.4.3'],
    nsaCisa: ['Kubernetes Pod security'],
    pss: ['SELinux [seLinuxOptions]'],
    trivy: ['KSV-0025'],
    kubescape: ['C-0211 (set-seLinuxOptions)'],
    other: ['kyverno disallow-selinux'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'chooses its own SELinux label',
      many: 'choose their own SELinux labels',
      pass: 'No pod chooses its own SELinux label',
    }),
};
export default control;
