import type { ApiClient } from './client.ts';
import { ApiError, isObject } from './errors.ts';
import type { Resource } from './resource.ts';

export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  /** As the server says it: `v1.37.2`, `v1.31.4-gke.1183000`. */
  readonly gitVersion: string;
}

export interface DiscoveredResource extends Resource {
  readonly kind: string;
  readonly verbs: readonly string[];
}

export interface Discovery {
  readonly version: ServerVersion;
  /** All versions of all resources, subresources left out. */
  readonly resources: readonly DiscoveredResource[];
  /** Group versions that could not be read (an aggregated API that is down): what they serve is unknown, not absent. */
  readonly incomplete: readonly string[];
}

const aggregated =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/** Asks what the server is and what it serves: three requests, or one for each group version where it is old. */
export async function discover(client: Pick<ApiClient, 'request'>, signal?: AbortSignal): Promise<Discovery> {
  const get = async (path: string, accept?: string) => {
    const options = {
      ...(accept === undefined ? {} : { accept }),
      ...(signal === undefined ? {} : { signal }),
    };
    return (await client.request({ method: 'GET', path, ...options })).json;
  };
  const version = readVersion(await get('/version'));
  const [core, groups] = await Promise.all([get('/api', aggregated), get('/apis', aggregated)]);
  const resources: DiscoveredResource[] = [];
  const incomplete: string[] = [];
  for (const answer of [core, groups]) {
    if (isAggregated(answer)) readAggregated(answer, resources, incomplete);
    else await readGroups(answer, get, resources, incomplete);
  }
  return { version, resources, incomplete };
}

/** Reads `31+`, `31-gke.100` and, where the numbers are missing, gitVersion. Unknown parts are 0. */
export function readVersion(answer: unknown): ServerVersion {
  const fields = isObject(answer) ? answer : {};
  const gitVersion = textOf(fields['gitVersion']);
  const fromGit = /^v?(\d+)\.(\d+)/.exec(gitVersion);
  const number = (field: string, part: number) => {
    const found = Number.parseInt(textOf(fields[field]), 10);
    return Number.isNaN(found) ? Number(fromGit?.[part] ?? 0) : found;
  };
  return { major: number('major', 1), minor: number('minor', 2), gitVersion };
}

function isAggregated(answer: unknown): boolean {
  return isObject(answer) && answer['kind'] === 'APIGroupDiscoveryList';
}

function readAggregated(answer: unknown, resources: DiscoveredResource[], incomplete: string[]): void {
  for (const item of listOf(answer, 'items')) {
    const group = textOf(fieldOf(fieldOf(item, 'metadata'), 'name'));
    for (const entry of listOf(item, 'versions')) {
      const version = textOf(fieldOf(entry, 'version'));
      if (fieldOf(entry, 'freshness') === 'Stale') incomplete.push(groupVersion(group, version));
      for (const one of listOf(entry, 'resources')) {
        resources.push({
          group,
          version,
          plural: textOf(fieldOf(one, 'resource')),
          namespaced: fieldOf(one, 'scope') === 'Namespaced',
          kind: textOf(fieldOf(fieldOf(one, 'responseKind'), 'kind')),
          verbs: listOf(one, 'verbs').map(textOf),
        });
      }
    }
  }
}

/** The old way: `/api` gives APIVersions, `/apis` an APIGroupList, and each group version its resources. */
async function readGroups(
  answer: unknown,
  get: (path: string) => Promise<unknown>,
  resources: DiscoveredResource[],
  incomplete: string[],
): Promise<void> {
  const core = listOf(answer, 'versions').map((version) => ['', textOf(version)] as const);
  const named = listOf(answer, 'groups').flatMap((group) =>
    listOf(group, 'versions').map(
      (one) => [textOf(fieldOf(group, 'name')), textOf(fieldOf(one, 'version'))] as const,
    ),
  );
  for (const [group, version] of [...core, ...named]) {
    try {
      const list = await get(group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
      resources.push(...readResources(list, group, version));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      incomplete.push(groupVersion(group, version));
    }
  }
}

function readResources(list: unknown, group: string, version: string): DiscoveredResource[] {
  return listOf(list, 'resources')
    .map((one) => ({
      group,
      version,
      plural: textOf(fieldOf(one, 'name')),
      namespaced: fieldOf(one, 'namespaced') === true,
      kind: textOf(fieldOf(one, 'kind')),
      verbs: listOf(one, 'verbs').map(textOf),
    }))
    .filter((one) => !one.plural.includes('/'));
}

function groupVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

function fieldOf(value: unknown, field: string): unknown {
  return isObject(value) ? value[field] : undefined;
}

function listOf(value: unknown, field: string): readonly unknown[] {
  const list = fieldOf(value, field);
  return Array.isArray(list) ? list : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
