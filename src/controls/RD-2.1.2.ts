import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { effective, isWindows, windowsExempt } from './shared/pod-security.ts';
import type { SpecCheck } from './shared/spec-check.ts';

export const check: SpecCheck = (spec) => {
  if (isWindows(spec)) return windowsExempt;
  return spec.containers.flatMap((container) => {
    const { value, path } = effective(spec, container, 'runAsUser');
    if (value !== 0) return [];
    return {
      container: container.name,
      path,
      observed: '0',
      message: 'The container is told to run as UID 0.',
    };
  });
};

const control: BaseControl = {
  id: 'RD-2.1.2',
  title: 'No container declares UID 0',
  requirement: '§2: forbidding containers to run as root',
  severity: 'high',
  scope: 'container',
  rationale:
    'A user that is left open may be an oversight; a written 0 is a decision to run as root, which no change of the image will undo.',
  rule: `Pass: no container's effective runAsUser (its own, else its pod's) is 0. Fail: one is. NotApplicable (Windows): only Windows pods. ${commonRule}`,
  notes: [
    'Only written values count: what the image defaults to is the matter of RD-2.1.1.',
    'A pod-level 0 that every container overrides passes here; RD-2.2.17 fails it.',
    'Group 0 (runAsGroup, fsGroup, supplementalGroups) does not count here.',
    'hostUsers: false does not excuse it.',
  ],
  remediation:
    'Remove runAsUser: 0, and mend the ownership of files in the image instead of starting as root.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6'],
    nist800190: ['4.1.2'],
    cis: ['5.2.7'],
    nsaCisa: ['Kubernetes Pod security › “Non-root” containers and “rootless” container engines'],
    stig: ['V-242437 CNTR-K8-002010', 'V-254800 CNTR-K8-002011 (supporting)'],
    pss: ['Running as Non-root user'],
    trivy: ['KSV-0105'],
    kubescape: ['C-0013'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'declares UID 0',
      many: 'declare UID 0',
      pass: 'No container declares UID 0',
    }),
};
export default control;
