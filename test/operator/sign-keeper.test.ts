import { expect } from 'chai';
import type { FalcoEvent } from '../../src/evidence/falco/event.ts';
import { isRejection, parseFalcoEvent } from '../../src/evidence/falco/event.ts';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import type { ApiClient } from '../../src/kube/client.ts';
import { ClusterState } from '../../src/operator/cluster-state.ts';
import { SignKeeper } from '../../src/operator/sign-keeper.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { ModelServer } from '../kube/model-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { falcoEvent } from '../support/falco.ts';
import { noHooks } from '../support/hooks.ts';

const minute = 60_000;
const gap = 15 * minute;

/** Two nodes, each with a pod of a namespace of its own, and Falco on the first. */
function keeping(blindAfter: readonly number[] = [gap]) {
  const clock = new FakeClock();
  const hooks = noHooks;
  const client = new ModelServer() as unknown as ApiClient;
  const state = new ClusterState(client, clock, hooks);
  const put = (namespace: string, name: string, node: string, image = 'registry.example/app:1') => {
    const metadata = { namespace, name, uid: name };
    const value = projectPod({ metadata, spec: { nodeName: node, containers: [{ name: 'app', image }] } });
    state.pods.store.set({ ...metadata, resourceVersion: '1', value });
  };
  put('shop', 'web', 'node-1');
  put('office', 'mail', 'node-2');
  put('falco', 'falco-x7', 'node-1', 'falcosecurity/falco:1');
  const woken: (readonly string[] | 'all')[] = [];
  const keeper = new SignKeeper({
    ...{ client, clock, hooks, state, logger: silentLogger, home: undefined },
    blindAfter: () => blindAfter,
    leading: () => true,
    onChange: (namespaces) => void woken.push(namespaces === undefined ? 'all' : [...namespaces].sort()),
  });
  const stop = new AbortController();
  const done = keeper.run(stop.signal);
  const receive = (overrides: Record<string, unknown> = {}, fields: Record<string, unknown> = {}) => {
    const time = new Date(clock.now()).toISOString();
    const event = parseFalcoEvent(JSON.stringify(falcoEvent({ time, ...overrides }, fields)));
    if (isRejection(event)) throw new Error(event.error);
    keeper.receive(event satisfies FalcoEvent, clock.now());
  };
  const signs = (node: string, blind = gap) => keeper.tell(node, blind, clock.now()).signs;
  return { clock, keeper, receive, signs, take: () => woken.splice(0), stop: () => (stop.abort(), done) };
}

describe('the signs of life', () => {
  it('wake who runs on a node when it begins to be heard, and not at each event', async () => {
    const { clock, receive, take, signs, stop } = keeping();
    expect(signs('node-1')).to.equal('never');
    receive();
    expect(signs('node-1')).to.equal('heard');
    expect(take()).to.deep.equal([['falco', 'shop']]);
    for (let each = 0; each < 1_000; each++) {
      await clock.advance(1_000);
      receive();
    }
    expect(take()).to.deep.equal([]);
    await stop();
  });

  it('wake them when it ceases, within a quarter of a minute', async () => {
    const { clock, receive, take, signs, stop } = keeping();
    receive();
    await clock.advance(gap);
    take();
    await clock.advance(15_001);
    expect(signs('node-1')).to.equal('silent');
    expect(take()).to.deep.equal([['falco', 'shop']]);
    await clock.advance(60 * minute);
    expect(take()).to.deep.equal([]);
    receive();
    expect(take()).to.deep.equal([['falco', 'shop']]);
    await stop();
  });

  it('wake them for each profile at its own time', async () => {
    const { clock, receive, take, stop } = keeping([gap, 60 * minute]);
    receive();
    await clock.advance(minute);
    take();
    await clock.advance(gap);
    expect(take()).to.have.length(1);
    await clock.advance(46 * minute);
    expect(take()).to.have.length(1);
    await stop();
  });

  const heard: Record<string, [overrides: Record<string, unknown>, signs: string]> = {
    'an event that bears the name of the pod of Falco': [{ hostname: 'falco-x7' }, 'heard'],
    'what Falco says of itself': [{ rule: 'Falco internal: metrics snapshot', source: 'internal' }, 'heard'],
    'an event of a machine that is no node': [{ hostname: 'laptop' }, 'never'],
    'an event that names none': [{ hostname: undefined }, 'never'],
    'a test of Falcosidekick': [{ rule: 'Test rule', source: 'internal' }, 'never'],
  };
  for (const [what, [overrides, expected]] of Object.entries(heard)) {
    it(`${expected === 'heard' ? 'are' : 'are not'} ${what}`, async () => {
      const { receive, signs, stop } = keeping();
      receive(overrides);
      expect([signs('node-1'), signs('node-2'), signs('laptop')]).to.deep.equal([expected, 'never', 'never']);
      await stop();
    });
  }

  it('tell of the cluster alone that an event arrived after long, a test too', async () => {
    const { clock, receive, keeper, take, stop } = keeping();
    expect(keeper.delivered()).to.equal(undefined);
    receive({ rule: 'Test rule', source: 'internal' });
    receive({ hostname: 'laptop' });
    expect(take()).to.deep.equal([[]]);
    expect(keeper.delivered()).to.equal(clock.now());
    await clock.advance(61 * minute);
    receive({ hostname: 'laptop' });
    expect(take()).to.deep.equal([[]]);
    await stop();
  });

  it('are dated by the event, and never later than now', async () => {
    const { clock, receive, keeper, stop } = keeping();
    const at = (ms: number) => new Date(clock.now() + ms).toISOString();
    receive({ time: at(-20 * minute) });
    expect(keeper.tell('node-1', gap, clock.now())).to.include({ signs: 'silent' });
    receive({ time: at(60 * minute) });
    await clock.advance(gap + 1);
    expect(keeper.tell('node-1', gap, clock.now())).to.include({ signs: 'silent' });
    await stop();
  });

  it('tell of events that the sensor lost, and of those that were lost here', async () => {
    const { clock, receive, keeper, take, stop } = keeping();
    receive();
    take();
    receive({ rule: 'Falco internal: syscall event drop' });
    expect(take()).to.deep.equal([['falco', 'shop']]);
    expect(keeper.lossOf('node-1')?.by).to.equal('sensor');
    expect(keeper.tell('node-2', gap, clock.now()).lost).to.equal(undefined);
    await clock.advance(2 * minute);
    keeper.lose();
    keeper.lose();
    expect(take()).to.deep.equal(['all']);
    expect(keeper.tell('node-2', gap, clock.now()).lost?.by).to.equal('operator');
    await stop();
  });

  it('tell of losses that only the counters of the sensor show', async () => {
    const { clock, receive, keeper, stop } = keeping();
    const rule = 'Falco internal: metrics snapshot';
    receive({ rule }, { 'scap.n_drops': 3 });
    expect(keeper.lossOf('node-1')).to.equal(undefined);
    await clock.advance(minute);
    receive({ rule }, { 'scap.n_drops': 4 });
    expect(keeper.lossOf('node-1')?.by).to.equal('sensor');
    await stop();
  });
});
