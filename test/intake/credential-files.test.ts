import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import type { CredentialFileNames } from '../../src/intake/credential-files.ts';
import { CredentialWatch, readCredentials } from '../../src/intake/credential-files.ts';
import { FalcoIntake } from '../../src/intake/falco-intake.ts';
import { IntakeError } from '../../src/intake/options.ts';
import { RuntimeAggregate } from '../../src/evidence/falco/runtime-aggregate.ts';
import { makeCertificates } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { falcoEvent } from '../support/falco.ts';

const [first, second] = ['the-first-token-of-all', 'the-second-token-of-all'];

describe('the credentials of the intake', () => {
  let folder = '';
  let clock = new FakeClock();
  let log: string[] = [];
  let intake: FalcoIntake | undefined;
  let watching = new AbortController();
  let url = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plumbline-credentials-'));
    [clock, log, watching] = [new FakeClock(), [], new AbortController()];
  });
  afterEach(async () => {
    watching.abort();
    await intake?.close();
    rmSync(folder, { recursive: true });
  });

  /** As the kubelet does it: all files of a Secret change at once, by a link. */
  let versions = 0;
  function mount(files: Record<string, string>): void {
    const version = `..v${++versions}`;
    mkdirSync(join(folder, version));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, version, name), text);
    symlinkSync(version, join(folder, '..next'));
    renameSync(join(folder, '..next'), join(folder, '..data'));
  }
  const at = (name: string) => join(folder, '..data', name);

  async function start(files: CredentialFileNames): Promise<void> {
    const credentials = readCredentials(files);
    const taker = new FalcoIntake({
      port: 0,
      ...credentials,
      aggregate: new RuntimeAggregate(),
      onEvent: () => {},
      count: () => {},
      logger: { warn: () => {} },
      clock,
    });
    intake = taker;
    url = await taker.listen();
    const logger = {
      info: (text: string) => void log.push(text),
      error: (text: string) => void log.push(text),
    };
    const apply = (renewed: typeof credentials) => taker.renew(renewed);
    void new CredentialWatch({ files, clock, logger, first: credentials, apply }).run(watching.signal);
  }

  async function statusWith(token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(falcoEvent()) })).status;
  }

  it('are taken up without a restart, old and new ones beside each other if both are there', async () => {
    mount({ token: `${first}\n` });
    await start({ token: at('token') });
    expect([await statusWith(first), await statusWith(second)]).to.deep.equal([204, 401]);
    mount({ token: `${first}\n${second}\n` });
    await clock.advance(10_000);
    expect([await statusWith(first), await statusWith(second)]).to.deep.equal([204, 204]);
    mount({ token: second });
    await clock.advance(10_000);
    expect([await statusWith(first), await statusWith(second)]).to.deep.equal([401, 204]);
    await clock.advance(60_000);
    expect(log).to.deep.equal(Array(2).fill('the Falco intake has taken up new credentials'));
  });

  it('stay as they were while new ones cannot be used, which is said once', async () => {
    mount({ token: first });
    await start({ token: at('token') });
    for (const text of ['', 'short']) {
      mount({ token: text });
      await clock.advance(40_000);
      expect(await statusWith(first)).to.equal(204);
    }
    mount({});
    await clock.advance(40_000);
    expect(await statusWith(first)).to.equal(204);
    expect(log).to.deep.equal(
      Array(3).fill('new credentials of the Falco intake cannot be used; the old ones stay'),
    );
    mount({ token: second });
    await clock.advance(10_000);
    expect([await statusWith(first), await statusWith(second)]).to.deep.equal([401, 204]);
  });

  /** @returns the status, or why there is none; and the certificate that the server showed */
  function sendTls(options: object): Promise<{ status: number | string; serial?: string }> {
    return new Promise((resolve) => {
      const sending = request(url, { method: 'POST', agent: false, ...options }, (response) => {
        response.resume();
        const serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber;
        resolve({ status: response.statusCode ?? 0, serial });
      });
      sending.on('error', (error: NodeJS.ErrnoException) => resolve({ status: error.code ?? 'failed' }));
      sending.end(JSON.stringify(falcoEvent()));
    });
  }

  it('are also certificates: that of the server, and those of its senders', async () => {
    const [old, fresh] = [makeCertificates(), makeCertificates()];
    const files = { certificate: at('tls.crt'), key: at('tls.key'), clientCa: at('ca.crt') };
    mount({ 'tls.crt': old.server.cert, 'tls.key': old.server.key, 'ca.crt': old.ca });
    await start(files);
    const before = await sendTls({ ca: old.ca, ...old.client });
    expect(before.status).to.equal(204);
    expect((await sendTls({ ca: old.ca, ...fresh.client })).status).not.to.equal(204);
    mount({ 'tls.crt': fresh.server.cert, 'tls.key': fresh.server.key, 'ca.crt': fresh.ca });
    await clock.advance(10_000);
    const after = await sendTls({ ca: fresh.ca, ...fresh.client });
    expect(after.status).to.equal(204);
    expect(after.serial).not.to.equal(before.serial);
    expect((await sendTls({ ca: fresh.ca, ...old.client })).status).not.to.equal(204);
    // A key that belongs to another certificate.
    mount({ 'tls.crt': old.server.cert, 'tls.key': fresh.server.key, 'ca.crt': fresh.ca });
    await clock.advance(10_000);
    expect(await sendTls({ ca: fresh.ca, ...fresh.client })).to.deep.equal(after);
    expect(log.at(-1)).to.match(/cannot be used/);
  });

  it('name the file that is not there or empty', () => {
    mount({ token: ' \n' });
    expect(() => readCredentials({ token: at('token') })).to.throw(IntakeError, /token is empty$/);
    expect(() => readCredentials({ secretPath: at('path') })).to.throw(
      IntakeError,
      /path cannot be read: ENOENT/,
    );
  });
});
