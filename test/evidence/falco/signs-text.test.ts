import { expect } from 'chai';
import fc from 'fast-check';
import secretsInConfigMaps from '../../../src/controls/RD-5.H.7.3.ts';
import { read } from '../../../src/domain/snapshot.ts';
import type { IntakeRecord } from '../../../src/evidence/falco/signs-text.ts';
import { formatRecord, parseRecord } from '../../../src/evidence/falco/signs-text.ts';
import { projectConfigMap } from '../../../src/evidence/secrets/project-config-map.ts';
import { input, now } from '../../support/builders.ts';

const minute = 60_000;
const record: IntakeRecord = {
  at: now,
  since: now - 60 * minute,
  unattributed: 3,
  dropped: 2,
  signs: new Map([
    ['node-1', { first: now - 50 * minute, spans: [[now - 50 * minute, now]] }],
    [
      'node-2.example',
      {
        first: now - 90 * minute,
        spans: [
          [now - 80 * minute, now - 70 * minute],
          [now - 20 * minute, now - minute],
        ],
      },
    ],
  ]),
  losses: new Map([
    ['', { since: now - 5 * minute, until: now + minute, by: 'operator' }],
    ['node-1', { since: now - 9 * minute, until: now - 8 * minute, by: 'sensor' }],
    ['node-2.example', { since: now - 9 * minute, until: now - 8 * minute, by: 'sidekick' }],
  ]),
  scrapes: new Map([
    ['node-1', { first: now - 50 * minute, spans: [[now - 50 * minute, now]] }],
    ['falco/falcosidekick-1', { first: now - 9 * minute, spans: [[now - 9 * minute, now - minute]] }],
  ]),
  counts: new Map([
    ['7c9e6679-7425-40de-944b-e07fc1f90ae7', { at: now, started: 1_767_100_000, drops: 12 }],
    ['f47ac10b-58cc-4372-a567-0e02b2c3d479', { at: now - minute, started: 0, drops: 0 }],
  ]),
};

describe('what a replica tells the others', () => {
  it('can be read by people', () => {
    expect(formatRecord(record)).to.deep.equal({
      at: '2026-01-01T00:00:00.000Z',
      since: '2025-12-31T23:00:00.000Z',
      unattributed: '3',
      dropped: '2',
      signs:
        'node-1 1767222600 1767222600-1767225600\nnode-2.example 1767220200 1767220800-1767221400 1767224400-1767225540\n',
      losses:
        '* operator 1767225300-1767225660\nnode-1 sensor 1767225060-1767225120\nnode-2.example sidekick 1767225060-1767225120\n',
      scrapes:
        'node-1 1767222600 1767222600-1767225600\nfalco/falcosidekick-1 1767225060 1767225060-1767225540\n',
      counts:
        '7c9e6679-7425-40de-944b-e07fc1f90ae7 1767225600 1767100000 12\nf47ac10b-58cc-4372-a567-0e02b2c3d479 1767225540 0 0\n',
    });
  });

  it('is read as it was meant', () => expect(parseRecord(formatRecord(record))).to.deep.equal(record));

  const lines: Record<string, string> = {
    'without spans': 'node-1 1767222600\n',
    'with words for times': 'node-1 then 1767222600-1767225600\n',
    'with a span that ends before it begins': 'node-1 1767222600 1767225600-1767222600\n',
    'of what was heard after it was written': 'node-1 1767222600 1767222600-1767225661\n',
    'with something behind': 'node-1 1767222600 1767222600-1767225600 x\n',
  };
  for (const [what, line] of Object.entries(lines)) {
    it(`passes over a line ${what}, and takes the others`, () => {
      const data = formatRecord(record);
      const given = { signs: `${line}${data['signs']}`, losses: `x\n* nobody 1-2\n${data['losses']}` };
      const { signs } = parseRecord({ ...data, ...given }) ?? {};
      expect(signs).to.deep.equal(record.signs);
    });
  }

  it('says nothing of metrics where nobody asks for them', () => {
    const data = formatRecord({ ...record, scrapes: new Map(), counts: new Map() });
    expect(data).not.to.have.any.keys('scrapes', 'counts');
    const read = parseRecord(data);
    expect([read?.scrapes.size, read?.counts.size]).to.deep.equal([0, 0]);
  });

  const counts: Record<string, string> = {
    'without a count': 'node-9 1767225600 1767100000\n',
    'with a word for a count': 'node-9 1767225600 1767100000 many\n',
    'of what was counted after it was written': 'node-9 1767225601 1767100000 1\n',
    'with something behind': 'node-9 1767225600 1767100000 1 1\n',
  };
  for (const [what, line] of Object.entries(counts)) {
    it(`passes over a count ${what}`, () => {
      const data = formatRecord(record);
      const read = parseRecord({ ...data, counts: `${line}${data['counts']}` });
      expect(read?.counts).to.deep.equal(record.counts);
    });
  }

  it('is nothing where it says not when it was written', () => {
    expect(parseRecord({ ...formatRecord(record), at: 'yesterday' })).to.equal(undefined);
    expect(parseRecord({})).to.equal(undefined);
  });

  it('does no harm, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (signs, losses, dropped) => {
        const more = { scrapes: losses, counts: signs };
        const read = parseRecord({ ...formatRecord(record), signs, losses, dropped, ...more });
        for (const { spans } of read?.signs.values() ?? [])
          for (const [from, to] of spans) expect(from <= to && to <= now).to.equal(true);
        expect(read?.dropped).to.be.at.least(0);
      }),
    );
  });

  it('holds nothing that would be taken for a secret, so that RD-5.H.7.3 passes where it lies', () => {
    const map = projectConfigMap({ metadata: { name: 'plumbline-intake-0' }, data: formatRecord(record) });
    const verdict = secretsInConfigMaps.evaluate(input({ configMaps: read([map]) }));
    expect(verdict.status, verdict.message).to.equal('Pass');
  });

  it('fits into a ConfigMap with five thousand nodes', () => {
    const signs = new Map(
      Array.from({ length: 5_000 }, (_, index) => [
        `ip-10-0-${index % 256}-${index >> 8}.eu-north-1.compute.internal`,
        { first: now - 60 * minute, spans: [[now - 60 * minute, now] as const] },
      ]),
    );
    const bytes = Buffer.byteLength(JSON.stringify(formatRecord({ ...record, signs })));
    expect(bytes).to.be.below(512 * 1024);
    const counts = new Map(
      [...signs.keys()].map((node) => [node, { at: now, started: 1_767_100_000, drops: 1 }]),
    );
    const all = Buffer.byteLength(JSON.stringify(formatRecord({ ...record, signs, scrapes: signs, counts })));
    expect(all).to.be.below(1_024 * 1024);
  });
});
