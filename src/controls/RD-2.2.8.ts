import type { BaseControl } from '../domain/control.ts';
import type { Container } from '../domain/pod-spec.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { exceptOnWindows, restrictedOnly } from './shared/pod-security.ts';
import type { Exemption, SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

/** The API server refuses `false` for such a container (of the capability it knows this spelling only). */
const isForced = ({ security }: Container): boolean =>
  security.privileged === true || security.capabilities?.add.includes('CAP_SYS_ADMIN') === true;

const reportedElsewhere: Exemption = {
  reason: 'ReportedElsewhere',
  exempt: 'privileged: true (RD-2.2.2) or CAP_SYS_ADMIN (RD-2.2.7) forces it',
};

export const check: SpecCheck = restrictedOnly(
  exceptOnWindows((spec) => {
    const open = spec.containers.filter(({ security }) => security.allowPrivilegeEscalation !== false);
    const own = open.filter((container) => !isForced(container));
    if (own.length === 0 && open.length > 0 && open.length === spec.containers.length)
      return reportedElsewhere;
    return own.map((container) =>
      containerIssue(container, 'securityContext.allowPrivilegeEscalation', {
        observed: String(container.security.allowPrivilegeEscalation ?? 'unset'),
        message: 'Processes of the container may gain privileges, such as by a setuid file.',
      }),
    );
  }),
);

const control: BaseControl = {
  id: 'RD-2.2.8',
  title: 'Privilege escalation disallowed',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'high',
  scope: 'container',
  rationale:
    'Without no_new_privs a process that starts as a plain user becomes root by one setuid file of its image.',
  rule: `Pass: allowPrivilegeEscalation is false in every container. Fail: it is true, or unset, which means true. NotApplicable (Windows): only Windows pods. ${commonRule}`,
  notes: [
    'There is no such field at pod level: each container, init container and ephemeral container needs it.',
    'privileged: true and CAP_SYS_ADMIN force it to true. Such a container is reported once, under RD-2.2.2 or RD-2.2.7, and not here; where a workload has no other containers, it is not judged here (ReportedElsewhere).',
    'Windows pods (spec.os.name) are exempt since Kubernetes 1.25.',
  ],
  remediation:
    'Set allowPrivilegeEscalation: false in the securityContext of every container, also of init and ephemeral ones.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'AC-6(10)'],
    nist800190: ['4.4.3'],
    cis: ['5.2.6'],
    nsaCisa: ['Kubernetes Pod security'],
    stig: ['V-254800'],
    srg: ['SRG-APP-000342-CTR-000775'],
    pss: ['Privilege Escalation [allowPrivilegeEscalation]'],
    trivy: ['KSV-0001'],
    kubescape: ['C-0016', 'C-0197'],
    other: ['kyverno disallow-privilege-escalation'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'allows privilege escalation',
      many: 'allow privilege escalation',
      pass: 'No container allows privilege escalation',
    }),
};
export default control;
