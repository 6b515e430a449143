import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { PolicyEngine } from '../domain/admission.ts';
import { exempts, titleOf } from '../domain/admission.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import { enforcement } from './shared/admission-labels.ts';
import type { Enforcement } from './shared/admission-labels.ts';
import { reachedRules } from './shared/admission-reach.ts';
import type { Labels } from '../domain/workload.ts';

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
  const guard = guardOf(snapshot, labels);
  if (
    guard !== undefined &&
    (found.level === 'baseline' || (found.level === 'privileged' && !found.stated))
  ) {
    return finding('PolicyEngine', 'Warn', `is held to Restricted by ${guard} alone: ${found.source}`);
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

/**
 * The rule of a policy engine that refuses here what Restricted forbids, and no less. Where not all is known of what is
 * enforced, or something is excepted in the namespace, there is none: it would speak for the namespace.
 */
function guardOf({ namespace: { name }, admission }: Snapshot, labels: Labels): string | undefined {
  if (!admission.available || admission.gap !== undefined) return undefined;
  const namespace = { name, labels };
  const excepted = (engine: PolicyEngine) =>
    admission.items.some(
      (item) => item.is === 'exemption' && item.engine === engine && exempts(item, namespace),
    );
  const reached = reachedRules(admission.items, namespace, ({ restricted }) => restricted === true);
  const denying = reached.filter(({ rule, reach }) => reach === 'deny' && !excepted(rule.engine));
  return denying
    .map(({ rule }) => titleOf(rule))
    .toSorted()
    .at(0);
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
  rule: 'The labels pod-security.kubernetes.io/enforce, enforce-version, audit and warn; an absent one counts as podSecurity.clusterDefault. Pass: enforces Restricted, in the latest version or one at most podSecurity.maxPinnedVersionLag behind the server. Warn: Restricted pinned to an older version (PinnedVersion); Baseline with audit or warn at Restricted (BaselineEnforced); no label or Baseline, while a policy engine refuses whatever Restricted forbids (PolicyEngine); a value that the API server cannot parse and takes for Restricted or for the latest version (InvalidLabel). Fail: Baseline alone, Privileged, or nothing; or the namespace is exempt (Exempted). Unknown (NoEvidence): the input has no Namespace object.',
  notes: [
    'A namespace without workloads is judged too: the label is a property of the namespace.',
    'A version newer than the server counts as the latest, as the API server takes it.',
    'An audit or warn level that cannot be parsed counts as Privileged, as the API server takes it.',
    'Exemptions in the AdmissionConfiguration (namespaces, users, runtime classes) are invisible to the API: podSecurity.admissionExemptions records them. RD-2.2.18 on the live pods is the proof that does not depend on them.',
    'Of policy engines one rule counts: validate.podSecurity of Kyverno at level restricted, in the latest version, for all pods of the namespace, without exclusions, preconditions or PolicyExceptions there, enforced and answered (as in RD-3.4.1) and failing closed. It is the same library as in the API server. Constraints of Gatekeeper and policies in CEL are written by hand one by one, so that nobody can tell from them whether all of the standard is there: a namespace that only such rules guard fails here.',
    'A label that asks for Privileged fails whatever engine there is: somebody has written it. Policies that cannot be read excuse nothing.',
    'Platform namespaces need privileges by design. The verdict stays; a profile for them may lower the severity.',
  ],
  remediation:
    'Run kubectl label namespace NAME pod-security.kubernetes.io/enforce=restricted; with --dry-run=server first, it prints the pods that would violate it.',
  evidence: [],
  alsoReads: ['admissionpolicies'],
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
