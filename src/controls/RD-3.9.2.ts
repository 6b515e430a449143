import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import { askPeople } from './shared/manual.ts';

function evaluate(input: EvaluationInput): Verdict {
  const { namespace } = input.snapshot;
  const asked = askPeople(
    input,
    `is every private registry that namespace ${namespace.name} pulls from asked with credentials of its own, and over TLS?`,
  );
  if (asked.status !== 'Manual' || !input.parameters['images.readPullSecrets']) return asked;
  return unknown(
    'NoEvidence',
    'Pull secrets are not read by this version, though images.readPullSecrets asks for their registry hosts.',
  );
}

const control: BaseControl = {
  id: 'RD-3.9.2',
  title: 'Registry access is authenticated and encrypted',
  requirement: '§3: Artifact Repository',
  severity: 'medium',
  scope: 'namespace',
  rationale:
    'A registry that gives images to anybody gives them to attackers too, and a pull without TLS takes what the network hands it.',
  rule: 'Which registries a pull secret is for stands in the Secret, and whether the nodes use TLS in their own configuration; this version reads neither. Manual (NotAttested): images.readPullSecrets is off, so a person must answer. Unknown (NoEvidence): it is on, and pull secrets are not read by this version. NotApplicable (NoWorkloads): the namespace runs none. Unknown: the workloads could not be read.',
  notes: [
    'Plumbline reads no Secret, whatever rights it is given, so it neither passes, warns nor fails: the host of a registry stands in one value with the credentials, and Kubernetes gives no right to a part of an object. Even the type of a Secret is not among its metadata.',
    'So images.readPullSecrets changes nothing but the verdict: who asks for this evidence is told that it is missing, and not asked in its place.',
    'A private registry without a pull secret is no fault by itself: nodes may have credentials of their own, or a credential provider of the kubelet.',
    'The question is also about http:// and insecure mirrors in the configuration of the container runtime, which no API shows.',
  ],
  remediation: 'Use a robot account for each namespace, and serve the registry over TLS alone.',
  evidence: ['workloads'],
  parameters: ['images.readPullSecrets'],
  verdicts: ['Unknown', 'Manual', 'NotApplicable'],
  references: { nist80053: ['AC-3', 'IA-5', 'SC-8'], nist800190: ['4.2.1', '4.2.3'] },
  evaluate,
};
export default control;
