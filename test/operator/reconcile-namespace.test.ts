import { expect } from 'chai';
import type { BaseControl } from '../../src/domain/control.ts';
import type { Labels } from '../../src/domain/workload.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { pass } from '../../src/domain/verdict.ts';
import type { PreviousReport } from '../../src/evaluate/report.ts';
import { ConflictError, TerminalError } from '../../src/kube/errors.ts';
import { WorkQueue } from '../../src/kube/queue.ts';
import { Store } from '../../src/kube/store.ts';
import { ClusterVerdicts } from '../../src/operator/cluster-verdicts.ts';
import type { ClusterState, NamespaceObject } from '../../src/operator/cluster-state.ts';
import { retryRefused } from '../../src/operator/instruments.ts';
import { NamespaceMemories } from '../../src/operator/namespace-memories.ts';
import { ProfileBook } from '../../src/operator/profile-book.ts';
import type { ReconcileContext } from '../../src/operator/reconcile-namespace.ts';
import { reconcileNamespace } from '../../src/operator/reconcile-namespace.ts';
import { ReportStates } from '../../src/operator/report-states.ts';
import type { OwnObject, WriteOutcome } from '../../src/operator/status-writer.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { VerdictSeries } from '../../src/telemetry/verdict-series.ts';
import { clusterSnapshot, snapshot } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';

const hour = 3_600_000;
const written: WriteOutcome = { result: 'written', overtaken: false };
const terminal = new TerminalError('Forbidden', 'it is refused');
const conflict = new ConflictError(409, { message: 'it has changed' });

const control = (verdict: Verdict, asked: () => void): BaseControl => ({
  id: 'RD-9.1',
  title: 'Anything',
  requirement: 'none',
  severity: 'low',
  scope: 'namespace',
  rationale: '',
  rule: '',
  notes: [],
  remediation: '',
  evidence: [],
  parameters: [],
  verdicts: ['Pass'],
  references: {},
  evaluate: () => {
    asked();
    return verdict;
  },
});

interface Given {
  readonly verdict?: Verdict;
  readonly labels?: Labels;
  readonly terminating?: boolean;
  /** Undefined: there is no such namespace. */
  readonly exists?: boolean;
  readonly kindInstalled?: boolean;
  readonly profiles?: Readonly<Record<string, unknown>>;
  /** Names of reports that are there. */
  readonly reports?: readonly string[];
  /** By profile: what becomes of its write, or of the deletion of its report. */
  readonly outcomes?: Readonly<Record<string, WriteOutcome | Error>>;
  readonly prepared?: boolean;
}

/** A reconcile of the namespace `shop` whose writes go nowhere. */
function given(options: Given) {
  const { verdict = pass('well'), profiles = {}, outcomes = {}, exists = true } = options;
  const identity = (name: string) => ({ uid: name, resourceVersion: '1', name });
  const namespaces = new Store<NamespaceObject>();
  const { labels = {}, terminating = false } = options;
  if (exists)
    namespaces.set({ ...identity('shop'), namespace: '', value: { labels, tracing: [], terminating } });
  const reports = new Store<OwnObject<PreviousReport>>();
  for (const name of options.reports ?? [])
    reports.set({ ...identity(name), namespace: 'shop', value: { hash: '', memo: {} } });
  let asked = 0;
  const book = new ProfileBook([control(verdict, () => void asked++)]);
  for (const [name, spec] of Object.entries(profiles))
    book.set(name, { generation: 1, spec, status: undefined });
  const done: string[] = [];
  const answer = (what: string, profile: string) => {
    done.push(`${what} ${profile}`);
    const outcome = outcomes[profile] ?? written;
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  };
  const clock = new FakeClock();
  /** When it is to come again, by its own word, beside what it returns or throws. */
  const later: number[] = [];
  const states = new ReportStates();
  const evidence = snapshot();
  const cluster = new ClusterVerdicts({
    snapshot: () => clusterSnapshot(),
    summary: () => undefined,
    logger: silentLogger,
  });
  const context: ReconcileContext = {
    state: {
      namespaces: { store: namespaces },
      reports: { store: reports, available: options.kindInstalled ?? true },
    } as unknown as ClusterState,
    book,
    reports: {
      current: () => undefined,
      write: (ref, _spec, _status) => answer('write', ref.name),
      delete: async (ref) => void (await answer('delete', ref.name)),
      forget: ({ name }) => void done.push(`forget ${name}`),
    },
    settled: () => Promise.resolve(true),
    prepare: () => Promise.resolve(options.prepared ?? true),
    memories: new NamespaceMemories(),
    snapshot: () => evidence,
    cluster: (profile, _namespace, now) => ({ evaluation: cluster.of(profile, now), patienceMs: 0 }),
    verdicts: new VerdictSeries(),
    states,
    wakeLater: (namespace, afterMs) => {
      expect(namespace).to.equal('shop');
      later.push(afterMs);
    },
    logger: silentLogger,
    clock,
    random: () => 0.5,
  };
  return {
    context,
    run: () => reconcileNamespace(context, 'shop'),
    done,
    later,
    states,
    clock,
    asked: () => asked,
  };
}

const failureOf = (run: () => Promise<unknown>) => run().catch((error: unknown) => error);

describe('a reconcile of a namespace', () => {
  it('writes the report of each profile that selects it, and comes back within the hour or so', async () => {
    const { run, done, states } = given({
      profiles: { strict: {}, other: { namespaces: { include: ['office'] } } },
    });
    expect(await run()).to.deep.equal({ requeueAfterMs: hour });
    expect(done).to.deep.equal(['write reference-design', 'write strict']);
    expect(states.get('shop', 'strict')).to.equal('Compliant');
    expect(states.get('shop', 'other')).to.equal(undefined);
  });

  it('asks no control again for the same evidence, from the second time on', async () => {
    const { run, asked, clock } = given({ profiles: { strict: {} } });
    const counts: number[] = [];
    for (let n = 0; n < 4; n++) {
      await run();
      counts.push(asked());
    }
    // Of the first judgement nothing is kept.
    expect(counts).to.deep.equal([2, 4, 4, 4]);
    await clock.advance(0.9 * hour);
    await run();
    expect(asked(), 'when nothing has woken it for so long').to.equal(6);
  });

  const soon: Record<string, { options: (now: number) => Given; requeueAfterMs: number }> = {
    'when a write was put off': {
      options: () => ({ outcomes: { 'reference-design': { result: 'deferred', retryAfterMs: 7_000 } } }),
      requeueAfterMs: 7_000,
    },
    'when a verdict ends, a second after': {
      options: (now) => ({ verdict: { ...pass('for a while'), validUntil: now + 60_000 } }),
      requeueAfterMs: 61_000,
    },
    'when a verdict has ended already, but not before a second is over': {
      options: (now) => ({ verdict: { ...pass('for a while'), validUntil: now - 60_000 } }),
      requeueAfterMs: 1_000,
    },
    'at once when somebody overtook the write': {
      options: () => ({ outcomes: { 'reference-design': { result: 'written', overtaken: true } } }),
      requeueAfterMs: 0,
    },
  };
  for (const [title, { options, requeueAfterMs }] of Object.entries(soon)) {
    it(`comes back ${title}`, async () => {
      const { run } = given(options(new FakeClock().now()));
      expect(await run()).to.deep.equal({ requeueAfterMs });
    });
  }

  it('does nothing in a namespace that is ending', async () => {
    const { run, done } = given({ terminating: true, reports: ['strict'] });
    expect(await run()).to.deep.equal({});
    expect(done).to.deep.equal([]);
  });

  it('takes a namespace that begins to end meanwhile for no failure', async () => {
    const ending = new TerminalError('NamespaceTerminating', 'it is being terminated');
    const { run } = given({ outcomes: { 'reference-design': ending } });
    expect(await run()).to.deep.equal({ requeueAfterMs: hour });
  });

  it('does nothing while the kind of the reports is not installed', async () => {
    const { run, done } = given({ kindInstalled: false });
    expect(await run()).to.deep.equal({});
    expect(done).to.deep.equal([]);
  });

  it('judges nothing when the process ends before all is known that it needs', async () => {
    const { run, done, states } = given({ prepared: false });
    await run();
    expect(done).to.deep.equal([]);
    expect(states.profilesIn('shop')).to.deep.equal([]);
  });

  it('forgets a namespace that is gone', async () => {
    const { run, done, states } = given({ exists: false });
    states.set('shop', 'strict', 'Unknown');
    expect(await run()).to.deep.equal({});
    expect(done).to.deep.equal(['forget strict']);
    expect(states.profilesIn('shop')).to.deep.equal([]);
  });

  it('removes what belongs to no profile that selects it, also what the watch has not shown yet', async () => {
    const { run, done, states } = given({ reports: ['gone', 'reference-design'] });
    states.set('shop', 'deselected', 'Unknown');
    await run();
    expect(done).to.deep.equal(['write reference-design', 'delete gone', 'delete deselected']);
    expect(states.profilesIn('shop')).to.deep.equal(['reference-design']);
  });

  it('leaves the reports of a profile that was never understood', async () => {
    const invalid = { controls: [{ id: 'RD-0' }] };
    const { run, done } = given({ reports: ['invalid'], profiles: { invalid } });
    await run();
    expect(done).to.deep.equal(['write reference-design']);
  });

  it('writes and removes the others though one is refused, and then says so', async () => {
    const { run, done, later } = given({
      profiles: { strict: {} },
      reports: ['gone'],
      outcomes: { 'reference-design': terminal },
    });
    expect(await failureOf(run)).to.equal(terminal);
    expect(done).to.deep.equal(['write reference-design', 'write strict', 'delete gone']);
    expect(later).to.deep.equal([hour]);
  });

  const refused: Record<string, { options: (now: number) => Given; afterMs: number }> = {
    'when the write of another was put off': {
      options: () => ({ outcomes: { strict: { result: 'deferred', retryAfterMs: 7_000 } } }),
      afterMs: 7_000,
    },
    'when a verdict ends, be it only one of the refused report': {
      options: (now) => ({ verdict: { ...pass('for a while'), validUntil: now + 60_000 } }),
      afterMs: 61_000,
    },
  };
  for (const [title, { options, afterMs }] of Object.entries(refused)) {
    for (const failure of [terminal, conflict]) {
      it(`comes back though one is refused (${failure.name}), ${title}`, async () => {
        const { outcomes, ...rest } = options(new FakeClock().now());
        const { run, later } = given({
          ...{ profiles: { strict: {} }, ...rest },
          outcomes: { 'reference-design': failure, ...outcomes },
        });
        expect(await failureOf(run)).to.equal(failure);
        expect(later).to.deep.equal([afterMs]);
      });
    }
  }

  const again: Record<string, { failure: Error; at: readonly number[] }> = {
    // And then in an hour, unless something happens.
    'one that is refused for good': { failure: terminal, at: [0, 7_000, 14_000, 21_000] },
    // By its own backoff, 5 ms, doubled, under the debounce of 100 ms; but not later than what is due.
    'one that may be written another time': {
      failure: conflict,
      at: [0, 100, 200, 300, 400, 500, 660, 980, 1_620, 2_900, 5_460, 10_580, 17_580, 20_820],
    },
  };
  for (const [title, { failure, at }] of Object.entries(again)) {
    it(`is done again when a put-off write is due, beside ${title}`, async () => {
      const { context, clock, done } = given({
        profiles: { strict: {} },
        outcomes: {
          'reference-design': failure,
          strict: { result: 'deferred', retryAfterMs: 7_000 },
        },
      });
      const queue = new WorkQueue({ clock, onError: () => undefined });
      const stop = new AbortController();
      const began: number[] = [];
      const ended = queue.run((key) => {
        began.push(clock.monotonic());
        const wakeLater = (_namespace: string, afterMs: number) => queue.addAfter(key, afterMs);
        return retryRefused(queue, key, () => reconcileNamespace({ ...context, wakeLater }, 'shop'));
      }, stop.signal);
      queue.add('shop');
      await clock.advance(22_000);
      stop.abort();
      await ended;
      expect(began).to.deep.equal(at);
      expect(done).to.have.length(2 * at.length);
    });
  }

  it('is tried again when one of several failures is worth it', async () => {
    const { run } = given({
      profiles: { strict: {} },
      outcomes: { 'reference-design': terminal, strict: conflict },
    });
    expect(await failureOf(run)).to.equal(conflict);
  });
});
