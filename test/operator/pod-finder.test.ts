import { expect } from 'chai';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import { ApiClient } from '../../src/kube/client.ts';
import { ClusterState } from '../../src/operator/cluster-state.ts';
import { PodFinder } from '../../src/operator/pod-finder.ts';
import { plainConfig } from '../kube/support.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noHooks } from '../support/hooks.ts';

interface Known {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly container?: string;
}

class Setup {
  readonly clock = new FakeClock();
  readonly state = new ClusterState(
    new ApiClient({ config: plainConfig(1), clock: this.clock }),
    this.clock,
    noHooks,
  );
  readonly finder = new PodFinder(this.state, this.clock);

  constructor(...pods: Known[]) {
    for (const pod of pods) this.put(pod);
  }

  /** As the watch does it: projected, then stored. */
  put({ namespace, name, uid, container }: Known): void {
    const statuses =
      container === undefined
        ? []
        : [{ name: 'app', image: 'a', imageID: 'a', containerID: `containerd://${container}` }];
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, uid },
      spec: { containers: [{ name: 'app', image: 'a' }] },
      status: { containerStatuses: statuses },
    };
    const value = this.state.containers.note(object, projectPod(object));
    this.state.pods.store.set({ namespace, name, uid, resourceVersion: '1', value });
  }
}

const [shop, bank]: [Known, Known] = [
  { namespace: 'shop', name: 'app-0', uid: 'u-1', container: '5892b41bcf46a1d0f3c2' },
  { namespace: 'bank', name: 'db-0', uid: 'u-2', container: 'c0ffee000000a1d0f3c2' },
];
const inShop = { namespace: 'shop', pod: 'app-0' };

describe('PodFinder', () => {
  const events: Record<string, [Parameters<PodFinder['find']>[0], object | undefined]> = {
    'finds a pod by its uid': [{ podUid: 'u-1' }, inShop],
    'finds it by the short id of a container': [{ containerId: '5892b41bcf46' }, inShop],
    'finds it by the full id': [{ containerId: '5892b41bcf46a1d0f3c2' }, inShop],
    'finds it by its name': [{ pod: 'app-0' }, inShop],
    'believes the uid more than the name': [{ podUid: 'u-1', pod: 'db-0' }, inShop],
    'goes by the name where the uid is not known': [{ podUid: 'u-9', pod: 'app-0' }, inShop],
    'does not find what is not there': [{ podUid: 'u-9', containerId: '000000000000', pod: 'x' }, undefined],
    'finds nothing for an event that is about no pod': [{}, undefined],
  };
  for (const [sentence, [event, expected]] of Object.entries(events))
    it(sentence, () => expect(new Setup(shop, bank).finder.find(event)).to.deep.equal(expected));

  it('does not guess between two pods of a name', () => {
    const { finder } = new Setup(shop, { ...bank, name: 'app-0' });
    expect(finder.find({ pod: 'app-0' })).to.equal(undefined);
    expect(finder.find({ pod: 'app-0', containerId: '5892b41bcf46' })).to.deep.equal(inShop);
  });

  it('knows a pod or container that is new after two seconds, and one that is gone no more', async () => {
    const setup = new Setup(shop);
    const { clock, state, finder } = setup;
    expect(finder.find({ podUid: 'u-2' })).to.equal(undefined);
    setup.put(bank);
    expect(finder.find({ podUid: 'u-2' }), 'the index is not made for each event').to.equal(undefined);
    await clock.advance(2_000);
    expect(finder.find({ podUid: 'u-2' })).to.deep.equal({ namespace: 'bank', pod: 'db-0' });
    state.pods.store.delete('shop', 'app-0');
    expect(finder.find({ podUid: 'u-1' })).to.equal(undefined);
    expect(state.containers.of('u-1')).to.deep.equal([]);
  });

  it('keeps the containers of a pod that was made again under its name', () => {
    const setup = new Setup(shop);
    setup.put({ ...shop, uid: 'u-3', container: 'aaaaaaaaaaaaaaaa' });
    expect(setup.state.containers.of('u-3')).to.deep.equal(['aaaaaaaaaaaa']);
    expect(setup.state.containers.of('u-1')).to.deep.equal([]);
    expect(setup.finder.find({ containerId: 'aaaaaaaaaaaa' })).to.deep.equal(inShop);
  });
});
