import { expect } from 'chai';
import { NamespaceFindings } from '../../../src/evidence/falco/namespace-findings.ts';
import { RuntimeAggregate } from '../../../src/evidence/falco/runtime-aggregate.ts';
import { timeText } from '../../../src/evidence/falco/time.ts';
import { maxTraces } from '../../../src/evidence/falco/traces.ts';
import { now } from '../../support/builders.ts';

const hour = 3_600_000;

/** Events of one namespace, each `rule identity`, of pods that nobody knows. */
function findingsOf(events: readonly string[], at = now): NamespaceFindings {
  const aggregate = new RuntimeAggregate();
  for (const each of events) {
    const [rule = '', identity = ''] = each.split(' ');
    const common = { kind: 'alert', priority: 'Warning', source: 'syscall', sample: 's' } as const;
    const event = { ...common, namespace: 'shop', pod: rule, rule, time: timeText(at), at, identity };
    aggregate.add(event, now);
  }
  return aggregate.take('shop') ?? new NamespaceFindings();
}

const counts = (findings: NamespaceFindings) =>
  findings
    .list()
    .map(({ rule, count, hours }) => `${rule} ${count} ${hours.map(({ alerts }) => alerts).join()}`);

describe('events that can be taken off their findings', () => {
  it('are taken off the count of the right one, and a finding without events goes', () => {
    const findings = findingsOf(['a 1', 'a 2', 'b 3', 'c 4']);
    expect(counts(findings.without(new Set(['2', '3', 'unknown'])))).to.deep.equal(['a 1 1', 'c 1 1']);
    expect(counts(findings), 'the others stay as they are').to.deep.equal(['a 2 1', 'b 1 1', 'c 1 1']);
    expect(findings.without(new Set(['unknown']))).to.equal(findings);
  });

  it('are known newest first, and none is taken off twice', () => {
    const findings = findingsOf(['a 1', 'b 2', 'a 3']);
    expect(findings.marks()).to.deep.equal(['3', '2', '1']);
    const rest = findings.without(new Set(['3']));
    expect(rest.marks()).to.deep.equal(['2', '1']);
    expect(rest.without(new Set(['3']))).to.equal(rest);
  });

  it('are followed to the owner of their pod, into other findings and through a text on disk', () => {
    const findings = findingsOf(['a 1', 'a 2']);
    findings.resolve(() => ({ kind: 'Deployment', name: 'app' }));
    const loaded = NamespaceFindings.load(findings.save(), findings.upTo);
    const all = new NamespaceFindings();
    all.addAll(loaded);
    expect(counts(all.without(new Set(['1'])))).to.deep.equal(['a 1 1']);
    const { traces: _, ...earlier } = JSON.parse(findings.save()) as { traces: unknown };
    expect(NamespaceFindings.load(JSON.stringify(earlier), 1).marks()).to.deep.equal([]);
  });

  it('are taken off what gave way where their finding did', () => {
    const findings = findingsOf(['a 1', 'b 2', 'b 3']);
    findings.dropLeast();
    expect(findings.gaveWay).to.deep.equal({ findings: 1, events: 2 });
    findings.addAll(findingsOf(['b 4']));
    const rest = findings.without(new Set(['2', '3']));
    expect(rest.gaveWay).to.deep.equal({ findings: 1, events: 0 });
    expect(counts(rest)).to.deep.equal(['a 1 1', 'b 1 1']);
  });

  it('end with their finding', () => {
    const findings = findingsOf(['a 1'], now - 2 * hour);
    findings.expire(now - hour);
    expect(findings.without(new Set(['1'])).gaveWay.events).to.equal(0);
    expect(findings.marks()).to.deep.equal([]);
  });

  it('are bounded: in a namespace, and in all', () => {
    const many = Array.from({ length: maxTraces + 5 }, (_, index) => `a ${index}`);
    expect(findingsOf(many).marks()).to.deep.equal(
      Array.from({ length: maxTraces }, (_, index) => String(maxTraces + 4 - index)),
    );
    const aggregate = new RuntimeAggregate();
    const common = { kind: 'alert', priority: 'Warning', source: 'syscall', sample: 's' } as const;
    for (let index = 0; index < 130 * maxTraces; index++) {
      const namespace = `n${index % 200}`;
      const event = { ...common, namespace, rule: 'a', time: timeText(now), at: now, identity: `${index}` };
      aggregate.add(event, now);
    }
    const kept = aggregate.namespaces().map((name) => aggregate.pending(name)?.traces ?? 0);
    const total = kept.reduce((sum, traces) => sum + traces, 0);
    expect(total).to.be.within(30_000, 65_536);
    expect(aggregate.pending('n0')?.marks()[0], 'the newest stay').to.equal(
      `${130 * maxTraces - ((130 * maxTraces) % 200)}`,
    );
  });
});
