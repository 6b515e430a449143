import { expect } from 'chai';
import { projectProvenance } from '../../../src/evidence/workloads/project-provenance.ts';
import { projectPod } from '../../../src/evidence/workloads/project-pod.ts';
import { projectWorkload } from '../../../src/evidence/workloads/project-workload.ts';
import { podObject, workloadObject } from '../../support/objects.ts';

const time = '2026-01-01T00:00:00Z';
const at = Date.parse(time);
const image = { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': {} } } } };
const entry = (manager: string, more: object = {}) => ({
  ...{ manager, operation: 'Update', time, fieldsV1: image },
  ...more,
});
const managersOf = (...managedFields: unknown[]) => projectProvenance({ managedFields }, {}, {});
const claimsOf = (labels: Record<string, string>, annotations: Record<string, string> = {}) =>
  projectProvenance({}, labels, annotations)?.deployer.claims;

describe('the provenance of a workload', () => {
  const managers: Record<string, [managedFields: unknown[], names: string[], changes: string[]]> = {
    'has each field manager once, and when it last wrote': [
      [entry('kubectl-edit', { time: '2025-12-31T00:00:00Z' }), entry('Helm'), entry('kubectl-edit')],
      ['Helm', 'kubectl-edit'],
      [`Helm ${at}`, `kubectl-edit ${at}`],
    ],
    'does not date what GitOps controllers write': [[entry('argocd-controller')], ['argocd-controller'], []],
    'leaves out what Kubernetes writes, and status and scale': [
      [entry('kube-controller-manager'), entry('k9s', { subresource: 'scale' }), entry('Helm')],
      ['Helm'],
      [`Helm ${at}`],
    ],
    'does not call a number of replicas a change': [
      [entry('k9s', { fieldsV1: { 'f:spec': { 'f:replicas': {} } } })],
      ['k9s'],
      [],
    ],
    'does not call a restart a change': [
      [
        entry('lens', {
          fieldsV1: {
            'f:spec': {
              'f:template': {
                'f:metadata': { 'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/restartedAt': {} } },
              },
            },
          },
        }),
      ],
      ['lens'],
      [],
    ],
    'calls a change what is more than that': [
      [
        entry('lens', {
          fieldsV1: {
            'f:spec': {
              'f:replicas': {},
              'f:template': {
                'f:metadata': {
                  'f:annotations': { 'f:kubectl.kubernetes.io/restartedAt': {}, 'f:inject': {} },
                },
              },
            },
          },
        }),
      ],
      ['lens'],
      [`lens ${at}`],
    ],
    'survives entries of any shape': [
      [null, 'text', { manager: 7 }, entry('k9s', { time: 7, fieldsV1: 'x' })],
      ['k9s'],
      [],
    ],
  };
  for (const [what, [managedFields, names, changes]] of Object.entries(managers)) {
    it(what, () => {
      const found = managersOf(...managedFields);
      expect(found?.deployer.managers).to.deep.equal(names);
      expect(found?.changes.map((change) => `${change.manager} ${change.at}`)).to.deep.equal(changes);
    });
  }

  const claims: Record<string, [found: unknown, expected: object[]]> = {
    'names the Application of its tracking id': [
      claimsOf({}, { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/app' }),
      [{ kind: 'Application', name: 'shop' }],
    ],
    'names the Application of another namespace': [
      claimsOf({}, { 'argocd.argoproj.io/tracking-id': 'team_shop:apps/Deployment:shop/app' }),
      [{ kind: 'Application', namespace: 'team', name: 'shop' }],
    ],
    'names Flux objects by their labels': [
      claimsOf({
        'kustomize.toolkit.fluxcd.io/name': 'apps',
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        'helm.toolkit.fluxcd.io/name': 'web',
        'helm.toolkit.fluxcd.io/namespace': 'team',
      }),
      [
        { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' },
        { kind: 'HelmRelease', namespace: 'team', name: 'web' },
      ],
    ],
    'names a Helm release only with label and annotation': [
      claimsOf(
        { 'app.kubernetes.io/managed-by': 'Helm' },
        { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'shop' },
      ),
      [{ kind: 'Helm', namespace: 'shop', name: 'web' }],
    ],
  };
  for (const [what, [found, expected]] of Object.entries(claims)) {
    it(what, () => expect(found).to.deep.equal(expected));
  }

  it('is nothing where nothing tells, as for app.kubernetes.io/instance alone', () => {
    expect(projectProvenance({}, { 'app.kubernetes.io/instance': 'shop' }, {})).to.equal(undefined);
    expect(managersOf(entry('kube-controller-manager'))).to.equal(undefined);
  });

  it('is one object for all that are deployed alike', () => {
    expect(managersOf(entry('Helm'))?.deployer).to.equal(managersOf(entry('Helm'))?.deployer);
  });

  it('is read of roots alone', () => {
    const withFields = (object: { metadata: object }) => ({
      ...object,
      metadata: { ...object.metadata, managedFields: [entry('k9s')] },
    });
    const names = (found: { provenance?: { deployer: { managers: readonly string[] } } }) =>
      found.provenance?.deployer.managers;
    expect(names(projectWorkload(withFields(workloadObject('Deployment', 'app'))))).to.deep.equal(['k9s']);
    expect(names(projectPod(withFields(podObject('app'))))).to.deep.equal(['k9s']);
    const owner = { owner: 'Deployment/app' };
    expect(names(projectWorkload(withFields(workloadObject('ReplicaSet', 'app', owner))))).to.equal(
      undefined,
    );
    expect(names(projectPod(withFields(podObject('app', { owner: 'ReplicaSet/app' }))))).to.equal(undefined);
  });
});
