import { stableText } from '../base/stable-text.ts';
import type { Clock } from '../base/clock.ts';
import { complianceProfiles } from '../api/resources.ts';
import { applyStatus } from '../kube/apply.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ClusterState } from './cluster-state.ts';
import type { ProfileBook } from './profile-book.ts';
import { resources } from './resources.ts';

/** Says in a profile's status whether it is in use, and if not, which field is wrong. */
export async function reconcileProfile(
  context: {
    readonly state: ClusterState;
    readonly book: ProfileBook;
    readonly client: Pick<ApiClient, 'request'>;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly signal: AbortSignal;
  },
  name: string,
): Promise<void> {
  const { state, book, client, clock, logger, signal } = context;
  const stored = state.profiles.store.get('', name);
  if (stored === undefined) return;
  const selected = selectedNamespaces(state, book, name).length;
  const status = book.statusOf(name, selected, stored.value.status, clock.now());
  if (status === undefined || stableText(status) === stableText(stored.value.status)) return;
  const target = {
    resource: resources.complianceProfiles,
    kind: complianceProfiles.kind,
    namespace: '',
    name,
  };
  await applyStatus({ client, clock, signal }, target, stored, status);
  const condition = status.conditions?.[0];
  if (condition?.status === 'False')
    logger.warn('a profile is not valid', { profile: name, problem: condition.message });
}

/** The namespaces that a profile selects, by name. */
export function selectedNamespaces(state: ClusterState, book: ProfileBook, profile: string): string[] {
  const selects = book.get(profile)?.selects;
  if (selects === undefined) return [];
  return state.namespaces.store
    .list('')
    .filter(({ name, value }) => !value.terminating && selects(name, value.labels))
    .map(({ name }) => name);
}
