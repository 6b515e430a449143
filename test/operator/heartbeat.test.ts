import { expect } from 'chai';
import { ConflictError, TerminalError } from '../../src/kube/errors.ts';
import type { ClusterState } from '../../src/operator/cluster-state.ts';
import { ClusterVerdicts } from '../../src/operator/cluster-verdicts.ts';
import { Heartbeat } from '../../src/operator/heartbeat.ts';
import { ProfileBook } from '../../src/operator/profile-book.ts';
import { ReportStates } from '../../src/operator/report-states.ts';
import type { Writers } from '../../src/operator/writers.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { clusterSnapshot } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { heldBy } from '../support/held.ts';

/** A heart that beats for the built-in profile of an empty catalogue; its writes go nowhere. */
function beating(fails: () => Error | undefined = () => undefined) {
  const clock = new FakeClock();
  const beats: number[] = [];
  const store = { list: () => [] };
  const book = new ProfileBook([]);
  const cluster = new ClusterVerdicts({
    snapshot: () => clusterSnapshot(),
    summary: () => undefined,
    logger: silentLogger,
  });
  const heartbeat = new Heartbeat({
    state: { namespaces: { store }, summaries: { store } } as unknown as ClusterState,
    book,
    writers: {
      summaries: {
        current: () => undefined,
        write: () => {
          beats.push(clock.monotonic() / 1_000);
          const failure = fails();
          return failure === undefined ? Promise.resolve() : Promise.reject(failure);
        },
      },
    } as unknown as Writers,
    states: new ReportStates(),
    refusals: { among: () => undefined },
    evidence: () => [],
    cluster: (profile, now) => cluster.of(profile, now),
    runtime: () => ({ unattributed: 0, dropped: 0 }),
    clock,
    logger: silentLogger,
  });
  const stop = new AbortController();
  const done = heartbeat.run(stop.signal);
  return { clock, beats, heartbeat, signal: stop.signal, stop: () => (stop.abort(), done) };
}

describe('the heartbeat', () => {
  it('comes once a minute', async () => {
    const { clock, beats, stop } = beating();
    await clock.advance(150_000);
    expect(beats).to.deep.equal([0, 60, 120]);
    await stop();
  });

  it('leaves nothing behind with the signal that ends it', async () => {
    const { clock, beats, signal, stop } = beating();
    for (let minute = 0; minute < 100; minute++) await clock.advance(60_000);
    expect(beats).to.have.length(101);
    expect(heldBy(signal)).to.equal(1);
    await stop();
  });

  it('comes again soon where it has failed, and a minute after it has not', async () => {
    let failure: Error | undefined = new ConflictError(409, {});
    const { clock, beats, stop } = beating(() => failure);
    await clock.advance(15_000);
    failure = undefined;
    await clock.advance(75_000);
    expect(beats).to.deep.equal([0, 10, 20, 80]);
    await stop();
  });

  it('does not come sooner where it is refused for good', async () => {
    const { clock, beats, stop } = beating(() => new TerminalError('Forbidden', 'no'));
    await clock.advance(150_000);
    expect(beats).to.deep.equal([0, 60, 120]);
    await stop();
  });

  it('comes at once when there is news, and a minute after that', async () => {
    const { clock, beats, heartbeat, stop } = beating();
    await clock.advance(30_000);
    heartbeat.hasten();
    await clock.advance(61_000);
    expect(beats).to.deep.equal([0, 30, 90]);
    await stop();
  });

  it('comes at most once in ten seconds, however often there is news', async () => {
    const { clock, beats, heartbeat, stop } = beating();
    for (let second = 0; second < 30; second++) {
      await clock.advance(1_000);
      heartbeat.hasten();
    }
    expect(beats).to.deep.equal([0, 10, 20, 30]);
    await stop();
  });
});
