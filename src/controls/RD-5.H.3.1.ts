import type { BaseControl } from '../domain/control.ts';
import { askPeople } from './shared/manual.ts';

const control: BaseControl = {
  id: 'RD-5.H.3.1',
  title: 'Builds do not depend on the Internet',
  requirement:
    '§5: ensure that code dependencies are available through some means that does not require Internet access; avoid downloading assets within Dockerfiles',
  severity: 'low',
  scope: 'namespace',
  rationale:
    'A build that downloads breaks when somebody else’s server is down, and takes in whatever that server gives out today.',
  rule: 'Nothing in a cluster shows how an image was built. Manual (NotAttested): a person must answer. NotApplicable (NoWorkloads): the namespace runs none. Unknown: the workloads could not be read.',
  notes: [
    'The question is whether every image that the namespace runs can be built with the network off, its dependencies and assets being served from a place of your own.',
    'Neither attestations nor build provenance (SLSA) are read by this version, so it never passes.',
  ],
  remediation: 'Serve dependencies from a proxy of your own, and build with the network off.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Manual', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SR-3', 'CP-9', 'SA-10'],
    nist800190: ['4.1.2'],
    other: ['DISA Container Hardening Process Guide §2.1 steps 6 and 7 (secondary)'],
  },
  evaluate: (input) =>
    askPeople(
      input,
      `can every image that namespace ${input.snapshot.namespace.name} runs be built with the network off, and are its dependencies and assets served from a place of your own?`,
    ),
};
export default control;
