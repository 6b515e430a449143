import { expect } from 'chai';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { eventually } from '../kube/support.ts';
import { namespaceWithPod, post, remove, reportOf, verdictsOf } from '../operator/live.ts';
import type { Seen } from '../support/fault.ts';
import { FaultWorld, useFaultCluster } from '../support/fault-world.ts';

const flow = '/apis/flowcontrol.apiserver.k8s.io/v1';
const name = 'little-room-for-plumbline';
const subjects = [
  { kind: 'ServiceAccount', serviceAccount: { namespace: 'plumbline-system', name: 'plumbline' } },
];
const everything = {
  resourceRules: [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] },
  ],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};

/** A timer may be early by as much, beside another clock. */
const slackMs = 20;

// The refusals are the server's own (API Priority and Fairness), and so is what it asks to wait: more the longer it lasts.
describe('the operator and the flow control of the API server', function () {
  this.timeout(300_000);
  const cluster = useFaultCluster();
  let world: FaultWorld;

  before(async () => {
    // On real time: what the server asks to wait is to be waited.
    world = await FaultWorld.start(cluster());
  });
  after(() => world.stop());

  /** With no share a level still does one request at once (API server 1.37); what comes beside it is refused. */
  async function confine(): Promise<void> {
    const limited = {
      nominalConcurrencyShares: 0,
      lendablePercent: 0,
      borrowingLimitPercent: 0,
      limitResponse: { type: 'Reject' },
    };
    await post(cluster(), `${flow}/prioritylevelconfigurations`, {
      metadata: { name },
      spec: { type: 'Limited', limited },
    });
    await post(cluster(), `${flow}/flowschemas`, {
      metadata: { name },
      spec: {
        priorityLevelConfiguration: { name },
        matchingPrecedence: 2,
        rules: [{ subjects, ...everything }],
      },
    });
  }

  async function release(): Promise<void> {
    await remove(cluster(), `${flow}/flowschemas/${name}`);
    await remove(cluster(), `${flow}/prioritylevelconfigurations/${name}`);
  }

  /** By the server's own count. */
  async function rejected(): Promise<number> {
    const { body } = await cluster().request('GET', '/metrics');
    return String(body)
      .split('\n')
      .filter((line) => line.startsWith('apiserver_flowcontrol_rejected_requests_total{'))
      .filter((line) => line.includes(`flow_schema="${name}"`))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  const isJudged = async (namespace: string) =>
    verdictsOf(await reportOf(cluster(), namespace))['RD-2.2.16'] === 'Fail';

  it('asks nothing again sooner than it is told while it is refused, and has every report right in the end', async () => {
    const since = world.proxy.seen.length;
    const seen = () => world.proxy.seen.slice(since);
    const refused = () => seen().filter(({ code }) => code === 429);
    await confine();
    try {
      // It may take the server a moment to go by it.
      await eventually(async () => {
        world.proxy.end({ verb: 'watch' });
        await sleep(systemClock, 200);
        return refused().length > 0;
      }, 'the server refuses');
      const made = await Promise.all(
        Array.from({ length: 40 }, () => namespaceWithPod(cluster(), 'confined')),
      );
      world.proxy.cut({ verb: 'watch' });
      await world.stir();
      // The longer it lasts, the longer the server asks to wait, up to half a minute.
      for (const each of made) await eventually(() => isJudged(each), `${each} is judged`, 90_000);
    } finally {
      await release();
    }
    const verbs = new Set(refused().map(({ verb }) => verb));
    expect([...verbs], 'watches and writes are refused')
      .to.include('watch')
      .and.to.satisfy(hasWrite);
    expect(await rejected(), 'by the server itself').to.be.at.least(refused().length);
    expect(refused().filter(({ retryAfter = 0 }) => retryAfter < 1)).to.deep.equal([]);
    // What was refused last is asked again when that time is over.
    const isOver = (each: Seen) => endOf(each) < systemClock.monotonic();
    await eventually(() => refused().every(isOver), 'all refusals are over', 60_000);
    await world.check();
    expect(tooSoon(seen())).to.deep.equal([]);
  });
});

const hasWrite = (verbs: readonly string[]) => verbs.includes('create') || verbs.includes('apply');

/** Until when the server asks to wait. */
const endOf = ({ at, retryAfter = 0 }: Seen): number => at + retryAfter * 1_000;

/** What was asked again before the time that its refusal named. */
function tooSoon(requests: readonly Seen[]): string[] {
  const notBefore = new Map<string, number>();
  return requests.flatMap((request) => {
    const place = placeOf(request);
    const early = (notBefore.get(place) ?? 0) - request.at;
    if (request.code === 429) notBefore.set(place, endOf(request));
    return early > slackMs ? [`${place}: ${Math.round(early)} ms`] : [];
  });
}

/** What a request asks for, and its repetition too. */
function placeOf({ verb, path }: Seen): string {
  const { pathname, searchParams } = new URL(path, 'http://server');
  const selectors = ['fieldSelector', 'labelSelector'].map((each) => searchParams.get(each) ?? '');
  return [verb, pathname, ...selectors].join(' ').trim();
}
