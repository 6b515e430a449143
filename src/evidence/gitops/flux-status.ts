import type { GitOpsState } from '../../domain/gitops.ts';
import type { Json } from '../fields.ts';
import { booleanField, integerField, objectField, objectsField, stringField } from '../fields.ts';
import { readTime } from '../times.ts';
import type { ReachBuilder } from './gitops-object.ts';
import { ownedSince } from './gitops-object.ts';

export interface FluxState {
  readonly state: GitOpsState;
  readonly observed: string;
  readonly suspendedSince: number | undefined;
  readonly troubledSince: number | undefined;
  /** When Ready last became what it is. */
  readonly changedAt: number | undefined;
}

/** What every Flux object says of itself in the same way. */
export function readFluxState(metadata: Json, spec: Json, status: Json): FluxState {
  const ready = objectsField(status, 'conditions', 'status').find((each) => each['type'] === 'Ready');
  const path = 'status.conditions';
  const said = ready === undefined ? undefined : stringField(ready, 'status', path);
  const reason = ready === undefined ? undefined : stringField(ready, 'reason', path);
  const changedAt =
    ready === undefined ? undefined : readTime(stringField(ready, 'lastTransitionTime', path));
  const suspended = booleanField(spec, 'suspend', 'spec') === true;
  const seen = integerField(status, 'observedGeneration', 'status');
  const current = seen === undefined || seen >= (integerField(metadata, 'generation', 'metadata') ?? 0);
  const state = suspended ? 'suspended' : stateOf(said, current);
  return {
    state,
    observed: suspended
      ? 'suspended'
      : `Ready=${said ?? 'Unknown'}${reason === undefined ? '' : ` (${reason.slice(0, 64)})`}`,
    suspendedSince: suspended ? ownedSince(metadata, ['spec', 'suspend']) : undefined,
    troubledSince: state === 'notReady' ? changedAt : undefined,
    changedAt,
  };
}

function stateOf(ready: string | undefined, current: boolean): GitOpsState {
  if (ready === 'False') return 'notReady';
  if (ready === 'True') return current ? 'agreed' : 'progressing';
  return ready === 'Unknown' ? 'progressing' : 'unknown';
}

/** It deploys into the cluster that this names, which is not the one that it stands in. */
export const isElsewhere = (spec: Json): boolean => objectField(spec, 'kubeConfig', 'spec') !== undefined;

/** Entries are `<namespace>_<name>_<group>_<kind>`; a name has no underscore, but `:` is written as `__`. */
export function addInventory(reach: ReachBuilder, status: Json): void {
  const inventory = objectField(status, 'inventory', 'status') ?? {};
  objectsField(inventory, 'entries', 'status.inventory').forEach((entry, index) => {
    const id = stringField(entry, 'id', `status.inventory.entries[${index}]`) ?? '';
    const [, namespace = '', name, group, kind] = /^([^_]*)_(.*)_([^_]*)_([^_]*)$/.exec(id) ?? [];
    reach.add(namespace, group, kind, name);
  });
}
