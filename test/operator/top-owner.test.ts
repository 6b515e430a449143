import { expect } from 'chai';
import { ClusterState } from '../../src/operator/cluster-state.ts';
import { topOwnerOf } from '../../src/operator/top-owner.ts';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import type { WorkloadKind } from '../../src/evidence/workloads/workload-kinds.ts';
import { projectWorkload } from '../../src/evidence/workloads/project-workload.ts';
import { ApiClient } from '../../src/kube/client.ts';
import { plainConfig } from '../kube/support.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { podObject, uidOf, workloadObject } from '../support/objects.ts';
import { noHooks } from '../support/hooks.ts';

const kinds: readonly WorkloadKind[] = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
];

/** @param owners `kind/name` to `kind/name` of its owner, or '' */
function stateWith(owners: Record<string, string>, podOwner?: string): ClusterState {
  const clock = new FakeClock();
  const hooks = noHooks;
  const state = new ClusterState(new ApiClient({ config: plainConfig(1), clock }), clock, hooks);
  const pod = podObject('app-0', podOwner === undefined ? {} : { owner: podOwner });
  const identity = (name: string) => ({ namespace: 'shop', name, uid: name, resourceVersion: '1' });
  state.pods.store.set({ ...identity('app-0'), value: projectPod(pod) });
  for (const [owned, owner] of Object.entries(owners)) {
    const [kind = '', name = ''] = owned.split('/');
    const object = workloadObject(kind, name, owner === '' ? {} : { owner });
    const index = kinds.indexOf(kind as WorkloadKind);
    state.owners[index]?.store.set({
      ...identity(name),
      value: projectWorkload(object, kind as WorkloadKind),
    });
  }
  return state;
}

describe('the top-level owner of a pod', () => {
  const cases: Record<string, { owners: Record<string, string>; pod?: string; top: string }> = {
    'is the pod itself where it has none': { owners: {}, top: 'Pod/app-0' },
    'is the Deployment above its ReplicaSet': {
      owners: { 'ReplicaSet/app-1': 'Deployment/app', 'Deployment/app': '' },
      pod: 'ReplicaSet/app-1',
      top: 'Deployment/app',
    },
    'is the CronJob above its Job': {
      owners: { 'Job/nightly-1': 'CronJob/nightly', 'CronJob/nightly': '' },
      pod: 'Job/nightly-1',
      top: 'CronJob/nightly',
    },
    'is the StatefulSet': { owners: { 'StatefulSet/db': '' }, pod: 'StatefulSet/db', top: 'StatefulSet/db' },
    'is named though the owner is not there any more': {
      owners: {},
      pod: 'ReplicaSet/app-1',
      top: 'ReplicaSet/app-1',
    },
    'is named though its kind is not watched': {
      owners: { 'ReplicaSet/app-1': 'argoproj.io/v1alpha1 Rollout/app' },
      pod: 'ReplicaSet/app-1',
      top: 'Rollout/app',
    },
    'is the pod itself where a node owns it': { owners: {}, pod: 'v1 Node/node-1', top: 'Pod/app-0' },
    'is not that of another kind under the same name': {
      owners: { 'Deployment/app': 'Job/other', 'ReplicaSet/app': '' },
      pod: 'ReplicaSet/app',
      top: 'ReplicaSet/app',
    },
  };
  for (const [title, { owners, pod, top }] of Object.entries(cases)) {
    it(title, () => {
      const { kind, name } = topOwnerOf(stateWith(owners, pod), 'shop', 'app-0') ?? {};
      expect(`${kind}/${name}`).to.equal(top);
    });
  }

  it('is found through one of its name that was made again, by its uid alone', () => {
    const state = stateWith({ 'ReplicaSet/app-1': 'Deployment/app' }, 'ReplicaSet/app-1');
    const again = workloadObject('ReplicaSet', 'app-1', { uid: 'another', owner: 'Deployment/later' });
    const identity = { namespace: 'shop', name: 'app-1', uid: 'another', resourceVersion: '2' };
    state.owners[3]?.store.set({ ...identity, value: projectWorkload(again, 'ReplicaSet') });
    expect(uidOf('ReplicaSet', 'app-1')).to.not.equal('another');
    expect(topOwnerOf(state, 'shop', 'app-0')).to.deep.equal({ kind: 'ReplicaSet', name: 'app-1' });
  });

  it('is not looked for in a ring for ever', () => {
    const state = stateWith({ 'Job/a': 'Job/b', 'Job/b': 'Job/a' }, 'Job/a');
    expect(topOwnerOf(state, 'shop', 'app-0')).to.have.property('kind', 'Job');
  });

  it('is not known of a pod that is not there', () => {
    expect(topOwnerOf(stateWith({}), 'shop', 'gone')).to.equal(undefined);
    expect(topOwnerOf(stateWith({}), 'office', 'app-0')).to.equal(undefined);
  });
});
