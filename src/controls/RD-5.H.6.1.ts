import type { RollUpControl } from '../domain/control.ts';
import { rollUp } from '../domain/roll-up.ts';

const derivedFrom = ['RD-2.1.1', 'RD-2.1.2', 'RD-2.1.3', 'RD-2.2.16', 'RD-2.2.17'];

const control: RollUpControl = {
  id: 'RD-5.H.6.1',
  title: 'Always run as non-root',
  requirement: '§5: always run containers as a non-root user',
  severity: 'high',
  scope: 'workload',
  rationale:
    'Root in a container is root to the kernel. What is declared, what the standard demands and what runs in truth must all say that it is not.',
  rule: 'The worst of its parts. Fail: one fails. Unknown: one is. Warn: one warns. Pass: all that apply pass. NotApplicable: none applies.',
  notes: [
    'A part that the profile disables is left out, and the message names it.',
    'It is neither counted nor weighed beside its parts.',
  ],
  remediation:
    'Mend what its parts name: a numeric USER in the image, runAsNonRoot: true, and no runAsUser of 0.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6'],
    nist800190: ['4.1.2'],
    cis: ['5.2.7'],
    nsaCisa: ['Kubernetes Pod security › “Non-root” containers and “rootless” container engines'],
    pss: ['Running as Non-root'],
  },
  derivedFrom,
  rollUp: (_input, parts) => rollUp(derivedFrom, parts),
};
export default control;
