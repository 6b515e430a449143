import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { selects } from '../domain/label-selector.ts';
import type { DisruptionBudget } from '../domain/surroundings.ts';
import type { Finding } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { templatePrefix } from './shared/judge-workload.ts';
import type { WorkloadIssue } from './shared/judge-workloads.ts';
import { judgeWorkloads, workloadFinding } from './shared/judge-workloads.ts';
import { leastReplicas } from './shared/replicas.ts';

const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'];

function judge(input: EvaluationInput, workload: Workload): WorkloadIssue | 'good' | 'out' {
  const spec = workload.pods[0]?.spec ?? workload.template?.spec;
  const serving =
    spec?.containers.filter(({ kind, ports }) => kind === 'container' && ports.length > 0) ?? [];
  if (!kinds.includes(workload.kind) || workload.replicas === 0 || serving.length === 0) return 'out';
  const unready = serving
    .filter(({ process }) => !process.handlers.includes('readinessProbe'))
    .map(({ name, index }): Finding => ({
      subject: { kind: workload.kind, name: workload.name, container: name },
      path: `${templatePrefix(workload.kind)}spec.containers[${index}].readinessProbe`,
      observed: 'unset',
      message: 'Traffic comes before the container says that it is ready.',
    }));
  const availability = workload.kind === 'DaemonSet' ? [] : judgeAvailability(input, workload);
  if (!Array.isArray(availability)) return { status: 'Unknown', findings: [], ...availability };
  const findings = [...unready, ...availability];
  return findings.length === 0 ? 'good' : { status: 'Warn', findings };
}

type Unread = Pick<WorkloadIssue, 'message' | 'reason'>;

/** A DaemonSet has as many pods as nodes, and a drain passes it over. */
function judgeAvailability(
  { snapshot, parameters }: EvaluationInput,
  workload: Workload,
): Finding[] | Unread {
  const { autoscalers, disruptionBudgets } = snapshot;
  for (const source of [autoscalers, disruptionBudgets])
    if (!source.available) return { reason: source.reason, message: source.message };
  const least = leastReplicas(workload, snapshot).count;
  const wanted = parameters['workloads.minReplicas'];
  if (least < wanted) {
    const message = `It may have fewer replicas than ${wanted}.`;
    return [workloadFinding(workload, { path: 'spec.replicas', observed: String(least), message })];
  }
  const labels = workload.pods[0]?.labels ?? workload.template?.labels ?? {};
  const budgets = (disruptionBudgets.available ? disruptionBudgets.items : []).filter(
    ({ selector }) => selector !== undefined && selects(selector, labels),
  );
  if (budgets.length === 0)
    return [
      workloadFinding(workload, {
        message: 'No PodDisruptionBudget is for its pods.',
      }),
    ];
  return budgets
    .filter((budget) => blocks(budget, least))
    .map(({ name }) =>
      workloadFinding(workload, {
        ref: name,
        message: `PodDisruptionBudget ${name} lets no pod go, so that nodes cannot be drained.`,
      }),
    );
}

function blocks({ minAvailable, maxUnavailable }: DisruptionBudget, replicas: number): boolean {
  if (maxUnavailable !== undefined) return countOf(maxUnavailable, replicas) === 0;
  return minAvailable !== undefined && countOf(minAvailable, replicas) >= replicas;
}

/** Percentages are rounded up, as the disruption controller does. */
function countOf(amount: number | string, replicas: number): number {
  if (typeof amount === 'number') return amount;
  const [, percent] = /^(\d+)%$/.exec(amount) ?? [];
  return percent === undefined ? 0 : Math.ceil((Number(percent) * replicas) / 100);
}

const texts = {
  one: 'may be down during a rollout or a drain',
  many: 'may be down during a rollout or a drain',
};

const control: BaseControl = {
  id: 'RD-5.G.3.2',
  title: 'Rollouts can complete without downtime',
  requirement: '§5: advanced deployment strategies: Blue/Green, Canary, Rolling and Continuous',
  severity: 'low',
  scope: 'workload',
  rationale:
    'A rolling update without a readiness probe sends traffic to pods that cannot serve it yet, and a drained node takes all pods that are on it.',
  rule: 'Of Deployments, StatefulSets, DaemonSets and Rollouts with containers that declare ports. Pass: each such container has a readinessProbe, and (of all but DaemonSets) there are workloads.minReplicas replicas or more (of a HorizontalPodAutoscaler its minReplicas) and a PodDisruptionBudget that allows a disruption. Warn: one of these is missing, or a budget allows none (maxUnavailable 0, minAvailable as many as there are). It never fails. NotApplicable (NoWorkloads, NoSubjects): nothing of these serves. Unknown: the workloads, autoscalers or budgets could not be read.',
  notes: [
    'Of live pods the first by name is judged; without live pods the template is.',
    'Topology spread, the termination grace period and preStop hooks are not judged.',
  ],
  remediation: 'Add a readinessProbe, a second replica, and a PodDisruptionBudget with maxUnavailable: 1.',
  evidence: ['workloads', 'horizontalpodautoscalers', 'poddisruptionbudgets'],
  parameters: ['workloads.minReplicas'],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CP-10', 'CM-3(2)'],
    kubescape: ['C-0018', 'C-0056'],
    other: ['kube-linter no-readiness-probe', 'gatekeeper requiredprobes'],
  },
  evaluate: (input) =>
    judgeWorkloads(input, (workload) => judge(input, workload), {
      ...texts,
      pass: 'Every workload can be rolled out without downtime',
      warn: texts,
      none: { reason: 'NoSubjects', message: 'Nothing of the namespace declares a port that it serves.' },
    }),
};
export default control;
