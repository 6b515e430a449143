import type { NetworkPolicy } from '../../domain/network-policy.ts';
import type { Gap } from '../../domain/snapshot.ts';
import type { Labels } from '../../domain/workload.ts';
import type { Json } from '../fields.ts';
import { objectField, stringField, stringMapField } from '../fields.ts';
import { groupOf } from '../group-of.ts';
import { projectNetworkPolicy } from '../network/project-network-policy.ts';
import { policyApiOf } from '../network/policy-apis.ts';
import { readTrivyDocument } from '../trivy/read-document.ts';
import type { TrivyReports } from '../trivy/read-document.ts';
import { projectClaim } from '../volumes/project-claim.ts';
import { projectVolume } from '../volumes/project-volume.ts';
import type { PodObject } from '../workloads/project-pod.ts';
import { projectPod } from '../workloads/project-pod.ts';
import type { WorkloadObject } from '../workloads/project-workload.ts';
import { projectWorkload, workloadKindOf } from '../workloads/project-workload.ts';
import type { InputError, Manifest } from './documents.ts';

/** What the manifests say of one namespace. */
export interface NamespaceManifests {
  labels?: Labels;
  readonly pods: PodObject[];
  readonly owners: WorkloadObject[];
  readonly networkPolicies: NetworkPolicy[];
  readonly claims: ReturnType<typeof projectClaim>[];
  /** Objects of the namespace that could not be read. */
  gap?: Gap;
}

/** All manifests, sorted out. */
export interface Collected {
  readonly namespaces: ReadonlyMap<string, NamespaceManifests>;
  readonly volumes: readonly ReturnType<typeof projectVolume>[];
  /** Reports of Trivy Operator that stand among the manifests. */
  readonly trivy: readonly TrivyReports[];
  /** Network policy APIs among them that are not read. */
  readonly unreadPolicyApis: readonly string[];
  readonly errors: readonly InputError[];
}

/** Sorts manifests by namespace (`default` where they name none). Kinds that no control reads are passed over. */
export function collectManifests(manifests: readonly Manifest[]): Collected {
  const namespaces = new Map<string, NamespaceManifests>();
  const volumes: ReturnType<typeof projectVolume>[] = [];
  const trivy: TrivyReports[] = [];
  const policyApis = new Set<string>();
  const errors: InputError[] = [];
  const at = (name: string) => {
    const found = namespaces.get(name) ?? { pods: [], owners: [], networkPolicies: [], claims: [] };
    namespaces.set(name, found);
    return found;
  };
  for (const manifest of manifests) {
    const { object, file, line } = manifest;
    const { group, kind, name, namespace } = identify(object);
    try {
      const workload = workloadKindOf(String(object['apiVersion']), kind);
      if (workload !== undefined) at(namespace).owners.push(projectWorkload(object, workload));
      else if (group === '' && kind === 'Pod') at(namespace).pods.push(projectPod(object));
      else if (group === '' && kind === 'Namespace') at(name).labels = namespaceLabels(object);
      else if (group === '' && kind === 'PersistentVolumeClaim')
        at(namespace).claims.push(projectClaim(object));
      else if (group === '' && kind === 'PersistentVolume') volumes.push(projectVolume(object));
      else if (group === 'networking.k8s.io' && kind === 'NetworkPolicy') {
        at(namespace).networkPolicies.push(projectNetworkPolicy(object));
      } else if (group === 'aquasecurity.github.io') {
        trivy.push(
          readTrivyDocument(object, file) ?? {
            vulnerabilities: [],
            secrets: [],
            configAudits: [],
            notes: [],
          },
        );
      } else {
        const api = policyApiOf(String(object['apiVersion']), kind);
        if (api !== undefined) policyApis.add(api);
      }
    } catch (error) {
      const message = `${kind} ${name}: ${error instanceof Error ? error.message : String(error)}`;
      errors.push({ file, line, message });
      at(namespace).gap ??= { reason: 'EvaluationError', message: `${file}:${line}: ${message}.` };
    }
  }
  return { namespaces, volumes, trivy, unreadPolicyApis: [...policyApis].sort(), errors };
}

/** As `kubectl apply` would file it; what is malformed here is caught by the projections. */
function identify(object: Json): { group: string; kind: string; name: string; namespace: string } {
  const metadata = (object['metadata'] ?? {}) as Json;
  const text = (value: unknown, fallback: string) =>
    typeof value === 'string' && value !== '' ? value : fallback;
  return {
    group: groupOf(text(object['apiVersion'], '')),
    kind: String(object['kind']),
    name: text(metadata['name'], text(metadata['generateName'], '(without a name)')),
    namespace: text(metadata['namespace'], 'default'),
  };
}

function namespaceLabels(object: Json): Labels {
  const metadata = objectField(object, 'metadata', '') ?? {};
  stringField(metadata, 'name', 'metadata');
  return stringMapField(metadata, 'labels', 'metadata') ?? {};
}
