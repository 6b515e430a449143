import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Certificate } from './x509.ts';
import { selfSigned } from './x509.ts';

/** PEM: the certificate with its chain, and its key, as a Secret is mounted. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate that cannot be used. */
export class CertificateError extends Error {
  readonly code = 'Certificate';
  override readonly name = 'CertificateError';
}

/** So often it is looked for a new one. A Secret takes a minute or so to reach the files of a pod. */
const everyMs = 10_000;
/** Of one that is made here; another is made when half of it is over. */
const lifetimeMs = 365 * 86_400_000;

/**
 * What `/metrics` shows: the certificate in the files, taken up anew when they change, or, where there are none, one that is
 * made here and lives in memory alone.
 */
export class ServerCertificate {
  readonly #files: CertificateFiles | undefined;
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, 'info' | 'error'>;
  #madeAt = 0;
  #current: Certificate;
  #problem: string | undefined;

  /** @throws CertificateError when what is in the files cannot be used */
  constructor(options: {
    readonly files: CertificateFiles | undefined;
    readonly clock: Clock;
    readonly logger: Pick<Logger, 'info' | 'error'>;
  }) {
    this.#files = options.files;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#current = this.#files === undefined ? this.#make() : read(this.#files);
  }

  get current(): Certificate {
    return this.#current;
  }

  /** @param apply takes up another certificate, one that can be used. Resolves when `signal` aborts */
  async run(apply: (certificate: Certificate) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#clock, everyMs, signal);
      if (!signal.aborted) this.#look(apply);
    }
  }

  #look(apply: (certificate: Certificate) => void): void {
    try {
      const next = this.#next();
      this.#problem = undefined;
      if (next === undefined) return;
      apply(next);
      this.#current = next;
      this.#logger.info('metrics are served with a new certificate');
    } catch (error) {
      // Once for each trouble: the files may be in the middle of a change, or wrong for days.
      const { message } = error as Error;
      if (message === this.#problem) return;
      this.#problem = message;
      this.#logger.error('a new certificate for metrics cannot be used; the old one stays', { error });
    }
  }

  /** undefined while the present one is the right one. */
  #next(): Certificate | undefined {
    if (this.#files === undefined)
      return this.#clock.now() > this.#madeAt + lifetimeMs / 2 ? this.#make() : undefined;
    const found = read(this.#files);
    const { cert, key } = this.#current;
    return found.cert === cert && found.key === key ? undefined : found;
  }

  #make(): Certificate {
    this.#madeAt = this.#clock.now();
    return selfSigned(this.#madeAt, lifetimeMs);
  }
}

function read({ certificate, key }: CertificateFiles): Certificate {
  const found = { cert: readText(certificate), key: readText(key) };
  try {
    createSecureContext(found);
  } catch (error) {
    const reason = (error as Error).message;
    throw new CertificateError(`${certificate} and ${key} cannot be used: ${reason}`, { cause: error });
  }
  return found;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CertificateError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
