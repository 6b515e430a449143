import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { Logger } from '../telemetry/log.ts';
import type { IntakeCredentials } from './options.ts';
import { IntakeError } from './options.ts';

/** Where the credentials of the intake lie: files, as a Secret is mounted. */
export interface CredentialFileNames {
  /** Bearer tokens, one a line: while senders are given a new one, the old one is beside it. */
  readonly token?: string;
  /** Secret path segments, one a line. */
  readonly secretPath?: string;
  /** PEM: the certificate with its chain, and its key. */
  readonly certificate?: string;
  readonly key?: string;
  /** PEM: who signs the certificates of senders. */
  readonly clientCa?: string;
}

/** @throws IntakeError with code IntakeOption, naming the file */
export function readCredentials(files: CredentialFileNames): IntakeCredentials {
  const { token, secretPath, certificate, key, clientCa } = files;
  const tls =
    certificate === undefined || key === undefined
      ? {}
      : {
          tls: {
            cert: readText(certificate),
            key: readText(key),
            ...(clientCa === undefined ? {} : { ca: readText(clientCa) }),
          },
        };
  return {
    ...tls,
    ...(token === undefined ? {} : { tokens: readLines(token) }),
    ...(secretPath === undefined ? {} : { secretPaths: readLines(secretPath) }),
  };
}

/** So often it is looked for new ones. A Secret takes a minute or so to reach the files of a pod. */
const everyMs = 10_000;

/** Takes up new credentials without a restart. The files are read whole: they are small, and a Secret is put in place by links. */
export class CredentialWatch {
  readonly #files: CredentialFileNames;
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, 'info' | 'error'>;
  readonly #apply: (credentials: IntakeCredentials) => void;
  #last: IntakeCredentials | undefined;
  #problem: string | undefined;

  /** @param apply throws for what cannot be used; what was used until then stays */
  constructor(options: {
    readonly files: CredentialFileNames;
    readonly clock: Clock;
    readonly logger: Pick<Logger, 'info' | 'error'>;
    readonly first: IntakeCredentials;
    readonly apply: (credentials: IntakeCredentials) => void;
  }) {
    this.#files = options.files;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#last = options.first;
    this.#apply = options.apply;
  }

  /** Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    if (Object.keys(this.#files).length === 0) return;
    while (!signal.aborted) {
      await sleep(this.#clock, everyMs, signal);
      if (!signal.aborted) this.#look();
    }
  }

  #look(): void {
    try {
      const credentials = readCredentials(this.#files);
      this.#problem = undefined;
      if (isDeepStrictEqual(credentials, this.#last)) return;
      this.#last = credentials;
      this.#apply(credentials);
      this.#logger.info('the Falco intake has taken up new credentials');
    } catch (error) {
      // Once for each trouble: the files may be in the middle of a change, or wrong for days.
      const { message } = error as Error;
      if (message === this.#problem) return;
      this.#problem = message;
      this.#logger.error('new credentials of the Falco intake cannot be used; the old ones stay', { error });
    }
  }
}

function readText(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new IntakeError('IntakeOption', `${path} cannot be read: ${(error as Error).message}`, error);
  }
  if (text === '') throw new IntakeError('IntakeOption', `${path} is empty`);
  return text;
}

const readLines = (path: string): readonly string[] =>
  readText(path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
