import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Power, Right } from '../domain/rights.ts';
import type { ServiceAccount } from '../domain/surroundings.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, unknown } from '../domain/verdict.ts';
import { count, sortFindings } from './shared/findings.ts';
import { describeRight, holds, isClusterWide, placeOf, powersIn, rightFinding } from './shared/rights.ts';

const clusterWide: readonly Power[] = ['everything', 'write'];
/** What reaches further than to deploy, in the namespace itself. */
const wide: readonly Power[] = [
  'everything',
  'wildcard',
  'readSecrets',
  'makeTokens',
  'bindRoles',
  'changeRoles',
  'escalate',
  'impersonate',
];

const subjectOf = (name: string) => ({ kind: 'ServiceAccount', name });

/** `gitlab-runner2` has the words gitlab and runner. */
const wordsOf = (name: string): readonly string[] => name.toLowerCase().split(/[^a-z]+/);

const isPipeline = ({ name }: ServiceAccount, words: readonly string[]): boolean =>
  wordsOf(name).some((word) => words.some((each) => each.toLowerCase() === word));

/** The right fails. */
function failing(right: Right, account: string, own: string): Finding[] {
  const { all } = powersIn(right, clusterWide);
  if (!isClusterWide(right) || all.length === 0) return [];
  return [rightFinding(right, subjectOf(account), { message: `It ${describeRight(right, all, own)}.` })];
}

function warning(right: Right, account: string, own: string): Finding[] {
  const found = powersIn(right, wide).all;
  const elsewhere = right.namespace !== own && !right.everyone;
  if (found.length === 0 && !elsewhere) return [];
  const message =
    found.length > 0
      ? `It ${describeRight(right, found, own)}.`
      : `It is not limited to its namespace: a role is bound to it ${placeOf(right, own)}.`;
  return [rightFinding(right, subjectOf(account), { message })];
}

const tokenFindings = ({ name, tokenSecrets = [] }: ServiceAccount): Finding[] =>
  tokenSecrets.map((secret) => ({
    subject: subjectOf(name),
    path: 'secrets',
    observed: secret,
    message: 'It lists a Secret that is named as one with a token that does not expire.',
  }));

function evaluate({ snapshot, parameters }: EvaluationInput): Verdict {
  const { serviceAccounts, rights, namespace } = snapshot;
  if (!serviceAccounts.available) return unknown(serviceAccounts.reason, serviceAccounts.message);
  const pipelines = serviceAccounts.items.filter((each) =>
    isPipeline(each, parameters['gitops.ciServiceAccounts']),
  );
  const tokens = serviceAccounts.items.flatMap(tokenFindings);
  if (pipelines.length + tokens.length === 0)
    return notApplicable('NoPipelineAccount', 'No ServiceAccount here is named as that of a pipeline.');
  if (pipelines.length > 0 && !rights.available) return unknown(rights.reason, rights.message);
  const given = rights.available ? rights.items : [];
  const each = (judge: typeof failing) =>
    pipelines.flatMap(({ name }) =>
      given.filter((right) => holds(right, name)).flatMap((right) => judge(right, name, namespace.name)),
    );
  const grave = each(failing);
  if (grave.length > 0) return verdictOf('Fail', grave, 'may change the whole cluster');
  const lesser = [...each(warning), ...tokens];
  if (lesser.length > 0)
    return verdictOf('Warn', lesser, 'may do more than deploy here, or have tokens that do not expire');
  return {
    status: 'Manual',
    reason: 'NotAttested',
    message: `To be answered by a person: does namespace ${namespace.name} hold no Secret of type kubernetes.io/service-account-token? Its pipelines may do no more than they should. Nobody has attested it.`,
    findings: [],
  };
}

function verdictOf(status: 'Fail' | 'Warn', findings: readonly Finding[], what: string): Verdict {
  const accounts = new Set(findings.map(({ subject }) => subject.name)).size;
  const verb = accounts === 1 ? what.replace(', or have ', ', or has ') : what;
  const message = `${count(accounts, 'ServiceAccount')} ${verb}.`;
  return { status, message, findings: sortFindings(findings) };
}

const control: BaseControl = {
  id: 'RD-4.1.3',
  title: 'Pipeline credentials in the namespace are least-privileged and short-lived',
  requirement: '§4: CI/CD, Argo CD or CI as the last step of the software factory',
  severity: 'medium',
  scope: 'namespace',
  rationale:
    'A pipeline’s credential lies in a system outside the cluster. Whoever finds it there has what it may do, for as long as it is valid.',
  rule: 'Of the ServiceAccounts whose names have a word of gitops.ciServiceAccounts in them. Fail: one may change objects in the whole cluster, as with cluster-admin. Warn: a ServiceAccount of the namespace lists a long-lived token; or a pipeline’s has a role elsewhere than in the namespace, may read its Secrets, make tokens, impersonate, or change or bind roles there. Manual (NotAttested): none of these, and whether there are other long-lived tokens a person must answer. NotApplicable (NoPipelineAccount): there is no such account and no such token. Unknown: accounts, roles or bindings could not be read.',
  notes: [
    'Plumbline has no rights on Secrets, and so it does not see those of type kubernetes.io/service-account-token. That is why it never passes by itself: it asks.',
    'What can be seen are Secrets that a ServiceAccount lists under the name that servers before 1.24 gave to its tokens, <account>-token-xxxxx. One that a controller still makes needs an exception.',
    'A word is what stands between other characters than letters: ci-deployer and github2 are of pipelines, pricing is not.',
    'To read without Secrets in the whole cluster, as with view, warns: it is not limited to the namespace. What is bound to the accounts of every namespace (system:serviceaccounts, system:authenticated) counts where it has such powers.',
    'A rule with resourceNames does not count in the namespace, and in the whole cluster it warns.',
    'A RoleBinding to cluster-admin gives everything in one namespace, and warns here; where pods run as the account, RD-3.10.2 fails it.',
  ],
  remediation:
    'Let pipelines take short tokens (TokenRequest, OIDC) or let a GitOps controller pull; bind them to a Role of the namespace alone, and delete token Secrets.',
  evidence: ['serviceaccounts', 'roles'],
  parameters: ['gitops.ciServiceAccounts'],
  verdicts: ['Warn', 'Fail', 'Unknown', 'Manual', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'IA-5', 'CM-5'],
    nist800190: ['4.3.1', '4.3.2'],
    cis: ['5.1.1', '5.1.13'],
    kubescape: ['C-0282'],
  },
  evaluate,
};
export default control;
