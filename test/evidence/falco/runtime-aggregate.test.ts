import { expect } from 'chai';
import * as fc from 'fast-check';
import type { FalcoEvent } from '../../../src/evidence/falco/event.ts';
import type { AggregateOptions } from '../../../src/evidence/falco/runtime-aggregate.ts';
import { RuntimeAggregate } from '../../../src/evidence/falco/runtime-aggregate.ts';
import { timeText } from '../../../src/evidence/falco/time.ts';
import { atLeast, priorities } from '../../../src/domain/runtime.ts';
import type { RuntimeFinding } from '../../../src/domain/runtime.ts';
import { now } from '../../support/builders.ts';

const hour = 3_600_000;
const day = 24 * hour;
let serial = 0;

/** An event of its own, however often it is called. */
function event(overrides: Partial<FalcoEvent> = {}): FalcoEvent {
  const at = overrides.at ?? now - hour;
  return {
    kind: 'alert',
    rule: 'Terminal shell in container',
    priority: 'Warning',
    source: 'syscall',
    time: timeText(at),
    at,
    namespace: 'shop',
    pod: 'app-0',
    container: 'app',
    sample: 'a shell',
    identity: `#${serial++}`,
    ...overrides,
  };
}

const ownerOf = (_: string, pod: string) =>
  pod.startsWith('app-') ? { kind: 'Deployment', name: 'app' } : undefined;

function filled(events: readonly FalcoEvent[], options: AggregateOptions = {}): RuntimeAggregate {
  const aggregate = new RuntimeAggregate({ subjectOf: ownerOf, ...options });
  for (const each of events) aggregate.add(each, now);
  return aggregate;
}

const list = (events: readonly FalcoEvent[], options: AggregateOptions = {}) =>
  filled(events, options).findings('shop', now);

describe('RuntimeAggregate', () => {
  it('adds up what is of one rule about one workload', () => {
    const first = event({ time: '2025-12-31T22:59:59.999999999Z', at: now - hour - 1, sample: 'first' });
    const findings = list([event({ pod: 'app-1' }), first, event(), event()]);
    expect(findings).to.deep.equal([
      {
        rule: 'Terminal shell in container',
        priority: 'Warning',
        source: 'syscall',
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-0',
        count: 4,
        firstSeen: '2025-12-31T22:59:59.999999999Z',
        lastSeen: '2025-12-31T23:00:00.000000000Z',
        hours: [
          { hour: '2025-12-31T22:00:00Z', alerts: 1 },
          { hour: '2025-12-31T23:00:00Z', alerts: 2 },
        ],
        sample: 'first',
      },
    ]);
  });

  const subjects: Record<string, [Partial<FalcoEvent>, object]> = {
    'a pod that nobody knows is itself': [
      { pod: 'gone-0' },
      { kind: 'Pod', name: 'gone-0', container: 'app' },
    ],
    'an object of an audit event is itself': [
      { pod: undefined as never, target: { kind: 'Secret', name: 's' } },
      { kind: 'Secret', name: 's' },
    ],
    'an event about nothing in the namespace is about the namespace': [
      { pod: undefined as never, container: undefined as never },
      { kind: 'Namespace', name: 'shop' },
    ],
  };
  for (const [sentence, [overrides, subject]] of Object.entries(subjects)) {
    it(sentence, () => expect(list([event(overrides)])[0]?.subject).to.deep.equal(subject));
  }

  const outcomes: Record<string, [Partial<FalcoEvent>, object]> = {
    'an alert is accepted': [{}, { result: 'accepted', namespace: 'shop' }],
    'a test is accepted and belongs nowhere': [{ kind: 'test' }, { result: 'accepted' }],
    'so is what Falco says of itself': [{ kind: 'internal' }, { result: 'accepted' }],
    'an event without a namespace is counted': [
      { namespace: undefined as never },
      { result: 'unattributed' },
    ],
    'an event from before every window is dropped': [{ at: now - 7 * day - 1 }, { result: 'dropped' }],
  };
  for (const [sentence, [overrides, outcome]] of Object.entries(outcomes)) {
    it(sentence, () => {
      const { record: _, ...rest } = filled([]).add(event(overrides), now);
      expect(rest).to.deep.equal(outcome);
    });
  }

  it('tells what is to be kept of an event: all of it where it counts, and else what its copies are known by', () => {
    const aggregate = filled([]);
    const first = event();
    const second = event({ at: first.at + 1 });
    const [one, repeat, copy, nowhere, test, old] = [
      first,
      second,
      second,
      event({ namespace: undefined as never, identity: 'nowhere' }),
      event({ kind: 'test', identity: 'test' }),
      event({ at: now - 8 * day }),
    ].map((each) => aggregate.add(each, now).record);
    expect(one).to.include({ event: first, identity: first.identity, repeat: false, sequence: now * 1_000 });
    expect(repeat).to.include({ event: second, alert: one?.alert, repeat: true, sequence: now * 1_000 + 1 });
    expect(copy).to.equal(undefined);
    expect(nowhere).to.deep.equal({ identity: 'nowhere', sequence: now * 1_000 + 2 });
    expect(test).to.deep.equal({ identity: 'test', sequence: now * 1_000 + 3 });
    expect(old, 'it will never count').to.equal(undefined);
  });

  it('asks where an event happened that does not say it', () => {
    const asked: (string | undefined)[] = [];
    const aggregate = filled([], {
      locate: ({ podUid }) => {
        asked.push(podUid);
        return podUid === 'known' ? { namespace: 'shop', pod: 'app-1' } : undefined;
      },
    });
    const [known, unknown] = ['known', 'unknown'].map((podUid) => {
      const { namespace: _, pod: __, ...rest } = event({ podUid });
      return aggregate.add(rest, now);
    });
    expect(aggregate.add(event(), now).namespace).to.equal('shop');
    expect([known?.result, known?.namespace, unknown?.result]).to.deep.equal([
      'accepted',
      'shop',
      'unattributed',
    ]);
    expect(known?.record?.event, 'kept as it was found').to.include({ namespace: 'shop', pod: 'app-1' });
    expect(aggregate.findings('shop', now)[0]?.subject.name).to.equal('app');
    expect(asked, 'only where it has to').to.deep.equal(['known', 'unknown']);
  });

  it('counts what waits for a namespace that does not come with what belongs to none', () => {
    const aggregate = filled([event({ namespace: 'gone' }), event({ namespace: 'gone' }), event()]);
    expect(aggregate.giveUp('gone')).to.equal(2);
    expect(aggregate.losses()).to.deep.equal({ unattributed: 2, dropped: 0 });
    expect(aggregate.namespaces()).to.deep.equal(['shop']);
  });

  it('counts what it could not attribute or was too old', () => {
    const aggregate = filled([event({ namespace: undefined as never }), event({ at: now - 8 * day })]);
    expect(aggregate.unattributed).to.equal(1);
    expect(aggregate.gaveWay()).to.deep.equal({ findings: 0, events: 1 });
    expect(aggregate.namespaces()).to.deep.equal([]);
  });

  it('counts the same event once', () => {
    const same = event();
    const aggregate = filled([same]);
    expect(aggregate.add({ ...same }, now)).to.deep.equal({ result: 'duplicate' });
    expect(aggregate.findings('shop', now)[0]?.count).to.equal(1);
  });

  it('remembers a bounded number of events', () => {
    const many = Array.from({ length: 1_000 }, () => event());
    const aggregate = filled(many, { recentEvents: 100 });
    expect(aggregate.add(many[999] as FalcoEvent, now).result).to.equal('duplicate');
    expect(aggregate.add(many[950] as FalcoEvent, now).result).to.equal('duplicate');
    expect(aggregate.add(many[0] as FalcoEvent, now).result).to.equal('accepted');
  });

  it('takes a stamp from the future as of its receipt, so that it ends like any other', () => {
    const [finding] = list([event({ at: now + 10 * 365 * day, time: '2036-01-01T00:00:00.000000000Z' })]);
    expect(finding?.lastSeen).to.equal(timeText(now));
    expect(list([event({ at: now + 60_000 })])[0]?.lastSeen).to.equal(timeText(now + 60_000));
  });

  it('lists the worst first, then the newest, in the same order whatever came first', () => {
    const events = [
      event({ rule: 'b', at: now - 3 * hour }),
      event({ rule: 'a', at: now - 3 * hour }),
      event({ rule: 'c' }),
      event({ rule: 'd', priority: 'Critical', at: now - 9 * hour }),
    ];
    const rules = (given: FalcoEvent[]) => list(given).map(({ rule }) => rule);
    expect(rules(events)).to.deep.equal(['d', 'c', 'a', 'b']);
    expect(rules(events.toReversed())).to.deep.equal(['d', 'c', 'a', 'b']);
  });

  it('ends a finding after the longest window, and its hours one by one', () => {
    const aggregate = filled([
      event({ at: now - 6 * day }),
      event({ at: now - hour }),
      event({ rule: 'other', at: now - 6 * day }),
    ]);
    const later = now + day + hour;
    expect(aggregate.findings('shop', later).map(({ hours }) => hours.length)).to.deep.equal([1]);
    expect(aggregate.expire(later + 6 * day)).to.deep.equal(['shop']);
    expect(aggregate.namespaces()).to.deep.equal([]);
    expect(aggregate.gaveWay()).to.deep.equal({ findings: 0, events: 0 });
  });

  it('moves events to the owner once their pod is known', () => {
    const known = new Set<string>();
    const aggregate = new RuntimeAggregate({
      subjectOf: (_, pod) => (known.has(pod) ? { kind: 'Deployment', name: 'app' } : undefined),
    });
    aggregate.add(event({ pod: 'app-0' }), now);
    known.add('app-1');
    aggregate.add(event({ pod: 'app-1' }), now);
    expect(aggregate.findings('shop', now)).to.have.length(2);
    known.add('app-0');
    const findings = aggregate.findings('shop', now);
    expect(findings).to.have.length(1);
    expect(findings[0]).to.deep.include({ count: 2, example: 'app-0' });
    expect(findings[0]?.hours[0]?.alerts).to.equal(2);
  });

  it('forgets a namespace that is gone', () => {
    const aggregate = filled([event(), event({ namespace: 'bank' })]);
    aggregate.forget('shop');
    expect(aggregate.namespaces()).to.deep.equal(['bank']);
    expect(aggregate.findings('shop', now)).to.deep.equal([]);
  });

  it('hands over what it has added up, and adds up anew', () => {
    const aggregate = filled([event(), event()]);
    expect(aggregate.take('shop')?.list()[0]).to.include({ count: 2 });
    expect([aggregate.take('shop'), aggregate.namespaces()]).to.deep.equal([undefined, []]);
    const same = event();
    for (const each of [same, same]) aggregate.add(each, now);
    expect(aggregate.pending('shop')?.list()[0]).to.include({ count: 1 });
  });

  it('knows the alerts of the hour after it has handed them over', () => {
    const aggregate = filled([event()]);
    const taken = aggregate.take('shop');
    for (const each of [event(), event(), event({ pod: 'app-1' })]) aggregate.add(each, now);
    if (taken === undefined) throw new Error('it was there');
    taken.addAll(aggregate.take('shop') ?? taken);
    expect(taken.list()[0]).to.deep.include({ count: 4 });
    expect(taken.list()[0]?.hours.map(({ alerts }) => alerts)).to.deep.equal([2]);
  });

  describe('when there is too much', () => {
    const count = (findings: readonly RuntimeFinding[]) =>
      findings.reduce((sum, each) => sum + each.count, 0);

    it('keeps the worst and newest of a namespace, and counts what gave way', () => {
      const mild = Array.from({ length: 20 }, (_, index) =>
        event({ rule: `r${index}`, priority: 'Debug', at: now - index }),
      );
      const grave = event({ rule: 'grave', priority: 'Critical', at: now - 6 * day });
      const aggregate = filled([grave, ...mild], { maxFindingsPerNamespace: 5 });
      expect(aggregate.findings('shop', now).map(({ rule }) => rule)).to.deep.equal([
        'grave',
        'r0',
        'r1',
        'r2',
        'r3',
      ]);
      expect(aggregate.gaveWay('shop')).to.deep.equal({ findings: 16, events: 16 });
    });

    it('says so when an event found no place', () => {
      const aggregate = filled([event(), event({ rule: 'b' })], { maxFindingsPerNamespace: 2 });
      const { record: _, ...outcome } = aggregate.add(event({ rule: 'c', priority: 'Debug' }), now);
      expect(outcome).to.deep.equal({ result: 'dropped', namespace: 'shop' });
    });

    it('bounds the namespaces, and keeps those with the worst and newest', () => {
      const aggregate = filled([event({ namespace: 'grave', priority: 'Critical', at: now - 6 * day })], {
        maxNamespaces: 64,
      });
      for (let index = 0; index < 1_000; index++)
        aggregate.add(event({ namespace: `made-up-${index}` }), now);
      expect(aggregate.namespaces().length).to.be.within(1, 64);
      expect(aggregate.namespaces()).to.include('grave');
      expect(aggregate.gaveWay().events).to.equal(1_001 - aggregate.namespaces().length);
    });

    it('bounds the findings of all namespaces', () => {
      const aggregate = filled([], { maxFindings: 100 });
      for (let index = 0; index < 500; index++) {
        aggregate.add(event({ namespace: `n${index % 7}`, rule: `r${index}` }), now);
      }
      const kept = aggregate.namespaces().flatMap((namespace) => [...aggregate.findings(namespace, now)]);
      expect(kept).to.have.length(100);
      expect(count(kept) + aggregate.gaveWay().events).to.equal(500);
    });

    it('bounds the pods that it remembers, and never counts a repeat', () => {
      const aggregate = filled([]);
      for (let index = 0; index < 10_000; index++) {
        aggregate.add(event({ pod: `app-${index % 1_000}`, at: now - (index % 3) * hour }), now);
      }
      const [finding] = aggregate.findings('shop', now);
      expect(finding?.count).to.equal(10_000);
      for (const { alerts } of finding?.hours ?? []) expect(alerts).to.be.within(1, 1_000);
    });
  });

  it('has the totals of a naive model, for whatever stream', () => {
    const one = fc.record({
      namespace: fc.constantFrom('shop', 'bank', undefined),
      pod: fc.constantFrom('app-0', 'app-1', 'other-0', undefined),
      container: fc.constantFrom('app', 'sidecar', undefined),
      rule: fc.constantFrom('a', 'b'),
      priority: fc.constantFrom(...priorities),
      age: fc.integer({ min: -hour, max: 8 * day }),
      identity: fc.integer({ min: 0, max: 60 }),
      kind: fc.constantFrom('alert', 'alert', 'alert', 'test', 'internal'),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 80 }), fc.boolean(), (stream, reversed) => {
        const events = stream.map(({ age, identity, ...rest }) =>
          event({
            ...(rest as object),
            at: now - age,
            time: timeText(now - age),
            identity: `id-${identity}`,
          }),
        );
        const order = reversed ? events.toReversed() : events;
        const aggregate = filled(order);
        const model = naive(order);
        expect(aggregate.namespaces()).to.deep.equal([...model.keys()].sort());
        for (const [namespace, expected] of model) {
          const findings = aggregate.findings(namespace, now);
          const got = new Map(
            findings.map((each) => [nameOf(each), [each.count, each.hours, each.firstSeen, each.lastSeen]]),
          );
          expect(got).to.deep.equal(expected);
          for (const [index, each] of findings.entries()) {
            const next = findings[index + 1];
            if (next !== undefined) expect(atLeast(each.priority, next.priority)).to.equal(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

const nameOf = ({ rule, priority, subject }: RuntimeFinding) =>
  JSON.stringify([rule, priority, subject.kind, subject.name, subject.container]);

/** By namespace and finding: all events, alerts by hour, first and last. Straight from the definition. */
function naive(events: readonly FalcoEvent[]) {
  const seen = new Set<string>();
  const groups = new Map<string, Map<string, { at: number; pod: string }[]>>();
  for (const { identity, kind, namespace, at, rule, priority, pod, container } of events) {
    if (seen.has(identity)) continue;
    seen.add(identity);
    const time = at - now > 5 * 60_000 ? now : at;
    if (kind !== 'alert' || namespace === undefined || time < now - 7 * day) continue;
    const owner = pod === undefined ? undefined : ownerOf(namespace, pod);
    const name = JSON.stringify([
      rule,
      priority,
      owner?.kind ?? (pod === undefined ? 'Namespace' : 'Pod'),
      owner?.name ?? pod ?? namespace,
      container,
    ]);
    const inNamespace = groups.get(namespace) ?? new Map<string, { at: number; pod: string }[]>();
    groups.set(namespace, inNamespace);
    inNamespace.set(name, [...(inNamespace.get(name) ?? []), { at: time, pod: pod ?? '' }]);
  }
  return new Map(
    [...groups].map(([namespace, all]) => [
      namespace,
      new Map([...all].map(([name, some]) => [name, summary(some)])),
    ]),
  );
}

function summary(events: readonly { at: number; pod: string }[]) {
  const starts = [...new Set(events.map(({ at }) => at - (at % hour)))].sort((a, b) => a - b);
  const hours = starts
    .filter((start) => start + hour > now - 7 * day)
    .map((start) => ({
      hour: new Date(start).toISOString().replace('.000Z', 'Z'),
      alerts: new Set(events.filter(({ at }) => at - (at % hour) === start).map(({ pod }) => pod)).size,
    }));
  const times = events.map(({ at }) => timeText(at)).sort();
  return [events.length, hours, times[0], times.at(-1)];
}
