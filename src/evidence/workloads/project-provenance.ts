import { Interner } from '../../domain/interner.ts';
import type { Deployer, DeployerClaim, ManagedChange, Provenance } from '../../domain/provenance.ts';
import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';
import { readTime } from '../times.ts';

type Map = Readonly<Record<string, string>>;

/** Most workloads are deployed in one of a few ways. */
const deployers = new Interner<Deployer>();
const noChanges: readonly ManagedChange[] = Object.freeze([]);

/** They write into every workload what nobody deployed. */
const kubernetes = new Set([
  'kube-controller-manager',
  'kube-scheduler',
  'kube-apiserver',
  'kubelet',
  'cloud-controller-manager',
  'kubectl-rollout',
]);

/** Their changes are what is asked for, so that it does not matter when they were made. */
const gitOpsControllers = new Set([
  'argocd-controller',
  'argocd-application-controller',
  'kustomize-controller',
  'helm-controller',
]);

/**
 * Of `managedFields` only names and times are kept, and the fields are looked at only where they are few; foreign text is
 * looked at, so nothing here throws.
 * @returns undefined when nothing in the object tells
 */
export function projectProvenance(metadata: Json, labels: Map, annotations: Map): Provenance | undefined {
  const managers: string[] = [];
  let changes: ManagedChange[] | undefined;
  const managed: unknown = metadata['managedFields'];
  for (const entry of Array.isArray(managed) ? (managed as unknown[]) : []) {
    if (!isObject(entry) || (entry['subresource'] ?? '') !== '') continue;
    const { manager, time } = entry;
    if (typeof manager !== 'string' || kubernetes.has(manager)) continue;
    if (!managers.includes(manager)) managers.push(manager);
    if (gitOpsControllers.has(manager) || isNoDrift(entry['fieldsV1'])) continue;
    const at = readTime(typeof time === 'string' ? time : undefined);
    if (at !== undefined) (changes ??= []).push({ manager, at });
  }
  const claims = claimsOf(labels, annotations);
  if (managers.length + claims.length === 0) return undefined;
  return {
    deployer: deployers.intern({ managers: managers.sort(), claims }),
    changes: changes === undefined ? noChanges : latest(changes),
  };
}

function latest(changes: readonly ManagedChange[]): readonly ManagedChange[] {
  // The copy has no room for more: there is one for every workload.
  if (changes.length === 1) return changes.slice();
  const sorted = changes.toSorted((a, b) =>
    a.manager < b.manager ? -1 : a.manager > b.manager ? 1 : b.at - a.at,
  );
  return sorted.filter(({ manager }, index) => manager !== sorted[index - 1]?.manager);
}

/** The number of replicas, which an autoscaler changes too, and the annotation of a restart. */
function isNoDrift(fields: unknown): boolean {
  if (!isObject(fields)) return false;
  const { 'f:spec': spec, ...others } = fields;
  return Object.keys(others).length === 0 && isObject(spec) && Object.entries(spec).every(isHarmless);
}

const restart = ['f:metadata', 'f:annotations', 'f:kubectl.kubernetes.io/restartedAt'];

function isHarmless([key, owned]: [string, unknown]): boolean {
  if (key === 'f:replicas') return true;
  if (key !== 'f:template') return false;
  let inner: unknown = owned;
  for (const name of restart) {
    if (!isObject(inner)) return false;
    // The item itself is told as ".".
    if (Object.keys(inner).some((each) => each !== name && each !== '.')) return false;
    inner = inner[name];
  }
  return inner !== undefined;
}

const tracking = 'argocd.argoproj.io/tracking-id';

function claimsOf(labels: Map, annotations: Map): DeployerClaim[] {
  const claims: DeployerClaim[] = [];
  const application = annotations[tracking]?.split(':')[0];
  if (application) claims.push(argoClaim(application));
  for (const [kind, group] of [
    ['Kustomization', 'kustomize.toolkit.fluxcd.io'],
    ['HelmRelease', 'helm.toolkit.fluxcd.io'],
  ] as const) {
    const name = labels[`${group}/name`];
    const namespace = labels[`${group}/namespace`];
    if (name !== undefined && namespace !== undefined) claims.push({ kind, namespace, name });
  }
  const release = annotations['meta.helm.sh/release-name'];
  if (release !== undefined && labels['app.kubernetes.io/managed-by'] === 'Helm') {
    const namespace = annotations['meta.helm.sh/release-namespace'];
    claims.push({ kind: 'Helm', ...(namespace === undefined ? {} : { namespace }), name: release });
  }
  return claims;
}

/** `<application>`, or `<namespace>_<application>` where Argo CD takes Applications of other namespaces than its own. */
function argoClaim(text: string): DeployerClaim {
  const [namespace, name] = text.split('_', 2);
  return namespace !== undefined && name !== undefined
    ? { kind: 'Application', namespace, name }
    : { kind: 'Application', name: text };
}
