import { expect } from 'chai';
import type { Priority } from '../../src/domain/runtime.ts';
import { atLeast } from '../../src/domain/runtime.ts';

describe('atLeast', () => {
  const cases: Record<string, [Priority, Priority, boolean]> = {
    'Emergency is as bad as Warning': ['Emergency', 'Warning', true],
    'Warning is as bad as itself': ['Warning', 'Warning', true],
    'Notice is not': ['Notice', 'Warning', false],
    'everything is as bad as Debug': ['Debug', 'Debug', true],
  };
  for (const [sentence, [a, b, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(atLeast(a, b)).to.equal(expected));
  }
});
