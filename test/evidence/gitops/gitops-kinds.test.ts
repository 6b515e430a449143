import { expect } from 'chai';
import { gitOpsKindOf } from '../../../src/evidence/gitops/gitops-kinds.ts';
import type { GitOpsObject } from '../../../src/evidence/gitops/gitops-object.ts';
import { ShapeError } from '../../../src/evidence/fields.ts';
import {
  applicationObject,
  helmReleaseObject,
  kustomizationObject,
  readyCondition,
  seen,
} from '../../support/gitops-objects.ts';

interface Raw {
  readonly apiVersion: string;
  readonly kind: string;
}
const project = (object: Raw) => gitOpsKindOf(object.apiVersion, object.kind)?.project(object);
const at = Date.parse(seen);
const on = { automated: true, selfHeal: true, prune: true, suspended: false };
const flux = (path: string, kind: string, name: string) => ({
  ...{ is: 'flux' as const, path, kind, namespace: 'flux-system', name },
});
const resource = (more: object) => ({
  group: 'apps',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  ...more,
});

describe('a GitOps object', () => {
  const whole: Record<string, [Raw, GitOpsObject]> = {
    'of Argo CD': [
      applicationObject('shop'),
      {
        ...{ kind: 'Application', namespace: 'argocd', name: 'shop', reach: { shop: ['Deployment/app'] } },
        sources: [
          {
            ...{ is: 'argo', path: 'spec.source', project: { namespace: 'argocd', name: 'default' } },
            ...{ git: true, repository: 'https://git.example/shop', head: true, compared: true },
          },
        ],
        ...{ settings: on, state: 'agreed', observed: 'Synced, Healthy', reconciledAt: at, syncedAt: at },
      },
    ],
    'of Flux, a Kustomization': [
      kustomizationObject('apps'),
      {
        ...{ kind: 'Kustomization', namespace: 'flux-system', name: 'apps' },
        sources: [flux('spec.sourceRef', 'GitRepository', 'shop')],
        ...{ reach: { shop: ['Deployment/app'] }, settings: on, state: 'agreed' },
        ...{
          observed: 'Ready=True (ReconciliationSucceeded)',
          reconciledAt: at,
          syncedAt: at,
          interval: 600_000,
        },
      },
    ],
    'of Flux, a HelmRelease': [
      helmReleaseObject('web'),
      {
        ...{ kind: 'HelmRelease', namespace: 'flux-system', name: 'web', reach: { shop: [] }, settings: on },
        sources: [flux('spec.chart.spec.sourceRef', 'HelmChart', 'flux-system-web')],
        ...{ state: 'agreed', observed: 'Ready=True (UpgradeSucceeded)', syncedAt: at },
      },
    ],
  };
  for (const [what, [object, expected]] of Object.entries(whole)) {
    it(what, () => expect(project(object)).to.deep.equal(expected));
  }

  const elsewhere: Record<string, Raw> = {
    'another server': applicationObject('a', { spec: { destination: { server: 'https://10.0.0.1:6443' } } }),
    'another name': applicationObject('a', { spec: { destination: { name: 'prod-eu' } } }),
    'the kubeConfig of a Kustomization': kustomizationObject('a', {
      spec: { kubeConfig: { secretRef: {} } },
    }),
    'that of a HelmRelease': helmReleaseObject('a', { spec: { kubeConfig: { secretRef: {} } } }),
  };
  for (const [what, object] of Object.entries(elsewhere)) {
    it(`is none of this cluster by ${what}`, () => expect(project(object)).to.equal(undefined));
  }

  const reach: Record<string, [Raw, object]> = {
    'is reached by name too': [
      applicationObject('a', { spec: { destination: { name: 'in-cluster', namespace: 'shop' } } }),
      { shop: ['Deployment/app'] },
    ],
    'is every namespace with a resource, of those with what may run pods': [
      applicationObject('a', {
        status: {
          resources: [
            resource({}),
            resource({ namespace: 'other', group: '', kind: 'ConfigMap' }),
            resource({ group: 'argoproj.io', kind: 'Rollout' }),
            resource({ group: 'rbac.authorization.k8s.io', kind: 'RoleBinding' }),
            resource({ namespace: undefined, group: '', kind: 'Namespace' }),
            resource({ name: 'old', requiresPruning: true }),
          ],
        },
      }),
      { other: [], shop: ['Deployment/web', 'Rollout/web'] },
    ],
    'is its own namespace where it names and lists none': [
      applicationObject('a', { spec: { destination: {} }, status: { resources: [] } }),
      { argocd: [] },
    ],
    'is the target, and what is in the inventory, of which names may have a colon': [
      kustomizationObject('a', {
        spec: { targetNamespace: 'team' },
        status: {
          inventory: {
            entries: [
              { id: '_admin__x_rbac.authorization.k8s.io_ClusterRole' },
              { id: 'shop_system__view_rbac.authorization.k8s.io_Role' },
              { id: 'shop_db_postgresql.cnpg.io_Cluster' },
              { id: 'broken' },
            ],
          },
        },
      }),
      { shop: ['Cluster/db'], team: [] },
    ],
    'is where a HelmRelease stands, unless it says another': [
      helmReleaseObject('a', { spec: { targetNamespace: undefined } }),
      { 'flux-system': [] },
    ],
  };
  for (const [what, [object, expected]] of Object.entries(reach)) {
    it(`what it concerns ${what}`, () => expect(project(object)?.reach).to.deep.equal(expected));
  }

  const argo = (sync: string, health: string) =>
    applicationObject('a', { status: { sync: { status: sync }, health: { status: health } } });
  const ready = (...condition: Parameters<typeof readyCondition>) =>
    kustomizationObject('a', { status: { conditions: [readyCondition(...condition)] } });
  const states: Record<string, [Raw, GitOpsObject['state']]> = {
    'out of sync': [argo('OutOfSync', 'Healthy'), 'differs'],
    'with something missing': [argo('Synced', 'Missing'), 'differs'],
    'degraded and out of sync': [argo('OutOfSync', 'Degraded'), 'failed'],
    progressing: [argo('Synced', 'Progressing'), 'progressing'],
    'paused inside': [argo('Synced', 'Suspended'), 'suspended'],
    'that cannot be compared': [argo('Unknown', 'Healthy'), 'unknown'],
    'with a word that nobody knows': [argo('Synced', 'Splendid'), 'unknown'],
    'without a status': [
      applicationObject('a', { status: { sync: undefined, health: undefined } }),
      'unknown',
    ],
    'that Flux could not deploy': [ready('False', 'BuildFailed'), 'notReady'],
    'at which Flux is at work': [ready('Unknown', 'Progressing'), 'progressing'],
    'that Flux has not looked at': [kustomizationObject('a', { status: { conditions: [] } }), 'unknown'],
    'that has changed since Flux looked': [
      kustomizationObject('a', { metadata: { generation: 2 } }),
      'progressing',
    ],
    'that Flux was told to leave': [kustomizationObject('a', { spec: { suspend: true } }), 'suspended'],
  };
  for (const [what, [object, expected]] of Object.entries(states)) {
    it(`${what} is ${expected}`, () => expect(project(object)?.state).to.equal(expected));
  }

  const policy = (automated: object | undefined) =>
    applicationObject('a', { spec: { syncPolicy: { automated } } });
  const settings: Record<string, [Raw, object]> = {
    'without automated sync': [policy(undefined), { automated: false, selfHeal: false, prune: false }],
    'with automated sync that is switched off': [
      policy({ enabled: false, selfHeal: true, prune: true }),
      { automated: false, selfHeal: false, prune: false },
    ],
    'with automated sync alone': [policy({}), { automated: true, selfHeal: false, prune: false }],
    'of Flux without pruning': [kustomizationObject('a', { spec: { prune: false } }), { prune: false }],
    'of Flux without drift detection': [
      helmReleaseObject('a', { spec: { driftDetection: {} } }),
      { selfHeal: false },
    ],
  };
  for (const [what, [object, expected]] of Object.entries(settings)) {
    it(`${what} is told by its settings`, () => expect(project(object)?.settings).to.include(expected));
  }

  it('is suspended since the first of those that own the field, at the latest', () => {
    const owner = (time: string, fields: object) => ({
      manager: 'flux',
      time,
      fieldsV1: { 'f:spec': fields },
    });
    const managedFields = [
      owner('2025-12-01T00:00:00Z', { 'f:suspend': {} }),
      owner('2025-11-01T00:00:00Z', { 'f:suspend': {} }),
      owner('2025-10-01T00:00:00Z', { 'f:prune': {} }),
    ];
    const object = kustomizationObject('a', { metadata: { managedFields }, spec: { suspend: true } });
    expect(project(object)?.suspendedSince).to.equal(Date.parse('2025-11-01T00:00:00Z'));
  });

  it('cannot be read where a field has another type', () => {
    expect(() => project(applicationObject('a', { status: { resources: {} } }))).to.throw(ShapeError);
    expect(() => project(kustomizationObject('a', { spec: { suspend: 'yes' } }))).to.throw(ShapeError);
  });

  it('is not a file for kustomize', () => {
    expect(gitOpsKindOf('kustomize.config.k8s.io/v1beta1', 'Kustomization')).to.equal(undefined);
  });
});
