import control from '../../src/controls/RD-5.G.1.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { app, input, pod, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';
import { named, right } from '../support/rights.ts';

const by = (...managers: string[]): Workload =>
  workload({ template: template(), provenance: { deployer: { managers, claims: [] }, changes: [] } });
const given = (workloads: Workload[], overrides: SnapshotOverrides = {}) =>
  input({ workloads: read(workloads), ...overrides });
const pulled = { gitOps: read([app()]) };
const token = { serviceAccounts: read([{ name: 'web', labels: {}, tokenSecrets: ['web-token-abcde'] }]) };
const writes = { ...token, rights: read([right(['write'])]) };
const gap = { reason: 'Forbidden', message: 'They may not be listed.' } as const;
const pushFinding = {
  subject: { kind: 'Deployment', name: 'app' },
  observed: 'Helm',
  message: 'It is deployed from outside the cluster.',
};
const tokenFinding = {
  subject: { kind: 'ServiceAccount', name: 'web' },
  path: 'secrets',
  observed: 'web-token-abcde',
  message: 'It lists a Secret that is named as one with a token that does not expire.',
};

describeControl(control, {
  'asks a person where all is pulled: other tokens cannot be seen': {
    given: given([by('argocd-controller')], pulled),
    status: 'Manual',
    reason: 'NotAttested',
    message:
      'To be answered by a person: does namespace shop hold no Secret of type kubernetes.io/service-account-token, and is none of its workloads deployed from outside? A GitOps controller pulls all of them. Nobody has attested it.',
  },
  'asks where nothing shows how workloads are deployed': {
    given: given([workload({ template: template() })]),
    status: 'Manual',
    reason: 'NotAttested',
    message: /Not of all is it seen/,
  },
  'warns of what is pushed': { given: given([by('Helm')]), status: 'Warn', findings: [pushFinding] },
  'warns of what was made by hand': { given: given([by('kubectl-create')]), status: 'Warn' },
  'warns of a token where all is pulled, also of one that may write': {
    given: given([by('argocd-controller')], { ...pulled, ...writes }),
    status: 'Warn',
    message: '0 workloads are deployed from outside; 1 ServiceAccount has a token that does not expire.',
    findings: [tokenFinding],
  },
  'warns of a token that may change nothing, or named objects alone': {
    given: given([by('Helm')], {
      ...token,
      rights: read([right(['readSecrets']), right([], named('write'))]),
    }),
    status: 'Warn',
    findings: [pushFinding, tokenFinding],
  },
  'fails a token that may write beside what is pushed': {
    given: given([by('Helm')], writes),
    status: 'Fail',
    message:
      '1 workload is deployed from outside, and a ServiceAccount that may write has a token that does not expire.',
    findings: [pushFinding, tokenFinding],
  },
  'does not call pushed what an Application may list that was not read': {
    given: given([by('Helm')], { ...writes, gitOps: unread('Forbidden', gap.message) }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not know what a token may do while the roles cannot be read': {
    given: given([by('Helm')], { ...token, rights: unread('Forbidden', gap.message) }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while the accounts cannot be read': {
    given: given([by('Helm')], { serviceAccounts: unread('Forbidden', gap.message) }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', gap.message) }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not apply to static pods': {
    given: given([workload({ kind: 'Pod', pods: [pod({ mirror: true })] })]),
    status: 'NotApplicable',
    reason: 'StaticPods',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
});
