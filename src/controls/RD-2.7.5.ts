import type { BaseControl } from '../domain/control.ts';
import { judgeSpecs } from './shared/judge-specs.ts';
import { isWindows, windowsExempt } from './shared/pod-security.ts';
import type { SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

export const check: SpecCheck = (spec) => {
  if (isWindows(spec)) return windowsExempt;
  return spec.containers
    .filter(({ security }) => security.readOnlyRootFilesystem !== true)
    .map((container) =>
      containerIssue(container, 'securityContext.readOnlyRootFilesystem', {
        observed: String(container.security.readOnlyRootFilesystem ?? 'unset'),
        message: 'The container may write into its own image.',
        weight: 'warn',
      }),
    );
};

const control: BaseControl = {
  id: 'RD-2.7.5',
  title: 'Root file system is read-only',
  requirement: '§2: multiple important safeguards (beyond those that are named)',
  severity: 'low',
  scope: 'container',
  rationale:
    'Who breaks into a container wants to leave tools in it and to change what it runs. A read-only root file system gives him nowhere to do so.',
  rule: 'Pass: readOnlyRootFilesystem is true in every container. Warn: it is false or unset. It never fails. NotApplicable (Windows): only Windows pods. NotApplicable (NoWorkloads): the namespace runs none. Live pods decide, on the specification that was admitted; without live pods the template does. Unknown: the workloads could not be read.',
  notes: [
    'It goes beyond the reference design, and is no part of the Pod Security Standards: a profile has to switch it on (disabled: false).',
  ],
  remediation: 'Set readOnlyRootFilesystem: true, and mount an emptyDir where the application must write.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-5', 'SI-7'],
    nist800190: ['4.4.4'],
    nsaCisa: ['Immutable container file systems'],
    srg: ['SRG-APP-000380-CTR-000340 (V-270876)'],
    trivy: ['KSV-0014'],
    kubescape: ['C-0017'],
    other: ['kyverno require-ro-rootfs'],
  },
  extended: true,
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'has containers that may write into their own image',
      many: 'have containers that may write into their own image',
      pass: 'Every root file system is read-only',
      warn: {
        one: 'has containers that may write into their own image',
        many: 'have containers that may write into their own image',
      },
    }),
};
export default control;
