import { expect } from 'chai';
import * as fc from 'fast-check';
import { redact } from '../../../src/evidence/falco/redact.ts';

const key = ['A', 'KIA', 'IOSFODNN7EXAMPLE'].join('');
const jwt = ['eyJ', 'hbGciOiJIUzI1NiJ9.', 'eyJzdWIiOiJ4In0.', 'c2lnbmF0dXJl'].join('');

describe('redact', () => {
  const masked: Record<string, [string, string]> = {
    'a variable': ['cmdline=env DB_PASSWORD=hunter2 app', 'cmdline=env DB_PASSWORD=*** app'],
    'a quoted value with spaces': [`x password="hunter 2" y`, 'x password=*** y'],
    'a flag with a value': ['app --api-key hunter2 -v', 'app --api-key *** -v'],
    'a flag with an equals sign': ['app --token=hunter2', 'app --token=***'],
    JSON: ['{"secret": "hunter2", "a": 1}', '{"secret": ***, "a": 1}'],
    'JSON within a string': ['{\\"client_secret\\":\\"hunter2\\"}', '{\\"client_secret\\":***}'],
    'a header': [`curl -H "Authorization: Bearer hunter2hunter2" x`, 'curl -H "Authorization: Bearer ***" x'],
    'basic authentication': ['Proxy-Authorization: Basic aHVudGVyMg==', 'Proxy-Authorization: Basic ***'],
    'a password in a URL': ['psql postgres://app:hunter2@db/x', 'psql postgres://app:***@db/x'],
    'a user of curl': ['curl -u admin:hunter2 https://x', 'curl -u *** https://x'],
    'a password of mysql': ['mysql -uroot -phunter2 -h db', 'mysql -uroot -p*** -h db'],
    'a password of redis': ['redis-cli -h db -a hunter2', 'redis-cli -h db -a ***'],
    'a key that says what it is': [`cat ${key} done`, 'cat *** done'],
    'a token that says what it is': [`curl ${jwt} done`, 'curl *** done'],
    'a long hexadecimal key': [`id ${'0a'.repeat(20)}`, 'id ***'],
    'a long key of mixed letters': ['id aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW== x', 'id *** x'],
    'a private key': [
      'echo -----BEGIN RSA PRIVATE KEY----- MIIE -----END RSA PRIVATE KEY----- x',
      'echo *** x',
    ],
  };
  for (const [sentence, [text, expected]] of Object.entries(masked)) {
    it(`masks ${sentence}`, () => expect(redact(text)).to.equal(expected));
  }

  const kept: Record<string, string> = {
    'an ordinary event':
      'A shell was spawned (user=root k8s.ns=shop container=ee97d9c4186f image=docker.io/library/alpine)',
    'a path': 'file=/usr/lib/jvm/java-11-openjdk-amd64/lib/security/cacerts',
    'a uid': 'pod f47ac10b-58cc-4372-a567-0e02b2c3d479',
    'an address': 'connection=172.17.0.9:43812->10.96.0.1:443',
    'a command': 'sh -c clear; (bash || ash || sh)',
  };
  for (const [sentence, text] of Object.entries(kept)) {
    it(`leaves ${sentence}`, () => expect(redact(text)).to.equal(text));
  }

  it('cuts to 256 characters', () => {
    expect(redact('word '.repeat(1_000))).to.have.length(256);
  });

  it('does not show the piece of a secret that the cut has made too short to know', () => {
    const text = `${'x '.repeat(505)}password=hunter2hunter2hunter2hunter2hunter2`;
    expect(redact(text)).not.to.include('hunter');
    expect(redact('z'.repeat(5_000))).to.equal('');
  });

  it('takes a megabyte in its stride, whatever stands in it', () => {
    const pieces = ['password=', '-----BEGIN KEY', '://a:', ' -u', 'mysql ', 'token"', 'a-', '\\"', 'eyJ'];
    const text = fc
      .array(fc.constantFrom(...pieces, 'x', ' ', '='), { maxLength: 40 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(text, (piece) => {
        expect(redact(piece.repeat(Math.ceil(100_000 / (piece.length + 1)))).length).to.be.at.most(256);
      }),
      { numRuns: 100 },
    );
  });
});
