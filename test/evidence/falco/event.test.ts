import { expect } from 'chai';
import * as fc from 'fast-check';
import type { FalcoEvent } from '../../../src/evidence/falco/event.ts';
import { isRejection, parseFalcoEvent } from '../../../src/evidence/falco/event.ts';
import { falcoEvent, throughFalcosidekick } from '../../support/falco.ts';
import { unicodeText } from '../../support/unicode-text.ts';

const parse = (event: object) => parseFalcoEvent(JSON.stringify(event));

function accepted(event: object): FalcoEvent {
  const result = parse(event);
  if (isRejection(result)) throw new Error(result.error);
  return result;
}

describe('parseFalcoEvent', () => {
  it('reads what a control needs', () => {
    const { identity, sample, ...event } = accepted(falcoEvent());
    expect(event).to.deep.equal({
      kind: 'alert',
      rule: 'Terminal shell in container',
      priority: 'Warning',
      source: 'syscall',
      hostname: 'node-1',
      time: '2025-12-31T23:30:00.123456000Z',
      at: Date.parse('2025-12-31T23:30:00.123Z'),
      namespace: 'shop',
      pod: 'app-0',
      container: 'app',
      containerId: 'c0ffee000000',
    });
    expect(identity).to.match(/^[\w-]{22}$/);
    expect(sample).to.match(/A shell was spawned/);
  });

  const priorities: Record<string, [unknown, string | undefined]> = {
    'as Falco writes it': ['Informational', 'Informational'],
    'as its configuration may spell it': ['info', 'Informational'],
    'in capitals': ['EMERGENCY', 'Emergency'],
    'in lower case': ['warning', 'Warning'],
    unknown: ['Severe', undefined],
    'a number': [4, undefined],
    absent: [undefined, undefined],
    'the name of what every object has': ['constructor', undefined],
  };
  for (const [sentence, [priority, expected]] of Object.entries(priorities)) {
    it(`a priority ${sentence}`, () => {
      const result = parse(falcoEvent({ priority }));
      if (expected === undefined)
        expect(result)
          .to.have.property('error')
          .that.matches(/^priority: expected one of/);
      else expect(result).to.include({ priority: expected });
    });
  }

  const digits: Record<string, [object, string]> = {
    'as nanoseconds in place of the time': [{ time: 'DIGITS' }, '2026-09-13T14:24:54.137877987Z'],
    'as nanoseconds of evt.time, where there is no time': [
      { time: undefined, output_fields: { 'evt.time': 'DIGITS' } },
      '2026-09-13T14:24:54.137877987Z',
    ],
    'as text of evt.time.iso8601': [
      { time: null, output_fields: { 'evt.time.iso8601': '2026-09-13T14:24:54.137877987Z' } },
      '2026-09-13T14:24:54.137877987Z',
    ],
    'first of all where Falco says it': [
      { output_fields: { 'evt.time': 'DIGITS' } },
      '2025-12-31T23:30:00.123456000Z',
    ],
  };
  for (const [sentence, [overrides, expected]] of Object.entries(digits)) {
    it(`reads the time to the nanosecond ${sentence}`, () => {
      // An integer of nineteen digits, as Falco writes it: no number of JavaScript.
      const text = JSON.stringify({ ...falcoEvent(), ...overrides }).replace(
        '"DIGITS"',
        '1789309494137877987',
      );
      const event = parseFalcoEvent(text);
      if (isRejection(event)) throw new Error(event.error);
      expect(event.time).to.equal(expected);
    });
  }

  const rejected: Record<string, [string, RegExp]> = {
    nothing: ['', /^the body is empty$/],
    'white space': [' \n', /^the body is empty$/],
    'plain text': ['13:44:05.478: Critical A shell was spawned', /json_output: true/],
    'half an event': [JSON.stringify(falcoEvent()).slice(0, 100), /^not valid JSON: /],
    'a list': ['[]', /^expected one JSON object, found a list$/],
    'a number': ['4', /^expected one JSON object, found a number$/],
    'no rule': [JSON.stringify(falcoEvent({ rule: undefined })), /^rule: /],
    'an empty rule': [JSON.stringify(falcoEvent({ rule: '' })), /^rule: /],
    'an unknown priority': [
      JSON.stringify(falcoEvent({ priority: 'Bad\u001b[31m' })),
      /^priority: expected one of Emergency, Alert, .*, Debug, found "Bad \[31m"$/,
    ],
    'no time': [JSON.stringify(falcoEvent({ time: undefined })), /^time: .* found nothing$/],
    'a time that is a number': [JSON.stringify(falcoEvent({ time: 1 })), /^time: .* found a number$/],
    'fields that are a list': [
      JSON.stringify({ ...falcoEvent(), output_fields: [] }),
      /^output_fields: expected an object, found a list$/,
    ],
  };
  for (const [sentence, [text, message]] of Object.entries(rejected)) {
    it(`refuses ${sentence}, and says why`, () => {
      expect(parseFalcoEvent(text)).to.have.property('error').that.matches(message);
    });
  }

  const none = { 'k8s.ns.name': null, 'k8s.pod.name': null, 'container.name': null, 'container.id': null };
  const attribution: Record<string, [Record<string, unknown>, Record<string, unknown>]> = {
    'the container plugin first': [
      { 'k8smeta.ns.name': 'other', 'ka.target.namespace': 'third' },
      { namespace: 'shop' },
    ],
    'the metadata plugin where that lags behind': [
      { ...none, 'k8smeta.ns.name': 'shop', 'k8smeta.pod.name': 'app-1', 'k8smeta.pod.uid': 'f47ac10b-58cc' },
      { namespace: 'shop', pod: 'app-1', podUid: 'f47ac10b-58cc' },
    ],
    'NA is absent, in each of its spellings': [
      { 'k8s.ns.name': '<NA>', 'k8smeta.ns.name': 'N/A', 'ka.target.namespace': '', 'ka.uri': null },
      { namespace: undefined },
    ],
    'an audit event by its target': [
      {
        ...none,
        'ka.target.namespace': 'shop',
        'ka.target.resource': 'pods',
        'ka.target.name': 'app-2',
        'ka.target.subresource': 'exec',
      },
      { namespace: 'shop', pod: 'app-2', target: undefined },
    ],
    'an audit event by its path': [
      {
        ...none,
        'ka.uri': '/api/v1/namespaces/shop/configmaps?fieldManager=x',
        'ka.target.resource': 'configmaps',
        'ka.target.name': 'c',
      },
      { namespace: 'shop', target: { kind: 'ConfigMap', name: 'c' } },
    ],
    'a path of a group': [
      { ...none, 'ka.uri': '/apis/apps/v1/namespaces/shop/deployments/app' },
      { namespace: 'shop' },
    ],
    'a path of the cluster': [
      { ...none, 'ka.uri': '/apis/storage.k8s.io/v1/volumeattachments/x' },
      { namespace: undefined },
    ],
    'a query is no path': [
      { ...none, 'ka.uri': '/api/v1/pods?x=/namespaces/shop/' },
      { namespace: undefined },
    ],
    'the creation of a namespace': [
      {
        ...none,
        'ka.uri': '/api/v1/namespaces',
        'ka.target.resource': 'namespaces',
        'ka.target.name': 'shop',
      },
      { namespace: 'shop', target: { kind: 'Namespace', name: 'shop' } },
    ],
    'a kind that is not known keeps its resource': [
      { ...none, 'ka.target.namespace': 'shop', 'ka.target.resource': 'widgets', 'ka.target.name': 'W:1' },
      { target: { kind: 'widgets', name: 'W:1' } },
    ],
    'an event of the host': [
      { ...none, 'container.id': 'host', 'container.name': 'host' },
      { namespace: undefined, container: undefined, containerId: undefined },
    ],
    "Docker's long names hold the container's": [
      { 'container.name': 'k8s_app_app-0_shop_f47ac10b_0' },
      { container: 'app' },
    ],
    'what cannot be a name is none': [
      { 'k8s.ns.name': '../etc', 'k8s.pod.name': 'A B', 'container.name': 'x'.repeat(64) },
      { namespace: undefined, pod: undefined, container: undefined },
    ],
    'the text is not read: it holds what an attacker typed': [
      { ...none, 'proc.cmdline': 'sh k8s.ns=other k8s.ns.name=other' },
      { namespace: undefined },
    ],
  };
  for (const [sentence, [fields, expected]] of Object.entries(attribution)) {
    it(`attributes ${sentence}`, () => {
      const event = accepted(falcoEvent({}, fields)) as unknown as Record<string, unknown>;
      for (const [key, value] of Object.entries(expected)) expect(event[key], key).to.deep.equal(value);
    });
  }

  const kinds: Record<string, [object, string]> = {
    "a test of Falcosidekick's": [{ rule: 'Test rule', source: 'internal', priority: 'Debug' }, 'test'],
    "an older test of Falcosidekick's": [{ rule: 'Test rule', source: 'debug', priority: 'Debug' }, 'test'],
    'a rule that somebody gave that name': [{ rule: 'Test rule' }, 'alert'],
    'events that Falco lost': [
      { rule: 'Falco internal: syscall event drop', source: 'internal' },
      'internal',
    ],
    "Falco's metrics, from before sources were named": [
      { rule: 'Falco internal: metrics snapshot', source: undefined },
      'internal',
    ],
  };
  for (const [sentence, [overrides, kind]] of Object.entries(kinds)) {
    it(`knows ${sentence}`, () => expect(accepted(falcoEvent({ ...overrides }))).to.include({ kind }));
  }

  it('calls the source of old versions as newer ones do', () => {
    expect(accepted(falcoEvent({ source: undefined }))).to.include({ source: 'syscall' });
    expect(accepted(throughFalcosidekick(falcoEvent({ source: undefined })))).to.include({
      source: 'syscall',
    });
  });

  it('does without fields, output, tags and hostname', () => {
    const { rule, priority, time } = falcoEvent();
    expect(accepted({ rule, priority, time, tags: null })).to.include({ kind: 'alert', sample: '' });
  });

  it('keeps no secret of the command line', () => {
    const cmdline = 'mysql -uroot -phunter2 --token=hunter3';
    const event = accepted(falcoEvent({ output: `shell (command=${cmdline})` }, { 'proc.cmdline': cmdline }));
    expect(JSON.stringify(event)).not.to.match(/hunter/);
    const { output: _, ...without } = falcoEvent({}, { 'proc.cmdline': cmdline });
    expect(accepted(without).sample).to.match(/^mysql/);
    expect(JSON.stringify(accepted(without))).not.to.match(/hunter/);
  });

  describe('identity', () => {
    const same: Record<string, object> = {
      'an ordinary event': falcoEvent(),
      'a time with zeros at its end': falcoEvent({ time: '2025-12-31T23:30:00.100000000Z' }),
      'a time without a fraction': falcoEvent({ time: '2025-12-31T23:30:00.000000000Z' }),
      'long strings': falcoEvent({ output: 'o'.repeat(9_000) }, { 'proc.cmdline': 'c'.repeat(9_000) }),
      'a command of just the length that is cut': falcoEvent(
        { output: 'o'.repeat(5_000) },
        { 'proc.cmdline': 'c'.repeat(513) },
      ),
      'characters of several bytes at the cut': falcoEvent(
        { output: 'o'.repeat(9_000) },
        { 'proc.cmdline': `x${'🦅'.repeat(900)}` },
      ),
      'an absent command': falcoEvent({}, { 'proc.cmdline': null }),
    };
    for (const [sentence, event] of Object.entries(same)) {
      it(`is the same both ways for ${sentence}`, () => {
        const direct = accepted(event);
        const relayed = accepted(throughFalcosidekick(event as ReturnType<typeof falcoEvent>));
        expect(relayed.identity).to.equal(direct.identity);
        expect(relayed.time).to.equal(direct.time);
      });
    }

    const different: Record<string, object> = {
      'a nanosecond later': falcoEvent({ time: '2025-12-31T23:30:00.123456001Z' }),
      'on another node': falcoEvent({ hostname: 'node-2' }),
      'by another rule': falcoEvent({ rule: 'Other' }),
      'in another container': falcoEvent({}, { 'container.id': 'c0ffee000001' }),
      'of another command': falcoEvent({}, { 'proc.cmdline': 'sh -c' }),
      'of another audit record': falcoEvent({}, { 'ka.auditid': '1' }),
    };
    for (const [sentence, event] of Object.entries(different)) {
      it(`differs ${sentence}`, () => {
        expect(accepted(event).identity).not.to.equal(accepted(falcoEvent()).identity);
      });
    }

    it('is the same both ways, whatever the strings', () => {
      const text = fc.oneof(unicodeText(1_500), fc.string({ maxLength: 1_500 }));
      fc.assert(
        fc.property(text, text, fc.constant('o'.repeat(3_000)), (cmdline, rule, output) => {
          const wellFormed = Buffer.from(cmdline).toString();
          const event = falcoEvent(
            { output, rule: `r${Buffer.from(rule).toString().slice(0, 100)}` },
            { 'proc.cmdline': wellFormed },
          );
          expect(accepted(throughFalcosidekick(event)).identity).to.equal(accepted(event).identity);
        }),
      );
    });
  });

  it('comes to an end with whatever text, and says yes or no', () => {
    const mangled = fc
      .tuple(fc.nat(500), fc.string({ maxLength: 5 }), fc.nat(20))
      .map(([at, piece, length]) => {
        const text = JSON.stringify(falcoEvent());
        return text.slice(0, at) + piece + text.slice(at + length);
      });
    const anyText = fc.oneof(
      unicodeText(),
      fc.json(),
      mangled,
      fc.json().map((json) => `{"output_fields":${json}}`),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const result = parseFalcoEvent(text);
        expect(isRejection(result) ? result.error : result.identity).to.match(/./);
      }),
      { numRuns: 2_000 },
    );
  });

  it('comes to an end with an event of any field values', () => {
    const keys = [
      'k8s.ns.name',
      'ka.uri',
      'container.name',
      'container.id',
      'ka.target.resource',
      'ka.target.name',
    ];
    const fields = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue());
    fc.assert(
      fc.property(fields, fc.jsonValue(), (given, output) => {
        const event = accepted({ ...falcoEvent({ output }), output_fields: given });
        expect(event.namespace ?? 'none').to.match(/^[a-z0-9-]{1,63}$/);
      }),
    );
  });

  it('is not brought down by depth', () => {
    const deep = (open: string, close: string) => `${open.repeat(200_000)}${close.repeat(200_000)}`;
    expect(parseFalcoEvent(deep('[', ']'))).to.have.property('error');
    expect(parseFalcoEvent(deep('{"a":', '}'))).to.have.property('error');
  });
});
