/** How finished requests are counted. `code` is the HTTP status, or `error`, `timeout`, `aborted` when none came. */
export interface RequestReport {
  readonly verb: string;
  readonly resource: string;
  readonly code: string;
  /** Until the answer was read; of a watch until its headers came. */
  readonly seconds: number;
}

/** What the parts of an API path say. */
interface ApiPath {
  readonly group: string;
  readonly plural: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

function readPath(path: string): ApiPath | undefined {
  const parts = path.split('/').slice(1);
  const [root, second] = parts;
  if (root !== 'api' && root !== 'apis') return undefined;
  const rest = parts.slice(root === 'apis' ? 3 : 2);
  // `namespaces/x/pods` is about pods; `namespaces/x` and `namespaces/x/status` are about the namespace.
  const inNamespace =
    rest[0] === 'namespaces' && rest.length > 2 && !/^(status|finalize)$/.test(rest[2] ?? '');
  const [plural, name, subresource] = inNamespace ? rest.slice(2) : rest;
  return plural === undefined
    ? undefined
    : { group: root === 'apis' ? (second ?? '') : '', plural, name, subresource };
}

const otherPaths = new Set(['version', 'api', 'apis', 'openapi', 'healthz', 'livez', 'readyz', 'metrics']);

/**
 * `pods`, `compliancereports.plumbline.dev/status`; for discovery and health the first part of the path, else `other`.
 * Never the name of an object, so the number of values is bounded.
 */
export function countedResource(path: string): string {
  const read = readPath(path);
  if (read === undefined) {
    const root = path.split('/')[1] ?? '';
    return otherPaths.has(root) ? root : 'other';
  }
  const name = read.group === '' ? read.plural : `${read.plural}.${read.group}`;
  return read.subresource === undefined ? name : `${name}/${read.subresource}`;
}

/** Kubernetes' verb, as audit logs and RBAC have it; a server-side apply is told apart from other patches. */
export function countedVerb(
  method: string,
  path: string,
  options: { watch?: boolean; apply?: boolean },
): string {
  if (options.watch === true) return 'watch';
  if (options.apply === true) return 'apply';
  if (method === 'GET') {
    const read = readPath(path);
    return read !== undefined && read.name === undefined ? 'list' : 'get';
  }
  return { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method] ?? method.toLowerCase();
}
