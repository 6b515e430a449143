import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { expect } from 'chai';
import { CertificateError, ServerCertificate } from '../../src/http/server-certificate.ts';
import type { Certificate } from '../../src/http/x509.ts';
import { makeCertificates } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';

const day = 86_400_000;

describe('ServerCertificate', () => {
  let clock = new FakeClock();
  let log: string[] = [];
  let applied: Certificate[] = [];
  let running = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-certificate-'));
  const files = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const { server, client } = makeCertificates();

  beforeEach(() => {
    [clock, log, applied, running] = [new FakeClock(), [], [], new AbortController()];
    write(server);
  });
  afterEach(() => running.abort());
  after(() => rmSync(folder, { recursive: true }));

  function write({ cert, key }: Certificate): void {
    writeFileSync(files.certificate, cert);
    writeFileSync(files.key, key);
  }
  function open(from: typeof files | undefined): ServerCertificate {
    const logger = {
      info: (text: string) => void log.push(text),
      error: (text: string) => void log.push(text),
    };
    const certificate = new ServerCertificate({ files: from, clock, logger });
    void certificate.run((next) => void applied.push(next), running.signal);
    return certificate;
  }

  it('makes one that TLS can use, for the names of this machine, where there are no files', () => {
    const { current } = open(undefined);
    createSecureContext(current);
    const read = new X509Certificate(current.cert);
    expect(read.verify(read.publicKey)).to.equal(true);
    expect(read.checkHost('localhost')).to.equal('localhost');
    expect(read.checkIP('127.0.0.1')).to.equal('127.0.0.1');
    expect(Date.parse(read.validFrom)).to.be.below(clock.now());
    expect(Date.parse(read.validTo)).to.be.within(clock.now() + 364 * day, clock.now() + 366 * day);
    expect(open(undefined).current.key, 'a key of its own for each').to.not.equal(current.key);
  });

  it('makes another long before that one ends, so that a process of many years serves on', async () => {
    const certificate = open(undefined);
    const first = certificate.current;
    clock.jump(180 * day);
    await clock.advance(10_000);
    expect(applied).to.deep.equal([]);
    clock.jump(4 * day);
    await clock.advance(10_000);
    expect(applied).to.have.length(1);
    expect(certificate.current).to.equal(applied[0]).and.not.equal(first);
    expect(Date.parse(new X509Certificate(certificate.current.cert).validTo)).to.be.above(
      clock.now() + 364 * day,
    );
    await clock.advance(60_000);
    expect(applied).to.have.length(1);
  });

  it('takes up what is put into its files', async () => {
    const certificate = open(files);
    expect(certificate.current).to.deep.equal(server);
    await clock.advance(60_000);
    expect(applied).to.deep.equal([]);
    write(client);
    await clock.advance(10_000);
    expect(applied).to.deep.equal([client]);
    expect(log).to.deep.equal(['metrics are served with a new certificate']);
    await clock.advance(60_000);
    expect(applied).to.have.length(1);
  });

  it('keeps what it has while the new key does not belong to the new certificate, and says so once', async () => {
    const certificate = open(files);
    writeFileSync(files.certificate, client.cert);
    await clock.advance(60_000);
    expect(applied).to.deep.equal([]);
    expect(certificate.current).to.deep.equal(server);
    expect(log).to.deep.equal(['a new certificate for metrics cannot be used; the old one stays']);
    writeFileSync(files.key, client.key);
    await clock.advance(10_000);
    expect(applied).to.deep.equal([client]);
  });

  const unusable: Record<string, () => void> = {
    'a key of another': () => writeFileSync(files.key, client.key),
    'no certificate': () => writeFileSync(files.certificate, 'none'),
    'no file': () => rmSync(files.key),
  };
  for (const [sentence, spoil] of Object.entries(unusable)) {
    it(`does not start with ${sentence}, and names the file`, () => {
      spoil();
      expect(() => open(files)).to.throw(CertificateError, folder);
    });
  }
});
