import type { BaseControl } from '../domain/control.ts';
import type { PodSpec } from '../domain/pod-spec.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { effective, exceptOnWindows, settingsOf } from './shared/pod-security.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';

const isConfined = (type: string) => type === 'RuntimeDefault' || type === 'Localhost';

export const check: SpecCheck = exceptOnWindows((spec, { level, parameters }) => [
  ...unconfined(spec),
  ...(level === 'restricted' ? unset(spec) : []),
  ...(parameters['podSecurity.warnOnLocalhostSeccomp'] ? localhost(spec) : []),
]);

const unconfined = (spec: PodSpec): readonly Issue[] =>
  settingsOf(spec, 'seccomp')
    .filter(({ value }) => !isConfined(value))
    .map(({ container, value, path }) => ({
      ...(container && { container: container.name }),
      path,
      observed: value,
      message: `The ${container ? 'container' : 'pod'} turns seccomp off.`,
    }));

const unset = (spec: PodSpec): readonly Issue[] =>
  spec.containers.flatMap((container) => {
    const { value, path } = effective(spec, container, 'seccomp');
    if (value !== undefined) return [];
    const message = 'Neither it nor its pod sets a profile.';
    return { container: container.name, path, observed: 'unset', message };
  });

const localhost = (spec: PodSpec): readonly Issue[] =>
  spec.containers.flatMap((container) => {
    const { value, path } = effective(spec, container, 'seccomp');
    if (value !== 'Localhost') return [];
    const message = 'What the profile allows is written on the node, where this cannot be seen.';
    return {
      container: container.name,
      path,
      observed: value,
      message,
      weight: 'warn',
      reason: 'LocalhostProfile',
    };
  });

const control: BaseControl = {
  id: 'RD-2.2.9',
  title: 'Seccomp profile is RuntimeDefault or Localhost',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'medium',
  scope: 'container',
  rationale:
    'Every system call is a door to the kernel. The default profile closes dozens that applications never use and exploits do.',
  rule: `Pass: the effective type of every container (its own, else its pod's) is RuntimeDefault or Localhost, and no other is written anywhere. Fail: unset at both, or another one at pod or container level. Warn (LocalhostProfile): Localhost, if podSecurity.warnOnLocalhostSeccomp. NotApplicable (Windows): only Windows pods. ${commonRule}`,
  notes: [
    'Unconfined at pod level fails, also when every container overrides it.',
    'A kubelet with --seccomp-default confines pods that set nothing, but does not satisfy the standard.',
    'The old annotations seccomp.security.alpha.kubernetes.io are ignored, as Kubernetes ignores them since 1.27.',
    'Windows pods (spec.os.name) are exempt since Kubernetes 1.25.',
  ],
  remediation: 'Set seccompProfile: {type: RuntimeDefault} in the securityContext of the pod.',
  evidence: ['workloads'],
  parameters: ['podSecurity.warnOnLocalhostSeccomp'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7', 'SC-39'],
    nist800190: ['4.4.3'],
    cis: ['5.6.2', '5.7.2 (older numbering)'],
    nsaCisa: ['Kubernetes Pod security', 'Logging › Seccomp: audit mode'],
    stig: ['V-254800'],
    srg: ['SRG-APP-000342-CTR-000775'],
    pss: ['Seccomp [seccompProfile_baseline]', 'Seccomp [seccompProfile_restricted], since 1.19'],
    trivy: ['KSV-0030', 'KSV-0104'],
    kubescape: ['C-0210', 'C-0055'],
    other: ['kyverno restrict-seccomp', 'kyverno restrict-seccomp-strict'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'runs containers without a seccomp profile',
      many: 'run containers without a seccomp profile',
      pass: 'Every container has a seccomp profile',
      warn: { one: 'relies on a Localhost seccomp profile', many: 'rely on Localhost seccomp profiles' },
    }),
};
export default control;
