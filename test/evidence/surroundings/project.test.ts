import { expect } from 'chai';
import { ShapeError } from '../../../src/evidence/fields.ts';
import {
  projectAutoscaler,
  projectDisruptionBudget,
  projectLimitRange,
  projectService,
  projectServiceAccount,
} from '../../../src/evidence/surroundings/project.ts';
import { rightsOf } from '../../../src/evidence/surroundings/rights-of.ts';
import { bindingsOf, projectRoleBinding } from '../../../src/evidence/surroundings/project-role-binding.ts';

const metadata = { name: 'web', namespace: 'shop' };

describe('what stands around workloads', () => {
  const cases: Record<string, [found: () => unknown, expected: object]> = {
    'a Service with its ports; a target that is left out is the port': [
      () =>
        projectService({
          metadata,
          spec: { selector: { app: 'web' }, ports: [{ port: 22 }, { port: 80, targetPort: 'http' }] },
        }),
      {
        name: 'web',
        selector: { app: 'web' },
        ports: [
          { port: 22, targetPort: 22 },
          { port: 80, targetPort: 'http' },
        ],
      },
    ],
    'a Service without a selector and ports': [
      () => projectService({ metadata, spec: { type: 'ExternalName' } }),
      { name: 'web', ports: [] },
    ],
    'a ServiceAccount with its switch': [
      () => projectServiceAccount({ metadata, automountServiceAccountToken: false }),
      { name: 'web', automountToken: false, labels: {} },
    ],
    'a ServiceAccount without it, with labels': [
      () => projectServiceAccount({ metadata: { ...metadata, labels: { trusted: 'yes' } } }),
      { name: 'web', labels: { trusted: 'yes' } },
    ],
    'a ServiceAccount with the Secrets that are named as its tokens': [
      () =>
        projectServiceAccount({
          metadata,
          secrets: ['web-token-abcde', 'web-dockercfg-abcde', 'web-token-mine', 'other-token-abcde'].map(
            (name) => ({ name }),
          ),
        }),
      { name: 'web', labels: {}, tokenSecrets: ['web-token-abcde'] },
    ],
    'a LimitRange with the resources of which containers get a default request': [
      () =>
        projectLimitRange({
          metadata,
          spec: {
            limits: [
              { type: 'Container', default: { cpu: '1' }, max: { memory: '1Gi' } },
              { type: 'Pod', max: { 'ephemeral-storage': '1Gi' } },
            ],
          },
        }),
      { name: 'web', requests: ['cpu', 'memory'] },
    ],
    'a HorizontalPodAutoscaler with the default of one replica': [
      () => projectAutoscaler({ metadata, spec: { scaleTargetRef: { kind: 'Deployment', name: 'api' } } }),
      { name: 'web', target: { kind: 'Deployment', name: 'api' }, minReplicas: 1 },
    ],
    'a HorizontalPodAutoscaler with its minimum': [
      () =>
        projectAutoscaler({
          metadata,
          spec: { scaleTargetRef: { kind: 'StatefulSet', name: 'db' }, minReplicas: 3 },
        }),
      { name: 'web', target: { kind: 'StatefulSet', name: 'db' }, minReplicas: 3 },
    ],
    'a PodDisruptionBudget': [
      () =>
        projectDisruptionBudget({
          metadata,
          spec: { selector: { matchLabels: { app: 'web' } }, minAvailable: '50%' },
        }),
      { name: 'web', selector: { matchLabels: { app: 'web' } }, minAvailable: '50%' },
    ],
    'a PodDisruptionBudget that selects nothing': [
      () => projectDisruptionBudget({ metadata, spec: { maxUnavailable: 0 } }),
      { name: 'web', maxUnavailable: 0 },
    ],
  };
  for (const [what, [found, expected]] of Object.entries(cases)) {
    it(`is ${what}`, () => expect(found()).to.deep.equal(expected));
  }

  it('refuses a field of the wrong type', () => {
    expect(() => projectDisruptionBudget({ metadata, spec: { minAvailable: true } })).to.throw(ShapeError);
    expect(() => projectService({ metadata, spec: { ports: [{ port: '80' }] } })).to.throw(ShapeError);
  });
});

describe('projectRoleBinding', () => {
  const binding = projectRoleBinding({
    metadata,
    subjects: [
      { kind: 'ServiceAccount', name: 'api', namespace: 'shop' },
      { kind: 'ServiceAccount', name: 'own' },
      { kind: 'User', name: 'system:serviceaccount:blog:web' },
      { kind: 'User', name: 'jane' },
      { kind: 'Group', name: 'system:serviceaccounts:shop' },
      { kind: 'Group', name: 'system:serviceaccounts' },
      { kind: 'Group', name: 'system:authenticated' },
    ],
  });

  it('names the accounts that it binds, by whatever name, and leaves out what binds everybody', () => {
    expect(binding.accounts).to.deep.equal([
      { namespace: 'shop', name: 'api' },
      { namespace: 'shop', name: 'own' },
      { namespace: 'blog', name: 'web' },
      { namespace: 'shop', name: '*' },
    ]);
  });

  it('counts in the namespaces of its accounts', () => {
    expect(bindingsOf([binding], 'blog')).to.deep.equal([{ name: 'web', accounts: ['web'] }]);
    expect(bindingsOf([binding], 'other')).to.deep.equal([]);
  });

  it('may bind nobody', () => {
    expect(projectRoleBinding({ metadata }).accounts).to.deep.equal([]);
  });

  it('tells where it holds, which role it gives, and whether to everybody', () => {
    const roleRef = { kind: 'ClusterRole', name: 'edit' };
    const subjects = [{ kind: 'Group', name: 'system:authenticated' }];
    expect(projectRoleBinding({ kind: 'RoleBinding', metadata, roleRef })).to.deep.equal({
      ...{ name: 'web', namespace: 'shop', role: 'ClusterRole edit', accounts: [] },
    });
    const whole = { kind: 'ClusterRoleBinding', metadata: { name: 'all' }, roleRef, subjects };
    expect(projectRoleBinding(whole)).to.deep.equal({
      ...{ name: 'all', role: 'ClusterRole edit', accounts: [], everyone: true },
    });
  });

  it('does not take who was not let in for everybody', () => {
    const subjects = [
      { kind: 'Group', name: 'system:unauthenticated' },
      { kind: 'User', name: 'system:authenticated' },
    ];
    expect(projectRoleBinding({ metadata, subjects })).to.not.have.property('everyone');
  });

  it('gives rights to the accounts of a namespace alone, or to everybody', () => {
    const powers = { all: ['write'], named: [] } as const;
    const all = projectRoleBinding({
      ...{
        kind: 'ClusterRoleBinding',
        metadata: { name: 'all' },
        roleRef: { kind: 'ClusterRole', name: 'x' },
      },
      subjects: [{ kind: 'Group', name: 'system:serviceaccounts' }],
    });
    expect(rightsOf([binding, all], 'blog', () => powers)).to.deep.equal([
      {
        ...{ kind: 'RoleBinding', name: 'web', namespace: 'shop', role: ' ', accounts: ['web'] },
        ...{ everyone: true, powers },
      },
      {
        kind: 'ClusterRoleBinding',
        name: 'all',
        role: 'ClusterRole x',
        accounts: [],
        everyone: true,
        powers,
      },
    ]);
    const { everyone: _none, ...own } = binding;
    expect(rightsOf([own], 'other', () => powers)).to.deep.equal([]);
  });
});
