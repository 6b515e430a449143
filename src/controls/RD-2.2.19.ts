import type { AdmissionItem, AdmissionRule } from '../domain/admission.ts';
import { actionIn, exempts, ruleCovers } from '../domain/admission.ts';
import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { LabelledNamespace } from '../domain/namespace-scope.ts';
import { covers, leavesOut } from '../domain/namespace-scope.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, pass, unknown } from '../domain/verdict.ts';
import { count, sortFindings } from './shared/findings.ts';

const ignoreLabel = 'admission.gatekeeper.sh/ignore';

function evaluate({ snapshot }: EvaluationInput): Verdict {
  const { admission } = snapshot;
  const { name, labels } = snapshot.namespace;
  if (!admission.available) return unknown(admission.reason, admission.message);
  if (labels === undefined) return unknown('NoEvidence', `The labels of namespace ${name} are not known.`);
  const { items } = admission;
  if (!items.some(({ is }) => is !== 'exemption'))
    return notApplicable(
      'NoPolicyEngine',
      'No policy engine is installed from which anything could be exempt.',
    );
  const namespace = { name, labels };
  const findings = [
    ...ignored(items, namespace),
    ...new Map(
      items.flatMap((item) => exemptionsBy(item, namespace)).map((each) => [JSON.stringify(each), each]),
    ).values(),
  ];
  if (findings.length === 0) return pass(`Nothing exempts namespace ${name} from a policy for pods.`);
  const one = findings.length === 1;
  return {
    status: 'Manual',
    reason: 'NotAttested',
    message: `To be answered by a person: ${one ? 'is the exemption' : `are the ${count(findings.length, 'exemption')}`} from policies that ${one ? 'applies' : 'apply'} here justified? Nobody has attested it.`,
    findings: sortFindings(findings),
  };
}

/** Gatekeeper's webhook passes over namespaces with the label. */
function ignored(items: readonly AdmissionItem[], { name, labels }: LabelledNamespace): Finding[] {
  const observed = labels[ignoreLabel];
  if (observed === undefined || !items.some(({ engine }) => engine === 'Gatekeeper')) return [];
  return [
    {
      subject: { kind: 'Namespace', name },
      path: `metadata.labels[${ignoreLabel}]`,
      observed,
      message: 'Gatekeeper is not asked about it.',
    },
  ];
}

function exemptionsBy(item: AdmissionItem, namespace: LabelledNamespace): Finding[] {
  const { kind, name } = item;
  const finding = (message: string): Finding => ({ subject: { kind, name }, message });
  if (item.is === 'webhook') {
    const labelled = item.engine === 'Gatekeeper' && namespace.labels[ignoreLabel] !== undefined;
    return leavesOut(item.where, namespace) && !labelled
      ? [finding(`${item.engine} is not asked about the namespace: its webhook leaves it out.`)]
      : [];
  }
  if (item.is === 'exemption') {
    if (!exempts(item, namespace)) return [];
    const { policies, conditional, stops } = item;
    const of = stops === 'audit' ? 'the audit of ' : '';
    const here = conditional ? 'for some objects or under conditions' : 'for the whole namespace';
    return [
      finding(
        `It exempts from ${of}${policies.slice(0, 3).join(', ')}${policies.length > 3 ? ' and others' : ''}, ${here}.`,
      ),
    ];
  }
  return item.forPods ? ofRule(item, namespace, finding) : [];
}

function ofRule(
  rule: AdmissionRule,
  namespace: LabelledNamespace,
  finding: (message: string) => Finding,
): Finding[] {
  const excluded = (rule.except ?? []).filter(({ where }) => covers(where, namespace));
  if (rule.where.some((scope) => covers(scope, namespace)) && excluded.length > 0)
    return excluded.some(({ partly }) => partly === undefined)
      ? [finding('It excludes the namespace.')]
      : [finding('It excludes some objects of the namespace.')];
  if (!ruleCovers(rule, namespace))
    return rule.where.some((scope) => leavesOut(scope, namespace))
      ? [finding('It excludes the namespace.')]
      : [];
  if (rule.action === 'deny' && actionIn(rule, namespace) === 'observe')
    return [finding('It denies elsewhere, and only tells here.')];
  return isCustomSecurity(rule, namespace)
    ? [finding('It is a looser rule for this namespace by name.')]
    : [];
}

/** A platform's custom variants of the constraints for pod security bear the name of the namespace. */
const isCustomSecurity = ({ kind, name }: AdmissionRule, namespace: LabelledNamespace): boolean =>
  kind.startsWith('K8sPSP') && name.includes(`-${namespace.name}-`) && !name.includes('restricted');

const control: BaseControl = {
  id: 'RD-2.2.19',
  title: 'Exemptions from the standard are known and justified',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'medium',
  scope: 'namespace',
  rationale:
    'An exemption that nobody remembers is a hole that looks like a policy: it outlives its reason, and every review of the policies misses it.',
  rule: "What keeps rules for pods from holding in the namespace: Kyverno's PolicyExceptions that are for it, the namespaces that Gatekeeper's Config excludes, namespaces that a constraint, a policy or a webhook excludes by name or by label, the label admission.gatekeeper.sh/ignore, and an action that is softer here than elsewhere. Pass: nothing does. Manual (NotAttested): something does, and a person must say whether it is justified. NotApplicable (NoPolicyEngine): there is no policy. Unknown (Forbidden): one of the kinds may not be listed. Unknown: one of them could not be read, or the namespace's labels are not known.",
  notes: [
    'ComplianceExceptions, in which owner, reason and expiry of an exemption are to stand, do not exist in this version. So an exemption neither fails nor warns: it is listed, and a person is asked.',
    'A policy that is meant for other namespaces, by name or by a label that they must have, exempts nobody. One that excludes by name, or by a label that a namespace must not have, does.',
    'A PolicyException counts where it takes effect, not where it stands. One of policies.kyverno.io says in expressions what it is for: it counts for every namespace, as one under conditions.',
    'Exemptions from Pod Security Admission are invisible to the API; see RD-2.2.1.',
    'A constraint of a kind K8sPSP… that bears the name of the namespace in its own, and not the word restricted, counts as a looser rule made for it.',
    'Rules that are for no pods are passed over.',
  ],
  remediation:
    'Remove the exemption, or narrow it to the objects that need it, and write down who wanted it and until when.',
  evidence: ['admissionpolicies'],
  parameters: [],
  verdicts: ['Pass', 'Manual', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-3', 'CM-6', 'AC-6'],
    nist800190: ['4.4.3'],
    cis: ['5.2.1'],
    other: ['Gatekeeper: label admission.gatekeeper.sh/ignore'],
  },
  evaluate,
};
export default control;
