import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { PodSpec } from '../domain/pod-spec.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { liveSpecs } from '../domain/workload.ts';
import { specSubjects } from './shared/judge-specs.ts';
import { templatePrefix } from './shared/judge-workload.ts';
import type { WorkloadIssue } from './shared/judge-workloads.ts';
import { judgeWorkloads, workloadFinding } from './shared/judge-workloads.ts';

interface Identity {
  readonly account: string;
  /** Undefined where nobody knows. */
  readonly mounted: boolean | undefined;
}

const accountOf = ({ settings }: PodSpec) => settings.serviceAccountName ?? 'default';

/** A live pod shows the volume that the API server gave it; of a template the account says the rest. */
function identitiesOf(workload: Workload, snapshot: Snapshot): readonly Identity[] {
  const live = [...liveSpecs(workload)].filter(([, pod]) => !pod.mirror);
  if (live.length > 0 && snapshot.cluster.live)
    return live.map(([spec]) => ({ account: accountOf(spec), mounted: hasInjectedToken(spec) }));
  const specs =
    live.length > 0
      ? live.map(([spec]) => spec)
      : workload.template && workload.pods.length === 0
        ? [workload.template.spec]
        : [];
  return specs.map((spec) => ({ account: accountOf(spec), mounted: willMount(spec, snapshot) }));
}

const hasInjectedToken = ({ volumes }: PodSpec): boolean =>
  volumes.some(({ name, sources }) => name === 'kube-api-access' && sources.includes('projected'));

function willMount(spec: PodSpec, { serviceAccounts, cluster }: Snapshot): boolean | undefined {
  const written = spec.settings.automountServiceAccountToken;
  if (written !== undefined) return written;
  const name = accountOf(spec);
  const accounts = serviceAccounts.available ? serviceAccounts.items : [];
  const account = accounts.find((each) => each.name === name);
  if (account !== undefined) return account.automountToken !== false;
  // Every namespace has an account "default" that no manifest made; it mounts unless somebody changed it.
  const whole = serviceAccounts.available && serviceAccounts.gap === undefined;
  return whole && (cluster.live || name === 'default') ? true : undefined;
}

function isBound(account: string, { roleBindings }: Snapshot): boolean | undefined {
  const bindings = roleBindings.available ? roleBindings.items : [];
  if (bindings.some(({ accounts }) => accounts.includes(account) || accounts.includes('*'))) return true;
  return roleBindings.available ? false : undefined;
}

function judgeIdentity(
  workload: Workload,
  { account, mounted }: Identity,
  snapshot: Snapshot,
): WorkloadIssue | 'good' {
  const at = templatePrefix(workload.kind);
  const issue = (
    status: 'Fail' | 'Warn',
    field: string,
    observed: string,
    message: string,
  ): WorkloadIssue => ({
    status,
    findings: [workloadFinding(workload, { path: `${at}spec.${field}`, observed, message })],
  });
  const unseen = (what: string): WorkloadIssue => ({
    status: 'Unknown',
    findings: [],
    message: `${workload.kind} ${workload.name} runs as ServiceAccount ${account}, and ${what}.`,
  });
  if (account === 'default') {
    if (mounted === undefined) return unseen('whether its token is mounted is not known');
    return mounted
      ? issue(
          'Fail',
          'serviceAccountName',
          account,
          'It has no account of its own, and holds the token of the one that all share.',
        )
      : issue('Warn', 'serviceAccountName', account, 'It has no account of its own.');
  }
  if (mounted === false) return 'good';
  const bound = isBound(account, snapshot);
  if (bound === true) return 'good';
  if (bound === undefined || mounted === undefined)
    return unseen(
      mounted === undefined
        ? 'whether its token is mounted is not known'
        : 'what is bound to it could not be read',
    );
  return issue(
    'Warn',
    'automountServiceAccountToken',
    'true',
    `It holds a token of ServiceAccount ${account}, to which nothing is bound.`,
  );
}

function evaluate(input: EvaluationInput): Verdict {
  const { snapshot } = input;
  const shared = sharedAccounts(snapshot);
  return judgeWorkloads(
    input,
    (workload) => {
      const identities = identitiesOf(workload, snapshot);
      if (identities.length === 0) return 'out';
      const judged = identities.map((identity) => judgeIdentity(workload, identity, snapshot));
      const findings = identities.flatMap(({ account }) => shareFinding(workload, account, shared));
      if (findings.length > 0) judged.push({ status: 'Warn', findings });
      return worstOf(judged);
    },
    {
      one: 'runs as the account that all share, with its token',
      many: 'run as the account that all share, with its token',
      pass: 'Every workload has an account of its own',
      warn: {
        one: 'has an identity that is not its own, or a token to no purpose',
        many: 'have an identity that is not their own, or a token to no purpose',
      },
      none: { reason: 'StaticPods', message: 'The namespace runs static pods alone, which have no account.' },
    },
  );
}

/** Accounts other than `default` by the workloads that run as them. */
function sharedAccounts(snapshot: Snapshot): ReadonlyMap<string, readonly Workload[]> {
  const users = new Map<string, Workload[]>();
  for (const workload of specSubjects(snapshot.workloads.available ? snapshot.workloads.items : [])) {
    const accounts = new Set(identitiesOf(workload, snapshot).map(({ account }) => account));
    for (const account of accounts) {
      const known = users.get(account);
      if (known === undefined) users.set(account, [workload]);
      else known.push(workload);
    }
  }
  return users;
}

function shareFinding(
  workload: Workload,
  account: string,
  users: ReadonlyMap<string, readonly Workload[]>,
): Finding[] {
  if (account === 'default') return [];
  const all = users.get(account) ?? [];
  const first = all.find((each) => each !== workload);
  if (first === undefined) return [];
  const message = `ServiceAccount ${account} is also that of ${first.kind} ${first.name}${all.length > 2 ? ' and others' : ''}.`;
  const path = `${templatePrefix(workload.kind)}spec.serviceAccountName`;
  return [workloadFinding(workload, { path, observed: account, message })];
}

const order = ['Fail', 'Unknown', 'Warn'] as const;

function worstOf(judged: readonly (WorkloadIssue | 'good')[]): WorkloadIssue | 'good' {
  const issues = judged.filter((each) => each !== 'good');
  for (const status of order) {
    const [first, ...rest] = issues.filter((issue) => issue.status === status);
    if (first === undefined) continue;
    const findings = [first, ...rest].flatMap((issue) => issue.findings);
    return { ...first, findings: [...new Map(findings.map((one) => [one.message, one])).values()] };
  }
  return 'good';
}

const control: BaseControl = {
  id: 'RD-3.6.2',
  title: 'Workloads have distinct identities',
  requirement: '§3: Service Mesh (workload identity)',
  severity: 'medium',
  scope: 'workload',
  rationale:
    'What two workloads share as their identity, a policy cannot tell apart: who takes over one has the rights of both.',
  rule: 'Of every workload but static pods. Pass: it runs as a ServiceAccount of its own, whose token is not mounted or has a role bound to it. Warn: it runs as default without its token; several workloads share one account; or a token is mounted to which nothing is bound. Fail: it runs as default, with its token. Unknown (PartialEvidence): whether the token is mounted, or what is bound to the account, is not known. NotApplicable (NoWorkloads, StaticPods): nothing else runs. Unknown: the workloads could not be read.',
  notes: [
    'A live pod shows by its volumes whether the token was mounted. Of a template automountServiceAccountToken decides, else that of the ServiceAccount, else it is mounted.',
    'Projected tokens that a pod asks for itself, as meshes do, are fine.',
    'A role is bound by a RoleBinding or ClusterRoleBinding to the account, or to all accounts of its namespace, in whichever namespace it holds; what is bound to every account of the cluster does not count.',
    'Manifests without any binding do not show what is bound: that is Unknown, and so is an account that is not among them.',
    'Identity by labels is only as good as the rule who may set them (RD-3.10.2). What peers of NetworkPolicies select is not looked at here.',
  ],
  remediation:
    'Give each workload a ServiceAccount of its own, and set automountServiceAccountToken: false unless it talks to the API server.',
  evidence: ['workloads', 'serviceaccounts', 'rolebindings'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['IA-9', 'AC-6', 'IA-5'],
    nist800190: ['4.3.1'],
    cis: ['5.1.5', '5.1.6'],
    nsaCisa: ['Protecting Pod service account tokens'],
    stig: ['V-242381 CNTR-K8-000220 (supporting)'],
    trivy: ['KSV-0036'],
    kubescape: ['C-0034', 'C-0189', 'C-0190', 'C-0261', 'C-0053'],
  },
  evaluate,
};
export default control;
