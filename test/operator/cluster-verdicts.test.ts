import { expect } from 'chai';
import type { ComplianceSummaryStatus } from '../../src/api/compliance-summary.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { ClusterVerdicts, spreadMs } from '../../src/operator/cluster-verdicts.ts';
import type { ClusterState } from '../../src/operator/cluster-state.ts';
import { reconcileCluster } from '../../src/operator/reconcile-cluster.ts';
import { ProfileBook } from '../../src/operator/profile-book.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { VerdictSeries } from '../../src/telemetry/verdict-series.ts';
import { clusterSnapshot, now } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { clusterControlThat, controlThat, profileOf, verdict } from '../support/judging.ts';

const minute = 60_000;
const namespaces = Array.from({ length: 1_000 }, (_, index) => `team-${index}`);

/** A profile of one control of the cluster, which says what `state` says. */
function given(summary?: ComplianceSummaryStatus) {
  const state: { says: Verdict } = { says: verdict('Pass') };
  const controls = [clusterControlThat('RD-3.1', () => state.says), controlThat('RD-1.1', verdict('Pass'))];
  const cluster = new ClusterVerdicts({
    snapshot: () => clusterSnapshot(),
    summary: () => summary,
    logger: silentLogger,
  });
  return { cluster, state, controls, profile: profileOf(controls) };
}

describe('ClusterVerdicts', () => {
  it('is the same object for the same, and tells what reports inherit anew', () => {
    const { cluster, state, profile } = given();
    const first = cluster.of(profile, now);
    expect(cluster.judge(profile, now + minute)).to.deep.equal({ evaluation: first, changed: false });
    expect(cluster.of(profile, now + minute)).to.equal(first);
    state.says = verdict('Fail');
    expect(cluster.of(profile, now), 'nobody asked').to.equal(first);
    expect(cluster.judge(profile, now).changed).to.equal(true);
    expect(cluster.of(profile, now).controls[0]?.status).to.equal('Fail');
  });

  it('judges by another version of the profile when it is first seen', () => {
    const { cluster, state, profile } = given();
    cluster.of(profile, now);
    state.says = verdict('Fail');
    expect(cluster.of({ ...profile }, now).controls[0]?.status).to.equal('Fail');
  });

  it('goes on from what another leader has written', () => {
    const { cluster: before, profile } = given();
    const { controls } = before.of(profile, now - minute);
    const { cluster } = given({ controls, transitions: [] } as unknown as ComplianceSummaryStatus);
    expect(cluster.of(profile, now).controls[0]).to.include({ lastTransitionTime: '2025-12-31T23:59:00Z' });
  });

  it('gives each report a turn of its own within five minutes of a change', () => {
    const { cluster, state, profile } = given();
    cluster.of(profile, now - 10 * minute);
    state.says = verdict('Fail');
    cluster.judge(profile, now);
    const turns = namespaces.map((name) => cluster.patience(profile.name, name, now));
    // Those whose turn it is need not wait.
    expect(turns.filter((each) => each === 0).length).to.be.below(60);
    expect(Math.max(...turns))
      .to.be.below(spreadMs)
      .and.above(spreadMs * 0.94);
    for (let quarter = 0; quarter < 4; quarter++) {
      const [from, to] = [quarter * (spreadMs / 4), (quarter + 1) * (spreadMs / 4)];
      expect(turns.filter((each) => each >= from && each < to).length).to.be.within(170, 330);
    }
    const after = namespaces.map((name) => cluster.patience(profile.name, name, now + spreadMs));
    expect(Math.max(...after), 'then all have had it').to.equal(0);
  });

  it('lets no report wait for longer, however often something changes', () => {
    const { cluster, state, profile } = given();
    cluster.of(profile, now);
    let [waitsSince, written] = [now, 0];
    for (let at = now; at < now + 60 * minute; at += 1_000) {
      if (at % 7_000 === 0) {
        state.says = verdict(state.says.status === 'Fail' ? 'Pass' : 'Fail');
        cluster.judge(profile, at);
      }
      if (cluster.patience(profile.name, 'shop', at) > 0) continue;
      if (written > 0 && waitsSince < at) expect(at - waitsSince).to.be.at.most(spreadMs + 7_000);
      [waitsSince, written] = [at, written + 1];
    }
    expect(written).to.be.above(10);
  });
});

describe('a reconcile of the cluster', () => {
  function running() {
    const { cluster, state, controls } = given();
    const clock = new FakeClock();
    const [woken, verdicts] = [new Map<string, number>(), new VerdictSeries()];
    verdicts.open();
    const told = { times: 0 };
    const store = {
      list: () => namespaces.map((name) => ({ name, value: { labels: {}, terminating: false } })),
    };
    const run = () =>
      reconcileCluster({
        state: { namespaces: { store } } as unknown as ClusterState,
        book: new ProfileBook(controls),
        cluster,
        verdicts,
        clock,
        wakeLater: (namespace, afterMs) => void woken.set(namespace, afterMs),
        onChange: () => void told.times++,
      });
    const series = () =>
      [...verdicts.chunks()]
        .join('')
        .split('\n')
        .filter((line) => line.includes('RD-'));
    return { run, state, clock, woken, told, series };
  }

  it('wakes each namespace when its turn comes, and only for a change', () => {
    const { run, state, woken, told } = running();
    run();
    run();
    expect([woken.size, told.times]).to.deep.equal([0, 0]);
    state.says = verdict('Fail');
    run();
    expect([woken.size, told.times]).to.deep.equal([1_000, 1]);
    expect(new Set(woken.values()).size).to.be.above(900);
  });

  it('gives one series for each control, of an empty namespace that is written out', () => {
    const { run, series } = running();
    run();
    expect(series()).to.deep.equal([
      'plumbline_control_status{namespace="",profile="reference-design",control="RD-3.1",severity="high",status="Pass"} 1',
    ]);
  });

  it('comes back when time alone may change a verdict', () => {
    const { run, state, clock } = running();
    state.says = verdict('Pass', { validUntil: clock.now() + 60_000 });
    expect(run()).to.deep.equal({ requeueAfterMs: 61_000 });
  });
});
