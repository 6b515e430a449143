import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Certificates for tests, made on the spot: one of its own authority for the server at 127.0.0.1, one for a client.
 * Node can read X.509 and cannot write it; this writes as much DER as these need.
 */
export function makeCertificates(): { ca: string; server: Certificate; client: Certificate } {
  const authority = keyPair();
  const issue = (name: string, publicKey: KeyObject, extension: Buffer) =>
    certificate('test authority', name, publicKey, authority.privateKey, extension);
  const leaf = (name: string) => {
    const { publicKey, privateKey } = keyPair();
    return {
      cert: issue(name, publicKey, subjectAddress),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    };
  };
  return {
    ca: issue('test authority', authority.publicKey, isAuthority),
    server: leaf('test server'),
    client: leaf('test client'),
  };
}

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const hex = (text: string) => Buffer.from(text, 'hex');
const sequence = (...content: readonly Buffer[]) => der(0x30, ...content);
const bits = (content: Buffer) => der(0x03, Buffer.from([0]), content);
const time = (years: number) => {
  const date = new Date(Date.now() + years * 365 * 86_400_000);
  return der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')}Z`));
};

/** commonName alone. */
const naming = (name: string) =>
  sequence(der(0x31, sequence(der(0x06, hex('550403')), der(0x0c, Buffer.from(name)))));

/** ecdsa-with-SHA256 */
const algorithm = sequence(der(0x06, hex('2a8648ce3d040302')));

/** basicConstraints, critical: CA true */
const isAuthority = sequence(der(0x06, hex('551d13')), der(0x01, hex('ff')), der(0x04, hex('30030101ff')));
/** subjectAltName: IP 127.0.0.1 */
const subjectAddress = sequence(der(0x06, hex('551d11')), der(0x04, sequence(der(0x87, hex('7f000001')))));

function certificate(
  issuer: string,
  subject: string,
  publicKey: KeyObject,
  by: KeyObject,
  extension: Buffer,
): string {
  const body = sequence(
    der(0xa0, der(0x02, hex('02'))),
    der(0x02, Buffer.concat([hex('01'), randomBytes(8)])),
    algorithm,
    naming(issuer),
    sequence(time(-1), time(1)),
    naming(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signature = createSign('sha256').update(body).sign(by);
  const text = sequence(body, algorithm, bits(signature))
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}
