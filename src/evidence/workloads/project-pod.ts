import { logAccess } from '../../domain/log-readers.ts';
import type { PodSpec } from '../../domain/pod-spec.ts';
import type { Provenance } from '../../domain/provenance.ts';
import type { KeyDomains, Pod, RunningImage } from '../../domain/workload.ts';
import type { SensorPod } from '../../domain/sensors.ts';
import type { MetricsAddress } from '../falco/metrics-address.ts';
import { metricsAddressOf } from '../falco/metrics-address.ts';
import type { FlowAgentPod } from '../flows/flow-agent.ts';
import { flowAgentOf } from '../flows/flow-agent.ts';
import { isSidekick, projectCrashes, sensorOf } from '../falco/sensor-pods.ts';
import type { Json } from '../fields.ts';
import { asObject, objectField, objectsField, stringField } from '../fields.ts';
import { keyDomainsOf } from '../key-domains.ts';
import { present } from '../present.ts';
import { Interner } from '../../domain/interner.ts';
import { projectClaims } from './project-claims.ts';
import { projectContainerStates } from './project-container-states.ts';
import type { Metadata, OwnerRef } from './project-metadata.ts';
import { projectMetadata } from './project-metadata.ts';
import { projectProvenance } from './project-provenance.ts';
import { readEncodedSpec } from './encoded-spec.ts';
import { EncodedPod } from './pod-message.ts';
import { sharedEncodedSpec, sharedPodSpec } from './shared-spec.ts';

/** A core/v1 Pod. What many pods have in common is one object: the specification, the labels, the owner, the images. */
export interface PodObject extends Pod {
  readonly kind: 'Pod';
  readonly namespace: string;
  readonly owner?: OwnerRef;
  readonly state: PodState;
  /** Of one that nothing owns: a pod of a controller has that of its root. */
  readonly provenance?: Provenance;
  /** Of one that nothing owns. */
  readonly keyDomains?: KeyDomains;
  /** Whether it is ready, and since when; only of pods that read the logs of their node. */
  readonly logReader?: Readiness;
  /** Of a runtime sensor alone: which it is, and how it is. */
  readonly sensor?: Readiness &
    Pick<SensorPod, 'crashing' | 'crashedAt'> & { readonly name: string; readonly metrics?: MetricsAddress };
  /** Of an agent that sees the traffic of its node alone. */
  readonly flowAgent?: FlowAgentPod & Pick<Readiness, 'ready'>;
  /** Of Falcosidekick alone, which carries events on. */
  readonly sidekick?: Readiness & { readonly metrics?: MetricsAddress };
}

export interface Readiness {
  readonly ready: boolean;
  /** Milliseconds since the epoch. */
  readonly since?: number;
}

/** `finished` is Succeeded or Failed. A pod of a manifest, which has no status, is live. */
export type PodState = 'live' | 'finished' | 'deleting';

const images = new Interner<Pod['running']>();
const states = new Interner<Pod['containers']>();
const claimLists = new Interner<readonly string[]>();

/** @throws ShapeError when a field has another type than the API gives it */
export function projectPod(object: unknown): PodObject {
  const from = asObject(object, '');
  const metadata = projectMetadata(from);
  const { name, namespace, uid, labels, annotations, owner, deleting } = metadata;
  const spec = readSpec(from, metadata);
  const status = objectField(from, 'status', '') ?? {};
  const phase = stringField(status, 'phase', 'status');
  const { node, projected } = spec;
  const sensor = sensorOf(labels, projected, owner);
  const flowAgent = flowAgentOf(projected, owner);
  return present({
    kind: 'Pod' as const,
    name,
    namespace: share(namespace),
    uid,
    owner,
    labels,
    node: node === undefined ? undefined : share(node),
    spec: projected,
    claims: claimLists.intern(spec.claims),
    mirror: annotations['kubernetes.io/config.mirror'] !== undefined,
    // Each pod's own, and not of its specification: it comes a moment after the pod, which would then have another one.
    ambient: annotations['ambient.istio.io/redirection'] === 'enabled' ? (true as const) : undefined,
    running: images.intern(projectRunning(status)),
    containers: states.intern(projectContainerStates(status)),
    state: deleting ? ('deleting' as const) : stateOf(phase),
    provenance:
      owner === undefined
        ? projectProvenance(objectField(from, 'metadata', '') ?? {}, labels, annotations)
        : undefined,
    keyDomains: owner === undefined ? keyDomainsOf(from['metadata']) : undefined,
    logReader: isLogReader(projected, owner) ? projectReadiness(status, metadata) : undefined,
    sensor:
      sensor === undefined
        ? undefined
        : present({
            name: sensor,
            ...projectReadiness(status, metadata),
            ...projectCrashes(status),
            metrics: sensor === 'falco' ? metricsAddressOf('falco', projected, status) : undefined,
          }),
    flowAgent: flowAgent && { ...flowAgent, ready: projectReadiness(status, metadata).ready },
    sidekick: isSidekick(labels)
      ? present({
          ...projectReadiness(status, metadata),
          metrics: metricsAddressOf('falcosidekick', projected, status),
        })
      : undefined,
  });
}

interface ReadSpec {
  readonly node: string | undefined;
  readonly claims: readonly string[];
  readonly projected: PodSpec;
}

function readSpec(pod: Json, { name, annotations }: Metadata): ReadSpec {
  if (pod instanceof EncodedPod) {
    const spec = readEncodedSpec(pod.encodedSpec, name);
    return { ...spec, projected: sharedEncodedSpec(pod, spec, annotations) };
  }
  const spec = asObject(pod['spec'], 'spec');
  return {
    node: stringField(spec, 'nodeName', 'spec'),
    claims: projectClaims(spec, 'spec', name),
    projected: sharedPodSpec(spec, annotations, 'spec'),
  };
}

/** What a Job runs reads the logs once, and is gone. */
const isLogReader = (spec: PodSpec, owner: OwnerRef | undefined): boolean =>
  owner?.kind !== 'Job' && logAccess(spec) !== undefined;

function projectReadiness(status: Json, { createdAt }: Metadata): Readiness {
  const conditions = objectsField(status, 'conditions', 'status');
  const index = conditions.findIndex(({ type }) => type === 'Ready');
  const condition = conditions[index];
  const path = `status.conditions[${index}]`;
  const changed = condition && stringField(condition, 'lastTransitionTime', path);
  const since = Date.parse(changed ?? createdAt ?? '');
  return present({
    ready: condition !== undefined && stringField(condition, 'status', path) === 'True',
    since: Number.isNaN(since) ? undefined : since,
  });
}

const shared = new Map<string, string>();

/** One string for equal ones; there are few namespaces and nodes, and the parser makes a new string for each pod. */
function share(text: string): string {
  const known = shared.get(text);
  if (known !== undefined) return known;
  // Nodes come and go for as long as the process lives; forgetting them costs nothing but a few strings.
  if (shared.size >= 20_000) shared.clear();
  shared.set(text, text);
  return text;
}

function stateOf(phase: string | undefined): PodState {
  return phase === 'Succeeded' || phase === 'Failed' ? 'finished' : 'live';
}

const statusLists = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'] as const;

/** A container that has not started yet has an empty imageID, and says nothing about what runs. */
function projectRunning(status: Json): Pod['running'] {
  const running: [string, RunningImage][] = [];
  for (const list of statusLists) {
    objectsField(status, list, 'status').forEach((item, index) => {
      const path = `status.${list}[${index}]`;
      const name = stringField(item, 'name', path);
      const image = stringField(item, 'image', path) ?? '';
      const imageId = stringField(item, 'imageID', path) ?? '';
      if (name !== undefined && imageId !== '') running.push([name, { image, imageId }]);
    });
  }
  return Object.fromEntries(running);
}
