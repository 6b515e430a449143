import { expect } from 'chai';
import type { ApiClient, ApiRequest } from '../../src/kube/client.ts';
import { toApiError } from '../../src/kube/errors.ts';
import { ClusterFactsKeeper } from '../../src/operator/cluster-facts.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { heldBy } from '../support/held.ts';

const answers: Record<string, object> = {
  '/version': { major: '1', minor: '37', gitVersion: 'v1.37.2' },
  '/api': { kind: 'APIVersions', versions: [] },
  '/apis': { kind: 'APIGroupList', groups: [] },
};

/** A keeper before a server that refuses so, in order, and then answers. */
function asking(...refusals: Error[]) {
  const clock = new FakeClock();
  /** When it was asked what it is. */
  const asked: number[] = [];
  const request = async ({ path }: ApiRequest) => {
    const refusal = path === '/version' ? refusals.shift() : undefined;
    if (path === '/version') asked.push(clock.monotonic());
    if (refusal !== undefined) throw refusal;
    return { status: 200, headers: {}, json: answers[path], bytes: 1 };
  };
  const keeper = new ClusterFactsKeeper({
    client: { request } satisfies Pick<ApiClient, 'request'>,
    clock,
    logger: silentLogger,
    onChange: () => undefined,
    onDiscovery: () => undefined,
  });
  const abort = new AbortController();
  const done = keeper.run(abort.signal);
  const stop = async () => {
    abort.abort();
    await done;
    expect(clock.pendingTimers).to.equal(0);
  };
  return { keeper, clock, asked, signal: abort.signal, stop };
}

describe('who knows what the server is', () => {
  it('asks again within a second or two of a definition that has come, once for several', async () => {
    const { keeper, clock, asked, stop } = asking();
    await clock.advance(5_000);
    for (let count = 0; count < 3; count++) keeper.refresh();
    await clock.advance(2_000);
    expect(asked).to.deep.equal([0, 6_000]);
    expect(keeper.facts?.minor).to.equal(37);
    await stop();
  });

  it('leaves nothing behind with the signal that ends it', async () => {
    const { keeper, clock, asked, signal, stop } = asking(toApiError(500, {}), toApiError(500, {}));
    for (let count = 0; count < 100; count++) {
      keeper.refresh();
      await clock.advance(2_000);
    }
    expect(asked.length).to.be.greaterThan(90);
    expect(heldBy(signal)).to.equal(1);
    await stop();
  });

  it('waits as long as the server asks, whatever definitions come meanwhile', async () => {
    const { keeper, clock, asked, stop } = asking(toApiError(429, {}, 60_000));
    for (let count = 0; count < 5; count++) {
      await clock.advance(10_000);
      keeper.refresh();
    }
    await clock.advance(9_900);
    expect(asked).to.deep.equal([0]);
    await clock.advance(1_000);
    expect(asked).to.have.length(2);
    expect(keeper.facts?.minor).to.equal(37);
    await stop();
  });

  it('asks at once when a definition comes after a refusal that asked for no wait', async () => {
    const { keeper, clock, asked, stop } = asking(toApiError(500, {}));
    await clock.advance(0);
    keeper.refresh();
    await clock.advance(0);
    expect(asked).to.deep.equal([0, 0]);
    await stop();
  });
});
