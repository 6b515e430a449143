import { expect } from 'chai';
import { selects } from '../../src/domain/label-selector.ts';
import { parseSelector } from '../../src/domain/parse-selector.ts';

const labels = { environment: 'production', 'plumbline.dev/tier': 'web' };

const selecting: Record<string, boolean> = {
  'environment=production': true,
  'environment == production': true,
  'environment=test': false,
  'environment!=test': true,
  'environment!=production': false,
  'missing!=anything': true,
  'environment in (test, production)': true,
  'environment notin (test,production)': false,
  environment: true,
  missing: false,
  '!missing': true,
  '! environment': false,
  'plumbline.dev/tier=web,environment': true,
  'plumbline.dev/tier=web, environment=test': false,
  'missing=': false,
};

const wrong = [
  '',
  ' ',
  ',',
  'a=b,',
  'a=b c=d',
  'a in ()x',
  'a in b',
  '=b',
  'a==!b',
  '-a=b',
  'a=b!',
  'x'.repeat(1025),
];

describe('parseSelector', () => {
  for (const [text, expected] of Object.entries(selecting)) {
    it(`${text} ${expected ? 'selects' : 'does not select'}`, () => {
      const selector = parseSelector(text);
      expect(selector).not.to.equal(undefined);
      expect(selector && selects(selector, labels)).to.equal(expected);
    });
  }

  for (const text of wrong) {
    it(`${JSON.stringify(text.slice(0, 20))} is no selector`, () => {
      expect(parseSelector(text)).to.equal(undefined);
    });
  }
});
