import type { BaseControl } from '../domain/control.ts';
import type { PodSpec } from '../domain/pod-spec.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { effective, relaxedInUserNamespace, restrictedOnly, settingsOf } from './shared/pod-security.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';

export const check: SpecCheck = restrictedOnly(
  relaxedInUserNamespace((spec) => [...refused(spec), ...unset(spec)]),
);

const refused = (spec: PodSpec): readonly Issue[] =>
  settingsOf(spec, 'runAsNonRoot')
    .filter(({ value }) => !value)
    .map(({ container, path }) => ({
      ...(container && { container: container.name }),
      path,
      observed: 'false',
      message: `The ${container ? 'container' : 'pod'} says that it may run as root.`,
    }));

const unset = (spec: PodSpec): readonly Issue[] =>
  spec.containers.flatMap((container) => {
    const { value, path } = effective(spec, container, 'runAsNonRoot');
    if (value !== undefined) return [];
    const message = 'Nothing says that it must not run as root.';
    return { container: container.name, path, observed: 'unset', message };
  });

const control: BaseControl = {
  id: 'RD-2.2.16',
  title: 'runAsNonRoot is true',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'high',
  scope: 'container',
  rationale:
    'With runAsNonRoot the kubelet refuses to start a container whose image would be root: it holds for images that nobody has looked into.',
  rule: `Pass: no pod or container sets runAsNonRoot to false, and each container has true or inherits it. Fail: otherwise. ${commonRule}`,
  notes: [
    'runAsUser above 0 alone does not satisfy it.',
    'false at pod level fails, also when every container overrides it.',
    'Windows pods are not exempt.',
    'hostUsers: false passes with the reason UserNamespace on servers of 1.35 and later; podSecurity.userNamespaces: strict takes that away.',
  ],
  remediation: 'Set runAsNonRoot: true in the securityContext of the pod, and remove it from the containers.',
  evidence: ['workloads'],
  parameters: ['podSecurity.userNamespaces'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6'],
    nist800190: ['4.1.2'],
    cis: ['5.2.7'],
    nsaCisa: ['Kubernetes Pod security › “Non-root” containers and “rootless” container engines'],
    stig: ['V-254800'],
    srg: ['SRG-APP-000342-CTR-000775'],
    pss: ['Running as Non-root [runAsNonRoot]'],
    trivy: ['KSV-0012'],
    kubescape: ['C-0013', 'C-0198'],
    other: ['kyverno require-run-as-nonroot'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'does not forbid root',
      many: 'do not forbid root',
      pass: 'Every container forbids root',
    }),
};
export default control;
