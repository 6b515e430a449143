import type { RollUpControl } from '../domain/control.ts';
import { rollUp } from '../domain/roll-up.ts';

const derivedFrom = ['RD-2.3.1', 'RD-2.3.2', 'RD-2.3.4', 'RD-3.6.1', 'RD-3.6.2', 'RD-3.6.3', 'RD-3.10.2'];

const control: RollUpControl = {
  id: 'RD-3.10.1',
  title: 'Zero trust down to the container level',
  requirement: '§3: Zero Trust Model Down to the Container Level',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'Where every workload may talk to every other, unencrypted and under one name, who breaks into one has them all.',
  rule: 'The worst of its parts: isolation in both directions and a narrow allowlist, encryption on the network, an identity for each workload, a mesh where there is one, and least privilege at the API. Fail: one fails. Unknown: one is, or is not judged by this version. Manual: one is for people. Warn: one warns. Pass: all that apply pass. NotApplicable: none applies.',
  notes: [
    'The reference design takes network encryption and NetworkPolicies together for the equivalent of a mesh.',
    'A part that this version does not judge leaves it Unknown, unless another one fails. A part that the profile disables is left out, and the message names it.',
    'It is neither counted nor weighed beside its parts.',
  ],
  remediation: 'Mend what its parts name.',
  evidence: ['workloads', 'networkpolicies'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'Manual', 'NotApplicable'],
  references: {
    nist80053: ['SC-7', 'SC-8(1)', 'IA-9', 'AC-4'],
    nist800190: ['4.3.3', '4.3.5'],
    nsaCisa: ['Network separation and hardening'],
    other: ['Reference Design v2.1, table 1 (secondary)'],
  },
  derivedFrom,
  rollUp: (_input, parts) => rollUp(derivedFrom, parts),
};
export default control;
