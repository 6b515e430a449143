import { expect } from 'chai';
import { runtimeReportStatus } from '../../src/api/runtime-report.ts';
import { timestamp } from '../../src/evaluate/timestamp.ts';
import { identify } from '../../src/evidence/falco/identity.ts';
import { markOf, maxTraces } from '../../src/evidence/falco/traces.ts';
import type { ReportMemory } from '../../src/operator/report-memory.ts';
import { forgetOld, joinMemories, knownIn, memoryMs, remember } from '../../src/operator/report-memory.ts';
import { runtimeStatus } from '../../src/operator/runtime-status.ts';
import { now } from '../support/builders.ts';

const minute = 60_000;
const full = now - (now % (10 * minute));
const span = (agoMinutes: number, events: string) => ({
  since: timestamp(full - agoMinutes * minute),
  events,
});
const marks = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => markOf(identify([String(from + index)])));

describe('what a RuntimeReport remembers of its last events', () => {
  it('knows what was added, newest first, ten minutes together', () => {
    let memory = remember([], ['b', 'a'], full);
    memory = remember(memory, ['d', 'c'], full + 9 * minute);
    memory = remember(memory, ['e'], full + 10 * minute);
    expect(memory).to.deep.equal([span(-10, 'e'), span(0, 'd c b a')]);
    expect([...knownIn(memory)]).to.deep.equal(['e', 'd', 'c', 'b', 'a']);
    expect(knownIn([]).size).to.equal(0);
  });

  it('stays as it is when nothing is added', () => {
    expect(remember([span(10, 'a')], [], full)).to.deep.equal([span(10, 'a')]);
    expect(remember([], [], full)).to.deep.equal([]);
  });

  it('forgets after an hour', () => {
    const kept = span(60, 'a');
    expect(forgetOld([kept, span(70, 'b')], full)).to.deep.equal([kept]);
    expect(remember([kept], [], full + memoryMs)).to.deep.equal([]);
  });

  it('is bounded: the newest events stay, and the status is one that the API server takes', () => {
    let memory: ReportMemory = [];
    for (let index = 0; index < 200; index++)
      memory = remember(memory, marks(7, index * 7), full + index * minute);
    expect(knownIn(memory).size).to.be.within(400, maxTraces);
    expect(runtimeReportStatus.parse(runtimeStatus([], 0, [], memory)).recent).to.deep.equal(memory);
    const many = remember(memory, marks(maxTraces + 1, 5_000), full + 200 * minute);
    expect([...knownIn(many)]).to.deep.equal(marks(maxTraces, 5_000));
    const status = runtimeReportStatus.parse(runtimeStatus([], 0, [], many));
    expect(Buffer.byteLength(JSON.stringify(status.recent))).to.be.below(6_400);
  });

  it('joins to what either knows, each event once in its span', () => {
    const joined = joinMemories([span(0, 'c b'), span(20, 'x')], [span(0, 'b a'), span(10, 'y')]);
    expect(joined).to.deep.equal([span(0, 'c b a'), span(10, 'y'), span(20, 'x')]);
  });
});
