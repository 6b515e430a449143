import type { AdmissionItem } from '../domain/admission.ts';
import { titleOf } from '../domain/admission.ts';
import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { LabelledNamespace } from '../domain/namespace-scope.ts';
import { covers } from '../domain/namespace-scope.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { pass, unknown } from '../domain/verdict.ts';
import { enforcement } from './shared/admission-labels.ts';
import type { Reach, ReachedRule } from './shared/admission-reach.ts';
import { reachedRules } from './shared/admission-reach.ts';
import { count, sortFindings } from './shared/findings.ts';

const mostNames = 5;

function evaluate({ snapshot, parameters }: EvaluationInput): Verdict {
  const { admission } = snapshot;
  const { name, labels } = snapshot.namespace;
  if (!admission.available) return unknown(admission.reason, admission.message);
  // What was not read may be what enforces.
  if (admission.gap !== undefined) return unknown(admission.gap.reason, admission.gap.message);
  if (labels === undefined) return unknown('NoEvidence', `The labels of namespace ${name} are not known.`);
  const namespace = { name, labels };
  const rules = reachedRules(admission.items, namespace);
  const of = (...reaches: Reach[]) => rules.filter(({ reach }) => reaches.includes(reach));
  if (of('deny').length > 0) return pass(describe(rules));
  const [unseen] = of('unseen');
  if (unseen !== undefined)
    return unknown('NoEvidence', `${titleOf(unseen.rule)} may be enforced: ${unseen.why}.`);
  if (hasUnread(admission.items, namespace))
    return unknown('PartialEvidence', 'Kubewarden is asked about pods, and its policies are not read.');
  const problem = (status: 'Fail' | 'Warn', those: readonly ReachedRule[], what: string): Verdict => ({
    status,
    message: `${count(those.length, 'rule')} for pods ${what}: ${namesOf(those)}.`,
    findings: sortFindings(findingsOf(those)),
  });
  const unreached = of('unreached');
  if (unreached.length > 0) return problem('Fail', unreached, 'would deny, and nobody asks for it here');
  const fragile = of('weak', 'observe');
  if (fragile.length > 0)
    return problem('Warn', fragile, 'cannot be relied on, and no other denies anything');
  return withoutPolicies(
    name,
    enforcement(labels, parameters['podSecurity.clusterDefault']).level === 'restricted',
  );
}

const hasUnread = (items: readonly AdmissionItem[], namespace: LabelledNamespace): boolean =>
  items.some(
    (item) => item.is === 'webhook' && item.engine === 'Kubewarden' && covers(item.where, namespace),
  );

function describe(rules: readonly ReachedRule[]): string {
  const denying = rules.filter(({ reach }) => reach === 'deny');
  const others = rules.filter(({ reach }) => reach !== 'deny');
  const rest = others.length === 0 ? '' : `; not enforced: ${namesOf(others)}`;
  return `Enforced for pods: ${namesOf(denying)}${rest}.`;
}

/** The objects, each once, by name. */
function namesOf(rules: readonly ReachedRule[]): string {
  const names = [...new Set(rules.map(({ rule }) => titleOf(rule)))].toSorted();
  const more = names.length - mostNames;
  return `${names.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function findingsOf(rules: readonly ReachedRule[]): Finding[] {
  const findings = rules.map(({ rule, why }): Finding => {
    const { kind, name } = rule;
    return { subject: { kind, name }, message: `It does not hold in this namespace for sure: ${why}.` };
  });
  return [...new Map(findings.map((each) => [JSON.stringify(each), each])).values()];
}

function withoutPolicies(name: string, restricted: boolean): Verdict {
  const message = restricted
    ? `Only Pod Security Admission guards namespace ${name}; no policy engine holds rules for its pods.`
    : `No policy engine holds a rule for the pods of namespace ${name}.`;
  return {
    status: restricted ? 'Warn' : 'Fail',
    ...(restricted ? { reason: 'PodSecurityOnly' } : {}),
    message,
    findings: [
      {
        subject: { kind: 'Namespace', name },
        message: restricted
          ? 'Pod Security Admission alone guards it: nothing holds images and networks to a rule.'
          : 'No rule of a policy engine is for its pods.',
      },
    ],
  };
}

const control: BaseControl = {
  id: 'RD-3.4.1',
  title: 'A policy engine is installed and enforces in this namespace',
  requirement: '§3 Table 1: Container Policy Enforcement',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'A policy that is installed and not enforced refuses nothing: whoever deploys finds out which one it is before the others do.',
  rule: "The rules for pods that cover the namespace: Gatekeeper's constraints, Kyverno's policies of both APIs, and bound ValidatingAdmissionPolicies. Pass: one of them denies, and is asked: the engine's webhook selects the namespace, has a ready endpoint, and fails closed. Warn: they only audit or warn, or are skipped when the engine fails (failurePolicy Ignore); or there are none, and Pod Security Admission enforces Restricted (PodSecurityOnly). Fail: no rule covers the namespace, or those that would deny are not asked, because the namespace is excluded or nothing is ready behind the webhook. Unknown (NoEvidence): whether the webhook is answered is not known. Unknown (PartialEvidence): an engine is asked whose policies are not read. Unknown: policies, bindings or webhooks could not be read.",
  notes: [
    'The message of a Pass names the rules that are enforced, and those that are only observed: an installed safeguard is not an enforced one.',
    'A rule for some of the pods, by their names or labels, counts. What a rule demands is not judged.',
    'Pod Security Admission holds pods to the Pod Security Standards and knows neither registries nor networks: alone it is half of what is asked for.',
    'A webhook is answered when an EndpointSlice of its Service has a ready endpoint. One at an address outside the cluster leaves it open.',
    "Gatekeeper's chart ships its webhook with failurePolicy Ignore, which warns.",
    'Conditions in expressions (matchConditions), object selectors of webhooks and the resource filters in the ConfigMap of Kyverno are not read.',
    'Of Kubewarden only the webhook is seen. Other validating webhooks do not count: what they demand is not known.',
    "The kinds of Gatekeeper's constraints have names of their own in every cluster; config/gatekeeper holds the right to read them.",
  ],
  remediation:
    'Install Gatekeeper or Kyverno, or bind ValidatingAdmissionPolicies; let the safeguards deny, and let the webhook fail closed.',
  evidence: ['admissionpolicies'],
  parameters: ['podSecurity.clusterDefault'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown'],
  references: {
    nist80053: ['CM-6', 'CM-7(5)', 'AC-3'],
    nist800190: ['4.4.3', '4.4.5'],
    cis: ['5.2.1'],
    nsaCisa: ['Pod security enforcement'],
    stig: ['V-242436 CNTR-K8-002000'],
    kubescape: ['C-0036', 'C-0039', 'C-0192'],
    other: ['Reference Design v2.1: policies are machine-readable (secondary)'],
  },
  evaluate,
};
export default control;
