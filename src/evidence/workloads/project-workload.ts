import type { PackedLiterals } from '../../domain/literal.ts';
import type { Provenance } from '../../domain/provenance.ts';
import type { ControllerRef, KeyDomains, PodTemplate, WorkloadSettings } from '../../domain/workload.ts';
import type { Json } from '../fields.ts';
import {
  asObject,
  integerField,
  isObject,
  objectField,
  objectsField,
  ShapeError,
  stringField,
  stringMapField,
} from '../fields.ts';
import { groupOf } from '../group-of.ts';
import { keyDomainsOf } from '../key-domains.ts';
import { present } from '../present.ts';
import { projectAnnotations } from '../secrets/project-annotations.ts';
import { projectClaims, projectClaimTemplates } from './project-claims.ts';
import type { OwnerRef } from './project-metadata.ts';
import { projectLabels, projectMetadata } from './project-metadata.ts';
import { projectProvenance } from './project-provenance.ts';
import { projectWorkloadSettings } from './project-workload-settings.ts';
import { refusalOf } from './refusal.ts';
import { sharedPodSpec } from './shared-spec.ts';
import type { WorkloadKind } from './workload-kinds.ts';
import { isWorkloadKind, workloadGroups } from './workload-kinds.ts';

/** A controller that Kubernetes itself has, or a Rollout of Argo, with the pod template in it. */
export interface WorkloadObject {
  readonly kind: WorkloadKind;
  /** API group, '' for core. */
  readonly group: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly owner?: OwnerRef;
  readonly template?: PodTemplate;
  /** Of a Rollout without a template of its own: the object whose template it runs. */
  readonly templateFrom?: TemplateRef;
  /** Pods that it asks for, with the API's default of one; for a Job its parallelism; absent for DaemonSet and CronJob. */
  readonly replicas?: number;
  /** Job with the condition Complete or Failed. */
  readonly completed: boolean;
  readonly deleting: boolean;
  readonly createdAt?: string;
  /** Annotation `deployment.kubernetes.io/revision`, or Argo's for it, on a Deployment or Rollout and on its ReplicaSets. */
  readonly revision?: string;
  /** The API server's words when an admission policy refused its pods. */
  readonly blocked?: string;
  /** Of the annotations of the object itself. */
  readonly annotationLiterals?: PackedLiterals;
  readonly settings: WorkloadSettings;
  /** Of one that nothing owns. */
  readonly provenance?: Provenance;
  /** Of one that nothing owns, with those of its template. */
  readonly keyDomains?: KeyDomains;
}

export interface TemplateRef extends Pick<ControllerRef, 'kind' | 'name'> {
  readonly group: string;
}

/**
 * @param known the kind, where the object does not say it (items of an API list do not)
 * @throws ShapeError when a field has another type than the API gives it, or the kind is none of those
 */
export function projectWorkload(object: unknown, known?: WorkloadKind): WorkloadObject {
  const from = asObject(object, '');
  const kind = known ?? stringField(from, 'kind', '') ?? '';
  if (!isWorkloadKind(kind))
    throw new ShapeError('kind', `one of ${Object.keys(workloadGroups).join(', ')}`, from['kind']);
  const { name, namespace, uid, owner, labels, annotations, deleting, createdAt } = projectMetadata(from);
  const spec = asObject(from['spec'], 'spec');
  const conditions = projectConditions(from);
  return present({
    kind,
    group: workloadGroups[kind],
    name,
    namespace,
    uid,
    owner,
    template: projectTemplate(kind, name, spec),
    templateFrom: kind === 'Rollout' ? projectTemplateRef(spec) : undefined,
    replicas: projectReplicas(kind, spec),
    completed: kind === 'Job' && conditions.some(({ type }) => type === 'Complete' || type === 'Failed'),
    deleting,
    createdAt,
    revision: annotations['deployment.kubernetes.io/revision'] ?? annotations['rollout.argoproj.io/revision'],
    blocked: conditions.map(refusalOf).find((refusal) => refusal !== undefined),
    annotationLiterals: projectAnnotations(annotations),
    settings: projectWorkloadSettings(from, kind, spec, annotations),
    provenance:
      owner === undefined
        ? projectProvenance(objectField(from, 'metadata', '') ?? {}, labels, annotations)
        : undefined,
    keyDomains:
      owner === undefined ? keyDomainsOf(from['metadata'], templateMetadata(kind, spec)) : undefined,
  });
}

/** The template was read before: whatever is of a wrong type here was refused there. */
function templateMetadata(kind: WorkloadKind, spec: Json): unknown {
  const within = (value: unknown, key: string) => (isObject(value) ? value[key] : undefined);
  const above = kind === 'CronJob' ? within(spec['jobTemplate'], 'spec') : spec;
  return within(within(above, 'template'), 'metadata');
}

function projectTemplate(kind: WorkloadKind, name: string, spec: Json): PodTemplate | undefined {
  if (kind === 'CronJob') {
    const job = asObject(spec['jobTemplate'], 'spec.jobTemplate');
    const jobSpec = asObject(job['spec'], 'spec.jobTemplate.spec');
    return readTemplate(jobSpec['template'], 'spec.jobTemplate.spec.template', []);
  }
  // The only kinds whose template may be left out, a Rollout's for that of another object.
  const mayLack = kind === 'ReplicationController' || (kind === 'Rollout' && isObject(spec['workloadRef']));
  if (mayLack && (spec['template'] ?? null) === null) return undefined;
  if (kind !== 'StatefulSet') return readTemplate(spec['template'], 'spec.template', []);
  const ordinals = objectField(spec, 'ordinals', 'spec') ?? {};
  const start = integerField(ordinals, 'start', 'spec.ordinals') ?? 0;
  const claims = projectClaimTemplates(spec, name, projectReplicas(kind, spec) ?? 1, start);
  return readTemplate(spec['template'], 'spec.template', claims);
}

function readTemplate(value: unknown, path: string, claims: readonly string[]): PodTemplate {
  const template = asObject(value, path);
  const metadata = objectField(template, 'metadata', path) ?? {};
  const annotations = stringMapField(metadata, 'annotations', `${path}.metadata`);
  const spec = asObject(template['spec'], `${path}.spec`);
  return {
    labels: projectLabels(metadata, `${path}.metadata`),
    spec: sharedPodSpec(spec, annotations, `${path}.spec`),
    claims: [...projectClaims(spec, `${path}.spec`), ...claims],
  };
}

function projectTemplateRef(spec: Json): TemplateRef | undefined {
  const from = objectField(spec, 'workloadRef', 'spec');
  if (from === undefined || (spec['template'] ?? null) !== null) return undefined;
  const text = (key: string) => stringField(from, key, 'spec.workloadRef') ?? '';
  return { group: groupOf(text('apiVersion')), kind: text('kind'), name: text('name') };
}

function projectReplicas(kind: WorkloadKind, spec: Json): number | undefined {
  if (kind === 'DaemonSet' || kind === 'CronJob') return undefined;
  return integerField(spec, kind === 'Job' ? 'parallelism' : 'replicas', 'spec') ?? 1;
}

/** The conditions that hold. */
function projectConditions(from: Json): { readonly type: string; readonly message: string }[] {
  const status = objectField(from, 'status', '') ?? {};
  return objectsField(status, 'conditions', 'status')
    .map((item, index) => {
      const path = `status.conditions[${index}]`;
      return {
        type: stringField(item, 'type', path) ?? '',
        status: stringField(item, 'status', path),
        message: stringField(item, 'message', path) ?? '',
      };
    })
    .filter(({ status: holds }) => holds === 'True');
}
