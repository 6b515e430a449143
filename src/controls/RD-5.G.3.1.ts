import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import type { WorkloadIssue } from './shared/judge-workloads.ts';
import { judgeWorkloads, workloadFinding } from './shared/judge-workloads.ts';
import { judgeByEnvironment, productionRule } from './shared/production.ts';
import { leastReplicas } from './shared/replicas.ts';

type Said = WorkloadIssue | 'good' | 'out';

function judge(input: EvaluationInput, workload: Workload, production: boolean): Said {
  const { kind, replicas, settings } = workload;
  const strategy = settings?.strategy;
  // Of one that is known by its pods alone, the strategy is not.
  if (kind === 'Rollout' && strategy === undefined) return 'good';
  if (strategy === undefined || replicas === 0) return 'out';
  const field = kind === 'Deployment' || kind === 'Rollout' ? 'spec.strategy' : 'spec.updateStrategy';
  const issue = (
    status: 'Fail' | 'Warn',
    path: string,
    observed: string,
    message: string,
  ): WorkloadIssue => ({
    status,
    findings: [workloadFinding(workload, { path, observed, message })],
  });
  if (strategy.type === 'OnDelete')
    return issue('Warn', `${field}.type`, 'OnDelete', 'Nothing rolls out until somebody deletes the pods.');
  if (strategy.type === '') return issue('Warn', field, 'unset', noStrategy);
  const atOnce = atOnceOf(workload);
  if (strategy.type === 'Recreate' || atOnce) {
    const how = kind === 'Rollout' ? strategy.type : 'rollingUpdate';
    const path = atOnce ? `${field}.${how}.maxUnavailable` : `${field}.type`;
    const observed = atOnce ? String(strategy.maxUnavailable) : strategy.type;
    return judgeAtOnce(input, workload, production, issue, { path, observed });
  }
  if (kind === 'DaemonSet' || kind === 'Rollout') return 'good';
  const { autoscalers } = input.snapshot;
  const least = leastReplicas(workload, input.snapshot).count;
  const wanted = input.parameters['workloads.minReplicas'];
  // One that was not read may scale it to more, or to fewer.
  if (!autoscalers.available)
    return { status: 'Unknown', findings: [], message: autoscalers.message, reason: autoscalers.reason };
  if (least >= wanted) return 'good';
  return issue('Warn', 'spec.replicas', String(least), `It rolls, with fewer replicas than ${wanted}.`);
}

const noStrategy = 'It has neither a canary nor a blueGreen strategy, without which nothing rolls out.';

function atOnceOf({ replicas, settings }: Workload): boolean {
  const most = settings?.strategy?.maxUnavailable;
  if (typeof most === 'number') return replicas !== undefined && replicas > 1 && most >= replicas;
  const [, percent] = /^(\d+)%$/.exec(most ?? '') ?? [];
  return percent !== undefined && Number(percent) >= 100;
}

function judgeAtOnce(
  { snapshot }: EvaluationInput,
  workload: Workload,
  production: boolean,
  issue: (status: 'Fail' | 'Warn', path: string, observed: string, message: string) => WorkloadIssue,
  { path, observed }: { readonly path: string; readonly observed: string },
): WorkloadIssue {
  const message = 'A rollout stops every pod before new ones start.';
  if (!production) return issue('Warn', path, observed, message);
  const names =
    workload.pods.length > 0
      ? workload.pods.flatMap(({ claims }) => claims)
      : (workload.template?.claims ?? []);
  const { claims } = snapshot;
  const known = new Map(
    (claims.available ? claims.items : []).map((claim) => [claim.name, claim.accessModes]),
  );
  const once = names.find((name) => known.get(name)?.some((mode) => /^ReadWriteOnce(?:Pod)?$/.test(mode)));
  if (once !== undefined) {
    const hint = `${message} Its claim ${once} is for one node alone, so that may be meant: let an exception say so.`;
    return issue('Warn', path, observed, hint);
  }
  if (
    names.some((name) => !known.has(name)) &&
    !(claims.available && claims.gap === undefined && snapshot.cluster.live)
  )
    return {
      status: 'Unknown',
      findings: [],
      message: `Whether the claims of ${workload.kind} ${workload.name} are for one node alone is not known.`,
    };
  return issue('Fail', path, observed, message);
}

function evaluate(input: EvaluationInput): Verdict {
  const texts = { one: 'is rolled out with an interruption', many: 'are rolled out with an interruption' };
  return judgeByEnvironment(input, (production) =>
    judgeWorkloads(input, (workload) => judge(input, workload, production), {
      ...texts,
      pass: 'Every workload is rolled out step by step',
      warn: { one: 'may be rolled out with an interruption', many: 'may be rolled out with an interruption' },
      none: { reason: 'NoSubjects', message: 'The namespace runs nothing that is rolled out.' },
    }),
  );
}

const control: BaseControl = {
  id: 'RD-5.G.3.1',
  title: 'A safe deployment strategy is used',
  requirement: '§5: advanced deployment strategies: Blue/Green, Canary, Rolling and Continuous',
  severity: 'low',
  scope: 'workload',
  rationale:
    'A rollout that stops everything first is an outage, and one that cannot go back when the new version is broken.',
  rule: `Of Deployments, StatefulSets, DaemonSets and Argo Rollouts. Pass: it is a Rollout with a canary or blueGreen strategy, or it is updated rolling with maxUnavailable below 100 % and at least workloads.minReplicas replicas (of a HorizontalPodAutoscaler its minReplicas; DaemonSets have no such number). Warn: it rolls with fewer, is updated OnDelete, is a Rollout without a strategy, or stops every pod (Recreate, maxUnavailable 100 %) outside production, or with a claim that one node alone may mount. Fail: it stops every pod, in production, without such a claim. ${productionRule} NotApplicable (NoWorkloads, NoSubjects): the namespace runs nothing of these. Unknown: the workloads could not be read, or the autoscalers or claims could not and would decide.`,
  notes: [
    'Recreate is legitimate where the volume can be mounted by one node at a time; an exception should say so.',
    'Of a Rollout’s canary maxUnavailable counts where it has no steps; a Rollout that is known by its pods alone passes. Canaries of Flagger, and blue-green by the selector of a Service, are not read: such a Deployment is judged by its own strategy.',
    'What is scaled to none is left out.',
  ],
  remediation: 'Set strategy.type: RollingUpdate with a small maxUnavailable, and run two replicas or more.',
  evidence: ['workloads', 'horizontalpodautoscalers', 'persistentvolumeclaims'],
  parameters: ['workloads.minReplicas', 'platform.productionNamespaces'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-3', 'CM-3(2)'],
    kubescape: ['C-0305'],
    other: ['kube-linter no-rolling-update-strategy'],
  },
  evaluate,
};
export default control;
