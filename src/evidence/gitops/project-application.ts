import type { GitOpsState } from '../../domain/gitops.ts';
import type { Json } from '../fields.ts';
import { asObject, booleanField, objectField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import { readTime } from '../times.ts';
import { nameOf } from '../volumes/name-of.ts';
import type { GitOpsObject, Reach } from './gitops-object.ts';
import { ReachBuilder, shareSettings } from './gitops-object.ts';
import { applicationSources } from './source-ref.ts';

/**
 * An Argo CD Application; undefined where it deploys into another cluster.
 * @throws ShapeError when a field has another type than the API gives it
 */
export function projectApplication(object: unknown): GitOpsObject | undefined {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const spec = objectField(from, 'spec', '') ?? {};
  const status = objectField(from, 'status', '') ?? {};
  const destination = objectField(spec, 'destination', 'spec') ?? {};
  if (!isHere(destination)) return undefined;
  const namespace = stringField(metadata, 'namespace', 'metadata') ?? 'default';
  const operation = objectField(status, 'operationState', 'status') ?? {};
  return present({
    kind: 'Application' as const,
    namespace,
    name: nameOf(metadata),
    reach: reachOf(destination, status, namespace),
    settings: settingsOf(spec),
    sources: applicationSources(spec, status, namespace),
    ...stateOf(status),
    reconciledAt: readTime(stringField(status, 'reconciledAt', 'status')),
    syncedAt: readTime(stringField(operation, 'finishedAt', 'status.operationState')),
  });
}

/** The cluster that Argo CD runs in has this address for it, and this name unless somebody gave it another. */
function isHere(destination: Json): boolean {
  const server = stringField(destination, 'server', 'spec.destination') ?? '';
  const name = stringField(destination, 'name', 'spec.destination') ?? '';
  if (server !== '')
    return /^https:\/\/kubernetes\.default(?:\.svc(?:\.cluster\.local)?)?(?::443)?\/?$/.test(server);
  return name === '' || name === 'in-cluster';
}

function reachOf(destination: Json, status: Json, home: string): Reach {
  const reach = new ReachBuilder();
  reach.add(stringField(destination, 'namespace', 'spec.destination') ?? '');
  objectsField(status, 'resources', 'status').forEach((resource, index) => {
    const path = `status.resources[${index}]`;
    // It is gone from the repository: nothing keeps it any more.
    if (booleanField(resource, 'requiresPruning', path) === true) return;
    const text = (key: string) => stringField(resource, key, path);
    reach.add(text('namespace') ?? '', text('group'), text('kind'), text('name'));
  });
  return reach.build(home);
}

function settingsOf(spec: Json) {
  const policy = objectField(spec, 'syncPolicy', 'spec') ?? {};
  const path = 'spec.syncPolicy.automated';
  const asked = objectField(policy, 'automated', 'spec.syncPolicy');
  const automated = asked !== undefined && booleanField(asked, 'enabled', path) !== false;
  return shareSettings({
    automated,
    selfHeal: automated && booleanField(asked, 'selfHeal', path) === true,
    prune: automated && booleanField(asked, 'prune', path) === true,
    suspended: false,
  });
}

function stateOf(status: Json): { readonly state: GitOpsState; readonly observed: string } {
  const sync = stringField(objectField(status, 'sync', 'status') ?? {}, 'status', 'status.sync') || 'Unknown';
  const health =
    stringField(objectField(status, 'health', 'status') ?? {}, 'status', 'status.health') || 'Unknown';
  return { state: judge(sync, health), observed: `${sync}, ${health}` };
}

function judge(sync: string, health: string): GitOpsState {
  if (health === 'Degraded') return 'failed';
  if (health === 'Unknown' || (sync !== 'Synced' && sync !== 'OutOfSync')) return 'unknown';
  if (sync === 'OutOfSync' || health === 'Missing') return 'differs';
  if (health === 'Progressing') return 'progressing';
  if (health === 'Suspended') return 'suspended';
  return health === 'Healthy' ? 'agreed' : 'unknown';
}
