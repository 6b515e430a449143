import { expect } from 'chai';
import { JumpClock } from '../operator/jump-clock.ts';
import { FaultWorld, leased, useFaultCluster } from '../support/fault-world.ts';
import type { Seen } from '../support/fault.ts';

/** Which watch it is, whatever it asks for each time. */
function watchOf({ path }: Seen): string {
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  const selectors = ['labelSelector', 'fieldSelector'].map((name) => searchParams.get(name) ?? '');
  return [pathname, ...selectors].join(' ').trim();
}

const lists = ({ verb, path }: Seen) => verb === 'watch' && path.includes('sendInitialEvents=true');

const bookmark = (resourceVersion: string) =>
  JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } });

const versionOf = (line: string): string =>
  (JSON.parse(line) as { object: { metadata: { resourceVersion: string } } }).object.metadata.resourceVersion;

const definitions = { verb: 'watch', resource: 'customresourcedefinitions.apiextensions.k8s.io' };
const peers = { verb: 'watch', resource: 'peerauthentications.security.istio.io' };
const restored = 'the API server was restored from a backup; everything is read again';
const alone = 'an aggregated API went back to an older state; its objects alone are read again';

describe('the operator and one watch that sees that versions went back', function () {
  this.timeout(120_000);
  const cluster = useFaultCluster();
  let world: FaultWorld;

  // For longer than a watch backs off: who hurries it may spend the time of a Lease sooner than it can be renewed.
  const lease = { leaseDurationMs: 600_000, renewDeadlineMs: 450_000, retryPeriodMs: 2_000 };

  before(async () => {
    world = await FaultWorld.start(cluster(), {
      clock: new JumpClock(),
      intervals: { write: 100, lease },
      settings: leased,
    });
  });
  after(() => world.stop());
  beforeEach(() => world.watchesAll());

  // Several watches are of ConfigMaps: all of them, rules of Falco, the scanner's settings, what replicas tell each other.
  const witnesses: Record<string, (request: Seen) => boolean> = {
    'of rules of Falco': (each) => watchOf(each) === '/api/v1/configmaps app.kubernetes.io/name=falco',
    'of what replicas tell each other': (each) => watchOf(each).includes('plumbline.dev/intake=true'),
    'of a mesh': ({ resource }) => resource === peers.resource,
    'of definitions': ({ resource }) => resource === definitions.resource,
  };
  for (const [title, test] of Object.entries(witnesses)) {
    it(`has every watch read everything again, ${title}, once`, async () => {
      const watches = [...new Set(world.proxy.seen.filter(lists).map(watchOf))];
      const since = world.proxy.seen.length;
      const logged = world.running.log.length;
      expect(world.proxy.inject({ test }, bookmark('1'))).to.equal(1);
      const there = (all: readonly string[]) => all.filter((each) => !absent().has(each)).sort();
      const read = () => there(world.proxy.seen.slice(since).filter(lists).map(watchOf));
      const open = there(watches);
      await world.until(() => read().length >= open.length, 'all is read again').catch(() => undefined);
      expect(read()).to.deep.equal(open);
      await world.check();
      expect(world.said('warn', logged)).to.deep.equal([restored]);
    });
  }

  it('has no other watch read again, of an API that the server does not keep itself: no definition tells of it', async () => {
    let hidden = false;
    let told = false;
    const frame = (bytes: Buffer) => {
      const text = bytes.toString();
      if (text.includes('"k8s.io/initial-events-end"')) told = true;
      if (!text.includes(`"name":"${peers.resource}"`)) return bytes;
      hidden = true;
      return Buffer.from(bookmark(versionOf(text)));
    };
    world.proxy.fault(definitions, { do: 'rewrite', frame });
    const object = { kind: 'Status', apiVersion: 'v1', code: 410, reason: 'Expired' };
    expect(world.proxy.inject(definitions, JSON.stringify({ type: 'ERROR', object }))).to.equal(1);
    await world.until(() => hidden && told, 'definitions are read anew');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const since = world.proxy.seen.length;
    const logged = world.running.log.length;
    expect(world.proxy.inject(peers, bookmark('1'))).to.equal(1);
    const read = () => world.proxy.seen.slice(since).filter((each) => lists(each) && each.code === 200);
    await world.until(() => read().length > 0, 'it is read again');
    await world.check();
    expect(world.said('warn', logged)).to.deep.equal([alone]);
    expect(read().map(({ resource }) => resource)).to.deep.equal([peers.resource]);
  });

  /** What is not installed is asked for now and then, not read. */
  const absent = () =>
    new Set(world.proxy.seen.filter((each) => lists(each) && each.code === 404).map(watchOf));
});
