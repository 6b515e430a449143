import type { BaseControl } from '../domain/control.ts';
import type { Container, PodSpec } from '../domain/pod-spec.ts';
import { judgeSpecs } from './shared/judge-specs.ts';
import { effective, isWindows, windowsExempt } from './shared/pod-security.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';

const warn = { weight: 'warn' } as const;

export const check: SpecCheck = (spec) => {
  if (isWindows(spec)) return windowsExempt;
  return [...judgePod(spec), ...spec.containers.flatMap((container) => judgeGroup(spec, container) ?? [])];
};

function judgePod({ security }: PodSpec): Issue[] {
  const issues: Issue[] = [];
  if (security.fsGroup === 0) {
    const message = 'The files of the volumes belong to group 0.';
    issues.push({ ...warn, path: 'spec.securityContext.fsGroup', observed: '0', message });
  }
  const index = security.supplementalGroups?.indexOf(0) ?? -1;
  if (index >= 0) {
    const message = 'The processes are members of group 0.';
    issues.push({
      ...warn,
      path: `spec.securityContext.supplementalGroups[${index}]`,
      observed: '0',
      message,
    });
  }
  return issues;
}

function judgeGroup(spec: PodSpec, container: Container): Issue | undefined {
  const { value, path } = effective(spec, container, 'runAsGroup');
  const place = { ...warn, container: container.name, path };
  if (value === 0) return { ...place, observed: '0', message: 'The container is told to run as group 0.' };
  if (value !== undefined) return undefined;
  const user = effective(spec, container, 'runAsUser').value;
  const message =
    user === undefined
      ? 'The group is left to the image.'
      : `The group is left open: unless the image knows UID ${user}, it is 0.`;
  return { ...place, observed: 'unset', message };
}

const control: BaseControl = {
  id: 'RD-2.1.4',
  title: 'No root group by declaration',
  requirement: '§2: forbidding containers to run as root',
  severity: 'low',
  scope: 'pod',
  rationale:
    'Files of images and volumes are often open to group 0. A process that is a member of it reads and writes them although it is no root.',
  rule: 'The effective runAsGroup is the container’s, else the pod’s. Pass: every container has one, and neither it nor fsGroup nor any of supplementalGroups is 0. Warn: one of them is 0, or runAsGroup is left open. It never fails. NotApplicable (Windows): only Windows pods. NotApplicable (NoWorkloads): the namespace runs none. Live pods decide, on the specification that was admitted; without live pods the template does. Unknown: the workloads could not be read.',
  notes: [
    'With runAsUser set and runAsGroup left open, container runtimes take group 0 unless the image has an entry for that user. With both left open the image decides, which nobody sees here; that warns too, since a pass needs a group that is set.',
    'Images in the manner of OpenShift need group 0 with an arbitrary user: there the warning is expected.',
    'The group that a running process reports adds nothing where runAsGroup is set, so it is not asked.',
  ],
  remediation: 'Set runAsGroup, fsGroup and supplementalGroups to values other than 0.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6'],
    nist800190: ['4.1.2'],
    nsaCisa: ['Kubernetes Pod security › “Non-root” containers and “rootless” container engines'],
    trivy: ['KSV-0116', 'KSV-0021 (GID above 10000)'],
    kubescape: ['C-0211 (set-fsgroup-value, set-supplementalgroups-values)'],
    other: ['kyverno require-non-root-groups'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'may be of group 0',
      many: 'may be of group 0',
      pass: 'Every container has a group, and none is 0',
      warn: { one: 'may be of group 0', many: 'may be of group 0' },
    }),
};
export default control;
