import { expect } from 'chai';
import { parseEventTime, parseNanoseconds, timeText } from '../../../src/evidence/falco/time.ts';

describe('parseEventTime', () => {
  const texts: Record<string, [string, string | undefined]> = {
    'nine digits stay nine digits': ['2023-05-25T13:44:05.478445995Z', '2023-05-25T13:44:05.478445995Z'],
    'trimmed zeros come back': ['2023-05-25T13:44:05.1Z', '2023-05-25T13:44:05.100000000Z'],
    'no fraction is nine zeros': ['2023-05-25T13:44:05Z', '2023-05-25T13:44:05.000000000Z'],
    'more than nine digits are cut': ['2023-05-25T13:44:05.1234567899Z', '2023-05-25T13:44:05.123456789Z'],
    'an offset is brought to UTC': ['2023-05-25T01:44:05.000000001+02:00', '2023-05-24T23:44:05.000000001Z'],
    'an offset without a colon too': ['2016-08-04T16:17:57.881781397+0000', '2016-08-04T16:17:57.881781397Z'],
    'a day that no month has is none': ['2023-02-30T00:00:00Z', undefined],
    'the time that Go writes for none is none': ['0001-01-01T00:00:00Z', undefined],
    'a date alone is none': ['2023-05-25', undefined],
    'a number is none': ['1685022245478445995', undefined],
    'text is none': ['` + time.Now().UTC().Format(time.RFC3339) + `', undefined],
  };
  for (const [sentence, [text, expected]] of Object.entries(texts)) {
    it(sentence, () => expect(parseEventTime(text)?.text).to.equal(expected));
  }

  it('reads nanoseconds since the epoch to the last digit, as text alone', () => {
    expect(parseNanoseconds('1789309494137877987')).to.deep.equal({
      text: '2026-09-13T14:24:54.137877987Z',
      at: 1_789_309_494_137,
    });
    for (const none of ['178930949413787798', '0789309494137877987', 1_789_309_494_137, '', null])
      expect(parseNanoseconds(none)).to.equal(undefined);
  });

  it('gives milliseconds rounded down', () => {
    expect(parseEventTime('1970-01-01T00:00:01.001999999Z')?.at).to.equal(1_001);
  });

  it('writes a moment the same way', () => {
    const text = '2023-05-25T13:44:05.478000000Z';
    expect(timeText(parseEventTime(text)?.at ?? 0)).to.equal(text);
  });
});
