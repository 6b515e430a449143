import { parseDuration } from '../../base/duration.ts';
import type { Json } from '../fields.ts';
import { asObject, booleanField, objectField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import { readTime } from '../times.ts';
import { nameOf } from '../volumes/name-of.ts';
import { addInventory, isElsewhere, readFluxState } from './flux-status.ts';
import type { GitOpsObject } from './gitops-object.ts';
import { ReachBuilder, shareSettings } from './gitops-object.ts';
import { helmReleaseSources, kustomizationSources } from './source-ref.ts';

/** Both return undefined where it deploys into another cluster, and throw a ShapeError as neighbours do. */

interface Opened {
  readonly metadata: Json;
  readonly spec: Json;
  readonly status: Json;
  readonly name: string;
  readonly namespace: string;
  readonly target: string | undefined;
}

function open(object: unknown): Opened {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const spec = objectField(from, 'spec', '') ?? {};
  return {
    metadata,
    spec,
    status: objectField(from, 'status', '') ?? {},
    name: nameOf(metadata),
    namespace: stringField(metadata, 'namespace', 'metadata') ?? 'default',
    target: stringField(spec, 'targetNamespace', 'spec'),
  };
}

export function projectKustomization(object: unknown): GitOpsObject | undefined {
  const { metadata, spec, status, name, namespace, target = '' } = open(object);
  if (isElsewhere(spec)) return undefined;
  const { changedAt, ...state } = readFluxState(metadata, spec, status);
  const reach = new ReachBuilder();
  reach.add(target);
  addInventory(reach, status);
  const applied = stringField(status, 'lastAppliedRevision', 'status');
  const attempted = stringField(status, 'lastAttemptedRevision', 'status');
  const repeats = state.state === 'progressing' && applied !== undefined && applied === attempted;
  return present({
    ...state,
    kind: 'Kustomization' as const,
    namespace,
    name,
    reach: reach.build(namespace),
    sources: kustomizationSources(spec, namespace),
    settings: shareSettings({
      automated: true,
      selfHeal: true,
      prune: booleanField(spec, 'prune', 'spec') === true,
      suspended: state.state === 'suspended',
    }),
    // Its controller makes Ready Unknown and True again each time.
    reconciledAt: changedAt,
    syncedAt: state.state === 'agreed' ? changedAt : undefined,
    interval: parseDuration(stringField(spec, 'interval', 'spec') ?? ''),
    repeats: repeats ? (true as const) : undefined,
  });
}

export function projectHelmRelease(object: unknown): GitOpsObject | undefined {
  const { metadata, spec, status, name, namespace, target = namespace } = open(object);
  if (isElsewhere(spec)) return undefined;
  const { changedAt: _changedAt, ...state } = readFluxState(metadata, spec, status);
  const reach = new ReachBuilder();
  reach.add(target);
  addInventory(reach, status);
  const [newest] = objectsField(status, 'history', 'status');
  const drift = objectField(spec, 'driftDetection', 'spec') ?? {};
  return present({
    ...state,
    kind: 'HelmRelease' as const,
    namespace,
    name,
    reach: reach.build(namespace),
    sources: helmReleaseSources(spec, namespace, name),
    settings: shareSettings({
      automated: true,
      selfHeal: stringField(drift, 'mode', 'spec.driftDetection') === 'enabled',
      // An upgrade deletes what the chart no longer has.
      prune: true,
      suspended: state.state === 'suspended',
    }),
    syncedAt:
      newest === undefined ? undefined : readTime(stringField(newest, 'lastDeployed', 'status.history[0]')),
  });
}
