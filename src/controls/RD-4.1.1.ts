import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { deploymentOf, isStatic } from './shared/deployment.ts';
import type { WorkloadIssue } from './shared/judge-workloads.ts';
import { judgeWorkloads, workloadFinding } from './shared/judge-workloads.ts';

function judge(
  workload: Workload,
  { snapshot, parameters }: EvaluationInput,
): WorkloadIssue | 'good' | 'out' {
  if (isStatic(workload)) return 'out';
  const found = deploymentOf(workload, snapshot.gitOps, parameters['gitops.interactiveManagers']);
  const issue = (status: 'Fail' | 'Warn', observed: string, message: string): WorkloadIssue => ({
    status,
    findings: [workloadFinding(workload, { observed, message })],
  });
  switch (found.by) {
    case 'gitops':
      return 'good';
    case 'hand':
      return issue('Fail', found.managers.join(', '), 'Nothing but interactive clients has written it.');
    case 'orphan':
      return issue(
        'Warn',
        found.owner,
        'It names an owner that does not list it, or is not in this cluster.',
      );
    case 'push':
      return issue('Warn', found.client, 'It is deployed from outside the cluster.');
    case 'unseen':
      return { status: 'Unknown', findings: [], reason: found.reason, message: found.why };
  }
}

const evaluate = (input: EvaluationInput): Verdict =>
  judgeWorkloads(input, (workload) => judge(workload, input), {
    one: 'was written by hand alone',
    many: 'were written by hand alone',
    pass: 'Every workload has a GitOps owner',
    warn: { one: 'has no GitOps owner', many: 'have no GitOps owner' },
    none: {
      reason: 'StaticPods',
      message: 'The namespace runs static pods alone, which are files on nodes.',
    },
  });

const control: BaseControl = {
  id: 'RD-4.1.1',
  title: 'Workloads are deployed by a pipeline or GitOps controller',
  requirement: '§4: Software factory: CI/CD, Argo CD or CI as the last step',
  severity: 'medium',
  scope: 'workload',
  rationale:
    'What was typed into a cluster was reviewed by nobody, is written down nowhere, and cannot be made again after a loss.',
  rule: 'Of every root workload but static pods. Pass: an Argo CD Application, Flux Kustomization or Flux HelmRelease that exists lists it. Warn: it is deployed otherwise, as by Helm or a pipeline, or it names a GitOps owner that does not list it. Fail: all its field managers are in gitops.interactiveManagers. NotApplicable (NoWorkloads, StaticPods): nothing else runs. Unknown: nothing shows how it is deployed, or workloads or GitOps objects could not be read.',
  notes: [
    'An Application lists what is in status.resources and not marked for pruning, a Kustomization what is in its inventory; of a HelmRelease the labels of the workload are enough, since only newer ones have an inventory. The label app.kubernetes.io/instance proves nothing: Helm sets it too.',
    'A workload that was written by hand alone fails even where an Application lists it: then the Application has never applied it.',
    'What Kubernetes’ own controllers write, status and scale do not count, and neither does kubectl rollout.',
    'kubectl apply is a client of pipelines and of people alike, and warns. Where it is a person’s, add kubectl-client-side-apply to gitops.interactiveManagers.',
    'What a custom resource owns is judged as that resource: it passes where it is listed. Otherwise it is Unknown, since custom resources are not read.',
    'An Application or Flux object that deploys into another cluster lists nothing here. Workloads of an Argo CD in another cluster name an owner that is not here, and warn; so do those of one that has renamed its own cluster and names it by that name.',
    'Manifests show what is listed only where they hold the GitOps objects with their status.',
  ],
  remediation: 'Move the manifest into Git, and let Argo CD or Flux apply it.',
  evidence: ['workloads', 'gitops'],
  parameters: ['gitops.interactiveManagers'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-2', 'CM-3', 'SA-10'],
    nist800190: ['4.4.5'],
    other: [
      'Reference Design v2.1, table 9: GitOps capability PREFERRED, CI/CD orchestrator REQUIRED (secondary)',
    ],
  },
  evaluate,
};
export default control;
