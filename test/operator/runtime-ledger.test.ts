import { expect } from 'chai';
import * as fc from 'fast-check';
import { maxTraces } from '../../src/evidence/falco/traces.ts';
import { cursorLifeMs } from '../../src/operator/replica-cursors.ts';
import { now } from '../support/builders.ts';
import { ModelReplica, ModelReport, newIdentity, settle } from './runtime-model.ts';

/** Two replicas, of which the first leads. */
function pair() {
  const server = new ModelReport();
  const [leader, standby] = [new ModelReplica(server, true), new ModelReplica(server, false)];
  return { server, leader, standby, both: [leader, standby] };
}

const foreign = (server: ModelReport, findings = []) => {
  const status = { findings, findingsTotal: 0, total: 0, dropped: 0 };
  server.put({ status, foreign: true });
};

describe('the events of several replicas in one RuntimeReport', () => {
  it('are added by who took them, and known to all', () => {
    const { server, leader, standby, both } = pair();
    for (const replica of [leader, standby, standby]) replica.take('shell');
    expect(settle(both)).to.equal(2);
    expect(server.total).to.equal(3);
    expect(
      server.last.memo?.status?.replicas?.map(({ sequence }) => sequence - now * 1_000).toSorted(),
    ).to.deep.equal([0, 1]);
    for (const { ledger } of both) expect(ledger.findings('shop', now)[0]?.count).to.equal(3);
  });

  it('are known to who took them before they are written', () => {
    const { leader, standby, both } = pair();
    standby.take('shell');
    settle(both);
    leader.take('shell');
    expect(leader.ledger.findings('shop', now)[0]?.count).to.equal(2);
    expect(standby.ledger.findings('shop', now)[0]?.count).to.equal(1);
  });

  it('are counted once when the answer to the write was lost, whether it came through or not', () => {
    for (const fate of ['lost', 'unanswered'] as const) {
      const { server, leader, both } = pair();
      leader.take('shell');
      leader.publish(fate);
      leader.take('shell');
      expect(leader.ledger.findings('shop', now)[0]?.count, fate).to.equal(2);
      leader.publish();
      settle(both);
      expect(server.total, fate).to.equal(2);
    }
  });

  it('go together when a write was put off', () => {
    const { server, leader, both } = pair();
    leader.take('shell');
    leader.ledger.gather('shop');
    leader.ledger.compose('shop', now);
    leader.ledger.notSent('shop');
    leader.take('shell');
    expect(settle(both)).to.equal(1);
    expect(server.total).to.equal(2);
  });

  it('survive an edit and a deletion, which the leader alone puts right, in one write', () => {
    for (const hand of [
      (server: ModelReport) => foreign(server),
      (server: ModelReport) => server.put(undefined),
    ]) {
      const { server, leader, standby, both } = pair();
      standby.take('shell');
      leader.take('other');
      settle(both);
      const before = server.last.memo;
      hand(server);
      standby.catchUp();
      expect(standby.publish()).to.equal(false);
      expect(settle(both)).to.equal(1);
      expect(server.last.memo).to.deep.equal(before);
    }
  });

  it('are put back by whoever leads next, when nobody led as they were cleared', () => {
    const { server, leader, standby, both } = pair();
    leader.take('shell');
    settle(both);
    foreign(server);
    standby.catchUp();
    standby.leads = true;
    expect(settle([standby])).to.equal(1);
    expect(server.total).to.equal(1);
  });

  it('are taken over by a process that starts, even from a report that another hand has written', () => {
    const { server, leader, both } = pair();
    leader.take('shell');
    settle(both);
    const { memo } = server.last;
    server.put({ status: memo?.status, foreign: true });
    const next = new ModelReplica(server, true);
    expect(next.ledger.findings('shop', now)[0]?.count).to.equal(1);
    next.take('shell');
    settle([next]);
    expect(server.total).to.equal(2);
  });

  it('are put back when the report was: a backup, or one who had not seen them', () => {
    const { server, standby, both } = pair();
    standby.take('shell');
    settle(both);
    const backup = server.last.memo;
    standby.take('shell');
    standby.take('other');
    settle(both);
    server.put(backup);
    settle(both);
    expect(server.total).to.equal(3);
  });

  it('are not put back for a cursor that was dropped because it was old', () => {
    const { server, standby, both } = pair();
    standby.take('shell');
    settle(both);
    const { status } = server.last.memo ?? {};
    if (status === undefined) throw new Error('it was written');
    const { replicas: _, ...without } = status;
    standby.ledger.see('shop', { status: without, foreign: false }, now + cursorLifeMs);
    expect(standby.ledger.hasOwn('shop')).to.equal(false);
    standby.ledger.see('shop', { status: without, foreign: false }, now + cursorLifeMs - 1);
    expect(standby.ledger.hasOwn('shop')).to.equal(true);
  });

  it('are counted once when their copies reached another replica', () => {
    const { server, leader, standby, both } = pair();
    const identity = newIdentity();
    leader.take('shell', now, identity);
    standby.take('shell', now, identity);
    standby.take('shell');
    settle(both);
    expect(server.total).to.equal(2);
    expect(server.last.memo?.status?.findings[0]).to.include({ count: 2, rule: 'shell' });
    const next = new ModelReplica(server, false);
    next.take('shell', now, identity);
    expect(next.ledger.findings('shop', now)[0]?.count, 'by a process that starts too').to.equal(2);
    settle([leader, next]);
    expect(server.total).to.equal(2);
  });

  it('are counted once when a write with a copy is overtaken, or comes through without an answer', () => {
    for (const fate of ['lost', 'unanswered'] as const) {
      const { server, leader, standby, both } = pair();
      const identity = newIdentity();
      for (const replica of both) replica.take('shell', now, identity);
      standby.publish(fate);
      leader.publish(fate);
      settle(both);
      expect(server.total, fate).to.equal(1);
    }
  });

  it('are counted once when only copies were taken, which are in no finding of their own', () => {
    const { server, leader, standby, both } = pair();
    const identity = newIdentity();
    leader.take('shell', now, identity);
    settle(both);
    standby.take('shell', now, identity);
    expect(settle(both), 'that moves the cursor').to.equal(1);
    expect(server.total).to.equal(1);
    expect(settle(both)).to.equal(0);
  });

  it('are known as far as the memory reaches: of more than it holds, the oldest copies count twice', () => {
    const { server, leader, standby, both } = pair();
    const identities = Array.from({ length: maxTraces + 3 }, newIdentity);
    for (const replica of both) for (const identity of identities) replica.take('shell', now, identity);
    settle([leader]);
    settle([standby]);
    settle(both);
    expect(server.total).to.equal(identities.length + 3);
    // Nobody knows which of them were copies; how many may have been, both say.
    expect(both.map(({ unmarked }) => unmarked)).to.deep.equal([3, 3]);
  });

  it('are forgotten with their namespace', () => {
    const { leader, both } = pair();
    leader.take('shell');
    settle(both);
    leader.take('shell');
    leader.ledger.forget('shop');
    expect([leader.ledger.namespaces(), leader.ledger.findings('shop', now)]).to.deep.equal([[], []]);
  });

  it('are counted each once, whatever is lost, deleted, edited and killed in between', () => {
    const at = fc.integer({ min: 0, max: 2 });
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('take' as const), at, rule: fc.constantFrom('a', 'b') }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('copy' as const), at, of: fc.nat() }) },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('publish' as const),
          at,
          fate: fc.constantFrom(
            'answered' as const,
            'answered' as const,
            'lost' as const,
            'unanswered' as const,
          ),
        }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('watch' as const), at }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('lead' as const), at }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), at }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'edit' as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const server = new ModelReport();
        const replicas = [0, 1, 2].map((index) => new ModelReplica(server, index === 0));
        const of = (index: number) => replicas[index] as ModelReplica;
        const events: { readonly rule: string; readonly identity: string }[] = [];
        for (const each of steps) {
          if (each.do === 'take') {
            const event = { rule: each.rule, identity: newIdentity() };
            events.push(event);
            of(each.at).take(event.rule, now, event.identity);
          }
          if (each.do === 'copy' && events.length > 0) {
            const { rule, identity } = events[each.of % events.length] ?? { rule: '', identity: '' };
            of(each.at).take(rule, now, identity);
          }
          if (each.do === 'publish') of(each.at).publish(each.fate);
          if (each.do === 'watch') of(each.at).watch();
          if (each.do === 'lead')
            for (const [index, one] of replicas.entries()) one.leads = index === each.at;
          if (each.do === 'delete') server.put(undefined);
          if (each.do === 'edit') foreign(server);
          if (each.do === 'kill') {
            // One that has written all it took: what it had not dies with it, as long as nothing is kept on disk.
            settle(replicas);
            replicas[each.at] = new ModelReplica(server, of(each.at).leads);
          }
        }
        settle(replicas);
        const taken = events.length;
        expect(server.total).to.equal(taken);
        for (const { ledger } of replicas)
          expect(ledger.findings('shop', now).reduce((sum, { count }) => sum + count, 0)).to.equal(taken);
        expect(settle(replicas), 'and then nobody writes').to.equal(0);
      }),
      { numRuns: 500 },
    );
  });

  it('are never counted twice, even by those whose watch leaps over what was written', () => {
    const at = fc.integer({ min: 0, max: 1 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('take' as const), at, rule: fc.constantFrom('a', 'b') }),
      fc.record({ do: fc.constant('copy' as const), at, of: fc.nat() }),
      fc.record({ do: fc.constant('publish' as const), at }),
      fc.record({ do: fc.constant('watch' as const), at, leap: fc.boolean() }),
      fc.record({ do: fc.constant('delete' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { server, both } = pair();
        const events: { readonly rule: string; readonly identity: string }[] = [];
        for (const each of steps) {
          if (each.do === 'take') {
            const event = { rule: each.rule, identity: newIdentity() };
            events.push(event);
            both[each.at]?.take(event.rule, now, event.identity);
          }
          if (each.do === 'copy' && events.length > 0) {
            const { rule, identity } = events[each.of % events.length] ?? { rule: '', identity: '' };
            both[each.at]?.take(rule, now, identity);
          }
          if (each.do === 'publish') both[each.at]?.publish();
          if (each.do === 'watch') both[each.at]?.watch(each.leap);
          if (each.do === 'delete') server.put(undefined);
        }
        settle(both);
        expect(server.total).to.be.at.most(events.length);
        expect(settle(both)).to.equal(0);
      }),
      { numRuns: 300 },
    );
  });
});
