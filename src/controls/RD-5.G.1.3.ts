import type { BaseControl } from '../domain/control.ts';
import { askPeople } from './shared/manual.ts';

const control: BaseControl = {
  id: 'RD-5.G.1.3',
  title: 'Desired state is in Git with signed commits',
  requirement:
    '§5: a GitOps process ensures that the desired state is always represented in Git, with auditability thanks to signed commits',
  severity: 'low',
  scope: 'namespace',
  rationale:
    'Signed commits say who wanted the state that runs, in a way that nobody can deny or make up afterwards.',
  rule: 'Where signatures are demanded on the Git host, only people know it. Manual (NotAttested): a person must answer. NotApplicable (NoWorkloads): the namespace runs none. Unknown: the workloads could not be read.',
  notes: [
    'The question is whether all that the namespace runs is described in Git, and whether the branch that is deployed takes signed commits alone.',
    'Verification by the deployment tool itself (spec.verify of a Flux GitRepository, the signature keys of an Argo CD AppProject) is not read by this version, so that it neither passes nor warns, and is asked also where no GitOps tool is installed.',
  ],
  remediation: 'Demand signed commits on the deployed branch, and let the deployment tool verify them.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Manual', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-7(15)', 'CM-5', 'AU-10'],
    nist800190: ['4.1.5'],
    other: ['kyverno flux/verify-git-repositories'],
  },
  evaluate: (input) =>
    askPeople(
      input,
      `is all that namespace ${input.snapshot.namespace.name} runs described in Git, and does the branch that is deployed take signed commits alone?`,
    ),
};
export default control;
