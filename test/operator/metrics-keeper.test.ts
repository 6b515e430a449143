import { expect } from 'chai';
import type { MetricsProblem } from '../../src/evidence/falco/metrics-text.ts';
import { isRejection, parseFalcoEvent } from '../../src/evidence/falco/event.ts';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import type { ApiClient } from '../../src/kube/client.ts';
import { ClusterState } from '../../src/operator/cluster-state.ts';
import { MetricsKeeper } from '../../src/operator/metrics-keeper.ts';
import { SignKeeper } from '../../src/operator/sign-keeper.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { ModelServer } from '../kube/model-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { falcoEvent } from '../support/falco.ts';
import { falcoPage, sidekickPage } from '../support/falco-metrics.ts';
import { noHooks } from '../support/hooks.ts';

const minute = 60_000;
const gap = 15 * minute;

interface Pod {
  readonly labels?: object;
  readonly image?: string;
  readonly ports?: readonly object[];
  readonly ip?: string | undefined;
  readonly ready?: boolean;
  /** Since when it is ready or not. */
  readonly since?: string;
  /** The kind of its controller. */
  readonly owner?: string;
}

/** Falco on the first of two nodes that run pods, and Falcosidekick; by address the page that each shows. */
function keeping() {
  const clock = new FakeClock();
  const hooks = noHooks;
  const client = new ModelServer() as unknown as ApiClient;
  const state = new ClusterState(client, clock, hooks);
  const began = new Date(clock.now()).toISOString();
  let version = 0;
  const put = (namespace: string, name: string, node: string, pod: Pod = {}) => {
    const { labels = {}, image = 'app:1', ports = [], ip, ready = true, since = began, owner } = pod;
    const ownerReferences =
      owner === undefined ? [] : [{ ...{ kind: owner, name: owner, uid: owner }, controller: true }];
    const metadata = { namespace, name, uid: name, labels, ownerReferences };
    const condition = { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: since };
    const value = projectPod({
      metadata,
      spec: { nodeName: node, containers: [{ name: 'app', image, ports }] },
      status: { podIP: ip, conditions: [condition] },
    });
    state.pods.store.set({ namespace, name, uid: name, resourceVersion: `${++version}`, value });
  };
  put('shop', 'web', 'node-1');
  put('office', 'mail', 'node-2');
  const image = 'falcosecurity/falco:0.44.0';
  put('falco', 'falco-x7', 'node-1', { image, ip: '10.0.0.1', owner: 'DaemonSet' });
  const pages = new Map<string, string | MetricsProblem>();
  const asked: string[] = [];
  const woken: (readonly string[] | 'all')[] = [];
  const on = { scraping: true };
  const signs = new SignKeeper({
    ...{ client, clock, hooks, state, logger: silentLogger, home: undefined },
    blindAfter: () => [gap],
    scraping: () => on.scraping,
    leading: () => true,
    onChange: (namespaces) => void woken.push(namespaces === undefined ? 'all' : [...namespaces].sort()),
  });
  const keeper = new MetricsKeeper({
    ...{ clock, sensors: state.sensors, signs, random: () => 0.5 },
    wanted: () => on.scraping,
    fetch: ({ host, port }) => {
      asked.push(`${host}:${port}`);
      return Promise.resolve(pages.get(`${host}:${port}`) ?? { problem: 'the connection is refused' });
    },
  });
  const stop = new AbortController();
  const done = Promise.all([keeper.run(stop.signal), signs.run(stop.signal)]);
  const tell = (node = 'node-1') => signs.tell(node, gap, clock.now(), true);
  /** Falco goes on, minute by minute. */
  let events = 1_000;
  const live = async (minutes: number, page: Parameters<typeof falcoPage>[0] = {}) => {
    for (let each = 0; each < minutes; each++) {
      pages.set('10.0.0.1:8765', falcoPage({ events: (events += 10), ...page }));
      await clock.advance(minute);
    }
  };
  pages.set('10.0.0.1:8765', falcoPage({ events }));
  return {
    ...{ clock, state, put, pages, asked, signs, tell, live, on },
    take: () => woken.splice(0),
    stop: () => (stop.abort(), done),
  };
}

describe('the metrics of sensors', () => {
  it('are a sign of life once they count, and are so for who asks for them', async () => {
    const { clock, tell, signs, live, take, asked, stop } = keeping();
    await clock.advance(1);
    expect(tell()).to.deep.equal({
      signs: 'never',
      withPages: { signs: 'never' },
      metrics: { of: 'falco' },
    });
    take();
    await live(1);
    expect(tell()).to.deep.equal({ signs: 'never', withPages: { signs: 'heard' }, metrics: 'read' });
    expect(take().flat()).to.include.members(['falco', 'shop']);
    expect(signs.tell('node-1', gap, clock.now())).to.deep.equal({ signs: 'never' });
    await live(20);
    expect(take()).to.deep.equal([]);
    expect(new Set(asked)).to.deep.equal(new Set(['10.0.0.1:8765']));
    await stop();
  });

  it('are told to be unread when they are no longer, since when and why', async () => {
    const { clock, tell, pages, live, take, stop } = keeping();
    await live(3);
    take();
    const last = clock.now();
    pages.clear();
    await clock.advance(gap - minute);
    expect(tell()).to.include({ metrics: 'read' });
    await clock.advance(2 * minute);
    const { metrics, withPages } = tell();
    expect(withPages).to.include({ signs: 'silent' });
    expect(metrics).to.include({ of: 'falco', why: 'the connection is refused' });
    expect((metrics as { since: number }).since).to.be.within(last - minute, last);
    expect(take()).to.deep.include(['falco', 'shop']);
    await stop();
  });

  it('close no gap between events', async () => {
    const { clock, signs, tell, live, take, stop } = keeping();
    const hear = async (at: number) => {
      const body = falcoEvent({ time: new Date(at).toISOString(), hostname: 'node-1' });
      const event = parseFalcoEvent(JSON.stringify(body));
      if (isRejection(event)) throw new Error(event.error);
      signs.receive(event, at);
      await live(10);
    };
    const before = Math.floor(clock.now());
    await hear(before);
    expect(tell()).to.deep.include({ signs: 'heard', unbrokenSince: before });
    take();
    await live(7);
    expect(tell()).to.deep.include({
      ...{ signs: 'silent', lastSign: before, metrics: 'read' },
      withPages: { signs: 'heard' },
    });
    expect(take().flat(), 'who runs there is judged anew').to.include('shop');
    const again = Math.floor(clock.now());
    await hear(again);
    expect(tell()).to.deep.include({ signs: 'heard', unbrokenSince: again, broken: true });
    await stop();
  });

  it('are no sign where the sensor is given nothing any more', async () => {
    const { clock, tell, live, stop } = keeping();
    await live(3);
    // The page comes as ever, and its counter stands still.
    await clock.advance(gap + 2 * minute);
    expect(tell().metrics).to.deep.include({ of: 'falco', why: 'it is given no events of the kernel' });
    await stop();
  });

  it('tell what a sensor has lost, once, and since when', async () => {
    const { clock, signs, live, take, stop } = keeping();
    await live(3, { drops: 7 });
    expect(signs.lossOf('node-1')).to.equal(undefined);
    take();
    const before = clock.now();
    await live(1, { drops: 8 });
    const lost = signs.lossOf('node-1');
    expect(lost).to.include({ by: 'sensor' });
    expect(lost?.since).to.be.within(before - minute, before);
    expect(take()).to.deep.equal([['falco', 'shop']]);
    await live(3, { drops: 8 });
    expect(take()).to.deep.equal([]);
    expect(signs.tell('node-2', gap, clock.now()).lost).to.equal(undefined);
    await stop();
  });

  it('tell what Falcosidekick could not pass on, which concerns all', async () => {
    const { clock, put, pages, signs, tell, live, take, stop } = keeping();
    const labels = { 'app.kubernetes.io/name': 'falcosidekick', 'app.kubernetes.io/component': 'core' };
    const ports = [
      { name: 'http', containerPort: 2801 },
      { name: 'http-notls', containerPort: 2810 },
    ];
    put('falco', 'falcosidekick-1', 'node-2', { labels, ports, ip: '10.0.0.2' });
    put('falco', 'falcosidekick-ui', 'node-2', {
      labels: { ...labels, 'app.kubernetes.io/component': 'ui' },
      ip: '10.0.0.3',
    });
    pages.set('10.0.0.2:2810', sidekickPage({ errors: { webhook: 2, slack: 1 } }));
    await live(20, {});
    expect(tell()).to.include({ metrics: 'read' }).and.not.have.property('lost');
    take();
    pages.set('10.0.0.2:2810', sidekickPage({ errors: { webhook: 2, slack: 2 } }));
    await live(1);
    expect(take()).to.deep.equal([]);
    pages.set('10.0.0.2:2810', sidekickPage({ errors: { webhook: 3, slack: 2 } }));
    await live(1);
    expect(take()).to.deep.equal(['all']);
    for (const node of ['node-1', 'node-2'])
      expect(signs.tell(node, gap, clock.now()).lost).to.include({ by: 'sidekick' });
    // It can no longer be asked.
    pages.delete('10.0.0.2:2810');
    await live(17);
    expect(tell().metrics).to.deep.include({ of: 'falcosidekick', why: 'the connection is refused' });
    expect(signs.metricsOf('node-1')).to.equal('read');
    expect(signs.metrics.pages(clock.now())).to.nested.include({
      all: 2,
      'gaps[0][0]': 'falco/falcosidekick-1',
    });
    await stop();
  });

  it('are missing of a Falcosidekick that shows no counters of its own, and are compared with none all the same', async () => {
    const { put, pages, tell, live, stop } = keeping();
    const labels = { 'app.kubernetes.io/name': 'falcosidekick' };
    put('falco', 'falcosidekick-1', 'node-2', { labels, ip: '10.0.0.2' });
    pages.set('10.0.0.2:2801', sidekickPage({ used: false }));
    await live(gap / minute + 2);
    expect(tell().metrics).to.deep.equal({ of: 'falcosidekick', why: 'it has no counters of Falcosidekick' });
    pages.set('10.0.0.2:2801', sidekickPage({ errors: { webhook: 1 }, older: true }));
    await live(1);
    expect(tell()).to.deep.include({ metrics: 'read' });
    expect(tell().lost).to.include({ by: 'sidekick' });
    await stop();
  });

  it('are missing of a Falcosidekick that is not ready for long, having been so or not', async () => {
    const { clock, put, pages, signs, tell, live, asked, take, stop } = keeping();
    const since = () => new Date(clock.now()).toISOString();
    const sidekick = { labels: { 'app.kubernetes.io/name': 'falcosidekick' }, ip: '10.0.0.2' };
    pages.set('10.0.0.2:2801', sidekickPage());
    put('falco', 'falcosidekick-1', 'node-2', sidekick);
    await live(3);
    expect(tell()).to.include({ metrics: 'read' });
    put('falco', 'falcosidekick-1', 'node-2', { ...sidekick, ready: false, since: since() });
    asked.splice(0);
    await live(14);
    expect(tell()).to.include({ metrics: 'read' });
    take();
    await live(2);
    expect(asked).not.to.include('10.0.0.2:2801');
    expect(tell().metrics).to.deep.include({ of: 'falcosidekick', why: 'its pod is not ready' });
    expect(take()).to.include('all');
    expect(signs.metrics.pages(clock.now())).to.nested.include({
      all: 2,
      'gaps[0][0]': 'falco/falcosidekick-1',
    });
    // It fails again and again: that it is ready for a moment makes it no young one.
    put('falco', 'falcosidekick-1', 'node-2', { ...sidekick, ready: false, since: since() });
    expect(tell().metrics).to.deep.include({ of: 'falcosidekick' });
    put('falco', 'falcosidekick-1', 'node-2', { ...sidekick, since: since() });
    await live(2);
    expect(tell()).to.include({ metrics: 'read' });
    put('falco', 'falcosidekick-2', 'node-2', { ...sidekick, ip: undefined, ready: false, since: since() });
    await live(14);
    expect(tell()).to.include({ metrics: 'read' });
    await live(2);
    expect(tell().metrics).to.deep.equal({ of: 'falcosidekick', why: 'its pod is not ready' });
    await stop();
  });

  it('are none of a pod that bears the label of Falcosidekick where no Falco of a DaemonSet is', async () => {
    const { clock, put, pages, signs, tell, live, asked, state, stop } = keeping();
    const sidekick = { labels: { 'app.kubernetes.io/name': 'falcosidekick' }, ip: '10.0.0.2' };
    pages.set('10.0.0.2:2801', sidekickPage());
    put('shop', 'falcosidekick', 'node-2', sidekick);
    // Whoever may run a pod in it may run one that looks like Falco's.
    put('shop', 'falco', 'node-2', { image: 'falcosecurity/falco:0.44.0', ready: false });
    await live(2);
    pages.set('10.0.0.2:2801', sidekickPage({ errors: { webhook: 2 } }));
    await live(2);
    pages.delete('10.0.0.2:2801');
    await live(20);
    expect(asked).not.to.include('10.0.0.2:2801');
    expect(tell()).to.include({ metrics: 'read' }).and.not.have.property('lost');
    expect(signs.metrics.pages(clock.now()).all).to.equal(1);
    const names = () => state.sensors.sidekicks().map(({ name }) => name);
    put('shop', 'falco', 'node-2', { image: 'falcosecurity/falco:0.44.0', ready: false, owner: 'DaemonSet' });
    expect(names()).to.deep.equal(['falcosidekick']);
    state.pods.store.delete('shop', 'falco');
    expect(names()).to.deep.equal([]);
    await stop();
  });

  it('are those of every Falco on a node', async () => {
    const { put, pages, tell, live, stop } = keeping();
    const image = 'falcosecurity/falco:0.44.0';
    await live(3);
    put('falco', 'falco-x8', 'node-1', { image, ip: '10.0.0.9' });
    pages.set('10.0.0.9:8765', falcoPage({ events: 5, drops: 9 }));
    await live(1);
    pages.set('10.0.0.9:8765', falcoPage({ events: 6, drops: 9 }));
    await live(1);
    expect(tell()).to.include({ metrics: 'read' }).and.not.have.property('lost');
    await live(gap / minute + 1);
    expect(tell().metrics).to.deep.include({ why: 'it is given no events of the kernel' });
    put('falco', 'falco-x8', 'node-1', { image });
    await live(1);
    expect(tell().metrics).to.deep.include({ of: 'falco', why: 'its pod has no address' });
    await stop();
  });

  it('are asked of nobody where no profile asks, and of no pod that is not ready', async () => {
    const { clock, put, asked, signs, on, stop } = keeping();
    on.scraping = false;
    await clock.advance(5 * minute);
    const first = asked.length;
    expect(first).to.be.at.most(1);
    expect(signs.metricsOf('node-1')).to.equal(undefined);
    expect(signs.metrics.asked).to.equal(false);
    on.scraping = true;
    put('falco', 'falco-x7', 'node-1', {
      image: 'falcosecurity/falco:0.44.0',
      ip: '10.0.0.1',
      ready: false,
    });
    await clock.advance(5 * minute);
    expect(asked.length).to.equal(first);
    await stop();
  });
});
