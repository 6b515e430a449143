import { expect } from 'chai';
import { ProfileBook } from '../../src/operator/profile-book.ts';
import { ClusterState } from '../../src/operator/cluster-state.ts';
import { wakeForReadability } from '../../src/operator/readability-wake.ts';
import { subscribeAll } from '../../src/operator/wake.ts';
import { projectConfigMap } from '../../src/evidence/secrets/project-config-map.ts';
import { policyKindOf } from '../../src/evidence/network/policy-kinds.ts';
import { projectRoleBinding } from '../../src/evidence/surroundings/project-role-binding.ts';
import { projectServiceAccount } from '../../src/evidence/surroundings/project.ts';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import { projectVolume } from '../../src/evidence/volumes/project-volume.ts';
import { ApiClient } from '../../src/kube/client.ts';
import type { Stored } from '../../src/kube/store.ts';
import type { Store } from '../../src/kube/store.ts';
import type { AnyWatched } from '../../src/operator/watched.ts';
import { plainConfig } from '../kube/support.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noHooks } from '../support/hooks.ts';
import { podObject } from '../support/objects.ts';

interface Woken {
  readonly key: string;
  readonly priority?: string | undefined;
}

/** The stores of an operator that is connected to nothing; the test is the watch. */
function awake() {
  const clock = new FakeClock();
  const client = new ApiClient({ config: plainConfig(1), clock });
  const state = new ClusterState(client, clock, noHooks);
  const woken: Woken[] = [];
  const forgotten: string[] = [];
  const excused: string[] = [];
  const own = new Set<string>();
  const book = new ProfileBook([]);
  const echo = {
    forget: ({ namespace, name }: { namespace: string; name: string }) =>
      void forgotten.push(`${namespace}/${name}`),
    excuse: ({ namespace, name }: { namespace: string; name: string }) =>
      void excused.push(`${namespace}/${name}`),
    isOwnEcho: (_ref: object, resourceVersion: string) => own.has(resourceVersion),
  };
  const all = { times: 0 };
  const leader = {
    wake: (namespace: string, priority: string) =>
      void woken.push({ key: `namespace/${namespace}`, priority }),
    wakeLater: (namespace: string, afterMs: number) =>
      void woken.push({ key: `namespace/${namespace}`, priority: `after ${afterMs} ms` }),
    wakeProfile: (profile: string, afterMs = 0) =>
      void woken.push({ key: `profile/${profile}`, priority: afterMs > 0 ? 'later' : undefined }),
    wakeAll: () => void all.times++,
    wakeCluster: () => void woken.push({ key: 'cluster/all', priority: 'normal' }),
    wakeEach: (afterMs: number) =>
      void woken.push({ key: 'namespaces/all', priority: afterMs > 0 ? 'later' : undefined }),
    writers: { reports: echo, summaries: echo },
  };
  const office: { leads: boolean } = { leads: true };
  subscribeAll(state, { book, leader: () => (office.leads ? leader : undefined) });
  /** What was woken since the last call. */
  const take = () =>
    woken
      .splice(0)
      .map(({ key, priority }) => (priority === 'normal' ? key : `${key} (${priority ?? 'normal'})`));
  return { state, take, leader, forgotten, excused, own, all, book, office };
}

let version = 0;
function show<T>(store: Store<T>, namespace: string, name: string, value: T): Stored<T> {
  const object = { namespace, name, uid: `uid-${name}`, resourceVersion: String(++version), value };
  store.set(object);
  return object;
}
const synced = (store: Pick<Store<unknown>, 'begin' | 'replaced'>) => {
  store.begin({ distrust: false });
  store.replaced();
};

const team = (name: string) => ({ labels: { team: name }, tracing: [], terminating: false });

describe('what a change wakes', () => {
  it('is the namespace of a ConfigMap in which something else is found, and not of one that is written anew', () => {
    const { state, take } = awake();
    synced(state.configMaps.store);
    const data = { password: 'hunter2', 'config.yaml': 'level: info' };
    const map = (more: object) => projectConfigMap({ metadata: { name: 'a' }, data: { ...data, ...more } });
    show(state.configMaps.store, 'shop', 'a', map({}));
    expect(take()).to.deep.equal(['namespace/shop']);
    show(state.configMaps.store, 'shop', 'a', map({}));
    expect(take()).to.deep.equal([]);
    show(state.configMaps.store, 'shop', 'a', map({ password: 'changeme' }));
    expect(take()).to.deep.equal(['namespace/shop']);
    state.configMaps.store.delete('shop', 'a');
    expect(take()).to.deep.equal(['namespace/shop']);
  });

  it('is the namespace of a pod that a control might see otherwise', () => {
    const { state, take } = awake();
    synced(state.pods.store);
    show(state.pods.store, 'shop', 'app', projectPod(podObject('app')));
    expect(take()).to.deep.equal(['namespace/shop']);
    const privileged = { containers: [{ name: 'app', image: 'app', securityContext: { privileged: true } }] };
    show(state.pods.store, 'shop', 'app', projectPod(podObject('app', { spec: privileged })));
    expect(take()).to.deep.equal(['namespace/shop']);
    show(
      state.pods.store,
      'shop',
      'app',
      projectPod(podObject('app', { spec: privileged, status: { phase: 'Failed' } })),
    );
    expect(take()).to.deep.equal(['namespace/shop']);
    state.pods.store.delete('shop', 'app');
    expect(take()).to.deep.equal(['namespace/shop']);
  });

  it('is nobody when a pod changes in what no control reads', () => {
    const { state, take } = awake();
    const unread: Record<string, unknown>[] = [
      { phase: 'Pending' },
      { podIP: '10.0.0.7', hostIP: '10.0.0.1' },
      { conditions: [{ type: 'Ready', status: 'True' }] },
      { phase: 'Running', message: 'started', startTime: '2026-01-01T00:00:00Z' },
    ];
    for (const status of unread)
      show(state.pods.store, 'shop', 'app', projectPod(podObject('app', { status })));
    expect(take()).to.deep.equal(['namespace/shop (low)']);
  });

  it('is of low priority while it belongs to the first list', () => {
    const { state, take } = awake();
    show(state.pods.store, 'shop', 'app', projectPod(podObject('app')));
    expect(take()).to.deep.equal(['namespace/shop (low)']);
    synced(state.claims.store);
    show(state.claims.store, 'shop', 'data', { name: 'data', namespace: 'shop', accessModes: [] });
    expect(take()).to.deep.equal(['namespace/shop']);
  });

  it('is the namespace whose labels change, and the count of what each profile selects', () => {
    const { state, take } = awake();
    synced(state.namespaces.store);
    show(state.profiles.store, '', 'strict', { generation: 1, spec: {}, status: undefined });
    take();
    show(state.namespaces.store, '', 'shop', team('blue'));
    expect(take()).to.deep.equal(['namespace/shop', 'profile/strict (later)']);
    show(state.namespaces.store, '', 'shop', team('blue'));
    expect(take()).to.deep.equal([]);
    show(state.namespaces.store, '', 'shop', team('red'));
    expect(take()).to.deep.equal(['namespace/shop', 'profile/strict (later)']);
    show(state.namespaces.store, '', 'shop', { ...team('red'), terminating: true });
    expect(take()).to.deep.equal(['namespace/shop', 'profile/strict (later)']);
  });

  it('is the namespace of a policy of another API, and every namespace, a little later, for one of the cluster', () => {
    const { state, take } = awake();
    const storeOf = (plural: string) => {
      const found = state.otherPolicies.find(({ watched }) => watched.name === plural);
      if (found === undefined) throw new Error(`${plural} is not watched`);
      return found.watched.store;
    };
    const [own, all] = ['ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies'].map((plural) =>
      storeOf(`${plural}.cilium.io`),
    );
    if (own === undefined || all === undefined) throw new Error('nothing is watched');
    const evidence = (kind: string, spec: object) => {
      const known = policyKindOf('cilium.io/v2', kind);
      return known?.project({ metadata: { name: 'p', namespace: 'shop' }, spec }) ?? {};
    };
    const [narrow, wide] = [
      { endpointSelector: {}, ingress: [{}] },
      { endpointSelector: {}, egress: [{}] },
    ];
    show(own, 'shop', 'p', evidence('CiliumNetworkPolicy', narrow));
    expect(take()).to.deep.equal(['namespace/shop (low)']);
    // When the first list is complete, all is judged anyway.
    show(all, '', 'p', evidence('CiliumClusterwideNetworkPolicy', narrow));
    expect(take()).to.deep.equal([]);
    for (const store of [own, all]) synced(store);
    take();
    show(own, 'shop', 'p', evidence('CiliumNetworkPolicy', wide));
    expect(take()).to.deep.equal(['namespace/shop']);
    show(all, '', 'p', evidence('CiliumClusterwideNetworkPolicy', wide));
    expect(take()).to.deep.equal(['namespaces/all (later)']);
    show(all, '', 'p', evidence('CiliumClusterwideNetworkPolicy', wide));
    expect(take()).to.deep.equal([]);
  });

  it('is the namespace of a ServiceAccount whose labels change, by which policies may select, or its token', () => {
    const { state, take } = awake();
    synced(state.serviceAccounts.store);
    const account = (more: object, labels: object = {}) =>
      projectServiceAccount({ metadata: { name: 'robot', labels }, ...more });
    show(state.serviceAccounts.store, 'shop', 'robot', account({}));
    expect(take()).to.deep.equal(['namespace/shop']);
    show(state.serviceAccounts.store, 'shop', 'robot', account({}, { trusted: 'yes' }));
    expect(take()).to.deep.equal(['namespace/shop']);
    show(state.serviceAccounts.store, 'shop', 'robot', account({ secrets: [] }, { trusted: 'yes' }));
    expect(take()).to.deep.equal([]);
    const silent = account({ automountServiceAccountToken: false }, { trusted: 'yes' });
    show(state.serviceAccounts.store, 'shop', 'robot', silent);
    expect(take()).to.deep.equal(['namespace/shop']);
  });

  const bindings = (state: ReturnType<typeof awake>['state']) => {
    for (const store of [state.roleBindings.store, state.clusterRoleBindings.store, state.roles.store])
      synced(store);
    synced(state.clusterRoles.store);
    const bind = (name: string, namespace: string, ref: string, subjects: object[]) => {
      const [kind, role] = ref.split(' ');
      const own = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
      const object = { kind: own, metadata: { name, namespace }, roleRef: { kind, name: role }, subjects };
      const { store } = namespace === '' ? state.clusterRoleBindings : state.roleBindings;
      show(store, namespace, name, projectRoleBinding(object));
    };
    const account = (namespace: string) => ({ kind: 'ServiceAccount', name: 'web', namespace });
    return { bind, account };
  };
  const reading = { all: ['readSecrets'], named: [] } as const;

  it('is the namespaces whose accounts a role is bound to, wherever that is', () => {
    const { state, take } = awake();
    const { bind, account } = bindings(state);
    bind('a', 'logging', 'Role reader', [account('shop'), account('blog')]);
    bind('b', '', 'ClusterRole reader', [account('office')]);
    bind('c', 'shop', 'ClusterRole reader', [account('shop')]);
    expect(take().toSorted()).to.deep.equal([
      ...['namespace/blog', 'namespace/office', 'namespace/shop', 'namespace/shop'],
    ]);
    show(state.roles.store, 'logging', 'reader', reading);
    expect(take()).to.deep.equal(['namespace/shop', 'namespace/blog']);
    show(state.roles.store, 'logging', 'reader', reading);
    show(state.roles.store, 'shop', 'reader', reading);
    expect(take()).to.deep.equal([]);
    show(state.clusterRoles.store, '', 'reader', reading);
    expect(take().toSorted()).to.deep.equal(['namespace/office', 'namespace/shop']);
    state.clusterRoles.store.delete('', 'reader');
    expect(take().toSorted()).to.deep.equal(['namespace/office', 'namespace/shop']);
  });

  it('is every namespace, a little later, for what is bound to all accounts, or to those of many namespaces', () => {
    const { state, take } = awake();
    const { bind, account } = bindings(state);
    bind('all', '', 'ClusterRole reader', [{ kind: 'Group', name: 'system:serviceaccounts' }]);
    expect(take()).to.deep.equal(['namespaces/all (later)']);
    show(state.clusterRoles.store, '', 'reader', reading);
    expect(take()).to.deep.equal(['namespaces/all (later)']);
    for (let index = 0; index < 60; index++)
      bind('edit', `team-${index}`, 'ClusterRole edit', [account(`team-${index}`)]);
    take();
    show(state.clusterRoles.store, '', 'edit', reading);
    expect(take()).to.deep.equal(['namespaces/all (later)']);
  });

  it('is the namespaces of a node that gains a log collector, and a little later of one that loses it', () => {
    const { state, take } = awake();
    synced(state.pods.store);
    const agent = (status: string) => {
      const volumes = [{ name: 'logs', hostPath: { path: '/var/log' } }];
      const containers = [{ name: 'fluentd', volumeMounts: [{ name: 'logs', mountPath: '/logs' }] }];
      const conditions = [{ type: 'Ready', status, lastTransitionTime: '2026-01-01T00:00:00Z' }];
      const spec = { nodeName: 'a', containers, volumes };
      const object = podObject('agent', { namespace: 'logging', spec, status: { conditions } });
      show(state.pods.store, 'logging', 'agent', projectPod(object));
    };
    show(
      state.pods.store,
      'shop',
      'app',
      projectPod(podObject('app', { spec: { nodeName: 'a', containers: [] } })),
    );
    take();
    agent('False');
    expect(take()).to.deep.equal(['namespaces/all (later)', 'namespace/logging']);
    agent('True');
    expect(take()).to.deep.equal(['namespace/shop (low)', 'namespace/logging (low)', 'namespace/logging']);
    agent('False');
    const later = ['shop', 'logging'].map((name) => `namespace/${name} (after 15000 ms)`);
    expect(take()).to.deep.equal([...later, 'namespace/logging']);
  });

  it('is the namespaces of a node that gains a sensor, later of one that loses it, and the cluster each time', () => {
    const { state, take } = awake();
    synced(state.pods.store);
    synced(state.nodes.store);
    const falco = (name: string, status: string, nodeName = 'a') => {
      const conditions = [{ type: 'Ready', status, lastTransitionTime: '2026-01-01T00:00:00Z' }];
      const containers = [{ name: 'falco', image: 'falcosecurity/falco:1' }];
      const spec = { nodeName, containers };
      const object = podObject(name, { namespace: 'falco', spec, status: { conditions } });
      show(state.pods.store, 'falco', name, projectPod(object));
    };
    const app = podObject('app', { spec: { nodeName: 'a', containers: [] } });
    show(state.pods.store, 'shop', 'app', projectPod(app));
    take();
    falco('other', 'True', 'b');
    expect(take(), 'the first of all').to.deep.equal([
      ...['cluster/all', 'namespaces/all (later)', 'namespace/falco'],
    ]);
    falco('x', 'False');
    expect(take()).to.deep.equal(['cluster/all', 'namespace/falco']);
    falco('x', 'True');
    expect(take()).to.deep.equal([
      ...['cluster/all', 'namespace/shop (low)', 'namespace/falco (low)', 'namespace/falco'],
    ]);
    falco('x', 'False');
    const later = ['shop', 'falco'].map((name) => `namespace/${name} (after 15000 ms)`);
    expect(take()).to.deep.equal(['cluster/all', ...later, 'namespace/falco']);
  });

  it('is the namespaces of a node on which something else can run than before', () => {
    const { state, take } = awake();
    synced(state.pods.store);
    synced(state.nodes.store);
    const app = podObject('app', { spec: { nodeName: 'a', containers: [] } });
    show(state.pods.store, 'shop', 'app', projectPod(app));
    show(state.nodes.store, '', 'a', {});
    take();
    show(state.nodes.store, '', 'b', { uncoverable: 'virtual' });
    expect(take()).to.deep.equal([]);
    show(state.nodes.store, '', 'a', { uncoverable: 'virtual' });
    expect(take()).to.deep.equal(['namespace/shop (low)']);
  });

  it('is every namespace when one of the log pipeline comes or goes, and not when it changes', () => {
    const { state, take } = awake();
    synced(state.namespaces.store);
    show(state.namespaces.store, '', 'logging', team('a'));
    expect(take()).to.deep.equal(['namespace/logging', 'namespaces/all (later)']);
    show(state.namespaces.store, '', 'logging', team('b'));
    expect(take()).to.deep.equal(['namespace/logging']);
    state.namespaces.store.delete('', 'logging');
    expect(take()).to.deep.equal(['namespace/logging', 'namespaces/all (later)']);
  });

  it('is the namespace of the claim that a volume is bound to, and of the one that it was', () => {
    const { state, take } = awake();
    synced(state.volumes.store);
    const volume = (namespace?: string) =>
      projectVolume({
        metadata: { name: 'disk' },
        spec: {
          hostPath: { path: '/srv' },
          ...(namespace === undefined ? {} : { claimRef: { namespace, name: 'data' } }),
        },
      });
    show(state.volumes.store, '', 'disk', volume());
    expect(take()).to.deep.equal([]);
    show(state.volumes.store, '', 'disk', volume('shop'));
    expect(take()).to.deep.equal(['namespace/shop']);
    show(state.volumes.store, '', 'disk', volume('office'));
    expect(take()).to.deep.equal(['namespace/shop', 'namespace/office']);
    state.volumes.store.delete('', 'disk');
    expect(take()).to.deep.equal(['namespace/office']);
  });

  it('is everything when a profile changes, and nothing but its status when that is all', () => {
    const { state, take, all } = awake();
    show(state.profiles.store, '', 'strict', { generation: 1, spec: {}, status: undefined });
    expect(all.times).to.equal(1);
    show(state.profiles.store, '', 'strict', {
      generation: 1,
      spec: {},
      status: { conditions: [], selectedNamespaces: 1 },
    });
    expect(all.times).to.equal(1);
    show(state.profiles.store, '', 'strict', { generation: 2, spec: {}, status: undefined });
    expect(all.times).to.equal(2);
    state.profiles.store.delete('', 'strict');
    expect(all.times).to.equal(3);
    expect(new Set(take())).to.deep.equal(new Set(['profile/strict (normal)']));
  });

  it('is the status of other profiles too when one changes, since they may extend it', () => {
    const { state, take } = awake();
    const profile = (generation: number, spec: object = {}) => ({ generation, spec, status: undefined });
    show(state.profiles.store, '', 'base', profile(1));
    show(state.profiles.store, '', 'team', profile(1, { extends: 'base' }));
    take();
    show(state.profiles.store, '', 'base', profile(2));
    expect(take()).to.have.members(['profile/base (normal)', 'profile/team (normal)']);
    state.profiles.store.delete('', 'base');
    expect(take()).to.have.members(['profile/base (normal)', 'profile/team (normal)']);
    const status = { conditions: [], selectedNamespaces: 1 };
    show(state.profiles.store, '', 'team', { ...profile(1, { extends: 'base' }), status });
    expect(take()).to.deep.equal(['profile/team (normal)']);
  });

  it('is the namespace of a report that somebody else changed or deleted, and not that of our own echo', () => {
    const { state, take, own, forgotten, excused } = awake();
    synced(state.reports.store);
    own.add(String(version + 1));
    show(state.reports.store, 'shop', 'reference-design', { hash: 'a', memo: {} });
    expect(take()).to.deep.equal([]);
    expect(excused).to.deep.equal([]);
    show(state.reports.store, 'shop', 'reference-design', { hash: 'b', memo: {} });
    expect(take()).to.deep.equal(['namespace/shop']);
    state.reports.store.delete('shop', 'reference-design');
    expect(take()).to.deep.equal(['namespace/shop']);
    expect(forgotten).to.deep.equal(['shop/reference-design']);
    expect(excused, 'both are put right at once').to.deep.equal([
      'shop/reference-design',
      'shop/reference-design',
    ]);
  });

  it('is nobody while another replica leads, and profiles are read all the same', () => {
    const { state, take, office, all, book, forgotten } = awake();
    office.leads = false;
    synced(state.pods.store);
    show(state.pods.store, 'shop', 'app', projectPod(podObject('app')));
    show(state.namespaces.store, '', 'shop', team('blue'));
    show(state.reports.store, 'shop', 'reference-design', { hash: 'a', memo: {} });
    state.reports.store.delete('shop', 'reference-design');
    show(state.profiles.store, '', 'strict', { generation: 1, spec: {}, status: undefined });
    expect([take(), all.times, forgotten]).to.deep.equal([[], 0, []]);
    expect(book.isKnown('strict')).to.equal(true);
  });

  it('is nobody for a summary, which is written every minute anyway', () => {
    const { state, take, forgotten } = awake();
    show(state.summaries.store, '', 'reference-design', { hash: 'a', memo: undefined });
    state.summaries.store.delete('', 'reference-design');
    expect(take()).to.deep.equal([]);
    expect(forgotten).to.deep.equal(['/reference-design']);
  });
});

describe('what an object wakes that cannot be read, or can be again', () => {
  const everyone = 'namespaces/all (later)';
  const cases: Record<string, [(state: ClusterState) => AnyWatched, namespace: string, woken: string[]]> = {
    'is its namespace': [({ claims }) => claims, 'shop', ['namespace/shop']],
    'is its namespace, for a policy of another API': [
      ({ otherPolicies }) => policyNamed(otherPolicies, 'ciliumnetworkpolicies.cilium.io'),
      'shop',
      ['namespace/shop'],
    ],
    'is every namespace, for a policy of the cluster': [
      ({ otherPolicies }) => policyNamed(otherPolicies, 'ciliumclusterwidenetworkpolicies.cilium.io'),
      '',
      [everyone],
    ],
    'is every namespace, for a volume': [({ volumes }) => volumes, '', [everyone]],
    'is every namespace too, for a pod, which may be the sensor of a node': [
      ({ pods }) => pods,
      'shop',
      ['namespace/shop', everyone],
    ],
    'is every namespace too, for a role, which may be bound anywhere': [
      ({ roles }) => roles,
      'shop',
      ['namespace/shop', everyone],
    ],
    'is every namespace too, for a binding of accounts of whatever namespace': [
      ({ roleBindings }) => roleBindings,
      'shop',
      ['namespace/shop', everyone],
    ],
    'is every namespace too, for who deploys wherever it likes': [
      ({ gitOps: [first, ...others] }) => first ?? others[0] ?? never(),
      'flux-system',
      ['namespace/flux-system', everyone],
    ],
    'is the cluster, for rules of Falco': [({ falcoRules }) => falcoRules, 'falco', ['cluster/all']],
  };
  for (const [title, [which, namespace, woken]] of Object.entries(cases)) {
    it(title, () => {
      const { state, leader, take } = awake();
      wakeForReadability(state, leader, which(state), namespace, 'broken');
      expect(take()).to.deep.equal(woken);
    });
  }

  it('is the namespace itself that cannot be read', () => {
    const { state, leader, take } = awake();
    wakeForReadability(state, leader, state.namespaces, '', 'shop');
    expect(take()).to.deep.equal(['namespace/shop']);
  });

  function policyNamed(policies: ClusterState['otherPolicies'], name: string): AnyWatched {
    return policies.find(({ watched }) => watched.name === name)?.watched ?? never();
  }

  function never(): never {
    throw new Error('it is not watched');
  }
});
