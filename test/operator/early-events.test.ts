import { expect } from 'chai';
import type { FalcoEvent } from '../../src/evidence/falco/event.ts';
import { isRejection, parseFalcoEvent } from '../../src/evidence/falco/event.ts';
import { EarlyEvents } from '../../src/operator/early-events.ts';
import { falcoEvent } from '../support/falco.ts';

function event(fields: Record<string, unknown>, overrides: Record<string, unknown> = {}): FalcoEvent {
  const none = { 'k8s.ns.name': null, 'k8s.pod.name': null, 'container.id': 'host' };
  const read = parseFalcoEvent(JSON.stringify(falcoEvent(overrides, { ...none, ...fields })));
  if (isRejection(read)) throw new Error(read.error);
  return read;
}

const later = { time: '2026-01-01T00:00:01.000000001Z' };
const uid = { 'k8s.pod.uid': '0f2a1c3e-0000-4000-8000-000000000001' };

describe('events that come before the pods are read', () => {
  const cases: Record<string, [FalcoEvent, boolean]> = {
    'one that names its pod by uid': [event(uid), true],
    'one that names a container': [event({ 'container.id': '3ad7b26ded6d' }), true],
    'one that names a pod alone': [event({ 'k8s.pod.name': 'web-0' }), true],
    'not one that names its namespace': [event({ ...uid, 'k8s.ns.name': 'shop' }), false],
    'not one of a host': [event({}), false],
    'not what Falco says of itself': [
      event(uid, { source: 'internal', rule: 'Falco internal: metrics snapshot' }),
      false,
    ],
  };
  for (const [what, [each, expected]] of Object.entries(cases))
    it(`are held: ${what}`, () => expect(new EarlyEvents().hold(each, 1)).to.equal(expected));

  it('are handed over once, in their order, with the time of their receipt and the number of copies', () => {
    const early = new EarlyEvents();
    const [first, second] = [event(uid), event({ 'k8s.pod.name': 'web-0' }, later)];
    early.hold(first, 1);
    early.hold(second, 2);
    early.hold(first, 3);
    early.hold(first, 4);
    expect(early.release()).to.deep.equal([
      { event: first, now: 1, copies: 2 },
      { event: second, now: 2, copies: 0 },
    ]);
    expect(early.release()).to.deep.equal([]);
    expect(early.hold(first, 5)).to.equal(false);
  });

  it('are bounded', () => {
    const early = new EarlyEvents(1);
    expect(early.hold(event(uid), 1)).to.equal(true);
    expect(early.hold(event({ 'k8s.pod.name': 'web-0' }, later), 1)).to.equal(false);
    expect(early.hold(event(uid), 1)).to.equal(true);
  });
});
