import control from '../../src/controls/RD-4.1.3.ts';
import type { Right } from '../../src/domain/rights.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { input } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';
import { clusterRight, named, right } from '../support/rights.ts';

const account = (name: string) => ({ name, labels: {} });
const ci = { accounts: ['ci'] };
const given = (...rights: Right[]) => input({ serviceAccounts: read([account('ci')]), rights: read(rights) });
const subject = { kind: 'ServiceAccount', name: 'ci' };

describeControl(control, {
  'asks a person about tokens where the role is limited to the namespace': {
    given: given(right(['write', 'makePods', 'changePipeline'], ci)),
    status: 'Manual',
    reason: 'NotAttested',
    message: /does namespace shop hold no Secret of type kubernetes\.io\/service-account-token\?/,
  },
  'asks a person where nothing is bound': { given: given(), status: 'Manual', reason: 'NotAttested' },
  'fails cluster-admin': {
    given: given(clusterRight(['everything', 'write'], { ...ci, role: 'ClusterRole cluster-admin' })),
    status: 'Fail',
    message: '1 ServiceAccount may change the whole cluster.',
    findings: [
      {
        subject,
        observed: 'ClusterRole cluster-admin',
        ref: 'ClusterRoleBinding binding',
        message: 'It may do everything in the whole cluster.',
      },
    ],
  },
  'fails any change in the whole cluster': { given: given(clusterRight(['write'], ci)), status: 'Fail' },
  'fails it through a group': {
    given: given(clusterRight(['write'], { accounts: [], everyone: true })),
    status: 'Fail',
  },
  'warns of changes to named objects of the whole cluster': {
    given: given(clusterRight([], { ...ci, ...named('write') })),
    status: 'Warn',
    message: '1 ServiceAccount may do more than deploy here, or has tokens that do not expire.',
  },
  'warns of a role in another namespace': {
    given: given(right([], { ...ci, namespace: 'other' })),
    status: 'Warn',
    findings: [
      {
        subject,
        observed: 'Role web',
        ref: 'RoleBinding other/binding',
        message: 'It is not limited to its namespace: a role is bound to it in namespace other.',
      },
    ],
  },
  'warns of Secrets and roles of the namespace': {
    given: given(right(['readSecrets', 'bindRoles', 'write'], ci)),
    status: 'Warn',
  },
  'warns of everything in the namespace': {
    given: given(right(['everything', 'write'], ci)),
    status: 'Warn',
  },
  'does not mind named objects of the namespace': {
    given: given(right(['write'], { ...ci, powers: { all: ['write'], named: ['readSecrets'] } })),
    status: 'Manual',
    reason: 'NotAttested',
  },
  'does not mind what everyone may read': {
    given: given(clusterRight([], { accounts: [], everyone: true })),
    status: 'Manual',
    reason: 'NotAttested',
  },
  'warns of a token that an account lists, whoever it is': {
    given: input({
      serviceAccounts: read([{ ...account('default'), tokenSecrets: ['default-token-abcde'] }]),
    }),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'ServiceAccount', name: 'default' },
        path: 'secrets',
        observed: 'default-token-abcde',
        message: 'It lists a Secret that is named as one with a token that does not expire.',
      },
    ],
  },
  'warns of a token though roles cannot be read, where there is no pipeline': {
    given: input({
      serviceAccounts: read([{ ...account('default'), tokenSecrets: ['default-token-abcde'] }]),
      rights: unread('Forbidden', 'Roles may not be listed.'),
    }),
    status: 'Warn',
  },
  'knows words and not parts of them': {
    given: input({
      serviceAccounts: read(['pricing', 'decision', 'deployment', 'default'].map(account)),
      rights: read([clusterRight(['write'], { accounts: ['*'] })]),
    }),
    status: 'NotApplicable',
    reason: 'NoPipelineAccount',
  },
  'knows words among others': {
    given: input({
      serviceAccounts: read(['gitlab-runner', 'github2', 'app.deploy'].map(account)),
      rights: read([clusterRight(['write'], { accounts: ['*'] })]),
    }),
    status: 'Fail',
    message: '3 ServiceAccounts may change the whole cluster.',
  },
  'takes the words of the profile': {
    given: input(
      { serviceAccounts: read([account('ci')]), rights: read([clusterRight(['write'], ci)]) },
      { 'gitops.ciServiceAccounts': ['argo'] },
    ),
    status: 'NotApplicable',
    reason: 'NoPipelineAccount',
  },
  'is Unknown while roles cannot be read': {
    given: input({
      serviceAccounts: read([account('ci')]),
      rights: unread('Forbidden', 'Roles may not be listed.'),
    }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while the accounts cannot be read': {
    given: input({ serviceAccounts: unread('Forbidden', 'They may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
