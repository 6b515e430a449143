import type { AdmissionItem } from './admission.ts';
import type { ExploitedList } from './exploited.ts';
import type { FlowNode } from './flows.ts';
import type { GitOpsApp } from './gitops.ts';
import type { ConfigMapText } from './literal.ts';
import type { LogNamespace, LogNode } from './log-readers.ts';
import type { MeshPolicy } from './mesh.ts';
import type { MeshSettings } from './mesh-settings.ts';
import type { NetworkPolicy } from './network-policy.ts';
import type { PolicyAudit } from './policy-audit.ts';
import type {
  Autoscaler,
  Claim,
  DisruptionBudget,
  Ingress,
  LimitRange,
  RoleBinding,
  Service,
  ServiceAccount,
} from './surroundings.ts';
import type { ProprietaryObject } from './proprietary.ts';
import type { Right } from './rights.ts';
import type { RuntimeFinding } from './runtime.ts';
import type { Sbom } from './sbom.ts';
import type { SensorNode } from './sensors.ts';
import type { ScannerSettings, SecretScan, VulnerabilityScan } from './scan-report.ts';
import type { UnknownReason } from './verdict.ts';
import type { Labels, Workload } from './workload.ts';

/** The places that evidence comes from; each is a row of a report's `evidence`. */
export const sourceNames = [
  'workloads',
  'networkpolicies',
  'volumes',
  'vulnerabilityreports',
  'exposedsecretreports',
  'sbomreports',
  'scannersettings',
  'configauditreports',
  'falco',
  'configmaps',
  'services',
  'serviceaccounts',
  'rolebindings',
  'roles',
  'limitranges',
  'horizontalpodautoscalers',
  'poddisruptionbudgets',
  'persistentvolumeclaims',
  'logcollectors',
  'sensors',
  'flowsources',
  'falcorules',
  'falcometrics',
  'admissionpolicies',
  'policyaudits',
  'gitops',
  'servicemesh',
  'knownexploited',
  'ingresses',
  'proprietaryapis',
] as const;
export type SourceName = (typeof sourceNames)[number];

/** Why evidence, or a part of it, cannot be used. */
export interface Gap {
  readonly reason: UnknownReason;
  /** A sentence. */
  readonly message: string;
}

/**
 * Evidence, or why there is none. An empty list that was read is evidence; no list is none. Where `gap` is set, the items
 * are true but not all: a violation among them stands, and nothing else can be concluded (evaluate/ sees to that).
 */
export type Source<T> =
  | { readonly available: true; readonly items: readonly T[]; readonly gap?: Gap }
  | ({ readonly available: false } & Gap);

export const read = <T>(items: readonly T[], gap?: Gap): Source<T> => ({
  ...{ available: true, items },
  ...(gap === undefined ? {} : { gap }),
});

export const unread = (reason: UnknownReason, message: string): Source<never> => ({
  available: false,
  reason,
  message,
});

/** All that the controls see of one namespace at one moment, each list in a fixed order. They fetch nothing. */
export interface Snapshot {
  readonly namespace: {
    readonly name: string;
    /** Absent when the input has no Namespace object (a scan of manifests). */
    readonly labels?: Labels;
    /** Annotations that ask for tracing to be injected, and are not switched off; absent as the labels are. */
    readonly tracing?: readonly string[];
    /** What its annotations say to a mesh; absent where they say nothing, or as the labels are. */
    readonly mesh?: MeshSettings;
  };
  readonly cluster: ClusterFacts;
  readonly workloads: Source<Workload>;
  /** Of the namespace and of the cluster, of every API that is read. */
  readonly networkPolicies: Source<NetworkPolicy>;
  /** Of the namespace's ServiceAccounts, by name; absent where they are not read. Policies select pods by them. */
  readonly serviceAccountLabels?: ReadonlyMap<string, Labels>;
  /** The namespace's claims that are bound, with what lies behind them. */
  readonly volumes: Source<BoundClaim>;
  readonly vulnerabilityScans: Source<VulnerabilityScan>;
  readonly secretScans: Source<SecretScan>;
  readonly sboms: Source<Sbom>;
  readonly runtime: Source<RuntimeFinding>;
  readonly configMaps: Source<ConfigMapText>;
  /** What Trivy Operator is told to leave out, by the namespace that it runs in. */
  readonly scannerSettings: Source<ScannerSettings>;
  readonly services: Source<Service>;
  readonly serviceAccounts: Source<ServiceAccount>;
  /** Those that bind service accounts of the namespace, of the namespace and of the cluster. */
  readonly roleBindings: Source<RoleBinding>;
  /** What bindings, wherever they stand, give to service accounts of the namespace, with what their roles allow. */
  readonly rights: Source<Right>;
  readonly limitRanges: Source<LimitRange>;
  readonly autoscalers: Source<Autoscaler>;
  readonly disruptionBudgets: Source<DisruptionBudget>;
  readonly claims: Source<Claim>;
  /** One for each node that runs a pod of the namespace. */
  readonly logNodes: Source<LogNode>;
  /** Those of the log pipeline that exist; absent where nobody knows, as in a scan of manifests. */
  readonly logNamespaces?: readonly LogNamespace[];
  /** One for each node that runs a pod of the namespace. */
  readonly sensorNodes: Source<SensorNode>;
  /** The runtime sensors that run anywhere in the cluster; absent where nobody knows, as in a scan of manifests. */
  readonly sensorsPresent?: readonly string[];
  /** One for each node that runs a pod of the namespace. */
  readonly flowNodes: Source<FlowNode>;
  /** Of the namespace and of the cluster. */
  readonly admission: Source<AdmissionItem>;
  readonly policyAudits: Source<PolicyAudit>;
  /** What deploys into the namespace, of every tool that is read, wherever its objects stand. */
  readonly gitOps: Source<GitOpsApp>;
  /** Of the namespace, and those that hold for the whole mesh. */
  readonly mesh: Source<MeshPolicy>;
  /** The list of exploited vulnerabilities that the profile names; in a scan of manifests whatever may be one. */
  readonly exploited: Source<ExploitedList>;
  readonly ingresses: Source<Ingress>;
  /** Objects of the namespace of every API that some profile calls one vendor's. */
  readonly proprietaryObjects: Source<ProprietaryObject>;
}

export interface ClusterFacts {
  /** Kubernetes 1.`minor`. */
  readonly minor: number;
  /** Policy APIs that discovery shows and that are not read, such as `cilium.io`. */
  readonly unreadPolicyApis: readonly string[];
  /** False in a scan of manifests: what only a cluster could know is then not evidence of anything. */
  readonly live: boolean;
}

/** A PersistentVolumeClaim and the source of the volume that it is bound to. */
export interface BoundClaim {
  readonly claim: string;
  readonly volume: string;
  readonly hostPath?: string;
  readonly local?: string;
}

/** The sources of a snapshot, by the names that people see. */
export function sourcesOf(snapshot: Snapshot): Readonly<Partial<Record<SourceName, Source<unknown>>>> {
  return {
    workloads: snapshot.workloads,
    networkpolicies: snapshot.networkPolicies,
    volumes: snapshot.volumes,
    vulnerabilityreports: snapshot.vulnerabilityScans,
    exposedsecretreports: snapshot.secretScans,
    sbomreports: snapshot.sboms,
    scannersettings: snapshot.scannerSettings,
    falco: snapshot.runtime,
    configmaps: snapshot.configMaps,
    services: snapshot.services,
    serviceaccounts: snapshot.serviceAccounts,
    rolebindings: snapshot.roleBindings,
    roles: snapshot.rights,
    limitranges: snapshot.limitRanges,
    horizontalpodautoscalers: snapshot.autoscalers,
    poddisruptionbudgets: snapshot.disruptionBudgets,
    persistentvolumeclaims: snapshot.claims,
    logcollectors: snapshot.logNodes,
    sensors: snapshot.sensorNodes,
    flowsources: snapshot.flowNodes,
    admissionpolicies: snapshot.admission,
    policyaudits: snapshot.policyAudits,
    gitops: snapshot.gitOps,
    servicemesh: snapshot.mesh,
    knownexploited: snapshot.exploited,
    ingresses: snapshot.ingresses,
    proprietaryapis: snapshot.proprietaryObjects,
  };
}
