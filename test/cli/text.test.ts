import { expect } from 'chai';
import fc from 'fast-check';
import { count, formatTable, printable, wrap } from '../../src/cli/text.ts';

describe('formatTable', () => {
  it('makes columns as wide as their widest cell, three spaces apart, without blanks at the end', () => {
    expect(
      formatTable(
        ['ID', 'TITLE'],
        [
          ['a', 'one'],
          ['long', ''],
        ],
      ),
    ).to.equal('ID     TITLE\na      one\nlong\n');
  });

  it('is its header when there are no rows', () => expect(formatTable(['A', 'B'], [])).to.equal('A   B\n'));
});

describe('wrap', () => {
  it('breaks at spaces, never within a word, and loses no word', () => {
    const word = fc.stringMatching(/^[a-z]{1,30}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 5, max: 40 }), (words, width) => {
        const lines = wrap(words.join(' '), width, '  ').split('\n');
        expect(lines.flatMap((line) => line.trim().split(' '))).to.deep.equal(words);
        for (const line of lines) {
          expect(line.startsWith('  ')).to.equal(true);
          if (line.trim().includes(' ')) expect(line.length).to.be.at.most(width);
        }
      }),
    );
  });
});

describe('printable', () => {
  const cases: Record<string, [text: string, expected: string]> = {
    'leaves plain text, line ends and tabs': ['a\n\tb é 語 😀', 'a\n\tb é 語 😀'],
    'shows an escape sequence without its effect': ['\u001b[2Ja', '\u{fffd}[2Ja'],
    'shows a carriage return, which would overwrite the line': ['safe\rFAIL', 'safe\u{fffd}FAIL'],
    'shows the control characters above 127 too': ['\u009b2J', '\u{fffd}2J'],
    'shows what turns the direction of writing': ['a\u202eb', 'a\u{fffd}b'],
  };
  for (const [sentence, [text, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(printable(text)).to.equal(expected));
  }
});

describe('count', () => {
  it('knows the singular', () => {
    expect([0, 1, 2].map((n) => count(n, 'event'))).to.deep.equal(['0 events', '1 event', '2 events']);
    expect(count(1, 'is', 'are')).to.equal('1 is');
  });
});
