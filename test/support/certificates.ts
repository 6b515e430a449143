import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../../src/http/x509.ts';
import { forAddress, forAuthority, keyPair, writeCertificate } from '../../src/http/x509.ts';

/** Certificates for tests, made on the spot: one of its own authority for the server at 127.0.0.1, one for a client. */
export function makeCertificates(): { ca: string; server: Certificate; client: Certificate } {
  const authority = keyPair();
  const issue = (subject: string, publicKey: KeyObject, extension: Buffer) =>
    writeCertificate({
      issuer: 'test authority',
      subject,
      publicKey,
      signedBy: authority.privateKey,
      from: Date.now() - year,
      until: Date.now() + year,
      extension,
    });
  const leaf = (subject: string) => {
    const { publicKey, privateKey } = keyPair();
    return {
      cert: issue(subject, publicKey, forAddress),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    };
  };
  return {
    ca: issue('test authority', authority.publicKey, forAuthority),
    server: leaf('test server'),
    client: leaf('test client'),
  };
}

const year = 365 * 86_400_000;
