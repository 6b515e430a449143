import fc from 'fast-check';

/** Any character of Unicode, the first ones a little oftener. */
const character = fc
  .oneof(
    { arbitrary: fc.integer({ min: 0, max: 0x7f }), weight: 1 },
    { arbitrary: fc.integer({ min: 0, max: 0xd7ff }), weight: 2 },
    { arbitrary: fc.integer({ min: 0xe000, max: 0x10_ffff }), weight: 2 },
  )
  .map((code) => String.fromCodePoint(code));

/**
 * What fast-check's `unit: 'binary'` draws. That one first makes a table of a million characters, which takes a second of
 * the processor in each file that asks for it.
 */
export const unicodeText = (maxLength = 10) => fc.string({ unit: character, maxLength });
