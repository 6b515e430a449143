import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Power, Right } from '../domain/rights.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, pass, unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { liveSpecs } from '../domain/workload.ts';
import { count, sortFindings } from './shared/findings.ts';
import { noWorkloads, specSubjects } from './shared/judge-specs.ts';
import { describeRight, holds, isClusterWide, powersIn, rightFinding } from './shared/rights.ts';

const grave: readonly Power[] = [
  'everything',
  'wildcard',
  'enterPods',
  'makeTokens',
  'bindRoles',
  'escalate',
  'impersonate',
];
/** Of objects that belong to no namespace a RoleBinding gives nothing. */
const graveInCluster: readonly Power[] = [...grave, 'readSecrets', 'proxyNodes', 'changeWebhooks'];
const light: readonly Power[] = ['readSecrets', 'makePods'];

type Weight = 'Fail' | 'Warn';

interface Found {
  readonly weight: Weight;
  readonly finding: Finding;
}

/** What is wrong with a right: the powers that fail, else those that warn. */
function weigh(right: Right): { readonly weight: Weight; readonly powers: readonly Power[] } | undefined {
  const found = powersIn(right, isClusterWide(right) ? graveInCluster : grave);
  if (found.all.length > 0) return { weight: 'Fail', powers: found.all };
  const lesser = powersIn(right, light).all;
  const powers = [...lesser, ...found.named.filter((power) => !lesser.includes(power))];
  return powers.length > 0 ? { weight: 'Warn', powers } : undefined;
}

/** Accounts by the workloads that run as them. Static pods have none. */
function accountsOf(workloads: readonly Workload[]): ReadonlyMap<string, readonly Workload[]> {
  const users = new Map<string, Workload[]>();
  for (const workload of specSubjects(workloads)) {
    const live = [...liveSpecs(workload)].flatMap(([spec, { mirror }]) => (mirror ? [] : [spec]));
    const specs = workload.pods.length > 0 ? live : workload.template ? [workload.template.spec] : [];
    for (const account of new Set(specs.map(({ settings }) => settings.serviceAccountName ?? 'default'))) {
      const known = users.get(account);
      if (known === undefined) users.set(account, [workload]);
      else known.push(workload);
    }
  }
  return users;
}

function judge(right: Right, account: string, users: readonly Workload[], own: string): Found | undefined {
  const weighed = weigh(right);
  const [first] = users;
  if (weighed === undefined || first === undefined) return undefined;
  const others = users.length > 1 ? ` and ${count(users.length - 1, 'other')}` : '';
  const what = describeRight(right, weighed.powers, own);
  const message = `It ${what}; ${first.kind} ${first.name}${others} ${others === '' ? 'runs' : 'run'} as it.`;
  const also = users.map(({ kind, name }) => ({ kind, name }));
  return {
    weight: weighed.weight,
    finding: rightFinding(right, { kind: 'ServiceAccount', name: account }, { message, also }),
  };
}

function evaluate({ snapshot }: EvaluationInput): Verdict {
  const { workloads, rights, namespace } = snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  if (specSubjects(workloads.items).length === 0) return noWorkloads(snapshot);
  const users = accountsOf(workloads.items);
  if (users.size === 0)
    return notApplicable('StaticPods', 'The namespace runs static pods alone, which have no account.');
  if (!rights.available) return unknown(rights.reason, rights.message);
  const found = [...users].flatMap(([account, some]) =>
    rights.items
      .filter((right) => holds(right, account))
      .flatMap((right) => judge(right, account, some, namespace.name) ?? []),
  );
  if (found.length > 0) return verdictOf(found, users.size);
  return isBound(rights.items, users)
    ? pass(
        `No role gives more than it should to the ${count(users.size, 'ServiceAccount')} that pods run as.`,
      )
    : notApplicable('NoBinding', 'Nothing is bound to a ServiceAccount that pods run as.');
}

function verdictOf(found: readonly Found[], total: number): Verdict {
  const status = found.some(({ weight }) => weight === 'Fail') ? 'Fail' : 'Warn';
  const findings = found.flatMap(({ weight, finding }) => (weight === status ? [finding] : []));
  const accounts = new Set(findings.map(({ subject }) => subject.name)).size;
  const some = `${accounts} of ${count(total, 'ServiceAccount')} that pods run as`;
  const much = status === 'Fail' ? 'far more than a workload needs' : 'more than most workloads need';
  return { status, message: `${some} may do ${much}.`, findings: sortFindings(findings) };
}

/** What is bound to the service accounts of every namespace does not count: each cluster has such. */
const isBound = (rights: readonly Right[], users: ReadonlyMap<string, unknown>): boolean =>
  rights.some(({ accounts }) => accounts.some((account) => account === '*' || users.has(account)));

const control: BaseControl = {
  id: 'RD-3.10.2',
  title: 'Workload identities hold least privilege',
  requirement: '§3: Zero Trust Model Down to the Container Level (identity)',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'Who takes over a container has what its ServiceAccount may do; a role that reaches further makes one broken container a broken cluster.',
  rule: 'Of the ServiceAccounts that pods run as (of a workload without pods, its template), and of all that RoleBindings and ClusterRoleBindings of any namespace give them, also through the groups system:serviceaccounts, system:serviceaccounts:<namespace> and system:authenticated. Fail: cluster-admin; every verb on every resource of an API group; in the whole cluster, to get, list or watch Secrets, any use of nodes/proxy, or to change webhook configurations; anywhere, to run commands in pods (pods/exec, pods/attach), to create tokens (serviceaccounts/token), to create, update or patch role bindings, escalate, bind or impersonate. Warn: to read Secrets in a namespace; to make pods, by themselves or through a controller. Pass: none of these. NotApplicable (NoBinding): nothing is bound to them. NotApplicable (NoWorkloads, StaticPods): nothing else runs. Unknown: workloads, roles or bindings could not be read.',
  notes: [
    'Where a rule of the role lists resourceNames, what would fail warns, and what would warn passes: that is how a role is narrowed.',
    'Whether a pod mounts the token of its account does not matter here: RD-3.6.2 looks at that.',
    'To get pods/exec or pods/attach counts as running commands: servers before 1.35 let it in through a WebSocket.',
    'Of an aggregated ClusterRole the rules count that its controller has put in. A binding to a role that does not exist gives nothing.',
    'The roles admin and edit that each cluster has let in all who have them to pods and tokens, so that they fail.',
    'In manifests, cluster-admin, admin, edit and view are known; another role that is not among them leaves the control Unknown. So do bindings that are not those of a whole cluster, where none of them gives too much: as in RD-3.1.3.',
  ],
  remediation:
    'Bind the ServiceAccount to a Role of its own that allows the verbs and resources that the workload uses, with resourceNames where they are known.',
  evidence: ['workloads', 'roles'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'AC-6(1)', 'AC-6(5)', 'AC-3'],
    nist800190: ['4.3.1'],
    cis: ['5.1.1', '5.1.2', '5.1.3', '5.1.4', '5.1.8', '5.1.9', '5.1.10', '5.1.11', '5.1.12', '5.1.13'],
    nsaCisa: ['Authentication and authorization'],
    stig: ['V-274884 (need-to-know Secret access; STIG id unverified)'],
    trivy: [
      'KSV-0041',
      'KSV-0044',
      'KSV-0045',
      'KSV-0046',
      'KSV-0047',
      'KSV-0048',
      'KSV-0049',
      'KSV-0050',
      'KSV-0051',
      'KSV-0052',
      'KSV-0053',
      'KSV-0054',
      'KSV-0055',
      'KSV-0056',
      'KSV-0111',
      'KSV-0112',
      'KSV-0113',
      'KSV-0114',
      'KSV-0122',
      'KSV-0123',
    ],
    kubescape: [
      'C-0035',
      'C-0015',
      'C-0186',
      'C-0187',
      'C-0188',
      'C-0191',
      'C-0267',
      'C-0272',
      'C-0278',
      'C-0279',
      'C-0280',
      'C-0281',
      'C-0282',
    ],
  },
  evaluate,
};
export default control;
