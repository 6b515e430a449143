import control from '../../src/controls/RD-3.10.2.ts';
import type { Right } from '../../src/domain/rights.ts';
import type { EvaluationInput } from '../../src/domain/control.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { input, pod, podSpec, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';
import { clusterRight, named, right } from '../support/rights.ts';

const as = (serviceAccountName: string) =>
  podSpec({ settings: { references: [], tracing: [], serviceAccountName } });
const web = workload({ pods: [pod({ spec: as('web') })] });
const given = (...rights: Right[]): EvaluationInput =>
  input({ workloads: read([web]), rights: read(rights) });

describeControl(control, {
  'passes a role without such powers': {
    given: given(right(['write', 'forwardPorts'])),
    status: 'Pass',
    message: 'No role gives more than it should to the 1 ServiceAccount that pods run as.',
  },
  'fails cluster-admin, and says once what that is': {
    given: given(
      clusterRight(['everything', 'readSecrets', 'enterPods'], { role: 'ClusterRole cluster-admin' }),
    ),
    status: 'Fail',
    message: '1 of 1 ServiceAccount that pods run as may do far more than a workload needs.',
    findings: [
      {
        subject: { kind: 'ServiceAccount', name: 'web' },
        observed: 'ClusterRole cluster-admin',
        ref: 'ClusterRoleBinding binding',
        message: 'It may do everything in the whole cluster; Deployment app runs as it.',
        also: [{ kind: 'Deployment', name: 'app' }],
      },
    ],
  },
  'fails every verb on every resource of a group, in its own namespace too': {
    given: given(right(['wildcard'])),
    status: 'Fail',
  },
  'fails Secrets in the whole cluster': { given: given(clusterRight(['readSecrets'])), status: 'Fail' },
  'warns of Secrets in the namespace': {
    given: given(right(['readSecrets'])),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'ServiceAccount', name: 'web' },
        observed: 'Role web',
        ref: 'RoleBinding shop/binding',
        message: 'It may read Secrets in its namespace; Deployment app runs as it.',
        also: [{ kind: 'Deployment', name: 'app' }],
      },
    ],
  },
  'warns of pods that it may make, in the whole cluster too': {
    given: given(clusterRight(['makePods', 'write'])),
    status: 'Warn',
  },
  'fails commands in pods of another namespace': {
    given: given(right(['enterPods'], { namespace: 'other' })),
    status: 'Fail',
  },
  'fails each power to become more': {
    given: given(right(['makeTokens', 'bindRoles', 'escalate', 'impersonate'])),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'ServiceAccount', name: 'web' },
        observed: 'Role web',
        ref: 'RoleBinding shop/binding',
        message:
          'It may make tokens of ServiceAccounts, bind roles, escalate or bind roles beyond its own and impersonate others in its namespace; Deployment app runs as it.',
        also: [{ kind: 'Deployment', name: 'app' }],
      },
    ],
  },
  'fails kubelets and webhooks in the whole cluster': {
    given: given(clusterRight(['proxyNodes', 'changeWebhooks'])),
    status: 'Fail',
  },
  'passes these in a namespace, where they are nothing': {
    given: given(right(['proxyNodes', 'changeWebhooks'])),
    status: 'Pass',
  },
  'warns where what would fail is for named objects': {
    given: given(clusterRight([], named('changeWebhooks'))),
    status: 'Warn',
  },
  'passes where what would warn is for named objects': {
    given: given(right([], named('readSecrets', 'makePods'))),
    status: 'Pass',
  },
  'fails what is bound to all accounts of the namespace': {
    given: given(right(['enterPods'], { accounts: ['*'] })),
    status: 'Fail',
  },
  'fails what is bound to the accounts of every namespace': {
    given: given(clusterRight(['readSecrets'], { accounts: [], everyone: true })),
    status: 'Fail',
  },
  'does not call harmless what is bound to everyone a binding': {
    given: given(clusterRight([], { accounts: [], everyone: true })),
    status: 'NotApplicable',
    reason: 'NoBinding',
  },
  'does not judge an account that no pod runs as': {
    given: given(clusterRight(['everything'], { accounts: ['other'] })),
    status: 'NotApplicable',
    reason: 'NoBinding',
  },
  'judges the default account of a template without pods, and names one workload of several': {
    given: input({
      workloads: read([
        workload({ name: 'a', template: template() }),
        workload({ name: 'b', template: template({ spec: as('default') }) }),
      ]),
      rights: read([right(['enterPods'], { accounts: ['default'] })]),
    }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'ServiceAccount', name: 'default' },
        observed: 'Role web',
        ref: 'RoleBinding shop/binding',
        message: 'It may run commands in pods in its namespace; Deployment a and 1 other run as it.',
        also: [
          { kind: 'Deployment', name: 'a' },
          { kind: 'Deployment', name: 'b' },
        ],
      },
    ],
  },
  'judges the account of the live pods, and not that of their template': {
    given: input({
      workloads: read([
        workload({ pods: [pod({ spec: as('web') })], template: template({ spec: as('old') }) }),
      ]),
      rights: read([right(['enterPods'], { accounts: ['old'] })]),
    }),
    status: 'NotApplicable',
    reason: 'NoBinding',
  },
  'does not apply to static pods': {
    given: input({ workloads: read([workload({ kind: 'Pod', pods: [pod({ mirror: true })] })]) }),
    status: 'NotApplicable',
    reason: 'StaticPods',
  },
  'does not apply to a namespace without workloads': {
    given: input({ rights: read([clusterRight(['everything'])]) }),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while roles cannot be read': {
    given: input({ workloads: read([web]), rights: unread('Forbidden', 'Roles may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'Roles may not be listed.',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
