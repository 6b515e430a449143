import type { MeshSettings } from '../../domain/mesh-settings.ts';
import type { Json } from '../fields.ts';
import { objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';

type Annotations = Readonly<Record<string, string>>;

const istioInject = 'sidecar.istio.io/inject';
const linkerdInject = 'linkerd.io/inject';
const inboundPolicy = 'config.linkerd.io/default-inbound-policy';

/** Ports of the proxies themselves, which Istio's injector writes into the annotation, and Linkerd's users after its manual. */
const ownPorts = new Set(['15020', '15021', '15090', '4190', '4191']);

const leavesOut = (value: string): boolean =>
  value
    .split(',')
    .map((port) => port.trim())
    .some((port) => port !== '' && !ownPorts.has(port));

/** By annotation, whether its value lets some of what comes in go round the proxy. */
const bypasses: Readonly<Record<string, (value: string) => boolean>> = {
  'ambient.istio.io/bypass-inbound-capture': (value) => value === 'true',
  'config.linkerd.io/skip-inbound-ports': leavesOut,
  'sidecar.istio.io/interceptionMode': (value) => value === 'NONE',
  'traffic.sidecar.istio.io/excludeInboundPorts': leavesOut,
  'traffic.sidecar.istio.io/includeInboundPorts': (value) => value !== '*',
};

/** Whether what is projected here depends on the annotation. */
export const isMeshAnnotation = (key: string): boolean =>
  key === istioInject || key === linkerdInject || key === inboundPolicy || Object.hasOwn(bypasses, key);

/** What annotations, of a pod or a namespace, say to a mesh; undefined where they say nothing. */
export function projectMeshAnnotations(annotations: Annotations): MeshSettings | undefined {
  return unlessEmpty(readAnnotations(annotations));
}

/**
 * The same with what injectors have written into the proxies of a pod.
 * @throws ShapeError when a field has another type than the API gives it
 */
export function projectMeshSettings(
  spec: Json,
  annotations: Annotations,
  path: string,
): MeshSettings | undefined {
  return unlessEmpty({
    ...readAnnotations(annotations),
    ...present({
      injectedPolicy: variableOf(spec, 'linkerd-proxy', 'LINKERD2_PROXY_INBOUND_DEFAULT_POLICY', path),
      istioNamespace: namespaceIn(variableOf(spec, 'istio-proxy', 'CA_ADDR', path)),
    }),
  });
}

function readAnnotations(annotations: Annotations): MeshSettings {
  const round = Object.keys(bypasses).flatMap((key) => {
    const value = annotations[key];
    return value !== undefined && bypasses[key]?.(value) === true ? [`${key}: ${value}`] : [];
  });
  return present({
    istioInject: annotations[istioInject],
    linkerdInject: annotations[linkerdInject],
    inboundPolicy: annotations[inboundPolicy],
    bypasses: round.length === 0 ? undefined : round,
  });
}

const unlessEmpty = (settings: MeshSettings): MeshSettings | undefined =>
  Object.keys(settings).length === 0 ? undefined : settings;

/** In either list: a sidecar of Kubernetes itself is an init container. */
function variableOf(spec: Json, container: string, name: string, path: string): string | undefined {
  for (const list of ['containers', 'initContainers']) {
    const index = objectsField(spec, list, path).findIndex((each) => each['name'] === container);
    if (index < 0) continue;
    const at = `${path}.${list}[${index}]`;
    const variables = objectsField(objectsField(spec, list, path)[index] ?? {}, 'env', at);
    const found = variables.findIndex((each) => each['name'] === name);
    return found < 0 ? undefined : stringField(variables[found] ?? {}, 'value', `${at}.env[${found}]`);
  }
  return undefined;
}

/** `istio-system` of `istiod.istio-system.svc:15012`. */
const namespaceIn = (address: string | undefined): string | undefined =>
  address === undefined ? undefined : /^[^.:]+\.([a-z0-9-]+)\.svc(?:[.:]|$)/.exec(address)?.[1];
