import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { GitOpsApp } from '../domain/gitops.ts';
import { isOutOfSync } from '../domain/gitops.ts';
import type { Verdict } from '../domain/verdict.ts';
import { notApplicable, unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { appsOf, isInteractive, isStatic } from './shared/deployment.ts';
import type { AppIssue } from './shared/judge-apps.ts';
import { appFinding, summarizeIssues, unreadIssues } from './shared/judge-apps.ts';
import { specSubjects } from './shared/judge-specs.ts';
import { workloadFinding } from './shared/judge-workloads.ts';

const good: AppIssue = { status: 'Pass', findings: [] };

function judgeApp(app: GitOpsApp, { parameters, now }: EvaluationInput): AppIssue {
  const { settings, suspendedSince, troubledSince, observed } = app;
  const warn = (path: string, message: string, until?: number): AppIssue => ({
    status: 'Warn',
    findings: [appFinding(app, { path, message })],
    until,
  });
  const overdue = (since: number, after: number, path: string, message: string): AppIssue =>
    since + after < now
      ? { status: 'Fail', findings: [appFinding(app, { path, observed, message })] }
      : warn(path, message, since + after + 1);
  if (settings.suspended) {
    const message = 'It is suspended: nobody corrects anything.';
    if (suspendedSince === undefined) return warn('spec.suspend', message);
    return overdue(suspendedSince, parameters['gitops.suspendedFailAfter'], 'spec.suspend', message);
  }
  if (!settings.automated) {
    const path = 'spec.syncPolicy.automated';
    if (isOutOfSync(app) && troubledSince !== undefined)
      return overdue(
        ...([troubledSince, parameters['gitops.outOfSyncFailAfter'], path] as const),
        'It is OutOfSync, and a person must sync it.',
      );
    return warn(path, 'A person must sync it.');
  }
  const off = [
    ...(settings.selfHeal ? [] : [healing[app.kind]]),
    ...(settings.prune ? [] : [pruning[app.kind]]),
  ];
  return off.length === 0 ? good : warn(off[0] ?? '', `Not on: ${off.join(', ')}.`);
}

const healing: Readonly<Record<GitOpsApp['kind'], string>> = {
  Application: 'spec.syncPolicy.automated.selfHeal',
  Kustomization: 'spec.interval',
  HelmRelease: 'spec.driftDetection.mode',
};
const pruning: Readonly<Record<GitOpsApp['kind'], string>> = {
  Application: 'spec.syncPolicy.automated.prune',
  Kustomization: 'spec.prune',
  HelmRelease: 'spec.upgrade',
};

/** Of a workload that nothing deploys from a repository, RD-4.1.1 speaks. */
function judgeWorkload(workload: Workload, { snapshot, parameters }: EvaluationInput): AppIssue {
  const apps = appsOf(workload, snapshot.gitOps);
  if (apps.length === 0 || isStatic(workload)) return good;
  const { deployer, changes = [] } = workload.provenance ?? {};
  if (deployer === undefined || deployer.managers.length === 0) return unseen(workload);
  const applied = Math.max(...apps.map(({ syncedAt }) => syncedAt ?? 0));
  const byHand = changes.filter(
    ({ manager, at }) => at > applied && isInteractive(manager, parameters['gitops.interactiveManagers']),
  );
  if (byHand.length === 0) return good;
  return {
    status: 'Warn',
    findings: byHand.map(({ manager }) =>
      workloadFinding(workload, {
        path: 'metadata.managedFields',
        observed: manager,
        message: 'It was changed by hand after it was last applied.',
      }),
    ),
  };
}

const unseen = ({ kind, name }: Workload): AppIssue => ({
  status: 'Unknown',
  findings: [],
  reason: 'PartialEvidence',
  message: `Nothing shows who has changed ${kind} ${name}.`,
});

function evaluate(input: EvaluationInput): Verdict {
  const { gitOps, workloads, namespace } = input.snapshot;
  if (!gitOps.available) return unknown(gitOps.reason, gitOps.message);
  const unread = unreadIssues(workloads);
  const { items } = gitOps;
  if (items.length + unread.length === 0)
    return notApplicable('NoGitOps', `Nothing deploys into namespace ${namespace.name} from a repository.`);
  const subjects = workloads.available ? specSubjects(workloads.items) : [];
  const issues = [
    ...items.map((app) => judgeApp(app, input)),
    ...unread,
    ...subjects.map((workload) => judgeWorkload(workload, input)),
  ];
  return summarizeIssues(issues, items.length, {
    fail: { one: 'was left to drift for too long', many: 'were left to drift for too long' },
    warn: {
      one: 'is left to drift, or was changed by hand',
      many: 'are left to drift, or were changed by hand',
    },
    pass: 'What is changed in the cluster is changed back by itself',
  });
}

const control: BaseControl = {
  id: 'RD-5.G.1.2',
  title: 'Configuration drift is corrected automatically',
  requirement: '§5: a GitOps process ensures that drift from the desired state is corrected',
  severity: 'medium',
  scope: 'namespace',
  rationale:
    'A change by hand that nobody takes back is what the next incident runs on, and no review has seen it.',
  rule: 'Of every Argo CD Application, Flux Kustomization and Flux HelmRelease that deploys into the namespace, and of the workloads that it lists. Pass: each corrects drift and prunes by itself, and no workload was changed by hand after it was last applied. Warn: one is not synced automatically, or does not heal or prune by itself, or is suspended; or a workload was changed by one of gitops.interactiveManagers since. Fail: suspended for longer than gitops.suspendedFailAfter, or without automated sync OutOfSync for longer than gitops.outOfSyncFailAfter. NotApplicable (NoGitOps): there is none. Unknown (PartialEvidence): a workload does not show who has changed it. Unknown: workloads or GitOps objects could not be read.',
  notes: [
    'An Application needs syncPolicy.automated with selfHeal and prune; a Kustomization always heals, and needs prune; a HelmRelease needs driftDetection.mode: enabled, and its upgrades always prune.',
    'Since when something is suspended is what the owners of the field say, or when Plumbline first saw it so; since when an Application is OutOfSync it does not say, so it counts from when Plumbline first saw it: a new replica begins anew. It is never counted longer than it was.',
    'A change of spec.replicas alone, or by kubectl rollout restart, is no drift; neither is what admission webhooks and controllers write.',
    'Field managers are those of the root workload: ConfigMaps, Services and roles that were changed by hand are not looked at.',
    'A window in which an AppProject forbids to sync is not read.',
  ],
  remediation:
    'Switch on selfHeal and prune, or driftDetection; resume what is suspended; take changes by hand into Git.',
  evidence: ['workloads', 'gitops'],
  parameters: ['gitops.interactiveManagers', 'gitops.suspendedFailAfter', 'gitops.outOfSyncFailAfter'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: { nist80053: ['CM-2(2)', 'CM-3', 'CM-6'] },
  evaluate,
};
export default control;
