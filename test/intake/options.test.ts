import { expect } from 'chai';
import type { IntakeAddress } from '../../src/intake/options.ts';
import { checkAddress, IntakeError } from '../../src/intake/options.ts';

const token = 'a-token-of-some-length';
const tls = { cert: '', key: '' };

const cases: Record<string, [Partial<IntakeAddress>, IntakeError['code'] | undefined]> = {
  'by default it is alone with its machine': [{}, undefined],
  'loopback is more than one address': [{ host: '127.9.9.9' }, undefined],
  'loopback of IPv6': [{ host: '::1' }, undefined],
  'loopback by its name': [{ host: 'localhost' }, undefined],
  'every address, open to anybody': [{ host: '0.0.0.0' }, 'IntakeOpen'],
  'every address of IPv6': [{ host: '::' }, 'IntakeOpen'],
  'the empty text means every address': [{ host: '' }, 'IntakeOpen'],
  'an address of the network': [{ host: '192.168.1.1' }, 'IntakeOpen'],
  'a name may be anything': [{ host: 'falco.example' }, 'IntakeOpen'],
  'a name that looks like loopback is none': [{ host: '127.0.0.1.example' }, 'IntakeOpen'],
  'TLS alone keeps nobody out': [{ host: '0.0.0.0', tls }, 'IntakeOpen'],
  'client certificates do': [{ host: '0.0.0.0', tls: { ...tls, ca: '' } }, undefined],
  'a token does': [{ host: '0.0.0.0', tokens: [token] }, undefined],
  'a secret path does': [{ host: '0.0.0.0', secretPaths: [token] }, undefined],
  'whoever wants it open must say so': [{ host: '0.0.0.0', insecure: true }, undefined],
  'a short token is none': [{ tokens: ['short'] }, 'IntakeOption'],
  'nor is a short path': [{ secretPaths: ['short'] }, 'IntakeOption'],
  'a path is one segment': [{ secretPaths: [`${token}/and-more`] }, 'IntakeOption'],
};

describe('checkAddress', () => {
  for (const [sentence, [options, code]] of Object.entries(cases)) {
    it(sentence, () => {
      const check = () => checkAddress({ port: 0, ...options });
      if (code === undefined) expect(check).not.to.throw();
      else expect(check).to.throw(IntakeError).with.property('code', code);
    });
  }

  it('says what to do about an open address, and shows no secret', () => {
    expect(() => checkAddress({ host: '0.0.0.0', port: 0 })).to.throw(
      /0\.0\.0\.0.*set a token, a secret path or a CA/,
    );
    expect(() => checkAddress({ port: 0, tokens: ['tiny'] })).to.throw(
      /^the token of the Falco intake has fewer than 16 characters$/,
    );
  });
});
