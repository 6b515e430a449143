import type { EvaluationInput, RollUpControl } from '../domain/control.ts';
import { rollUp } from '../domain/roll-up.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { someOf, sortFindings } from './shared/findings.ts';
import { specSubjects } from './shared/judge-specs.ts';

const derivedFrom = Array.from({ length: 16 }, (_, index) => `RD-2.2.${index + 2}`);

function decide({ snapshot }: EvaluationInput, parts: ReadonlyMap<string, Verdict>): Verdict {
  const worst = rollUp(derivedFrom, parts);
  const verdict: Verdict = { ...worst, ...reasonOf(worst, parts) };
  const workloads = snapshot.workloads.available ? snapshot.workloads.items : [];
  const blocked = workloads.flatMap(({ kind, name, blocked: refusal }): Finding[] =>
    refusal === undefined ? [] : [{ subject: { kind, name }, path: 'status.conditions', message: refusal }],
  );
  if (blocked.length === 0) return verdict;
  const total = Math.max(blocked.length, specSubjects(workloads).length);
  const sentence = `${someOf(blocked.length, total, 'lacks pods', 'lack pods')} because admission refuses them.`;
  const failing = verdict.status === 'Fail';
  return {
    status: 'Fail',
    message: failing ? `${sentence} ${verdict.message}` : sentence,
    findings: sortFindings(blocked),
  };
}

/** Reliance on mutation is what this control is about, so it is the reason whenever it is one of them. */
function reasonOf(worst: Verdict, parts: ReadonlyMap<string, Verdict>): { reason?: string } {
  const reason = 'CompliantByMutation';
  const mutated = [...parts.values()].some((part) => part.status === 'Warn' && part.reason === reason);
  return worst.status === 'Warn' && mutated ? { reason } : {};
}

const control: RollUpControl = {
  id: 'RD-2.2.18',
  title: 'Every pod satisfies Restricted as a whole, and does so without relying on mutation',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'high',
  scope: 'workload',
  rationale:
    'The standard is one whole: a pod that keeps fifteen of its rules is refused like one that keeps none. And a pod that only a mutating webhook made compliant is not, in the next cluster.',
  rule: 'The worst of its parts, RD-2.2.2 to RD-2.2.17, on live pods and on templates. Fail: a part fails on a live pod, or on a template without live pods; or admission refuses a workload its pods. Warn (CompliantByMutation): live pods pass and their template does not. Pass: both pass. NotApplicable (NoWorkloads): the namespace runs none. Unknown: a part is.',
  notes: [
    'A workload without pods because Pod Security Admission, a webhook or a ValidatingAdmissionPolicy refused them fails with the words of the refusal; it does not count as a namespace without workloads.',
    'A part that the profile disables is left out, and the message names it.',
    'Mutating policies themselves are not read: what they did shows in the difference between pod and template.',
  ],
  remediation: 'Put the settings into the template, also where a policy puts them into the pods today.',
  evidence: ['workloads', 'volumes'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-6', 'AC-6'],
    nist800190: ['4.4.3'],
    cis: ['5.2.1', '5.6.3'],
    pss: ['Restricted profile'],
    trivy: ['k8s-pss-restricted-0.1'],
    kubescape: ['C-0211'],
  },
  derivedFrom,
  rollUp: decide,
};
export default control;
