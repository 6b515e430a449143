import type { RollUpControl } from '../domain/control.ts';
import { rollUp } from '../domain/roll-up.ts';

const derivedFrom = ['RD-2.2.8'];

const control: RollUpControl = {
  id: 'RD-5.H.9.1',
  title: 'allowPrivilegeEscalation is false, whatever the image holds',
  requirement:
    '§5: consider removing setuid and setgid flags from binaries, in addition to requiring allowPrivilegeEscalation to be false',
  severity: 'high',
  scope: 'container',
  rationale:
    'A setuid file in an image makes root of a plain user. With allowPrivilegeEscalation: false the kernel passes the flag over, whatever the image holds.',
  rule: 'It follows from RD-2.2.8 alone. Pass, Warn, Fail, Unknown and NotApplicable are those of RD-2.2.8.',
  notes: ['It is neither counted nor weighed beside RD-2.2.8.'],
  remediation: 'Set allowPrivilegeEscalation: false in the securityContext of every container.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'AC-6(10)'],
    nist800190: ['4.4.3'],
    cis: ['5.2.6'],
    pss: ['Privilege Escalation'],
    trivy: ['KSV-0001'],
    kubescape: ['C-0016'],
  },
  derivedFrom,
  rollUp: (_input, parts) => rollUp(derivedFrom, parts),
};
export default control;
