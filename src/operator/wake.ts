import type { Change } from '../kube/store.ts';
import type { Priority } from '../kube/queue.ts';
import { concernedBy } from './binding-index.ts';
import type { ClusterState } from './cluster-state.ts';
import { concernedByNews } from './gitops-wake.ts';
import type { ProfileBook } from './profile-book.ts';
import type { StatusWriter } from './status-writer.ts';

type Echo = Pick<StatusWriter<unknown>, 'forget' | 'isOwnEcho' | 'excuse'>;

/** Who works on what changes: the leader. */
export interface Woken {
  readonly wake: (namespace: string, priority: Priority) => void;
  /** In so many milliseconds; of several such calls the earliest counts. */
  readonly wakeLater: (namespace: string, afterMs: number) => void;
  readonly wakeProfile: (profile: string, afterMs?: number) => void;
  readonly wakeAll: () => void;
  /** The controls of the cluster, in so many milliseconds. */
  readonly wakeCluster: (afterMs: number) => void;
  /** All in so many milliseconds, behind what happens meanwhile; of several such calls it is done once. */
  readonly wakeEach: (afterMs: number) => void;
  readonly writers: { readonly reports: Echo; readonly summaries: Echo };
}

export interface WakeTargets {
  readonly book: ProfileBook;
  /** Undefined while another replica leads: the stores are kept up to date, and nobody is woken. */
  readonly leader: () => Woken | undefined;
}

/** Namespaces often come many at once. */
const profileDelayMs = 1_000;

/** A rollout of policies for the cluster changes several of them; each concerns every namespace. */
export const policyDelayMs = 250;

/** A log collector or a sensor that starts anew is no news: its node may be without one for much longer. */
const lostCollectorMs = 15_000;

/** A role that concerns more namespaces is for the whole cluster, as a policy may be. */
const manyNamespaces = 50;

/** Says which keys a change in a store concerns. The content of the change goes no further. */
export function subscribeAll(state: ClusterState, targets: WakeTargets): void {
  const { book, leader } = targets;
  const wake = (namespace: string, initial: boolean) => leader()?.wake(namespace, initial ? 'low' : 'normal');

  state.namespaces.store.subscribe((change) => {
    if (!matters(change)) return;
    wake(change.name, change.initial);
    const isNew = change.type === 'delete' || change.old === undefined;
    // What may change the log pipeline is asked in every namespace.
    if (isNew && !change.initial && isLogNamespace(book, change.name)) leader()?.wakeEach(policyDelayMs);
    // How many namespaces each profile selects; of a hundred that come together it is told once.
    for (const { name } of state.profiles.store.list('')) leader()?.wakeProfile(name, profileDelayMs);
  });
  const inNamespaces = [
    state.pods,
    ...state.owners,
    state.controllerRevisions,
    state.networkPolicies,
    state.claims,
    state.services,
    state.ingresses,
    state.serviceAccounts,
    state.limitRanges,
    state.autoscalers,
    state.disruptionBudgets,
    state.vulnerabilityReports,
    state.exposedSecretReports,
    state.configAuditReports,
    state.sbomReports,
    state.configMaps,
  ];
  for (const watched of inNamespaces) {
    watched.store.subscribe((change: Change<unknown>) => {
      if (matters(change)) wake(change.namespace, change.initial);
    });
  }
  for (const { watched, namespaced } of state.otherPolicies) {
    watched.store.subscribe((change: Change<unknown>) => {
      if (!matters(change)) return;
      if (namespaced) wake(change.namespace, change.initial);
      // What a first list brings is judged when the list is complete.
      else if (!change.initial) leader()?.wakeEach(policyDelayMs);
    });
  }
  for (const bindings of [state.roleBindings, state.clusterRoleBindings]) {
    bindings.store.subscribe((change) => {
      if (!matters(change)) return;
      const sides = change.type === 'set' ? [change.old, change.value] : [change.old];
      const accounts = sides.flatMap((binding) => binding?.accounts ?? []);
      if (!change.initial && sides.some((binding) => binding?.everyone === true))
        leader()?.wakeEach(policyDelayMs);
      for (const namespace of new Set(accounts.map((account) => account.namespace)))
        wake(namespace, change.initial);
    });
  }
  for (const roles of [state.roles, state.clusterRoles]) {
    roles.store.subscribe((change: Change<unknown>) => {
      // When the first list is complete, all is judged anew.
      if (change.initial || !matters(change)) return;
      const concerned = concernedBy(state.bindings, change.name, change.namespace);
      if (concerned === 'all' || concerned.size > manyNamespaces) leader()?.wakeEach(policyDelayMs);
      else for (const namespace of concerned) wake(namespace, false);
    });
  }
  state.logReaders.subscribe((coverage) => {
    if (coverage.what === 'moved') return leader()?.wakeEach(policyDelayMs);
    for (const namespace of coverage.namespaces) {
      if (coverage.what === 'gained') leader()?.wake(namespace, 'low');
      else leader()?.wakeLater(namespace, lostCollectorMs);
    }
  });
  state.sensors.subscribe(({ what, node, moved }) => {
    leader()?.wakeCluster(policyDelayMs);
    if (moved) return leader()?.wakeEach(policyDelayMs);
    for (const namespace of node === undefined ? [] : state.logReaders.namespacesOn(node)) {
      if (what === 'gained') leader()?.wake(namespace, 'low');
      else if (what === 'lost') leader()?.wakeLater(namespace, lostCollectorMs);
    }
  });
  state.falcoRules.store.subscribe((change: Change<unknown>) => {
    if (!change.initial && matters(change)) leader()?.wakeCluster(policyDelayMs);
  });
  state.flowBook.subscribe((node) => {
    for (const namespace of state.logReaders.namespacesOn(node)) leader()?.wake(namespace, 'low');
  });
  for (const settings of [state.ciliumSettings, ...state.felixSettings]) {
    settings.store.subscribe((change: Change<unknown>) => {
      if (!change.initial && matters(change)) leader()?.wakeEach(policyDelayMs);
    });
  }
  state.nodes.store.subscribe((change: Change<unknown>) => {
    if (change.initial || !matters(change)) return;
    for (const namespace of state.logReaders.namespacesOn(change.name)) leader()?.wake(namespace, 'low');
  });
  state.gitOpsBook.subscribe((news) => {
    const within = Math.min(...book.active().map(({ parameters }) => parameters['gitops.reconciledWithin']));
    for (const namespace of concernedByNews(state, news, within, state.clock.now()))
      wake(namespace, news.initial);
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
    else book.set(change.name, change.value, change.initial);
    leader()?.wakeProfile(change.name);
    if (!judgesAnew) return;
    // Others may extend it.
    for (const { name } of state.profiles.store.list(''))
      if (name !== change.name) leader()?.wakeProfile(name);
    leader()?.wakeAll();
  });
  subscribeOwn(state, leader);
}

const isLogNamespace = (book: ProfileBook, name: string): boolean =>
  book.active().some(({ parameters }) => parameters['logs.namespaces'].includes(name));

/** Our own objects: what somebody else did to them is put right, what we did ourselves is no news. */
function subscribeOwn(state: ClusterState, leader: WakeTargets['leader']): void {
  state.reports.store.subscribe((change) => {
    const present = leader();
    if (present === undefined) return;
    const { reports } = present.writers;
    const { namespace, name } = change;
    const ref = { namespace, name };
    const version = state.reports.store.get(namespace, name)?.resourceVersion;
    if (change.type === 'delete') reports.forget(ref);
    else if (version !== undefined && reports.isOwnEcho(ref, version)) return;
    reports.excuse(ref);
    present.wake(namespace, change.initial ? 'low' : 'normal');
  });
  state.summaries.store.subscribe(({ type, namespace, name }) => {
    if (type === 'delete') leader()?.writers.summaries.forget({ namespace, name });
  });
}

/** Most updates of a pod change nothing that a control reads. */
const matters = (change: Change<unknown>) => change.type === 'delete' || change.old !== change.value;
