import type { ExploitedList } from '../../domain/exploited.ts';
import type { ConfigMapText } from '../../domain/literal.ts';
import type { ProprietaryObject } from '../../domain/proprietary.ts';
import type { PodSpec } from '../../domain/pod-spec.ts';
import type { Gap } from '../../domain/snapshot.ts';
import type { MeshPolicy } from '../../domain/mesh.ts';
import type { MeshSettings } from '../../domain/mesh-settings.ts';
import type { Labels } from '../../domain/workload.ts';
import { projectExploitedList } from '../exploited/project-exploited.ts';
import type { Json } from '../fields.ts';
import { objectField, stringMapField } from '../fields.ts';
import { gitOpsKindOf, sourceKindOf } from '../gitops/gitops-kinds.ts';
import type { GitOpsObject } from '../gitops/gitops-object.ts';
import type { GitOpsSource } from '../gitops/gitops-source.ts';
import { settle } from '../gitops/settle.ts';
import { meshKindOf } from '../mesh/mesh-kinds.ts';
import { projectMeshAnnotations } from '../mesh/project-mesh-settings.ts';
import { policyApiOf } from '../network/policy-apis.ts';
import type { PolicyEvidence, PolicyKind } from '../network/policy-kinds.ts';
import { policyKindOf } from '../network/policy-kinds.ts';
import type { NetworkPolicyObject } from '../network/project-network-policy.ts';
import { projectNetworkPolicy } from '../network/project-network-policy.ts';
import { present } from '../present.ts';
import { projectConfigMap } from '../secrets/project-config-map.ts';
import type { BindingObject } from '../surroundings/project-role-binding.ts';
import { projectRoleBinding } from '../surroundings/project-role-binding.ts';
import { nothing, readTrivyDocument } from '../trivy/read-document.ts';
import type { TrivyReports } from '../trivy/read-document.ts';
import { isSettingsConfigMap } from '../trivy/settings.ts';
import { nameOf } from '../volumes/name-of.ts';
import { projectClaim } from '../volumes/project-claim.ts';
import { projectVolume } from '../volumes/project-volume.ts';
import { projectTracing } from '../workloads/project-settings.ts';
import type { PodObject } from '../workloads/project-pod.ts';
import { projectPod } from '../workloads/project-pod.ts';
import type { WorkloadObject } from '../workloads/project-workload.ts';
import { projectWorkload } from '../workloads/project-workload.ts';
import { workloadKindOf } from '../workloads/workload-kinds.ts';
import type { InputError, Manifest } from './documents.ts';
import type { Identity } from './identify.ts';
import { identify, isBuiltIn, isMisplaced, MisplacedError } from './identify.ts';
import { runsPods } from './runs-pods.ts';
import { RoleManifests } from './role-manifests.ts';
import type { SurroundingManifests } from './surroundings.ts';
import { addSurrounding, noSurroundings } from './surroundings.ts';
import { asApplied, Sightings } from './twice.ts';
import { bareGap, templateGap, unreadGap } from './workload-gaps.ts';

/** What the manifests say of one namespace. */
export interface NamespaceManifests {
  labels?: Labels;
  tracing?: readonly string[];
  mesh?: MeshSettings;
  readonly pods: PodObject[];
  readonly owners: WorkloadObject[];
  readonly networkPolicies: NetworkPolicyObject[];
  readonly claims: ReturnType<typeof projectClaim>[];
  readonly configMaps: ConfigMapText[];
  readonly surroundings: SurroundingManifests;
  /** Objects of the namespace that could not be read. */
  gap?: Gap;
  /** Set when an object of a kind that is not read here would run pods. */
  workloadsGap?: Gap;
}

/** An object of an API that may be one vendor's; which are is the profiles' to say. */
export interface CustomManifest extends ProprietaryObject {
  /** Absent where the manifest names none: it may be in `default`, or of the cluster. */
  readonly namespace?: string;
}

/** All manifests, sorted out. */
export interface Collected {
  readonly namespaces: ReadonlyMap<string, NamespaceManifests>;
  readonly volumes: readonly ReturnType<typeof projectVolume>[];
  /** Set when one of them could not be read: it may stand behind a claim of any namespace. */
  readonly volumesGap?: Gap;
  /** Network policies of other APIs, of namespaces and of the cluster. */
  readonly policies: readonly PolicyEvidence[];
  /** Set when one for the cluster could not be read: it may be for any namespace. */
  readonly policiesGap?: Gap;
  /** RoleBindings and ClusterRoleBindings. */
  readonly bindings: readonly BindingObject[];
  readonly bindingsGap?: Gap;
  /** Roles and ClusterRoles. */
  readonly roles: RoleManifests;
  /** Applications, Kustomizations and HelmReleases. */
  readonly gitOps: readonly GitOpsObject[];
  /** What says whether signatures of what these deploy are verified. */
  readonly gitOpsSources: readonly GitOpsSource[];
  /** Set when one of the first could not be read: it may concern any namespace. */
  readonly gitOpsGap?: Gap;
  /** ConfigMaps that name vulnerabilities; a profile may say that they are the exploited ones. */
  readonly exploited: readonly ExploitedList[];
  /** Of Istio and Linkerd. */
  readonly mesh: readonly MeshPolicy[];
  /** Set when one of them could not be read: it may stand for the whole mesh. */
  readonly meshGap?: Gap;
  /** Those of APIs that have a domain for their group. */
  readonly custom: readonly CustomManifest[];
  /** Reports and settings of Trivy Operator that stand among the manifests. */
  readonly trivy: readonly TrivyReports[];
  /** Network policy APIs among them that are not read. */
  readonly unreadPolicyApis: readonly string[];
  readonly errors: readonly InputError[];
}

/** Sorts manifests by namespace (`default` where they name none), as they are read. Kinds that no control reads are passed over. */
export class ManifestSorter {
  readonly #namespaces = new Map<string, NamespaceManifests>();
  readonly #volumes: ReturnType<typeof projectVolume>[] = [];
  readonly #trivy: TrivyReports[] = [];
  readonly #custom = new Map<string, CustomManifest>();
  readonly #policies: PolicyEvidence[] = [];
  readonly #policyApis = new Set<string>();
  readonly #errors: InputError[] = [];
  readonly #sightings = new Sightings();
  /** Namespaces with two contents. */
  readonly #disputed = new Set<string>();
  readonly #bindings: BindingObject[] = [];
  readonly #roles = new RoleManifests();
  #volumesGap: Gap | undefined;
  #policiesGap: Gap | undefined;
  readonly #gitOps: GitOpsObject[] = [];
  readonly #gitOpsSources: GitOpsSource[] = [];
  readonly #mesh: MeshPolicy[] = [];
  readonly #exploited: ExploitedList[] = [];
  #bindingsGap: Gap | undefined;
  #gitOpsGap: Gap | undefined;
  #meshGap: Gap | undefined;

  get collected(): Collected {
    for (const own of this.#namespaces.values()) {
      const gap = templateGap(own.owners);
      if (gap !== undefined) own.workloadsGap ??= gap;
    }
    return {
      namespaces: this.#namespaces,
      volumes: this.#volumes,
      ...(this.#volumesGap === undefined ? {} : { volumesGap: this.#volumesGap }),
      policies: this.#policies,
      ...(this.#policiesGap === undefined ? {} : { policiesGap: this.#policiesGap }),
      bindings: this.#bindings,
      ...(this.#bindingsGap === undefined ? {} : { bindingsGap: this.#bindingsGap }),
      roles: this.#roles,
      gitOps: this.#gitOps,
      gitOpsSources: this.#gitOpsSources,
      ...(this.#gitOpsGap === undefined ? {} : { gitOpsGap: this.#gitOpsGap }),
      exploited: this.#exploited,
      mesh: this.#mesh,
      ...(this.#meshGap === undefined ? {} : { meshGap: this.#meshGap }),
      custom: [...this.#custom.values()],
      trivy: this.#trivy,
      unreadPolicyApis: [...this.#policyApis].sort(),
      errors: this.#errors,
    };
  }

  add(manifest: Manifest): void {
    const identity = identify(manifest.object);
    if (this.#isRead(identity)) {
      const seen = this.#sightings.see(manifest, identity);
      if (seen.is === 'same') return;
      if (seen.is === 'other') this.#dispute(manifest, identity, seen.first);
    }
    try {
      this.#sort(manifest, identity);
    } catch (error) {
      this.#fail(manifest, identity, error instanceof Error ? error.message : String(error));
    }
  }

  /** Reports of a scanner say of themselves when they were made. */
  #isRead({ read, apiVersion, kind }: Identity): boolean {
    const kinds = [policyKindOf, gitOpsKindOf, sourceKindOf, meshKindOf];
    return read || kinds.some((kindOf) => kindOf(apiVersion, kind));
  }

  /** Both are judged, since what breaks a rule in either is there to be applied; nothing else can be concluded from them. */
  #dispute(manifest: Manifest, identity: Identity, first: Pick<Manifest, 'file' | 'line'>): void {
    const where = `it stands in ${first.file}:${first.line} too, with another content`;
    this.#fail(manifest, identity, `${where}, and which of the two is applied last is not known`);
    if (identity.kind === 'Namespace') this.#disputed.add(identity.name);
    if (sourceKindOf(identity.apiVersion, identity.kind) !== undefined)
      this.#gitOpsGap ??= {
        reason: 'EvaluationError',
        message: `${identity.kind} ${identity.name}: ${where}.`,
      };
  }

  #sort(manifest: Manifest, identity: Identity): void {
    const { file } = manifest;
    const object = asApplied(manifest.object);
    const { group, kind, namespace, apiVersion } = identity;
    if (group.includes('.') && !(identity.read && isBuiltIn(group))) this.#addCustom(identity);
    const workload = workloadKindOf(apiVersion, kind);
    const policy = policyKindOf(apiVersion, kind);
    const gitOps = gitOpsKindOf(apiVersion, kind);
    const source = sourceKindOf(apiVersion, kind);
    const mesh = meshKindOf(apiVersion, kind);
    if (workload !== undefined) {
      const found = projectWorkload(object, workload);
      this.#at(namespace).owners.push(found);
      if (found.template !== undefined) this.#noteBare(found.template.spec, manifest, identity);
    } else if (group === 'aquasecurity.github.io')
      this.#trivy.push(readTrivyDocument(object, file) ?? nothing);
    else if (policy !== undefined) this.#addPolicy(object, policy, namespace);
    else if (gitOps !== undefined) {
      const found = gitOps.project(object);
      if (found !== undefined) this.#gitOps.push(settle(undefined, found));
    } else if (source !== undefined) this.#gitOpsSources.push(source.project(object));
    else if (mesh !== undefined) this.#mesh.push(...[mesh.project(object) ?? []].flat());
    else if (isMisplaced(identity)) throw new MisplacedError(identity);
    else if (kind === 'Pod' && identity.read) {
      const pod = projectPod(object);
      this.#at(namespace).pods.push(pod);
      this.#noteBare(pod.spec, manifest, identity);
    } else if (identity.read) this.#sortByKind(object, identity);
    else {
      const api = policyApiOf(apiVersion, kind);
      if (api !== undefined) this.#policyApis.add(api);
      if (runsPods(object, identity)) this.#at(namespace).workloadsGap ??= unreadGap(manifest, identity);
    }
  }

  #noteBare(spec: PodSpec, manifest: Manifest, identity: Identity): void {
    const gap = bareGap(spec, manifest, identity);
    if (gap !== undefined) this.#at(identity.namespace).workloadsGap ??= gap;
  }

  #addCustom({ group, kind, name, namespace, namespaced }: Identity): void {
    const key = `${group}/${kind}/${namespaced ? namespace : ''}/${name}`;
    this.#custom.set(key, { group, kind, name, ...(namespaced ? { namespace } : {}) });
  }

  #sortByKind(object: Json, { kind, name, namespace }: Identity): void {
    if (kind === 'NetworkPolicy') this.#at(namespace).networkPolicies.push(projectNetworkPolicy(object));
    else if (kind === 'PersistentVolumeClaim') this.#at(namespace).claims.push(projectClaim(object));
    else if (kind === 'ConfigMap') this.#addConfigMap(object, namespace);
    else if (kind === 'PersistentVolume') this.#volumes.push(projectVolume(object));
    else if (kind === 'Namespace') {
      const found = namespaceOf(object);
      const own = this.#at(name);
      if (!this.#disputed.has(name)) Object.assign(own, found);
      else this.#namespaces.set(name, withoutLabels(own));
    } else if (kind === 'ClusterRoleBinding' || kind === 'RoleBinding')
      this.#bindings.push(projectRoleBinding(object));
    else if (kind === 'ClusterRole' || kind === 'Role') this.#roles.add(object, kind, namespace);
    else addSurrounding(this.#at(namespace).surroundings, kind, object);
  }

  #addConfigMap(object: Json, namespace: string): void {
    this.#at(namespace).configMaps.push(projectConfigMap(object));
    const list = projectExploitedList(object);
    if (list.ids.length > 0) this.#exploited.push(list);
    if (isSettingsConfigMap(object)) this.#trivy.push({ ...nothing, settings: [object] });
  }

  #addPolicy(object: Json, kind: PolicyKind, namespace: string): void {
    const evidence = kind.project(object);
    if (evidence === undefined) return;
    this.#policies.push(evidence);
    if (kind.namespaced) this.#at(namespace);
  }

  /** What cannot be read costs the verdicts that it might have changed. */
  #fail(
    { file, line }: Manifest,
    { apiVersion, group, kind, name, namespace }: Identity,
    problem: string,
  ): void {
    const message = `${kind} ${name}: ${problem}`;
    this.#errors.push({ file, line, message });
    const gap: Gap = { reason: 'EvaluationError', message: `${file}:${line}: ${message}.` };
    if (kind === 'PersistentVolume') this.#volumesGap ??= gap;
    else if (policyKindOf(apiVersion, kind)?.namespaced === false) this.#policiesGap ??= gap;
    else if (kind === 'ClusterRoleBinding' || kind === 'RoleBinding') this.#bindingsGap ??= gap;
    else if (kind === 'ClusterRole' || kind === 'Role') this.#roles.gap ??= gap;
    else if (gitOpsKindOf(apiVersion, kind) !== undefined) this.#gitOpsGap ??= gap;
    else if (meshKindOf(apiVersion, kind) !== undefined) this.#meshGap ??= gap;
    // Who asks for one that is not there misses it.
    else if (sourceKindOf(apiVersion, kind) !== undefined) return;
    // A namespace whose labels are not known has none; a container whose report is not there has none. That is gap enough.
    else if (kind !== 'Namespace' && group !== 'aquasecurity.github.io') this.#at(namespace).gap ??= gap;
  }

  #at(name: string): NamespaceManifests {
    const found = this.#namespaces.get(name) ?? noManifests();
    this.#namespaces.set(name, found);
    return found;
  }
}

function namespaceOf(object: Json): Pick<NamespaceManifests, 'labels' | 'tracing' | 'mesh'> {
  const metadata = objectField(object, 'metadata', '') ?? {};
  nameOf(metadata);
  const annotations = stringMapField(metadata, 'annotations', 'metadata') ?? {};
  return present({
    labels: stringMapField(metadata, 'labels', 'metadata') ?? {},
    tracing: projectTracing(annotations),
    mesh: projectMeshAnnotations(annotations),
  });
}

/** As if there were no manifest of the namespace itself. */
function withoutLabels({
  labels: _l,
  tracing: _t,
  mesh: _m,
  ...rest
}: NamespaceManifests): NamespaceManifests {
  return rest;
}

/** Of a namespace that no manifest is in. */
export const noManifests = (): NamespaceManifests => ({
  pods: [],
  owners: [],
  networkPolicies: [],
  claims: [],
  configMaps: [],
  surroundings: noSurroundings(),
});
