import { isDeepStrictEqual } from 'node:util';
import type { ControlPlane } from '../tools/control-plane/control-plane.ts';

interface Report {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly status?: object;
}

/** The status of every report, by `namespace/name`, without what tells of the past. */
export async function listReports(plane: ControlPlane): Promise<Map<string, unknown>> {
  const { status, body } = await plane.request('GET', '/apis/plumbline.dev/v1alpha1/compliancereports');
  if (status !== 200) throw new Error(`list of the reports: ${status} ${JSON.stringify(body)}`);
  const { items } = body as { items: Report[] };
  return new Map(
    items.map((item) => [`${item.metadata.namespace}/${item.metadata.name}`, present(item.status)]),
  );
}

const past = new Set(['transitions', 'lastTransitionTime']);

function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !past.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, present(inner)]));
}

/** Where two sets of reports differ, a line for each. */
export function differences(
  found: ReadonlyMap<string, unknown>,
  fresh: ReadonlyMap<string, unknown>,
): string[] {
  return [...new Set([...found.keys(), ...fresh.keys()])].flatMap((key) => {
    const [is, shall] = [found.get(key), fresh.get(key)];
    if (isDeepStrictEqual(is, shall)) return [];
    if (is === undefined || shall === undefined) {
      return [`${key}: ${shall === undefined ? 'should not be there' : 'is missing'}`];
    }
    return [`${key}: ${firstDifference(is, shall, 'status')}`];
  });
}

function firstDifference(is: unknown, shall: unknown, path: string): string {
  if (typeof is === 'object' && typeof shall === 'object' && is !== null && shall !== null) {
    for (const key of new Set([...Object.keys(is), ...Object.keys(shall)])) {
      const [left, right] = [(is as Record<string, unknown>)[key], (shall as Record<string, unknown>)[key]];
      if (!isDeepStrictEqual(left, right)) return firstDifference(left, right, `${path}.${key}`);
    }
  }
  return `${path} is ${JSON.stringify(is)?.slice(0, 200)}, a fresh operator says ${JSON.stringify(shall)?.slice(0, 200)}`;
}
