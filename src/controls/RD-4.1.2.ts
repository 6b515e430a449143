import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { GitOpsApp } from '../domain/gitops.ts';
import { staleAt } from '../domain/gitops.ts';
import type { UnknownReason, Verdict } from '../domain/verdict.ts';
import { notApplicable, unknown } from '../domain/verdict.ts';
import { nameApp } from './shared/deployment.ts';
import type { AppIssue } from './shared/judge-apps.ts';
import { appFinding, summarizeIssues, unreadIssues } from './shared/judge-apps.ts';

const says: Readonly<Partial<Record<GitOpsApp['state'], string>>> = {
  differs: 'The cluster is not as the repository says.',
  progressing: 'It is on its way.',
  suspended: 'It is suspended.',
  failed: 'What it has deployed is not well.',
  notReady: 'It could not be deployed.',
};

function judge(app: GitOpsApp, { parameters, now }: EvaluationInput): AppIssue {
  const unseen = (reason: UnknownReason, what: string): AppIssue => ({
    ...{ status: 'Unknown', findings: [], reason, message: `${app.kind} ${nameApp(app)} ${what}.` },
  });
  const told = (status: 'Fail' | 'Warn', until?: number): AppIssue => ({
    status,
    findings: [appFinding(app, { path: 'status', observed: app.observed, message: says[app.state] ?? '' })],
    until,
  });
  const { state, reconciledAt, troubledSince } = app;
  if (app.settings.suspended) return told('Warn');
  if (state === 'unknown') return unseen('NoEvidence', `does not say whether it is in sync and well`);
  if (state === 'notReady') {
    // However long ago that was said: nothing has been deployed since.
    if (troubledSince === undefined) return told('Warn');
    const failsAt = troubledSince + parameters['gitops.notReadyFailAfter'] + 1;
    return failsAt <= now ? told('Fail') : told('Warn', failsAt);
  }
  const skew = parameters['platform.maxClockSkew'];
  if (reconciledAt !== undefined && reconciledAt > now + skew)
    return {
      ...unseen('EvaluationError', 'was reconciled in the future: clock skew'),
      until: reconciledAt - skew,
    };
  const stale = staleAt(app, parameters['gitops.reconciledWithin']);
  if (stale !== undefined && stale <= now) return unseen('StaleEvidence', 'was last reconciled too long ago');
  if (state === 'failed') return told('Fail', stale);
  if (state === 'agreed') return { status: 'Pass', findings: [], until: stale };
  return told('Warn', stale);
}

function evaluate(input: EvaluationInput): Verdict {
  const { gitOps, workloads, namespace } = input.snapshot;
  if (!gitOps.available) return unknown(gitOps.reason, gitOps.message);
  const unread = unreadIssues(workloads);
  if (gitOps.items.length + unread.length === 0)
    return notApplicable('NoGitOps', `Nothing deploys into namespace ${namespace.name} from a repository.`);
  const issues = [...gitOps.items.map((app) => judge(app, input)), ...unread];
  return summarizeIssues(issues, gitOps.items.length, {
    fail: { one: 'could not be deployed, or is not well', many: 'could not be deployed, or are not well' },
    warn: {
      one: 'is not as the repository says, or is suspended',
      many: 'are not as the repository says, or are suspended',
    },
    pass: 'All that is deployed is as the repository says',
  });
}

const control: BaseControl = {
  id: 'RD-4.1.2',
  title: 'Desired and live state agree',
  requirement: '§4: Software factory: CI/CD, Argo CD or CI as the last step',
  severity: 'medium',
  scope: 'namespace',
  rationale:
    'A review of the repository says nothing of a cluster that is otherwise, and a fix that was merged mends nothing until it is applied.',
  rule: 'Of every Argo CD Application, Flux Kustomization and Flux HelmRelease that deploys into the namespace. Pass: Synced and Healthy, or Ready, and compared within gitops.reconciledWithin. Warn: OutOfSync, Missing, Progressing or suspended; Ready=False. Fail: Degraded, or Ready=False for longer than gitops.notReadyFailAfter. Unknown (StaleEvidence): compared longer ago. Unknown (NoEvidence): it does not say. Unknown (EvaluationError): its date lies in the future by more than platform.maxClockSkew. NotApplicable (NoGitOps): there is none. Unknown: they could not be read.',
  notes: [
    'One deploys into the namespace that it names as its destination or target, and into those in which it lists objects, wherever it stands itself. One that names and lists nothing counts where it stands. What deploys into another cluster does not count.',
    'Of a Kustomization the moment at which Ready last changed is that of the last comparison, since its controller makes it Unknown and True again each time; its interval is added to gitops.reconciledWithin. While it is applied once more as it was, what was known before holds.',
    'A HelmRelease does not say when it was last looked at, so it is never stale. That its controller is dead shows only in what is Ready=Unknown or False.',
    'A new attempt to deploy what is not ready does not start the time anew. It runs from the moment that the object says, or from when Plumbline first saw it so: the earlier one. A new replica counts from its own start.',
    'Only the state of the whole object counts, also where it has objects in several namespaces.',
  ],
  remediation: 'Sync it, or fix what keeps it from being well; resume what is suspended.',
  evidence: ['workloads', 'gitops'],
  parameters: ['gitops.reconciledWithin', 'gitops.notReadyFailAfter', 'platform.maxClockSkew'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: { nist80053: ['CM-2(2)', 'CM-3', 'SI-7'] },
  evaluate,
};
export default control;
