import { isObject, type Json } from '../../src/evidence/fields.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { DemoError } from './errors.ts';

/** The metadata of an object, as far as the demo reads it. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly generation?: number;
  readonly ownerReferences?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly controller?: boolean;
  }[];
}

export interface Listed {
  readonly metadata: Metadata;
  readonly spec?: Json;
  readonly status?: Json;
}

/** Applies as kubectl does. `args` name the input, such as `-f FILE`. Returns what kubectl said was applied. */
export async function apply(
  plane: ControlPlane,
  args: readonly string[],
  options: { readonly input?: string; readonly manager?: string } = {},
): Promise<string[]> {
  const { input, manager = 'kubectl' } = options;
  const stdout = await kubectl(
    plane,
    ['apply', '--server-side', `--field-manager=${manager}`, '-o', 'name', ...args],
    input,
  );
  return stdout.split('\n').filter((line) => line !== '');
}

/** Applies CustomResourceDefinitions, and waits until the API server knows their kinds. */
export async function applyKinds(plane: ControlPlane, args: readonly string[]): Promise<void> {
  const names = await apply(plane, args);
  await kubectl(plane, ['wait', '--for=condition=Established', '--timeout=60s', ...names]);
}

/** @returns what it printed @throws DemoError KubectlFailed */
export async function kubectl(plane: ControlPlane, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args, input === undefined ? {} : { input });
  if (code !== 0) throw new DemoError('KubectlFailed', `kubectl ${args.join(' ')} failed: ${stderr.trim()}`);
  return stdout;
}

/** The objects at a path of the API, such as `/apis/apps/v1/namespaces/x/deployments`. @throws DemoError RequestFailed */
export async function list(plane: ControlPlane, path: string): Promise<readonly Listed[]> {
  const { status, body } = await plane.request('GET', path).catch((error: unknown) => {
    throw new DemoError('RequestFailed', `GET ${path}: ${String(error)}`, { cause: error });
  });
  const items = isObject(body) ? body['items'] : undefined;
  if (status === 200 && Array.isArray(items)) return items as readonly Listed[];
  throw new DemoError('RequestFailed', `GET ${path}: ${status} ${JSON.stringify(body).slice(0, 500)}`);
}
