import type { ComplianceProfileStatus } from '../api/compliance-profile.ts';
import type { Clock } from '../base/clock.ts';
import type { MeshSettings } from '../domain/mesh-settings.ts';
import type { Labels } from '../domain/workload.ts';
import { integerField, isObject, objectField, stringMapField } from '../evidence/fields.ts';
import type { GitOpsObject } from '../evidence/gitops/gitops-object.ts';
import { gitOpsResources, sourceResources } from '../evidence/gitops/gitops-kinds.ts';
import type { GitOpsSource } from '../evidence/gitops/gitops-source.ts';
import { projectMeshAnnotations } from '../evidence/mesh/project-mesh-settings.ts';
import type { CiliumSettings, FelixSettings } from '../evidence/flows/project-flow-settings.ts';
import {
  ciliumConfigMap,
  felixResources,
  projectCiliumSettings,
  projectFelixSettings,
} from '../evidence/flows/project-flow-settings.ts';
import { falcoLabel, projectFalcoRules } from '../evidence/falco/project-rules.ts';
import { projectNode } from '../evidence/nodes/project-node.ts';
import type { PolicyEvidence } from '../evidence/network/policy-kinds.ts';
import { policyKinds } from '../evidence/network/policy-kinds.ts';
import { projectNetworkPolicy } from '../evidence/network/project-network-policy.ts';
import { projectConfigMap } from '../evidence/secrets/project-config-map.ts';
import { projectSbomHead } from '../evidence/trivy/project-sbom.ts';
import {
  projectConfigAuditReport,
  projectExposedSecretReport,
  projectVulnerabilityReport,
} from '../evidence/trivy/project-report.ts';
import {
  projectAutoscaler,
  projectDisruptionBudget,
  projectIngress,
  projectLimitRange,
  projectService,
  projectServiceAccount,
} from '../evidence/surroundings/project.ts';
import { projectRole } from '../evidence/surroundings/project-role.ts';
import type { BindingObject } from '../evidence/surroundings/project-role-binding.ts';
import { projectRoleBinding } from '../evidence/surroundings/project-role-binding.ts';
import { present } from '../evidence/present.ts';
import { projectTracing } from '../evidence/workloads/project-settings.ts';
import { projectClaim } from '../evidence/volumes/project-claim.ts';
import { projectVolume } from '../evidence/volumes/project-volume.ts';
import { decodePod } from '../evidence/workloads/pod-message.ts';
import { projectPod } from '../evidence/workloads/project-pod.ts';
import type { Revision } from '../evidence/workloads/project-revision.ts';
import { projectRevision } from '../evidence/workloads/project-revision.ts';
import type { WorkloadKind } from '../evidence/workloads/workload-kinds.ts';
import type { WorkloadObject } from '../evidence/workloads/project-workload.ts';
import { projectWorkload } from '../evidence/workloads/project-workload.ts';
import type { ApiClient } from '../kube/client.ts';
import type { RawObject } from '../kube/frame.ts';
import type { Resource } from '../kube/resource.ts';
import type { StoreIndex } from '../kube/store.ts';
import { indexBindings } from './binding-index.ts';
import { ContainerBook } from './container-book.ts';
import { LogReaderBook } from './log-reader-book.ts';
import { SensorBook } from './sensor-book.ts';
import { FlowBook } from './flow-book.ts';
import { GitOpsBook } from './gitops-book.ts';
import type { ProfileObject } from './profile-book.ts';
import { rememberReport, rememberRuntime, rememberSummary } from './memos.ts';
import { resources } from './resources.ts';
import type { AnyWatched, WatchedHooks, WatchedOptions, Witness } from './watched.ts';
import { distrustAll, Watched } from './watched.ts';

export interface NamespaceObject {
  readonly labels: Labels;
  /** Annotations that ask for tracing to be injected. */
  readonly tracing: readonly string[];
  readonly mesh?: MeshSettings;
  /** Being deleted: nothing is written into it any more. */
  readonly terminating: boolean;
}

/** Everything that is watched, each resource with the projection that it is held in. */
export class ClusterState {
  readonly namespaces: Watched<NamespaceObject>;
  readonly nodes: Watched<ReturnType<typeof projectNode>>;
  readonly pods: Watched<ReturnType<typeof projectPod>>;
  readonly containers = new ContainerBook();
  /** Those that are not required are of kinds that a cluster may do without. */
  readonly owners: readonly Watched<WorkloadObject>[];
  /** Of StatefulSets and DaemonSets. */
  readonly controllerRevisions: Watched<Revision>;
  readonly serviceAccounts: Watched<ReturnType<typeof projectServiceAccount>>;
  readonly services: Watched<ReturnType<typeof projectService>>;
  readonly ingresses: Watched<ReturnType<typeof projectIngress>>;
  readonly limitRanges: Watched<ReturnType<typeof projectLimitRange>>;
  readonly autoscalers: Watched<ReturnType<typeof projectAutoscaler>>;
  readonly disruptionBudgets: Watched<ReturnType<typeof projectDisruptionBudget>>;
  readonly roleBindings: Watched<ReturnType<typeof projectRoleBinding>>;
  readonly clusterRoleBindings: Watched<ReturnType<typeof projectRoleBinding>>;
  /** Both kinds of bindings, by whom they bind and to which role. */
  readonly bindings: readonly StoreIndex<BindingObject>[];
  /** Of roles, only those that allow what some control asks. */
  readonly roles: Watched<NonNullable<ReturnType<typeof projectRole>>>;
  readonly clusterRoles: Watched<NonNullable<ReturnType<typeof projectRole>>>;
  readonly logReaders: LogReaderBook;
  readonly sensors: SensorBook;
  readonly flowBook: FlowBook;
  readonly ciliumSettings: Watched<CiliumSettings>;
  /** Of both APIs of Calico, each of which may be there or not. */
  readonly felixSettings: readonly Watched<FelixSettings>[];
  readonly networkPolicies: Watched<ReturnType<typeof projectNetworkPolicy>>;
  /** Of other APIs, each of which may be there or not. */
  readonly otherPolicies: readonly {
    readonly watched: Watched<PolicyEvidence>;
    readonly namespaced: boolean;
  }[];
  /** Of every tool, each of which may be there or not. */
  readonly gitOps: readonly Watched<GitOpsObject>[];
  /** What says whether signatures of what they deploy are verified. */
  readonly gitOpsSources: readonly { readonly kind: string; readonly watched: Watched<GitOpsSource> }[];
  readonly gitOpsBook: GitOpsBook;
  readonly claims: Watched<ReturnType<typeof projectClaim>>;
  readonly volumes: Watched<ReturnType<typeof projectVolume>>;
  readonly vulnerabilityReports: Watched<NonNullable<ReturnType<typeof projectVulnerabilityReport>>>;
  readonly exposedSecretReports: Watched<NonNullable<ReturnType<typeof projectExposedSecretReport>>>;
  readonly sbomReports: Watched<NonNullable<ReturnType<typeof projectSbomHead>>>;
  readonly configAuditReports: Watched<NonNullable<ReturnType<typeof projectConfigAuditReport>>>;
  readonly falcoRules: Watched<NonNullable<ReturnType<typeof projectFalcoRules>>>;
  readonly configMaps: Watched<ReturnType<typeof projectConfigMap>>;
  readonly profiles: Watched<ProfileObject>;
  readonly reports: Watched<ReturnType<typeof rememberReport>>;
  readonly summaries: Watched<ReturnType<typeof rememberSummary>>;
  readonly runtimeReports: Watched<ReturnType<typeof rememberRuntime>>;
  readonly all: readonly AnyWatched[];

  readonly clock: Clock;

  /** @param onVerdicts hears of each version of a report and of a summary, whole */
  constructor(
    client: ApiClient,
    clock: Clock,
    hooks: WatchedHooks,
    onVerdicts: (kind: 'ComplianceReport' | 'ComplianceSummary', object: RawObject) => void = () => {},
  ) {
    this.clock = clock;
    const all: AnyWatched[] = [];
    const watch = <T>(
      resource: Resource,
      project: (object: RawObject) => T | undefined,
      options: Partial<WatchedOptions<T>> = {},
    ): Watched<T> => {
      const watched = new Watched<T>(client, clock, { resource, project, required: true, ...options }, hooks);
      all.push(watched);
      return watched;
    };
    const optional = { required: false };
    const owner = (
      resource: Resource,
      kind: WorkloadKind,
      options: Partial<WatchedOptions<WorkloadObject>> = {},
    ) => watch(resource, (object) => projectWorkload(object, kind), options);
    const own = { remedy: 'install it: kubectl apply --server-side -k config/crds' };

    // The longest list goes first: the other connections wait for the session of the first one.
    const projectNoted = (object: RawObject) => this.containers.note(object, projectPod(object));
    this.pods = watch(resources.pods, projectNoted, { decode: decodePod });
    this.namespaces = watch(resources.namespaces, projectNamespace);
    this.nodes = watch(resources.nodes, projectNode, optional);
    this.containers.follow(this.pods.store);
    this.logReaders = new LogReaderBook(this.pods.store, clock);
    this.sensors = new SensorBook(this.pods.store, clock);
    this.flowBook = new FlowBook(this.pods.store, clock);
    this.owners = [
      owner(resources.deployments, 'Deployment'),
      owner(resources.statefulSets, 'StatefulSet'),
      owner(resources.daemonSets, 'DaemonSet'),
      owner(resources.replicaSets, 'ReplicaSet'),
      owner(resources.replicationControllers, 'ReplicationController'),
      owner(resources.jobs, 'Job'),
      owner(resources.cronJobs, 'CronJob'),
      owner(resources.rollouts, 'Rollout', optional),
    ];
    // Not metadata alone: whether another pod specification came with it stands in the rest.
    this.controllerRevisions = watch(resources.controllerRevisions, projectRevision, optional);
    this.serviceAccounts = watch(resources.serviceAccounts, projectServiceAccount, optional);
    this.services = watch(resources.services, projectService, optional);
    // Only what it is labelled and annotated with is asked for.
    this.ingresses = watch(resources.ingresses, projectIngress, { ...optional, metadataOnly: true });
    this.limitRanges = watch(resources.limitRanges, projectLimitRange, optional);
    this.autoscalers = watch(resources.autoscalers, projectAutoscaler, optional);
    this.disruptionBudgets = watch(resources.disruptionBudgets, projectDisruptionBudget, optional);
    this.roleBindings = watch(resources.roleBindings, projectRoleBinding, optional);
    this.clusterRoleBindings = watch(resources.clusterRoleBindings, projectRoleBinding, optional);
    this.bindings = [this.roleBindings, this.clusterRoleBindings].map(({ store }) => indexBindings(store));
    this.roles = watch(resources.roles, projectRole, optional);
    this.clusterRoles = watch(resources.clusterRoles, projectRole, optional);
    this.networkPolicies = watch(resources.networkPolicies, projectNetworkPolicy);
    this.otherPolicies = policyKinds.map(({ project, ...resource }) => ({
      watched: watch<PolicyEvidence>(resource, project, optional),
      namespaced: resource.namespaced,
    }));
    this.gitOps = gitOpsResources.map(({ project, ...resource }) =>
      watch<GitOpsObject>(resource, project, optional),
    );
    this.gitOpsSources = sourceResources.map(({ kind, project, ...resource }) => ({
      kind,
      watched: watch<GitOpsSource>(resource, project, optional),
    }));
    this.gitOpsBook = new GitOpsBook(
      this.gitOps.map(({ store }) => store),
      this.gitOpsSources.map(({ watched }) => watched.store),
      clock,
    );
    this.claims = watch(resources.claims, projectClaim);
    this.volumes = watch(resources.volumes, projectVolume);
    this.vulnerabilityReports = watch(resources.vulnerabilityReports, projectVulnerabilityReport, optional);
    this.exposedSecretReports = watch(resources.exposedSecretReports, projectExposedSecretReport, optional);
    // Each is hundreds of kilobytes: the bodies are fetched one by one, where one is needed.
    this.sbomReports = watch(resources.sbomReports, projectSbomHead, { ...optional, metadataOnly: true });
    this.configAuditReports = watch(resources.configAuditReports, projectConfigAuditReport, optional);
    this.configMaps = watch(resources.configMaps, projectConfigMap, optional);
    this.falcoRules = watch(resources.configMaps, projectFalcoRules, {
      ...optional,
      labelSelector: falcoLabel,
    });
    // By its name, so that a right to that one is enough.
    this.ciliumSettings = watch(resources.configMaps, projectCiliumSettings, {
      ...optional,
      fieldSelector: `metadata.name=${ciliumConfigMap}`,
    });
    this.felixSettings = felixResources.map((resource) => watch(resource, projectFelixSettings, optional));
    this.profiles = watch(resources.complianceProfiles, projectProfile, own);
    this.reports = watch(
      resources.complianceReports,
      (object) => {
        onVerdicts('ComplianceReport', object);
        return rememberReport(object);
      },
      own,
    );
    this.summaries = watch(
      resources.complianceSummaries,
      (object) => {
        onVerdicts('ComplianceSummary', object);
        return rememberSummary(object);
      },
      own,
    );
    this.runtimeReports = watch(resources.runtimeReports, rememberRuntime, own);
    this.all = all;
  }

  /** Kinds that a cluster may well do without. */
  get alternatives(): readonly AnyWatched[] {
    const owners = this.owners.filter(({ required }) => !required);
    const others = [...this.otherPolicies, ...this.gitOpsSources].map(({ watched }) => watched);
    return [...owners, ...others, ...this.gitOps, ...this.felixSettings];
  }

  /** What cannot be read, in sentences. An alternative that is not installed is none that is missing. */
  missing(): string[] {
    const others = new Set<AnyWatched>(this.alternatives.filter(({ absent }) => absent));
    return this.all.flatMap((watched) => (others.has(watched) ? [] : (watched.problem ?? [])));
  }

  /** What is required and was not read yet, in sentences. */
  unsynced(): string[] {
    return this.all.flatMap(({ required, obstacle }) => (required ? (obstacle ?? []) : []));
  }

  /** Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.all.map(({ watcher }) => watcher.run(signal)));
  }

  /** Reads everything again: the server was restored from a backup. @param known whose watch has found that out */
  distrust(known?: Witness): void {
    distrustAll(this.all, known);
  }

  /** Looks at once for kinds that were absent or forbidden. */
  poke(): void {
    for (const { watcher } of this.all) watcher.poke();
  }
}

function projectNamespace(object: RawObject): NamespaceObject {
  const metadata = objectField(object, 'metadata', '') ?? {};
  const annotations = stringMapField(metadata, 'annotations', 'metadata') ?? {};
  return present({
    labels: stringMapField(metadata, 'labels', 'metadata') ?? {},
    tracing: projectTracing(annotations),
    mesh: projectMeshAnnotations(annotations),
    terminating: metadata['deletionTimestamp'] !== undefined,
  });
}

function projectProfile(object: RawObject): ProfileObject {
  const metadata = objectField(object, 'metadata', '') ?? {};
  const status = object['status'];
  return {
    generation: integerField(metadata, 'generation', 'metadata') ?? 0,
    spec: object['spec'],
    status: isObject(status) ? (status as unknown as ComplianceProfileStatus) : undefined,
  };
}
