import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import type { SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

export const check: SpecCheck = (spec) =>
  spec.containers
    .filter(({ security }) => security.privileged === true)
    .map((container) =>
      containerIssue(container, 'securityContext.privileged', {
        observed: 'true',
        message: 'The container is privileged: it has every capability and every device of the node.',
      }),
    );

const control: BaseControl = {
  id: 'RD-2.2.2',
  title: 'No privileged containers',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'critical',
  scope: 'container',
  rationale:
    'A privileged container has every capability, every device and no confinement: whoever is in it owns the node.',
  rule: `Pass: privileged is unset or false in every container, init container and ephemeral container. Fail: it is true in one. ${commonRule}`,
  notes: [
    'hostUsers: false does not excuse it.',
    'The field is not allowed in Windows pods, and fails there too.',
  ],
  remediation:
    'Remove privileged: true. Grant the one capability or device that is needed, or move the workload to a namespace of the platform.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'CM-7'],
    nist800190: ['4.4.3'],
    cis: ['5.2.2'],
    nsaCisa: ['Kubernetes Pod security', 'Hardening container environments'],
    stig: ['V-242437', 'V-254800'],
    srg: ['SRG-APP-000243-CTR-000595 (V-233127)'],
    pss: ['Privileged Containers [privileged]'],
    trivy: ['KSV-0017'],
    kubescape: ['C-0057', 'C-0193'],
    other: ['kyverno disallow-privileged-containers'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'runs privileged containers',
      many: 'run privileged containers',
      pass: 'No container is privileged',
    }),
};
export default control;
