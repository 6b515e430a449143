import type { KindName } from '../../src/api/resources.ts';
import { group, version } from '../../src/api/resources.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';

/** An object of one of our kinds as the API server keeps it. */
export interface Kept {
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly uid: string };
  readonly spec?: unknown;
  readonly status?: unknown;
}

export const applyPatch = { contentType: 'application/apply-patch+yaml' };
/** A field that the schema does not have is an error, not a warning. */
export const strict = 'fieldValidation=Strict';

export function pathOf(names: KindName, namespace: string, name?: string, ofGroup = group): string {
  const scope = names.namespaced ? `/namespaces/${namespace}` : '';
  return `/apis/${ofGroup}/${version}${scope}/${names.plural}${name === undefined ? '' : `/${name}`}`;
}

/** Creates the object, then applies its status as the operator does. Rejects with the API server's message. */
export async function write(
  cluster: ControlPlane,
  names: KindName,
  namespace: string,
  object: object,
  status: unknown,
  ofGroup = group,
): Promise<Kept> {
  const created = await cluster.request(
    'POST',
    `${pathOf(names, namespace, undefined, ofGroup)}?${strict}`,
    object,
  );
  const kept = expectKept(created);
  if (status === undefined) return kept;
  return applyStatus(cluster, pathOf(names, namespace, kept.metadata.name, ofGroup), object, kept, status);
}

export async function applyStatus(
  cluster: ControlPlane,
  path: string,
  object: object,
  { metadata: { name, uid, resourceVersion } }: Kept,
  status: unknown,
): Promise<Kept> {
  const body = { ...object, spec: undefined, metadata: { name, uid, resourceVersion }, status };
  const query = `fieldManager=plumbline&force=true&${strict}`;
  expectKept(await cluster.request('PATCH', `${path}/status?${query}`, body, applyPatch));
  return expectKept(await cluster.request('GET', path));
}

function expectKept({ status, body }: { status: number; body: unknown }): Kept {
  if (status !== 200 && status !== 201) {
    throw new Error(`${status} ${(body as { message?: string }).message ?? JSON.stringify(body)}`);
  }
  return body as Kept;
}

/** What a test leaves in the scope of the cluster, the next one would find. */
export async function remove(
  cluster: ControlPlane,
  names: KindName,
  namespace: string,
  name: string,
): Promise<void> {
  const { status } = await cluster.request('DELETE', pathOf(names, namespace, name));
  if (status !== 200) throw new Error(`DELETE ${names.plural}/${name}: ${status}`);
}
