import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import { enforcement } from './shared/admission-labels.ts';
import type { Enforcement } from './shared/admission-labels.ts';

function evaluate({ snapshot, parameters }: EvaluationInput): Verdict {
  const { name, labels } = snapshot.namespace;
  if (labels === undefined) {
    return unknown('NoEvidence', `The input has no Namespace object ${name}, so its labels are not known.`);
  }
  const found = enforcement(labels, parameters['podSecurity.clusterDefault']);
  const exemptions = parameters['podSecurity.admissionExemptions'];
  const finding = (reason: string | undefined, status: 'Warn' | 'Fail', message: string): Verdict => ({
    status,
    ...(reason === undefined ? {} : { reason }),
    message: `Namespace ${name} ${message}.`,
    findings: [
      { subject: { kind: 'Namespace', name }, ...found.place, message: `The namespace ${message}.` },
    ],
  });
  if (exemptions?.namespaces.includes(name)) {
    return finding('Exempted', 'Fail', 'is exempt from Pod Security Admission, so its labels have no effect');
  }
  if (found.level === 'privileged') {
    return finding(undefined, 'Fail', `enforces no Pod Security Standard: ${found.source}`);
  }
  if (found.level === 'baseline') {
    return found.restrictedNoticed
      ? finding(
          'BaselineEnforced',
          'Warn',
          `enforces only Baseline, and audits or warns of Restricted: ${found.source}`,
        )
      : finding(undefined, 'Fail', `enforces only Baseline: ${found.source}`);
  }
  if (found.invalid !== undefined) {
    return finding('InvalidLabel', 'Warn', `enforces Restricted only because ${found.invalid}`);
  }
  const lag = parameters['podSecurity.maxPinnedVersionLag'];
  if (found.minor !== undefined && found.minor < snapshot.cluster.minor - lag) {
    return finding(
      'PinnedVersion',
      'Warn',
      `enforces Restricted as of 1.${found.minor}, more than ${lag} versions behind the server (1.${snapshot.cluster.minor})`,
    );
  }
  return { status: 'Pass', message: describePass(name, found, exemptions), findings: [] };
}

function describePass(
  name: string,
  found: Enforcement,
  exemptions: EvaluationInput['parameters']['podSecurity.admissionExemptions'],
): string {
  const sentence = `Namespace ${name} enforces Restricted (${found.source}).`;
  if (exemptions === undefined) {
    return `${sentence} Whether the API server exempts users or runtime classes is not known.`;
  }
  const exempt = [
    ...exemptions.usernames.map((user) => `user ${user}`),
    ...exemptions.runtimeClasses.map((runtimeClass) => `runtime class ${runtimeClass}`),
  ];
  return exempt.length === 0 ? sentence : `${sentence} Exempt are: ${exempt.join(', ')}.`;
}

const control: BaseControl = {
  id: 'RD-2.2.1',
  title: 'Namespace enforces the Restricted level through Pod Security Admission',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'Workloads that comply today do so by choice. Only a namespace that enforces the standard refuses the one that does not, tomorrow.',
  rule: 'The labels pod-security.kubernetes.io/enforce, enforce-version, audit and warn; an absent one counts as podSecurity.clusterDefault. Pass: enforces Restricted, in the latest version or one at most podSecurity.maxPinnedVersionLag behind the server. Warn: Restricted pinned to an older version (PinnedVersion); Baseline with audit or warn at Restricted (BaselineEnforced); a value that the API server cannot parse and takes for Restricted or for the latest version (InvalidLabel). Fail: Baseline alone, Privileged, or nothing; or the namespace is exempt (Exempted). Unknown (NoEvidence): the input has no Namespace object.',
  notes: [
    'A namespace without workloads is judged too: the label is a property of the namespace.',
    'A version newer than the server counts as the latest, as the API server takes it.',
    'An audit or warn level that cannot be parsed counts as Privileged, as the API server takes it.',
    'Exemptions in the AdmissionConfiguration (namespaces, users, runtime classes) are invisible to the API: podSecurity.admissionExemptions records them. RD-2.2.18 on the live pods is the proof that does not depend on them.',
    'A policy engine that enforces the same does not turn it into a warning: what its rules demand is not judged (RD-3.4.1 says which are enforced), and rules that are nearly those of the standard would pass for it. A namespace that only such an engine guards fails here.',
    'Platform namespaces need privileges by design. The verdict stays; a profile for them may lower the severity.',
  ],
  remediation:
    'Run kubectl label namespace NAME pod-security.kubernetes.io/enforce=restricted; with --dry-run=server first, it prints the pods that would violate it.',
  evidence: [],
  parameters: [
    'podSecurity.clusterDefault',
    'podSecurity.admissionExemptions',
    'podSecurity.maxPinnedVersionLag',
  ],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown'],
  references: {
    nist80053: ['CM-6', 'CM-7', 'AC-6'],
    nist800190: ['4.4.3', '4.4.5'],
    cis: ['5.2.1'],
    nsaCisa: ['Pod security enforcement (v1.0: Pod Security Policies)'],
    stig: ['V-254800 CNTR-K8-002011', 'V-254801 CNTR-K8-002001'],
    srg: ['SRG-APP-000342-CTR-000775'],
    pss: ['Restricted profile'],
    kubescape: ['C-0192', 'C-0193', 'C-0197'],
    other: ['kyverno psa/*'],
  },
  evaluate,
};
export default control;
