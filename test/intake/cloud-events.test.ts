import { expect } from 'chai';
import * as fc from 'fast-check';
import { isRejection } from '../../src/evidence/falco/event.ts';
import { readRequest } from '../../src/intake/cloud-events.ts';
import { falcoEvent, throughFalcosidekick } from '../support/falco.ts';
import { unicodeText } from '../support/unicode-text.ts';

const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const batch = { 'content-type': 'application/cloudevents-batch+json' };

/** As the Go SDK that Falcosidekick uses writes it. */
const envelope = (rest: object) => ({
  specversion: '1.0',
  id: crypto.randomUUID(),
  source: 'https://falco.org',
  type: 'falco.rule.output.v1',
  datacontenttype: 'application/json',
  rule: 'Terminal shell in container',
  ...rest,
});
const binary = {
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': '1',
  'ce-source': 'https://falco.org',
  'ce-type': 'falco.rule.output.v1',
};

const sent = throughFalcosidekick(falcoEvent());
const direct = readRequest({}, JSON.stringify(falcoEvent()));

describe('readRequest', () => {
  const same: Record<string, [Record<string, string>, unknown]> = {
    'an event as Falcosidekick sends it': [{ 'content-type': 'application/json; charset=utf-8' }, sent],
    'one in binary mode, whose envelope is in the headers': [binary, sent],
    'one in structured mode': [structured, envelope({ data: sent })],
    'one in structured mode whose data is text': [structured, envelope({ data: JSON.stringify(sent) })],
    'one in structured mode whose data is encoded': [
      structured,
      envelope({ data_base64: Buffer.from(JSON.stringify(sent)).toString('base64') }),
    ],
    'one of a later minor version': [structured, { ...envelope({ data: sent }), specversion: '1.1' }],
  };
  for (const [sentence, [headers, body]] of Object.entries(same)) {
    it(`reads ${sentence} as the same event that Falco itself sends`, () => {
      const { events, batch: isBatch } = readRequest(headers, JSON.stringify(body));
      expect(isBatch).to.equal(false);
      expect(events).to.deep.equal(direct.events);
    });
  }

  it('reads each event of a batch for itself', () => {
    const list = [envelope({ data: sent }), envelope({ data: { ...sent, priority: 'Severe' } }), {}, 7];
    const { events, batch: isBatch } = readRequest(batch, JSON.stringify(list));
    expect(isBatch).to.equal(true);
    expect(events[0]).to.deep.equal(direct.events[0]);
    expect(events.slice(1).map((each) => isRejection(each) && each.error)).to.deep.equal([
      'priority: expected one of Emergency, Alert, Critical, Error, Warning, Notice, Informational, Debug, found "Severe"',
      'specversion: expected 1.0, found no text',
      'expected an event in a CloudEvents envelope',
    ]);
  });

  it('finds no event in an empty batch', () => {
    expect(readRequest(batch, '[]')).to.deep.equal({ batch: true, events: [] });
  });

  const refused: Record<string, [Record<string, string>, string, RegExp]> = {
    'an envelope that is no JSON': [structured, '{"specversion', /^not valid JSON: /],
    'a batch that is no list': [batch, '{}', /^expected a list of events$/],
    'a batch that is no JSON': [batch, '[', /^not valid JSON: /],
    'an envelope without an event': [structured, JSON.stringify(envelope({})), /^data: expected the event/],
    'another version': [
      structured,
      JSON.stringify({ ...envelope({ data: sent }), specversion: '0.3' }),
      /^specversion: expected 1\.0, found "0\.3"$/,
    ],
    'another version in binary mode': [
      { ...binary, 'ce-specversion': '2.0' },
      JSON.stringify(sent),
      /^specversion: /,
    ],
    'another format': [
      { 'content-type': 'application/cloudevents+xml' },
      '<event/>',
      /^content-type application\/cloudevents\+xml: expected /,
    ],
    'a list of events as such': [
      structured,
      JSON.stringify([envelope({ data: sent })]),
      /^expected an event in a CloudEvents envelope$/,
    ],
  };
  for (const [sentence, [headers, text, error]] of Object.entries(refused)) {
    it(`refuses ${sentence}, and says why`, () => {
      const [event] = readRequest(headers, text).events;
      if (event === undefined || !isRejection(event)) throw new Error('it was read');
      expect(event.error).to.match(error);
    });
  }

  it('reads or refuses whatever comes, and never throws', () => {
    const headers = fc.constantFrom({}, structured, batch, binary, { 'content-type': 'text/plain' });
    const value = fc.oneof(
      fc.json(),
      unicodeText(),
      fc.jsonValue().map((data) => JSON.stringify(envelope({ data }))),
      fc.array(fc.jsonValue()).map((list) => JSON.stringify(list)),
      fc
        .record({
          time: fc.anything(),
          rule: fc.anything(),
          priority: fc.anything(),
          output_fields: fc.object(),
        })
        .map((data) => {
          const replace = (_: string, each: unknown) => (typeof each === 'bigint' ? String(each) : each);
          return JSON.stringify([envelope({ data: { ...sent, ...data } })], replace) ?? '';
        }),
    );
    fc.assert(
      fc.property(headers, value, (head, text) => {
        for (const event of readRequest(head, text).events)
          if (isRejection(event)) expect(event.error).to.have.length.within(1, 400);
          else expect(event.time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
