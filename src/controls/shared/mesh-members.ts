import type { MeshSettings } from '../../domain/mesh-settings.ts';
import type { Container, PodSpec } from '../../domain/pod-spec.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import type { Labels, Pod, Workload } from '../../domain/workload.ts';

/** `istio` is its sidecar, `ambient` its proxy on the node. */
export type Mesh = 'istio' | 'ambient' | 'linkerd';

/** What a workload shows to a mesh: a live pod, or the template where there is none. */
export interface MeshUnit {
  readonly spec: PodSpec;
  readonly labels: Labels;
  /** Absent for a template. */
  readonly pod?: Pod;
  /** The mesh that it is in; of what a cluster does not show yet, the one that is asked for. */
  readonly mesh: Mesh | undefined;
  /** The mesh that labels and annotations ask for, of the pod or its namespace. */
  readonly asked: Mesh | undefined;
}

/**
 * One unit for each thing that the pods of a workload can show, else one for its template. Static pods never meet an
 * injector, and what has finished talks to nobody.
 */
export function meshUnits(workload: Workload, snapshot: Snapshot): readonly MeshUnit[] {
  const { completed, pods, template } = workload;
  if (completed) return [];
  if (pods.length === 0 && template !== undefined) {
    const asked = meshAskedFor(template, snapshot.namespace);
    return [{ ...template, asked, mesh: sidecarIn(template.spec) ?? asked }];
  }
  return distinctPods(pods).map((pod) => {
    const asked = meshAskedFor(pod, snapshot.namespace);
    return {
      spec: pod.spec,
      labels: pod.labels,
      pod,
      asked,
      mesh: meshOf(pod, asked, snapshot.cluster.live),
    };
  });
}

/** Of pods that show the same, of which there may be ten thousand, the first. */
function distinctPods(pods: readonly Pod[]): readonly Pod[] {
  const seen = new Map<PodSpec, Map<Labels, Map<Pod['containers'], Set<boolean>>>>();
  return pods.filter(({ spec, labels, containers, mirror, ambient = false }) => {
    if (mirror) return false;
    const bySpec = seen.get(spec) ?? new Map<Labels, Map<Pod['containers'], Set<boolean>>>();
    seen.set(spec, bySpec);
    const byLabels = bySpec.get(labels) ?? new Map<Pod['containers'], Set<boolean>>();
    bySpec.set(labels, byLabels);
    const shown = byLabels.get(containers) ?? new Set();
    byLabels.set(containers, shown);
    if (shown.has(ambient)) return false;
    shown.add(ambient);
    return true;
  });
}

function meshOf(pod: Pod, asked: Mesh | undefined, live: boolean): Mesh | undefined {
  const sidecar = sidecarIn(pod.spec);
  if (sidecar !== undefined) return sidecar;
  if (pod.ambient === true) return 'ambient';
  if (!live) return asked;
  // The node agent marks a pod when it starts: before that nothing is missing.
  const started = Object.values(pod.containers).some((each) => each.started);
  return asked === 'ambient' && !started ? asked : undefined;
}

/** In the newer versions of both meshes the proxy is a sidecar of Kubernetes itself: an init container that goes on. */
const runsOn = ({ kind, restartPolicy }: Container): boolean =>
  kind === 'container' || (kind === 'initContainer' && restartPolicy === 'Always');

const proxies: Readonly<Record<string, Mesh>> = { 'istio-proxy': 'istio', 'linkerd-proxy': 'linkerd' };

const sidecarIn = ({ containers }: PodSpec): Mesh | undefined =>
  containers.flatMap((container) => (runsOn(container) ? (proxies[container.name] ?? []) : []))[0];

interface Asking {
  readonly spec: PodSpec;
  readonly labels: Labels;
}

/** No mesh takes a pod that uses the network of its node. */
function meshAskedFor({ spec, labels }: Asking, namespace: Snapshot['namespace']): Mesh | undefined {
  if (spec.hostNetwork === true) return undefined;
  const around = namespace.labels ?? {};
  const settings = spec.settings.mesh ?? {};
  if (asksForIstio(labels, around, settings)) return 'istio';
  const linkerd = settings.linkerdInject ?? namespace.mesh?.linkerdInject;
  if (linkerd === 'enabled' || linkerd === 'ingress') return 'linkerd';
  const mode = labels['istio.io/dataplane-mode'] ?? around['istio.io/dataplane-mode'];
  return mode === 'ambient' ? 'ambient' : undefined;
}

const yes: ReadonlySet<string> = new Set(['y', 'yes', 'true', 'on']);

/**
 * As the selectors of Istio's webhooks and its injector decide it: a namespace that has either label decides for all that do
 * not refuse, and in one that has none a pod may ask for itself.
 */
function asksForIstio(labels: Labels, around: Labels, { istioInject }: MeshSettings): boolean {
  const label = labels['sidecar.istio.io/inject'];
  const injection = around['istio-injection'];
  if (injection !== undefined || around['istio.io/rev'] !== undefined) {
    const wish = (label ?? istioInject ?? '').toLowerCase();
    return (injection ?? 'enabled') === 'enabled' && (wish === '' || yes.has(wish));
  }
  return label === undefined ? labels['istio.io/rev'] !== undefined : label === 'true';
}
