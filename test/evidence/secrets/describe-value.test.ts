import { expect } from 'chai';
import fc from 'fast-check';
import { describeValue, findFormats } from '../../../src/evidence/secrets/describe-value.ts';
import { isAddress } from '../../../src/evidence/secrets/harmless.ts';
import { literalsInText } from '../../../src/evidence/secrets/text-literals.ts';
import { literalsInCommand } from '../../../src/evidence/secrets/command-literals.ts';
import { alphanumeric, FakeSecrets, glue } from '../../support/fake-secrets.ts';

const draw = new FakeSecrets(4);

describe('findFormats', () => {
  for (const [kind, text] of draw.formats()) {
    it(`knows ${kind} (${text.slice(0, 4)}…), alone and within other text`, () => {
      expect(findFormats(text).map((match) => match.kind)).to.deep.equal([kind]);
      expect(findFormats(`see "${text}", thanks`).map((match) => match.kind)).to.deep.equal([kind]);
    });
  }

  const none: Record<string, string> = {
    'a key of the documentation': `AKI${glue}AIOSFODNN7EXAMPLE`,
    'a token that is masked': `gh${glue}p_${'x'.repeat(36)}`,
    'a token within a longer word': `agh${glue}p_${draw.text(alphanumeric, 36)}`,
    'a header of a key without a key': `grep -----BEGIN ${glue}PRIVATE KEY----- file`,
    'a URL whose password is put in later': 'postgres://shop:$(PASSWORD)@db/shop',
    'a URL whose password is masked': 'postgres://shop:***@db/shop',
    'a URL with a user alone': 'https://git@example.com/shop.git',
    'a port before a user': 'http://proxy:8080/path@x',
  };
  for (const [sentence, text] of Object.entries(none))
    it(`finds nothing in ${sentence}`, () => expect(findFormats(text)).to.deep.equal([]));

  it('tells the secret part of a URL from the rest', () => {
    expect(findFormats('amqp://shop:pa55w0rd@mq:5672')[0]).to.include({ secret: 'pa55w0rd' });
  });

  it('finds each of several', () => {
    const text = draw.formats().map(([, each]) => each);
    expect(findFormats(text.join('\n\n'))).to.have.length(text.length);
  });
});

describe('what is looked through', function () {
  this.timeout(120_000);

  /** What begins a pattern, a pair or a quotation, and does not end it. */
  const beginnings =
    'a A1 = : " \' \\ \\" :// a: a= @ - -- . _ <a> </ {{ $( eyJ eyJa. ghp_ AKIA xoxb- sk- AIza glpat- host= password host=a; sig= &pwd= PRIVATE AccountKey= @tcp( hooks.slack.com/services/ a/ 0 1. :: x-1: Bearer'
      .split(' ')
      .concat([' ', '\t', '-----BEGIN ', 'PRIVATE KEY-----', 'Authorization: Bearer ', 'a '])
      .map((unit): string[] => [unit]);
  const length = 60_000;

  /** Processor time, which other work on the machine does not lengthen. */
  function expectLinear(units: readonly string[], end: string): void {
    const text = units.join('').repeat(length).slice(0, length) + end;
    const before = process.cpuUsage();
    describeValue(text);
    literalsInText(text, 'x');
    literalsInCommand(['sh', '-c', text], 'command');
    const { user } = process.cpuUsage(before);
    // A quadratic one takes 3,600,000,000 steps; what is here takes a tenth of a second.
    expect(user, JSON.stringify([...units, end])).to.be.lessThan(2_000_000);
  }

  it('takes linear time, whatever is repeated', () => {
    for (const units of beginnings) expectLinear(units, '!');
  });

  it('takes linear time for any mixture of them', () => {
    const several = fc.array(fc.constantFrom(...beginnings.flat()), { minLength: 2, maxLength: 4 });
    fc.assert(fc.property(several, fc.constantFrom('', '"', ' '), expectLinear), { numRuns: 15, seed: 7 });
  });

  it('never throws, and gives no piece of a value away', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const value = `${text}${draw.text(alphanumeric, 24)}`;
        const secret = value.slice(-24);
        const described = [describeValue(value), ...literalsInText(`password=${value}`, 'x').literals];
        expect(JSON.stringify(described)).to.not.contain(secret);
      }),
    );
  });
});

describe('isAddress', () => {
  const yes = [
    'db.shop.svc',
    'db.shop.svc:5432',
    'http://api:8080/v1',
    '10.0.0.7',
    'redis:6379',
    'api.example.com',
  ];
  const no = [
    'info',
    '8080',
    'true',
    'localhost:80',
    'http://127.0.0.1:1',
    'app.yaml',
    'com.example.shop',
    'v1.2.3',
    '$(HOST):80',
    '',
  ];
  for (const value of yes) it(`is one: ${value}`, () => expect(isAddress(value)).to.equal(true));
  for (const value of no) it(`is none: "${value}"`, () => expect(isAddress(value)).to.equal(false));
});
