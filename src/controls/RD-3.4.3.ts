import type { RollUpControl } from '../domain/control.ts';
import { rollUp } from '../domain/roll-up.ts';

const derivedFrom = [
  ...['RD-2.1.1', 'RD-2.1.2', 'RD-2.1.3', 'RD-2.1.4', 'RD-2.2.18', 'RD-2.3.1', 'RD-2.3.2', 'RD-2.4.1'],
  ...['RD-2.5.1', 'RD-2.6.1'],
];

const control: RollUpControl = {
  id: 'RD-3.4.3',
  title: 'The five safeguards hold together',
  requirement: '§3 Table 1: Container Policy Enforcement (the aforementioned safeguards)',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'Each safeguard counts on the others: who is root in a container that nobody scanned, and may reach everything, is stopped by none of them.',
  rule: 'The worst of its parts: no root; the Restricted Pod Security Standard as a whole; isolation in both directions; vulnerability scans together with intrusion detection; images from allowed registries. Fail: one fails. Unknown: one is, or is not judged by this version. Warn: one warns. Pass: all that apply pass. NotApplicable: none applies.',
  notes: [
    'A part that this version does not judge leaves it Unknown, unless another one fails. A part that the profile disables is left out, and the message names it.',
    'Whether the safeguards are enforced at admission is the question of RD-3.4.1; here it is asked whether they hold.',
    'It is neither counted nor weighed beside its parts.',
  ],
  remediation: 'Mend what its parts name.',
  evidence: ['workloads', 'volumes', 'networkpolicies', 'vulnerabilityreports'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: { nist80053: ['CM-6', 'SA-8'], nist800190: ['4.4.3'] },
  derivedFrom,
  rollUp: (_input, parts) => rollUp(derivedFrom, parts),
};
export default control;
