import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isRejection, parseFalcoEvent } from '../../src/evidence/falco/event.ts';
import { readFalcoEvents } from '../../src/evidence/falco/read-events.ts';
import { RuntimeAggregate } from '../../src/evidence/falco/runtime-aggregate.ts';
import type { WireEvent } from '../support/falco.ts';
import { throughFalcosidekick } from '../support/falco.ts';
import { requireFixtures } from '../support/fixtures.ts';

/** What a person reads in the event: kind, rule, priority, namespace, pod, container id, the object of an audit event. */
type Reading = readonly (string | undefined)[];

/** By the number at the front of the file's name. */
const readings: Readonly<Record<string, Reading>> = {
  // A cluster-scoped object: the path names no namespace.
  '01': ['alert', 'Disallowed K8s User', 'Warning'],
  '04': ['alert', 'Attach/Exec Pod', 'Notice', 'hello-app', 'nginx-676b6c5bbc-4xc6t'],
  '06': [
    'alert',
    'K8s Serviceaccount Created',
    'Informational',
    'default',
    undefined,
    undefined,
    'ServiceAccount/default',
  ],
  '07': ['alert', 'Attach/Exec Pod', 'Notice', 'default', 'kubecon'],
  '08': ['alert', 'Terminal shell in container', 'Notice', 'default', 'alpine', '5892b41bcf46'],
  '10': [
    'alert',
    'Contact K8S API Server From Container',
    'Notice',
    'openfaas-fn',
    'falco-pod-delete-7dc9f5fbb8-gbfk7',
    '12fc4de5ccc3',
  ],
  '13': ['alert', 'Terminal shell in container', 'Notice', 'default', 'alpine', 'cbd3133ccac6'],
  '15': ['alert', 'Terminal shell in container', 'Critical', 'default', 'kubecon', 'ee97d9c4186f'],
  '17': ['test', 'Test rule', 'Debug'],
  '18': ['internal', 'Falco internal: syscall event drop', 'Debug'],
  // On the host itself: no namespace.
  '23': ['alert', 'Read sensitive file untrusted', 'Warning'],
  // In the cloud: no namespace.
  '24': ['alert', 'GCP WAF rule modified or deleted', 'Notice'],
  // Nothing but a command.
  '28': ['alert', 'open_from_cat', 'Warning'],
  '31': ['alert', 'open_from_cat', 'Warning'],
};

/** Sample 17 is taken from a program, and has an expression of it where the time stands when it runs. */
const goExpression = /"` \+ time\.Now\(\)[^"]*"/;
const asSent = (text: string) => text.replace(goExpression, '"2026-01-01T00:00:00Z"');

describe('every Falco sample event', () => {
  const texts = new Map<string, string>();

  before(function () {
    const folder = requireFixtures(this, 'falco-events');
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
      texts.set(name.slice(0, 2), asSent(readFileSync(join(folder, name), 'utf8')));
    }
  });

  it('is one that is read here', () => {
    expect([...texts.keys()].sort()).to.deep.equal(Object.keys(readings).sort());
    expect(texts.size).to.equal(14);
  });

  it('would be refused with the expression that stands where the time belongs', function () {
    const folder = requireFixtures(this, 'falco-events');
    const raw = readFileSync(join(folder, '17-falcosidekick-handlers-go.json'), 'utf8');
    expect(parseFalcoEvent(raw))
      .to.have.property('error')
      .that.matches(/^time: expected an RFC 3339 time/);
  });

  for (const [number, reading] of Object.entries(readings)) {
    const [kind, rule = '', priority = '', namespace, pod, containerId, target] = reading;

    it(`${number}: ${rule} (${priority}) belongs to ${namespace ?? 'no namespace'}`, () => {
      const text = texts.get(number) ?? '';
      const event = parseFalcoEvent(text);
      if (isRejection(event)) throw new Error(event.error);
      const named = event.target === undefined ? undefined : `${event.target.kind}/${event.target.name}`;
      const got = [event.kind, event.rule, event.priority, event.namespace, event.pod, event.containerId];
      expect(got).to.deep.equal([kind, rule, priority, namespace, pod, containerId]);
      // An object of the cluster is told apart too, and decides nothing in a namespace.
      if (namespace !== undefined) expect(named).to.equal(target);
      // The time to the nanosecond, as Falco wrote it.
      expect(event.time.slice(0, 19)).to.equal(
        (JSON.parse(text) as WireEvent)['time']?.toString().slice(0, 19),
      );
      expect(event.time).to.match(/\.\d{9}Z$/);
      expect(event.sample.length).to.be.within(1, 256);
    });

    it(`${number}: is the same event through Falcosidekick`, () => {
      const text = texts.get(number) ?? '';
      const relayed = JSON.stringify(throughFalcosidekick(JSON.parse(text) as WireEvent));
      const aggregate = new RuntimeAggregate();
      const results = [text, relayed].map((each) => {
        const event = parseFalcoEvent(each);
        if (isRejection(event)) throw new Error(event.error);
        return aggregate.add(event, event.at).result;
      });
      const first = kind === 'alert' && namespace === undefined ? 'unattributed' : 'accepted';
      expect(results).to.deep.equal([first, 'duplicate']);
    });
  }

  it('is read from one file with all the others', () => {
    const { events, errors } = readFalcoEvents('all', [...texts.values()].join('\n'));
    expect(errors).to.deep.equal([]);
    expect(events).to.have.length(14);
    expect(new Set(events.map(({ identity }) => identity)).size).to.equal(14);
  });
});
