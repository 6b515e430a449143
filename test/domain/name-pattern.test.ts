import { expect } from 'chai';
import fc from 'fast-check';
import { isBadPattern, parseNamePattern, wordsOf } from '../../src/domain/name-pattern.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';

function match(pattern: string, name: string) {
  const parsed = parseNamePattern(pattern);
  if (isBadPattern(parsed)) throw new Error(parsed.problem);
  return parsed.match(wordsOf(name));
}

const shipped = defaultParameters['secrets.namePattern'];

describe('parseNamePattern', () => {
  const names: Record<string, 'end' | 'inside' | undefined> = {
    PASSWORD: 'end',
    DB_PASSWORD: 'end',
    dbPassword: 'end',
    'spring.datasource.password': 'end',
    DB_PASSWORD_2: 'end',
    PASSWORD2: 'end',
    PGPASSWORD: 'end',
    MYSQL_PWD: 'end',
    API_KEY: 'end',
    'api-key': 'end',
    apikey: 'end',
    APIKey: 'end',
    API_KEYS: 'end',
    CREDENTIALS: 'end',
    SECRET_KEY: 'end',
    SECRET_KEY_BASE: 'end',
    TOKEN_VALUE: 'end',
    DB_CONNECTION_STRING: 'end',
    connStr: 'end',
    AWS_SECRET_ACCESS_KEY: 'end',
    PASSWORD_POLICY: 'inside',
    SECRET_NAME: 'inside',
    TOKENIZER: undefined,
    MONKEY: undefined,
    KEYCLOAK_URL: undefined,
    KEY: undefined,
    COMPASS: undefined,
    '': undefined,
  };
  for (const [name, expected] of Object.entries(names))
    it(`${expected === undefined ? 'does not match' : `matches at the ${expected}`}: "${name}"`, () =>
      expect(match(shipped, name)).to.equal(expected));

  it('reads groups, alternatives, sets and options, whatever the case', () => {
    for (const name of ['AB', 'ABC', 'XD', 'a_b'])
      expect(match('A[_-]?b(?:C)?|x(d|e)', name)).to.equal('end');
    expect(match('a(b|c)d', 'ad')).to.equal(undefined);
  });

  const bad: Record<string, RegExp> = {
    'a*': /has "\*" at 2/,
    'a+': /has "\+" at 2/,
    '(a': /has a group that does not end/,
    'a)': /has "\)" at 2/,
    '.': /has "\." at 1/,
    '[a-z]': /has a range in a set/,
    '[': /has a set of something else/,
    '(a|b|c|d|e|f|g|h)(a|b|c|d|e|f|g|h)(a|b|c|d|e|f|g|h)(a|b|c|d|e|f|g|h)': /has too many alternatives/,
    [`${'('.repeat(30)}a${')'.repeat(30)}`]: /has groups too deep/,
    '(a+)+$': /has "\+" at 3/,
  };
  for (const [pattern, problem] of Object.entries(bad))
    it(`refuses ${pattern.slice(0, 30)}`, () =>
      expect(parseNamePattern(pattern)).to.have.property('problem').match(problem));

  it('ends for any text, and names the problem in a clause', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-c()|?[\]_*-]{0,60}$/), (text) => {
        const parsed = parseNamePattern(text);
        if (isBadPattern(parsed)) expect(parsed.problem).to.match(/^has \S/);
        else expect(parsed.match(['a'])).to.be.oneOf(['end', 'inside', undefined]);
      }),
    );
  });
});
