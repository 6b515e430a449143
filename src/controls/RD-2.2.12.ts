import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { inUserNamespace } from './shared/pod-security.ts';
import type { SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

export const check: SpecCheck = (spec, context) => {
  // Only the Baseline level knows this excuse; Restricted does not.
  if (context.level === 'baseline' && inUserNamespace(spec, context)) return [];
  return spec.containers.flatMap((container) => {
    const { procMount } = container.security;
    if (procMount === undefined || procMount === 'Default') return [];
    return containerIssue(container, 'securityContext.procMount', {
      observed: procMount,
      message: 'The container sees /proc without the mask that hides and protects parts of it.',
    });
  });
};

const control: BaseControl = {
  id: 'RD-2.2.12',
  title: '/proc mount is masked',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'medium',
  scope: 'container',
  rationale:
    'The mask keeps a container from kernel memory, timers and settings under /proc that belong to the whole node.',
  rule: `Pass: procMount is unset or Default in every container. Fail: any other value. ${commonRule}`,
  notes: [
    'hostUsers: false does not excuse it: only the Baseline level of the standard says so, since 1.35.',
  ],
  remediation: 'Remove procMount.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SC-39'],
    nist800190: ['4.4.3'],
    pss: ['/proc Mount Type [procMount]', '/proc Mount Type [procMount_restricted], since 1.35'],
    trivy: ['KSV-0027'],
    kubescape: ['C-0211 (set-procmount-default)'],
    other: ['kyverno disallow-proc-mount'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'runs containers with an unmasked /proc',
      many: 'run containers with an unmasked /proc',
      pass: 'Every container has a masked /proc',
    }),
};
export default control;
