import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { ServiceAccount } from '../domain/surroundings.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, unknown } from '../domain/verdict.ts';
import { deploymentOf, isStatic } from './shared/deployment.ts';
import { count, sortFindings } from './shared/findings.ts';
import { noWorkloads, specSubjects } from './shared/judge-specs.ts';
import { workloadFinding } from './shared/judge-workloads.ts';
import { holds } from './shared/rights.ts';

/** Workloads that are pushed from outside, and whether of all others it is known that they are not. */
function pushedIn({ snapshot, parameters }: EvaluationInput) {
  const all = snapshot.workloads.available ? specSubjects(snapshot.workloads.items) : [];
  const findings: Finding[] = [];
  let pulled = 0;
  let judged = 0;
  for (const workload of all) {
    if (isStatic(workload)) continue;
    judged++;
    const found = deploymentOf(workload, snapshot.gitOps, parameters['gitops.interactiveManagers']);
    if (found.by === 'gitops') pulled++;
    if (found.by !== 'push' && found.by !== 'hand') continue;
    const observed = found.by === 'push' ? found.client : found.managers.join(', ');
    const message = 'It is deployed from outside the cluster.';
    findings.push(workloadFinding(workload, { observed, message }));
  }
  return { findings, judged, allPulled: pulled === judged };
}

const tokensOf = ({ name, tokenSecrets = [] }: ServiceAccount): Finding[] =>
  tokenSecrets.map((secret) => ({
    subject: { kind: 'ServiceAccount', name },
    path: 'secrets',
    observed: secret,
    message: 'It lists a Secret that is named as one with a token that does not expire.',
  }));

function evaluate(input: EvaluationInput): Verdict {
  const { workloads, serviceAccounts, rights, gitOps, namespace } = input.snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const { findings: pushed, judged, allPulled } = pushedIn(input);
  if (specSubjects(workloads.items).length === 0) return noWorkloads(input.snapshot);
  if (judged === 0)
    return notApplicable('StaticPods', 'The namespace runs static pods alone, which are files on nodes.');
  if (!serviceAccounts.available) return unknown(serviceAccounts.reason, serviceAccounts.message);
  const withTokens = serviceAccounts.items.filter(({ tokenSecrets = [] }) => tokenSecrets.length > 0);
  const writing = withTokens.filter(
    ({ name }) =>
      rights.available &&
      rights.items.some((right) => holds(right, name) && right.powers.all.includes('write')),
  );
  if (writing.length > 0 && pushed.length > 0) {
    const message = `${count(pushed.length, 'workload')} ${pushed.length === 1 ? 'is' : 'are'} deployed from outside, and a ServiceAccount that may write has a token that does not expire.`;
    return { status: 'Fail', message, findings: sortFindings([...writing.flatMap(tokensOf), ...pushed]) };
  }
  if (!gitOps.available) return unknown(gitOps.reason, gitOps.message);
  if (withTokens.length > 0 && !rights.available) return unknown(rights.reason, rights.message);
  const lesser = sortFindings([...withTokens.flatMap(tokensOf), ...pushed]);
  if (lesser.length > 0) {
    const message = `${count(pushed.length, 'workload')} ${pushed.length === 1 ? 'is' : 'are'} deployed from outside; ${count(withTokens.length, 'ServiceAccount')} ${withTokens.length === 1 ? 'has' : 'have'} a token that does not expire.`;
    return { status: 'Warn', message, findings: lesser };
  }
  const question = `does namespace ${namespace.name} hold no Secret of type kubernetes.io/service-account-token, and is none of its workloads deployed from outside?`;
  const known = allPulled
    ? 'A GitOps controller pulls all of them.'
    : 'Not of all is it seen how they are deployed.';
  return {
    status: 'Manual',
    reason: 'NotAttested',
    message: `To be answered by a person: ${question} ${known} Nobody has attested it.`,
    findings: [],
  };
}

const control: BaseControl = {
  id: 'RD-5.G.1.1',
  title: 'No ports or shared keys are opened for external CI/CD',
  requirement: '§5: GitOps needs no ports opened and no keys shared for a CI/CD system outside the cluster',
  severity: 'medium',
  scope: 'namespace',
  rationale:
    'A pipeline outside that pushes into the cluster needs a way in and a key, and whoever takes over the pipeline has both.',
  rule: 'Of the root workloads but static pods, and of the ServiceAccounts. Fail: a ServiceAccount that may change objects lists a long-lived token, and a workload is deployed from outside. Warn: one of the two, or a token of one that may change nothing. Manual (NotAttested): neither is seen, and whether there are other long-lived tokens a person must answer. NotApplicable (NoWorkloads, StaticPods): nothing else runs. Unknown: workloads, GitOps objects, accounts, roles or bindings could not be read.',
  notes: [
    'Plumbline has no rights on Secrets, and so it does not see those of type kubernetes.io/service-account-token, nor kubeconfigs. That is why it never passes by itself, also where RD-4.1.1 passes: it asks.',
    'What can be seen are Secrets that a ServiceAccount lists under the name that servers before 1.24 gave to its tokens, <account>-token-xxxxx. A Secret that somebody makes for a token today is listed nowhere.',
    'From outside comes what RD-4.1.1 calls deployed by Helm, a pipeline or by hand. One whose GitOps owner does not list it, or of which nothing shows how it is deployed, is neither seen to be pushed nor to be pulled.',
    'Any right to create, change or delete counts, in any namespace; one for named objects alone does not.',
    'Services and Ingresses in front of deployment tools (Argo CD, Tekton, Jenkins) are not looked for: nothing tells one from another Service but its name.',
  ],
  remediation:
    'Let Argo CD or Flux pull from Git, and delete token Secrets; where CI must push, use short tokens.',
  evidence: ['workloads', 'gitops', 'serviceaccounts', 'roles'],
  parameters: ['gitops.interactiveManagers'],
  verdicts: ['Warn', 'Fail', 'Unknown', 'Manual', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'IA-5', 'CM-5', 'SC-7'],
    nist800190: ['4.3.1'],
    cis: ['5.1.13'],
  },
  evaluate,
};
export default control;
