import { titleOf } from '../domain/admission.ts';
import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import { pass, unknown } from '../domain/verdict.ts';
import type { ReachedRule } from './shared/admission-reach.ts';
import { reachedRules } from './shared/admission-reach.ts';
import { sortFindings } from './shared/findings.ts';
import { askPeople } from './shared/manual.ts';

function evaluate(input: EvaluationInput): Verdict {
  const { admission, namespace } = input.snapshot;
  const { name, labels } = namespace;
  if (!admission.available) return unknown(admission.reason, admission.message);
  if (labels === undefined) return unknown('NoEvidence', `The labels of namespace ${name} are not known.`);
  const gates = reachedRules(admission.items, { name, labels }, ({ gate }) => gate === true);
  const first = gates.find(({ reach }) => reach === 'deny');
  if (first !== undefined) return pass(`${titleOf(first.rule)} refuses images without a signed scan.`);
  const unseen = gates.find(({ reach }) => reach === 'unseen');
  if (unseen !== undefined)
    return unknown('NoEvidence', `${titleOf(unseen.rule)} may refuse images: ${unseen.why}.`);
  return gates.length > 0
    ? fragile(gates)
    : askPeople(
        input,
        `what keeps images with unacceptable vulnerabilities out of namespace ${name}, the pipeline or the registry?`,
      );
}

function fragile(gates: readonly ReachedRule[]): Verdict {
  return {
    status: 'Warn',
    message: 'A gate for images is there, and refuses none for sure.',
    findings: sortFindings(
      gates.map(({ rule: { kind, name, rule }, why }) => ({
        subject: { kind, name },
        ...(rule === undefined ? {} : { ref: rule }),
        message: `The gate does not hold for sure: ${why}.`,
      })),
    ),
  };
}

const control: BaseControl = {
  id: 'RD-5.H.10.3',
  title: 'A gate keeps unacceptable images out of production',
  requirement: '§5, bullet 10: scan, and prevent unacceptable vulnerabilities in production',
  severity: 'medium',
  scope: 'namespace',
  rationale: 'A scan tells of a bad image when it runs already. A gate is what keeps it from running.',
  rule: "Kyverno's policies that demand a signed scan for vulnerabilities of every image: rules of verifyImages and ImageValidatingPolicies with an attestation of that type. Pass: one is enforced in the namespace. Warn: one is there that only audits, is skipped when Kyverno fails, or is not asked. Manual (NotAttested): none is there, and a person must say what else is. NotApplicable (NoWorkloads): none is there, and the namespace runs nothing. Unknown: the policies or the workloads could not be read, or whether Kyverno answers is not known.",
  notes: [
    'It never fails: a gate in the pipeline cannot be seen from the cluster.',
    'A policy that demands a signature alone, whatever was signed, is no gate for vulnerabilities. The type of an attestation tells, such as cosign.sigstore.dev/attestation/vuln/v1; from which severity on it refuses is not judged.',
    "Harbor's prevention of pulls and Gatekeeper's external data are not read by this version, so that a namespace behind one of them is asked about.",
    'Attestations of people do not exist in this version: the question stays open until one of the policies is there.',
  ],
  remediation:
    'Let Kyverno demand a signed scan of every image, let the registry refuse pulls of vulnerable images, or let the pipeline refuse to deploy them.',
  evidence: ['admissionpolicies', 'workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Manual', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-3(2)', 'CM-4', 'RA-5'],
    nist800190: ['4.1.1', '4.4.5'],
    other: ['Reference Design v2.1 §4.1: a scan on every image build (secondary)'],
  },
  evaluate,
};
export default control;
