import { isDeepStrictEqual } from 'node:util';
import type { Labels } from '../domain/workload.ts';
import type { Change } from '../kube/store.ts';
import type { WorkQueue } from '../kube/queue.ts';
import type { ClusterState } from './cluster-state.ts';
import { everyNamespaceKey, namespaceKey, profileKey, runtimeKey } from './keys.ts';
import type { ProfileBook } from './profile-book.ts';
import type { StatusWriter } from './status-writer.ts';

type Echo = Pick<StatusWriter<unknown>, 'forget' | 'isOwnEcho'>;

export interface WakeTargets {
  readonly queue: Pick<WorkQueue, 'add' | 'addAfter'>;
  readonly book: ProfileBook;
  readonly reports: Echo;
  readonly summaries: Echo;
  readonly runtimeReports: Echo;
  readonly wakeAll: () => void;
}

/** Namespaces often come many at once. */
const profileDelayMs = 1_000;

/** A rollout of policies for the cluster changes several of them; each concerns every namespace. */
const policyDelayMs = 250;

/** Says which keys a change in a store concerns. The content of the change goes no further. */
export function subscribeAll(state: ClusterState, targets: WakeTargets): void {
  const { queue, book } = targets;
  const wake = (namespace: string, initial: boolean) =>
    queue.add(namespaceKey(namespace), { priority: initial ? 'low' : 'normal' });

  state.namespaces.store.subscribe((change) => {
    if (!matters(change)) return;
    wake(change.name, change.initial);
    // How many namespaces each profile selects; of a hundred that come together it is told once.
    for (const { name } of state.profiles.store.list('')) queue.addAfter(profileKey(name), profileDelayMs);
  });
  for (const watched of [state.pods, ...state.owners, state.networkPolicies, state.claims]) {
    watched.store.subscribe((change: Change<unknown>) => {
      if (matters(change)) wake(change.namespace, change.initial);
    });
  }
  for (const watched of [state.vulnerabilityReports, state.exposedSecretReports, state.configMaps]) {
    watched.store.subscribe((change: Change<unknown>) => {
      if (matters(change)) wake(change.namespace, change.initial);
    });
  }
  for (const { watched, namespaced } of state.otherPolicies) {
    watched.store.subscribe((change: Change<unknown>) => {
      if (!matters(change)) return;
      if (namespaced) wake(change.namespace, change.initial);
      // What a first list brings is judged when the list is complete.
      else if (!change.initial) queue.addAfter(everyNamespaceKey, policyDelayMs);
    });
  }
  state.serviceAccounts.store.subscribe((change) => {
    // That one comes or goes says nothing of labels, by which few policies select.
    if (!change.initial && (hasLabels(change.old) || (change.type === 'set' && hasLabels(change.value)))) {
      if (matters(change)) wake(change.namespace, change.initial);
    }
  });
  state.volumes.store.subscribe((change) => {
    if (!matters(change)) return;
    for (const volume of change.type === 'set' ? [change.old, change.value] : [change.old]) {
      if (volume?.claim !== undefined) wake(volume.claim.namespace, change.initial);
    }
  });
  state.profiles.store.subscribe((change) => {
    const judgesAnew = change.type === 'delete' || change.old?.generation !== change.value.generation;
    if (change.type === 'delete') book.delete(change.name);
    else book.set(change.name, change.value);
    queue.add(profileKey(change.name));
    if (judgesAnew) targets.wakeAll();
  });
  subscribeOwn(state, targets, wake);
}

const hasLabels = (labels: Labels | undefined) => labels !== undefined && Object.keys(labels).length > 0;

/** Our own objects: what somebody else did to them is put right, what we did ourselves is no news. */
function subscribeOwn(
  state: ClusterState,
  { queue, reports, summaries, runtimeReports }: WakeTargets,
  wake: (namespace: string, initial: boolean) => void,
): void {
  const foreign = (writer: Echo, change: Change<unknown>, version: string | undefined) => {
    const ref = { namespace: change.namespace, name: change.name };
    if (change.type === 'delete') writer.forget(ref);
    return change.type === 'delete' || version === undefined || !writer.isOwnEcho(ref, version);
  };
  state.reports.store.subscribe((change) => {
    const version = state.reports.store.get(change.namespace, change.name)?.resourceVersion;
    if (foreign(reports, change, version)) wake(change.namespace, change.initial);
  });
  state.summaries.store.subscribe((change) => void foreign(summaries, change, undefined));
  state.runtimeReports.store.subscribe((change) => {
    const version = state.runtimeReports.store.get(change.namespace, change.name)?.resourceVersion;
    if (foreign(runtimeReports, change, version)) queue.add(runtimeKey(change.namespace));
  });
}

/** Most updates of a pod change nothing that a control reads. */
const matters = (change: Change<unknown>) =>
  change.type === 'delete' || change.old === undefined || !isDeepStrictEqual(change.old, change.value);
