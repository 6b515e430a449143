import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { GitOpsApp, GitOpsOrigin } from '../domain/gitops.ts';
import type { Finding, UnknownReason, Verdict } from '../domain/verdict.ts';
import { notApplicable, unknown } from '../domain/verdict.ts';
import { nameApp } from './shared/deployment.ts';
import { count, sortFindings } from './shared/findings.ts';
import { appFinding, unreadIssues } from './shared/judge-apps.ts';

interface Unclear {
  readonly reason: UnknownReason;
  readonly message: string;
}

/** What is known of where one object deploys from. */
interface Judged {
  readonly app: GitOpsApp;
  readonly findings: readonly Finding[];
  readonly unclear: readonly Unclear[];
  /** Its tool cannot verify it, so only people know. */
  readonly asks: boolean;
}

const judgeApp = (app: GitOpsApp): Judged => ({
  app,
  findings: app.origins.flatMap((origin) => findingsOf(app, origin)),
  unclear: app.origins.flatMap((origin) => unclearIn(app, origin)),
  asks: app.origins.length === 0 || app.origins.some(({ signature }) => signature === 'never'),
});

function findingsOf(app: GitOpsApp, { path, by, signature, head }: GitOpsOrigin): Finding[] {
  const finding = (message: string) => appFinding(app, { path, observed: by, message });
  const demand = app.kind === 'Application' ? 'demands no signature of it' : 'has no spec.verify';
  return [
    ...(signature === 'off'
      ? [finding(`Nobody verifies who has signed what it deploys: ${by} ${demand}.`)]
      : []),
    ...(signature === 'refused'
      ? [
          finding(
            `The signature of what it should deploy is not good, by the condition SourceVerified of ${by}.`,
          ),
        ]
      : []),
    ...(head === true
      ? [
          appFinding(app, {
            path: `${path}.targetRevision`,
            observed: 'HEAD',
            message: 'It follows whatever the repository calls its main branch.',
          }),
        ]
      : []),
  ];
}

function unclearIn(app: GitOpsApp, { by, signature }: GitOpsOrigin): Unclear[] {
  const who = `Whether what ${app.kind} ${nameApp(app)} deploys is signed is not known:`;
  if (typeof signature === 'object')
    return [{ reason: signature.reason, message: `${who} ${signature.message}` }];
  if (signature !== 'unproven') return [];
  return [
    {
      reason: 'NoEvidence',
      message:
        app.kind === 'Application'
          ? `${who} ${by} demands it, and Argo CD has not compared it without an error.`
          : `${who} ${by} demands it, and its condition SourceVerified does not say so yet.`,
    },
  ];
}

function evaluate({ snapshot }: EvaluationInput): Verdict {
  const { gitOps, workloads, namespace } = snapshot;
  if (!gitOps.available) return unknown(gitOps.reason, gitOps.message);
  const [unread] = unreadIssues(workloads);
  if (unread !== undefined) return unknown(unread.reason ?? 'PartialEvidence', unread.message ?? '');
  if (gitOps.items.length === 0)
    return notApplicable('NoGitOps', `Nothing deploys into namespace ${namespace.name} from a repository.`);
  const judged = gitOps.items.map(judgeApp);
  const [unclear] = judged.flatMap((each) => each.unclear);
  if (unclear !== undefined) return unknown(unclear.reason, unclear.message);
  const findings = sortFindings(judged.flatMap((each) => each.findings));
  const asking = judged.find(({ asks }) => asks);
  if (asking !== undefined) return { ...askAbout(asking.app), findings };
  const warning = judged.filter((each) => each.findings.length > 0).length;
  if (warning > 0) {
    const [one, many] = [
      'deploys what is not verified, or not fixed',
      'deploy what is not verified, or not fixed',
    ];
    const message = `${count(warning, 'object')} ${warning === 1 ? one : many}.`;
    return { status: 'Warn', message, findings };
  }
  const message = `The signature of all that is deployed is verified (${count(judged.length, 'GitOps object')}).`;
  return { status: 'Pass', message, findings: [] };
}

const askAbout = (app: GitOpsApp): Verdict => ({
  status: 'Manual',
  reason: 'NotAttested',
  message: `To be answered by a person: does what ${app.kind} ${nameApp(app)} deploys come from where signed changes alone are taken? Its tool cannot verify it, and nobody has attested it.`,
  findings: [],
});

const control: BaseControl = {
  id: 'RD-5.G.1.3',
  title: 'Desired state is in Git with signed commits',
  requirement:
    '§5: a GitOps process ensures that the desired state is always represented in Git, with auditability thanks to signed commits',
  severity: 'low',
  scope: 'namespace',
  rationale:
    'Signed commits say who wanted the state that runs, in a way that nobody can deny or make up afterwards.',
  rule: 'Of every Argo CD Application, Flux Kustomization and Flux HelmRelease that deploys into the namespace, and of each source that it names. Pass: each source must be signed (spec.verify of a GitRepository, an OCIRepository or a HelmChart; signatureKeys or sourceIntegrity.git of an AppProject), and is (condition SourceVerified; Argo CD has compared it without an error). Warn: a source need not be signed; or its signature is not good; or an Application follows HEAD. Manual (NotAttested): a tool cannot verify its source, so a person must answer. NotApplicable (NoGitOps): there is none. Unknown (NoEvidence): a source must be signed and nothing shows that it is, or what decides about it is not there. Unknown: GitOps objects, what decides about signatures, or workloads could not be read.',
  notes: [
    'Where signed commits are demanded on the Git host alone, by a rule for the branch, no cluster shows it: that warns, since the tool would deploy whatever the host hands it.',
    'Argo CD verifies signatures of Git alone: of a chart of a Helm repository and of an OCI artifact a person is asked. So it is with a Bucket of Flux. A chart that Flux takes from an OCI registry can be verified by spec.chart.spec.verify, one from a Git repository by the repository.',
    'A signature of a tag (mode Tag) counts as one of the commit that it names. With keys, Argo CD verifies the commit that it deploys; with sourceIntegrity in mode strict, those before it too.',
    "Of the policies of sourceIntegrity the first that is for the repository counts; in their globs * and ? are known. That Argo CD's verification was switched off by ARGOCD_GPG_ENABLED is not seen.",
    'Keys of a project that has sourceIntegrity too do not count. A GitRepository into which others are put (spec.include) is not proven: only its own commit is verified. Right after keys are given to a project, what Argo CD compared before still counts, until its next refresh.',
    'OCIRepository and HelmChart are read as v1 (Flux 2.6 and 2.3). The AppProject of an Application is looked for where its controller says that it runs, else beside it.',
    'Whether workloads are deployed from a repository at all is judged by RD-4.1.1.',
  ],
  remediation:
    'Let the deployment tool verify commits (spec.verify, or the signature keys of the AppProject), demand signed commits on the deployed branch, and name the branch or tag.',
  evidence: ['workloads', 'gitops'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Manual', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-7(15)', 'CM-5', 'AU-10'],
    nist800190: ['4.1.5'],
    other: ['kyverno flux/verify-git-repositories'],
  },
  evaluate,
};
export default control;
