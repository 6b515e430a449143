import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import type { WorkloadIssue } from './shared/judge-workloads.ts';
import { judgeWorkloads, workloadFinding } from './shared/judge-workloads.ts';
import { leastReplicas } from './shared/replicas.ts';

function evaluate(input: EvaluationInput): Verdict {
  const { autoscalers } = input.snapshot;
  const verdict = judgeWorkloads(input, (workload) => judge(input, workload), {
    one: 'has too few replicas',
    many: 'have too few replicas',
    pass: 'Every Deployment and StatefulSet has enough replicas',
    warn: { one: 'has too few replicas', many: 'have too few replicas' },
    none: { reason: 'NoSubjects', message: 'No Deployment or StatefulSet asks for replicas.' },
  });
  const settled = verdict.status === 'Unknown' || verdict.status === 'NotApplicable';
  return settled || autoscalers.available ? verdict : unknown(autoscalers.reason, autoscalers.message);
}

function judge(input: EvaluationInput, workload: Workload): WorkloadIssue | 'good' | 'out' {
  const { kind, replicas, settings } = workload;
  if (kind !== 'Deployment' && kind !== 'StatefulSet') return 'out';
  if (replicas === 0 || settings?.ignoreMinimumReplicas === true) return 'out';
  const least = leastReplicas(workload, input.snapshot);
  const wanted = input.parameters['workloads.minReplicas'];
  if (least.count >= wanted) return 'good';
  const message =
    least.autoscaler === undefined
      ? `It asks for fewer replicas than ${wanted}.`
      : `HorizontalPodAutoscaler ${least.autoscaler} may scale it to fewer replicas than ${wanted}.`;
  const finding = workloadFinding(workload, {
    path: 'spec.replicas',
    observed: String(least.count),
    message,
  });
  return { status: 'Warn', findings: [finding] };
}

const control: BaseControl = {
  id: 'RD-2.7.3',
  title: 'Deployments and StatefulSets have at least two replicas',
  requirement: '§2: multiple important safeguards (beyond those that are named)',
  severity: 'low',
  scope: 'workload',
  rationale: 'A workload of one pod is down whenever its node is drained, upgraded or lost.',
  rule: 'Pass: each asks for workloads.minReplicas or more; where a HorizontalPodAutoscaler scales it, its minReplicas count instead. Warn: one asks for fewer. It never fails. NotApplicable (NoWorkloads, NoSubjects): none is there, or all are scaled to none or carry the annotation elastisys.io/ignore-minimum-replicas. Unknown: the workloads or the autoscalers could not be read.',
  notes: [
    'It goes beyond the reference design: a profile has to switch it on (disabled: false).',
    'What is left out means 1, for replicas and for minReplicas.',
  ],
  remediation: 'Raise replicas, or minReplicas of the HorizontalPodAutoscaler.',
  evidence: ['workloads', 'horizontalpodautoscalers'],
  parameters: ['workloads.minReplicas'],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CP-10'],
    other: ['polaris deploymentMissingReplicas'],
  },
  extended: true,
  evaluate,
};
export default control;
