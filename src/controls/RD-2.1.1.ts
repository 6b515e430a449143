import type { BaseControl } from '../domain/control.ts';
import type { Container, PodSpec } from '../domain/pod-spec.ts';
import { containerPath } from '../domain/pod-spec.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { effective, isWindows, relaxedInUserNamespace } from './shared/pod-security.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';

export const check: SpecCheck = relaxedInUserNamespace((spec) =>
  spec.containers.flatMap((container) => {
    const issue = isWindows(spec) ? judgeWindows(spec, container) : judgeLinux(spec, container);
    return issue ?? [];
  }),
);

function judgeLinux(spec: PodSpec, container: Container): Issue | undefined {
  const user = effective(spec, container, 'runAsUser');
  if (user.value !== undefined) {
    if (user.value > 0) return undefined;
    return {
      container: container.name,
      path: user.path,
      observed: String(user.value),
      message: user.value === 0 ? 'The container is told to run as UID 0.' : noUser,
    };
  }
  const nonRoot = effective(spec, container, 'runAsNonRoot');
  if (nonRoot.value === true) return undefined;
  return {
    container: container.name,
    path: nonRoot.path,
    observed: nonRoot.value === false ? 'false' : 'unset',
    message: 'Neither a user nor runAsNonRoot keeps it from root.',
  };
}

const noUser = 'The container is told to run as a user that cannot be: a UID is 0 or more.';

/** runAsUser does not exist on Windows; the account is a name there. */
function judgeWindows(spec: PodSpec, container: Container): Issue | undefined {
  const own = container.security.windows?.runAsUserName;
  const account = own ?? spec.security.windows?.runAsUserName;
  if (account !== undefined && isAdministrator(account)) {
    return {
      container: container.name,
      path: `${own === undefined ? 'spec' : containerPath(container)}.securityContext.windowsOptions.runAsUserName`,
      observed: account,
      message: 'The container is told to run as an administrator.',
    };
  }
  const nonRoot = effective(spec, container, 'runAsNonRoot');
  if (account !== undefined || nonRoot.value === true) return undefined;
  return {
    container: container.name,
    path: nonRoot.path,
    observed: nonRoot.value === false ? 'false' : 'unset',
    message: 'Neither a user nor runAsNonRoot keeps it from being an administrator.',
  };
}

/** With or without a domain, in any case: Windows compares account names so. */
const isAdministrator = (account: string): boolean =>
  ['containeradministrator', 'system'].includes(account.toLowerCase().replace(/^.*\\/, ''));

const control: BaseControl = {
  id: 'RD-2.1.1',
  title: 'Containers are prevented from running as root',
  requirement: '§2: forbidding containers to run as root',
  severity: 'high',
  scope: 'container',
  rationale:
    'A process that is root in its container is root to the kernel: one escape, one writable host mount or one kernel flaw gives it the node.',
  rule: `The effective value is the container's where it is set (also to false or 0), else the pod's. Pass: runAsUser is above 0, or it is unset and runAsNonRoot is true. Fail: runAsUser is 0, or both leave it open. ${commonRule}`,
  notes: [
    'This is the rule MustRunAsNonRoot of policy engines, and looser than the Pod Security Standard on purpose: runAsUser 1000 with runAsNonRoot false passes here and fails in RD-2.2.16; a pod-level 0 that every container overrides passes here and fails in RD-2.2.17.',
    'runAsUser 0 with runAsNonRoot true fails, although the kubelet refuses to start it.',
    'hostUsers: false passes with the reason UserNamespace on servers of 1.35 and later, where root in the container is not root on the node; podSecurity.userNamespaces: strict takes that away.',
    'Windows pods (spec.os.name) pass with runAsNonRoot true, or a runAsUserName other than ContainerAdministrator and NT AUTHORITY\\SYSTEM. A node selector alone does not make a pod a Windows pod.',
  ],
  remediation:
    'Set a numeric USER of 1000 or more in the image, or runAsNonRoot: true and runAsUser (1000 or more; above 10000 it also stays clear of the accounts of the node) in the pod or the container.',
  evidence: ['workloads'],
  parameters: ['podSecurity.userNamespaces'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'AC-6(10)', 'CM-6'],
    nist800190: ['4.1.2', '4.4.3'],
    cis: ['5.2.7'],
    nsaCisa: ['Kubernetes Pod security › “Non-root” containers and “rootless” container engines'],
    stig: ['V-242437 CNTR-K8-002010', 'V-254800 CNTR-K8-002011 (supporting)'],
    srg: ['SRG-APP-000342-CTR-000775 (V-233163)'],
    pss: ['Running as Non-root', 'Running as Non-root user'],
    trivy: ['KSV-0012'],
    kubescape: ['C-0013', 'C-0198'],
    other: [
      'gatekeeper-library K8sPSPAllowedUsers',
      'kube-linter run-as-non-root',
      'polaris runAsRootAllowed',
      'DISA Container Hardening Process Guide v1.2, table 2-3, 1e (through a paraphrase)',
    ],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'may run containers as root',
      many: 'may run containers as root',
      pass: 'No container may run as root',
    }),
};
export default control;
