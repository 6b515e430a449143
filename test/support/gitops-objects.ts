/** GitOps objects as their controllers leave them. */

export const seen = '2026-01-01T00:00:00Z';

interface Parts {
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

/** Of Argo CD, in sync and well, that has put the Deployment `app` into `shop`. */
export const applicationObject = (name: string, { metadata, spec, status }: Parts = {}) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd', ...metadata },
  spec: {
    project: 'default',
    source: { repoURL: 'https://git.example/shop', path: '.' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
    syncPolicy: { automated: { prune: true, selfHeal: true } },
    ...spec,
  },
  status: {
    sync: { status: 'Synced' },
    health: { status: 'Healthy' },
    reconciledAt: seen,
    operationState: { finishedAt: seen },
    resources: [
      { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'app', status: 'Synced' },
    ],
    ...status,
  },
});

export const readyCondition = (
  status: string,
  reason = 'ReconciliationSucceeded',
  lastTransitionTime = seen,
) => ({
  ...{ type: 'Ready', status, reason, lastTransitionTime, message: '' },
});

/** Of Flux, ready, that has put the Deployment `app` into `shop`. */
export const kustomizationObject = (name: string, { metadata, spec, status }: Parts = {}) => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name, namespace: 'flux-system', generation: 1, ...metadata },
  spec: {
    ...{ interval: '10m', prune: true, path: './' },
    sourceRef: { kind: 'GitRepository', name: 'shop' },
    ...spec,
  },
  status: {
    observedGeneration: 1,
    lastAppliedRevision: 'main@sha1:1',
    lastAttemptedRevision: 'main@sha1:1',
    inventory: { entries: [{ id: 'shop_app_apps_Deployment', v: 'v1' }] },
    conditions: [readyCondition('True')],
    ...status,
  },
});

/** Of Flux, ready, that deploys into `shop` and lists nothing. */
export const helmReleaseObject = (name: string, { metadata, spec, status }: Parts = {}) => ({
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name, namespace: 'flux-system', generation: 1, ...metadata },
  spec: {
    ...{ targetNamespace: 'shop', driftDetection: { mode: 'enabled' } },
    chart: { spec: { chart: 'web', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
    ...spec,
  },
  status: {
    observedGeneration: 1,
    history: [{ name, version: 1, lastDeployed: seen, status: 'deployed' }],
    conditions: [readyCondition('True', 'UpgradeSucceeded')],
    ...status,
  },
});

/** Of Flux, a source that must be signed, and is. */
export const fluxSourceObject = (kind: string, name: string, { metadata, spec, status }: Parts = {}) => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind,
  metadata: { name, namespace: 'flux-system', generation: 1, ...metadata },
  spec: { verify: { mode: 'HEAD', secretRef: { name: 'keys' } }, ...spec },
  status: { conditions: [verifiedCondition('True')], ...status },
});

export const verifiedCondition = (status: string, observedGeneration = 1) => ({
  ...{ type: 'SourceVerified', status, reason: 'Succeeded', observedGeneration, message: '' },
});

/** Of Argo CD, a project that demands signatures of all its repositories. */
export const projectObject = (
  name: string,
  spec: object = { signatureKeys: [{ keyID: '4AEE18F83AFDEB23' }] },
) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name, namespace: 'argocd' },
  spec,
});
