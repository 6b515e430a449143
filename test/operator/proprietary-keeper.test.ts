import { expect } from 'chai';
import type { ApiClient, ApiRequest } from '../../src/kube/client.ts';
import type { DiscoveredResource } from '../../src/kube/discovery.ts';
import { mostKinds, ProprietaryKeeper } from '../../src/operator/proprietary-keeper.ts';
import { ModelServer } from '../kube/model-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noHooks } from '../support/hooks.ts';
import { heldBy } from '../support/held.ts';

const kind = (group: string, plural: string, more: Partial<DiscoveredResource> = {}): DiscoveredResource => ({
  ...{ group, version: 'v1', plural, namespaced: true, kind: `Kind of ${plural}` },
  ...{ verbs: ['get', 'list', 'watch'], ...more },
});
const buckets = kind('s3.services.k8s.aws', 'buckets');
const topics = kind('sns.services.k8s.aws', 'topics');
const aws = ['*.k8s.aws'];

/** A keeper before servers of which each has one kind; what is asked of them is the path without the group. */
function keeping() {
  const servers = new Map<string, ModelServer>();
  const serverOf = (plural: string) => {
    const server = servers.get(plural) ?? new ModelServer();
    servers.set(plural, server);
    return server;
  };
  const of = (path: string) => serverOf(path.split('/').at(-1) ?? '');
  const accepted = new Set<string | undefined>();
  const client = {
    request: (request: ApiRequest) => of(request.path).request(request),
    stream: (request: Parameters<ApiClient['stream']>[0]) => {
      accepted.add(request.accept);
      return of(request.path).stream(request);
    },
  };
  const clock = new FakeClock();
  const told: (string | undefined)[] = [];
  const abort = new AbortController();
  const keeper = new ProprietaryKeeper({
    ...{ client, clock, signal: abort.signal },
    hooks: noHooks,
    onChange: (namespace) => void told.push(namespace),
  });
  const serve = async (resources: readonly DiscoveredResource[], incomplete: readonly string[] = []) => {
    keeper.serve({ version: { major: 1, minor: 37, gitVersion: '' }, resources, incomplete });
    await clock.advance(0);
  };
  /** What was told since the last call. */
  const take = () => told.splice(0);
  const stop = async () => {
    abort.abort();
    await clock.advance(0);
  };
  return { keeper, serverOf, servers, serve, take, clock, accepted, signal: abort.signal, stop };
}

const none = { available: true, items: [] };

describe('the keeper of objects of one vendor', () => {
  it('knows nothing before the server has said what it serves', async () => {
    const { keeper, stop } = keeping();
    keeper.follow(aws);
    expect(keeper.objects('ns')).to.include({ available: false, reason: 'NoEvidence' });
    await stop();
  });

  it('knows all, and watches nothing, where the server serves nothing of the kind', async () => {
    const { keeper, serve, servers, stop } = keeping();
    keeper.follow(aws);
    await serve([
      kind('', 'pods'),
      kind('apps', 'deployments'),
      kind('karpenter.k8s.aws', 'ec2nodeclasses', { namespaced: false }),
      kind('review.k8s.aws', 'reviews', { verbs: ['create'] }),
      kind('example.com', 'things'),
    ]);
    expect(keeper.objects('ns')).to.deep.equal(none);
    expect(servers.size).to.equal(0);
    await stop();
  });

  it('lists the objects of a namespace by kind and name, and asks for their metadata alone', async () => {
    const { keeper, serve, serverOf, accepted, take, stop } = keeping();
    serverOf('buckets').set('pictures', '1');
    serverOf('buckets').set('elsewhere', '1', 'other');
    keeper.follow(aws);
    await serve([topics, buckets, { ...buckets, version: 'v1alpha1' }]);
    await keeper.decided(new AbortController().signal);
    expect(keeper.objects('ns')).to.deep.equal({
      available: true,
      items: [{ group: 's3.services.k8s.aws', kind: 'Kind of buckets', name: 'pictures' }],
    });
    expect(serverOf('buckets').asked, 'in one version alone').to.deep.equal(['watch']);
    expect(
      [...accepted].every((each) => each?.startsWith('application/json;as=PartialObjectMetadata')),
    ).to.equal(true);
    expect(new Set(take()), 'of all, when a list is complete').to.deep.equal(new Set([undefined]));
    await stop();
  });

  it('tells of what comes and goes in a namespace, and not of what changes', async () => {
    const { keeper, serve, serverOf, take, clock, stop } = keeping();
    keeper.follow(aws);
    await serve([buckets]);
    take();
    const server = serverOf('buckets');
    const then = async (happen: () => void) => {
      happen();
      await clock.advance(0);
      return take();
    };
    expect(await then(() => server.set('pictures', '1'))).to.deep.equal(['ns']);
    expect(await then(() => server.set('pictures', '2'))).to.deep.equal([]);
    expect(await then(() => server.delete('pictures'))).to.deep.equal(['ns']);
    expect(keeper.objects('ns')).to.deep.equal(none);
    await stop();
  });

  it('answers each profile by its own entries', async () => {
    const { keeper, serve, serverOf, stop } = keeping();
    serverOf('buckets').set('pictures', '1');
    serverOf('things').set('thing', '1');
    serverOf('things').allowed = false;
    keeper.follow([...aws, 'example.com']);
    await serve([buckets, kind('example.com', 'things')]);
    const names = (entries: readonly string[]) => {
      const found = keeper.objects('ns', entries);
      return found.available ? [found.items.map(({ name }) => name), found.gap?.reason] : found;
    };
    expect(names(aws)).to.deep.equal([['pictures'], undefined]);
    expect(names(['example.com'])).to.deep.equal([[], 'NoEvidence']);
    expect(names([])).to.deep.equal([[], undefined]);
    await stop();
  });

  it('begins and ends to watch as the entries of the profiles change', async () => {
    const { keeper, serve, serverOf, take, clock, stop } = keeping();
    serverOf('buckets').set('pictures', '1');
    keeper.follow([]);
    await serve([buckets]);
    expect(keeper.objects('ns', aws)).to.deep.equal(none);
    expect(take()).to.deep.equal([]);
    keeper.follow(aws);
    expect(keeper.objects('ns'), 'not read yet').to.have.nested.property('gap.reason', 'NoEvidence');
    await clock.advance(0);
    expect(keeper.objects('ns')).to.have.property('items').with.length(1);
    keeper.follow([]);
    await clock.advance(0);
    expect(serverOf('buckets').openStreams).to.equal(0);
    await stop();
  });

  it('shows what was found beside what is refused, which it names with what to do', async () => {
    const { keeper, serve, serverOf, clock, stop } = keeping();
    serverOf('topics').set('news', '1');
    serverOf('buckets').allowed = false;
    keeper.follow(aws);
    await serve([buckets, topics]);
    await clock.advance(15_000);
    expect(keeper.objects('ns')).to.deep.equal({
      available: true,
      items: [{ group: 'sns.services.k8s.aws', kind: 'Kind of topics', name: 'news' }],
      gap: {
        reason: 'Forbidden',
        message:
          'reading buckets.s3.services.k8s.aws is refused: things is forbidden; config/proprietary-apis holds the right.',
      },
    });
    serverOf('buckets').allowed = true;
    keeper.poke();
    await clock.advance(0);
    expect(keeper.objects('ns')).to.not.have.property('gap');
    await stop();
  });

  it('does not count what it could read before it was refused', async () => {
    const { keeper, serve, serverOf, clock, stop } = keeping();
    serverOf('buckets').set('pictures', '1');
    keeper.follow(aws);
    await serve([buckets]);
    serverOf('buckets').allowed = false;
    serverOf('buckets').cutStreams();
    await clock.advance(60_000);
    expect(keeper.objects('ns')).to.have.deep.property('items', []);
    expect(keeper.objects('ns')).to.have.nested.property('gap.reason', 'Forbidden');
    await stop();
  });

  it('has no gap for a kind that is gone while the server still names it', async () => {
    const { keeper, serve, serverOf, clock, stop } = keeping();
    serverOf('buckets').set('pictures', '1');
    keeper.follow(aws);
    await serve([buckets]);
    serverOf('buckets').uninstall();
    await clock.advance(60_000);
    expect(keeper.objects('ns')).to.deep.equal(none);
    await stop();
  });

  it('watches so many kinds and no more, and passes nothing for the others', async () => {
    const { keeper, serve, servers, serverOf, stop } = keeping();
    const names = Array.from(
      { length: mostKinds + 1 },
      (_, index) => `kind${String(index).padStart(3, '0')}`,
    );
    keeper.follow(['example.com']);
    serverOf('kind000').set('found', '1');
    await serve(names.toReversed().map((name) => kind('example.com', name)));
    expect(servers.size).to.equal(mostKinds);
    expect(keeper.objects('ns')).to.deep.include({
      items: [{ group: 'example.com', kind: 'Kind of kind000', name: 'found' }],
      gap: {
        reason: 'PartialEvidence',
        message:
          "The cluster has 65 kinds of objects of the API groups that profiles call one vendor's, and 64 are watched; kind064.example.com is not.",
      },
    });
    await serve(names.slice(1).map((name) => kind('example.com', name)));
    expect(keeper.objects('ns')).to.deep.equal(none);
    await stop();
  });

  it('keeps what a group serves while the server cannot say it, and does not take that for all', async () => {
    const { keeper, serve, serverOf, take, stop } = keeping();
    serverOf('buckets').set('pictures', '1');
    keeper.follow(aws);
    await serve([buckets]);
    take();
    await serve([buckets], ['metrics.k8s.io/v1beta1']);
    expect(take(), 'of another API').to.deep.equal([]);
    await serve([], ['s3.services.k8s.aws/v1', 'metrics.k8s.io/v1beta1']);
    expect(take()).to.deep.equal([undefined]);
    const found = keeper.objects('ns');
    expect(found).to.have.property('items').with.length(1);
    expect(found).to.have.deep.property('gap', {
      reason: 'PartialEvidence',
      message: 'What s3.services.k8s.aws serves is not known: it does not answer.',
    });
    await serve([], ['metrics.k8s.io/v1beta1']);
    expect(keeper.objects('ns')).to.deep.equal(none);
    await stop();
  });

  it('waits ten seconds at most', async () => {
    const { keeper, serve, serverOf, clock, stop } = keeping();
    serverOf('buckets').reachable = false;
    keeper.follow(aws);
    await serve([buckets]);
    let decided = false;
    void keeper.decided(new AbortController().signal).then(() => (decided = true));
    await clock.advance(9_999);
    expect(decided).to.equal(false);
    await clock.advance(1);
    expect(decided).to.equal(true);
    await stop();
  });

  it('leaves nothing behind of a kind that is watched no more', async () => {
    const { keeper, serve, signal, stop } = keeping();
    keeper.follow(aws);
    for (let time = 0; time < 50; time++) {
      await serve([buckets, topics]);
      await serve([buckets]);
    }
    expect(heldBy(signal)).to.equal(1);
    await stop();
  });
});
