import type { KeyObject } from 'node:crypto';
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

/** A certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateFields {
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: KeyObject;
  /** The issuer's private key, of P-256. */
  readonly signedBy: KeyObject;
  /** Milliseconds since the epoch; before 2050, when dates are written otherwise. */
  readonly from: number;
  readonly until: number;
  /** As `forAddress` and `forAuthority` are. */
  readonly extension: Buffer;
}

const hour = 3_600_000;

/** A new key and a certificate that it has signed itself: nobody can tell by it whom he speaks to, but nobody listens in. */
export function selfSigned(now: number, lifetimeMs: number): Certificate {
  const { publicKey, privateKey } = keyPair();
  const cert = writeCertificate({
    issuer: 'plumbline',
    subject: 'plumbline',
    publicKey,
    signedBy: privateKey,
    // Clocks differ.
    from: now - hour,
    until: now + lifetimeMs,
    extension: forAddress,
  });
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

export const keyPair = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Node can read X.509 and cannot write it; this writes as much DER as a certificate needs. @returns PEM */
export function writeCertificate(fields: CertificateFields): string {
  const body = sequence(
    der(0xa0, der(0x02, hex('02'))),
    der(0x02, Buffer.concat([hex('01'), randomBytes(8)])),
    algorithm,
    naming(fields.issuer),
    sequence(time(fields.from), time(fields.until)),
    naming(fields.subject),
    fields.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(fields.extension)),
  );
  const signature = createSign('sha256').update(body).sign(fields.signedBy);
  const text = sequence(body, algorithm, bits(signature))
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const hex = (text: string) => Buffer.from(text, 'hex');
const sequence = (...content: readonly Buffer[]) => der(0x30, ...content);
const bits = (content: Buffer) => der(0x03, Buffer.from([0]), content);

/** UTCTime, which has two digits for the year. */
const time = (at: number) =>
  der(0x17, Buffer.from(`${new Date(at).toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')}Z`));

/** commonName alone. */
const naming = (name: string) =>
  sequence(der(0x31, sequence(der(0x06, hex('550403')), der(0x0c, Buffer.from(name)))));

/** ecdsa-with-SHA256 */
const algorithm = sequence(der(0x06, hex('2a8648ce3d040302')));

/** basicConstraints, critical: CA true */
export const forAuthority: Buffer = sequence(
  der(0x06, hex('551d13')),
  der(0x01, hex('ff')),
  der(0x04, hex('30030101ff')),
);
/** subjectAltName: localhost and 127.0.0.1 */
export const forAddress: Buffer = sequence(
  der(0x06, hex('551d11')),
  der(0x04, sequence(der(0x82, Buffer.from('localhost')), der(0x87, hex('7f000001')))),
);
