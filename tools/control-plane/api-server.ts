import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api, type ApiRequestOptions, type ApiResponse } from './api.ts';
import { ControlPlaneError } from './errors.ts';
import { apiServerFlags, mergeFlags } from './flags.ts';
import type { Parts } from './parts.ts';
import { findFreePort, readIssuer } from './ready.ts';

export interface ApiServerSettings {
  readonly command: string;
  readonly folder: string;
  readonly disabledAdmission: readonly string[];
  /** Each `--name=value`; they replace ours of the same name. */
  readonly extraArgs: readonly string[];
  readonly readyMs: number;
}

const name = 'kube-apiserver';
const stopGrace = 3000;

/** The kube-apiserver among the parts: its port, its certificates, its starts and stops. */
export class ApiServer {
  readonly #parts: Parts;
  readonly #settings: ApiServerSettings;
  #port = 0;
  #ca = '';
  #api: Api | undefined;

  constructor(parts: Parts, settings: ApiServerSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** The certificate to trust, as PEM. */
  get ca(): string {
    return this.#ca;
  }

  get caFile(): string {
    return join(this.#settings.folder, 'ca.crt');
  }

  /** Resolves when it is ready. A free port may be taken before the server has it, so there are three attempts. */
  async firstStart(token: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#port = await findFreePort();
      try {
        return await this.start(token);
      } catch (error) {
        const taken = this.#parts.logTail(name, 50).includes('address already in use');
        if (!taken || attempt === 3) throw error;
      }
    }
  }

  /** On the same port and with the same certificates as before. Resolves when it is ready. */
  async start(token: string): Promise<void> {
    const { command, folder, disabledAdmission, extraArgs, readyMs } = this.#settings;
    const args = mergeFlags(apiServerFlags(folder, this.#port, disabledAdmission), extraArgs);
    await this.#parts.start(name, command, args);
    await this.#parts.ready(name, readyMs, () => this.#probe(token));
  }

  async stop(): Promise<void> {
    await this.#parts.stop(name, stopGrace);
  }

  request(method: string, path: string, body: unknown, options: ApiRequestOptions): Promise<ApiResponse> {
    if (this.#api === undefined) throw new ControlPlaneError('NotReady', `${name} has not started yet`);
    return this.#api.request(method, path, body, options);
  }

  close(): void {
    this.#api?.close();
  }

  async #probe(token: string): Promise<true | undefined> {
    const ca = readIssuer(join(this.#settings.folder, 'certs', 'apiserver.crt'));
    if (ca === undefined) return undefined;
    if (this.#ca !== ca) this.#trust(ca);
    const { status, body } = await this.request('GET', '/readyz', undefined, { token, timeout: 2000 });
    if (status !== 200) throw new Error(`/readyz answers ${status}: ${String(body)}`);
    return true;
  }

  #trust(ca: string): void {
    this.#ca = ca;
    writeFileSync(this.caFile, ca);
    this.#api?.close();
    this.#api = new Api(() => this.url, ca);
  }
}
