import type { PeerAuthentication, TlsMode } from '../../domain/mesh.ts';
import type { Json } from '../fields.ts';
import { asObject, objectField, ShapeError, stringField, stringMapField } from '../fields.ts';
import { present } from '../present.ts';
import { nameOf } from '../volumes/name-of.ts';

const modes: readonly string[] = ['STRICT', 'PERMISSIVE', 'DISABLE'] satisfies TlsMode[];

/** @throws ShapeError when a field has another type than the API gives it */
export function projectPeerAuthentication(object: unknown): PeerAuthentication {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const spec = objectField(from, 'spec', '') ?? {};
  const selector = objectField(spec, 'selector', 'spec') ?? {};
  const labels = stringMapField(selector, 'matchLabels', 'spec.selector') ?? {};
  return present({
    is: 'peer' as const,
    namespace: stringField(metadata, 'namespace', 'metadata') ?? 'default',
    name: nameOf(metadata),
    // Istio takes an empty selector for none.
    selector: Object.keys(labels).length === 0 ? undefined : labels,
    mode: modeIn(spec, 'mtls', 'spec'),
    ports: projectPorts(spec),
    createdAt: stringField(metadata, 'creationTimestamp', 'metadata'),
  });
}

/** Ports that are UNSET are as the policy says for all. */
function projectPorts(spec: Json): PeerAuthentication['ports'] {
  const levels = objectField(spec, 'portLevelMtls', 'spec') ?? {};
  const ports = Object.keys(levels).flatMap((port) => {
    const mode = modeIn(levels, port, 'spec.portLevelMtls');
    return mode === undefined ? [] : [[port, mode] as const];
  });
  return ports.length === 0 ? undefined : Object.fromEntries(ports);
}

function modeIn(from: Json, key: string, path: string): TlsMode | undefined {
  const at = `${path}.${key}`;
  const mode = stringField(objectField(from, key, path) ?? {}, 'mode', at);
  if (mode === undefined || mode === 'UNSET') return undefined;
  if (!modes.includes(mode)) throw new ShapeError(`${at}.mode`, `one of UNSET, ${modes.join(', ')}`, mode);
  return mode as TlsMode;
}
