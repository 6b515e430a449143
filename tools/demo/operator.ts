import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { isObject } from '../../src/evidence/fields.ts';
import { settingTable } from '../../src/settings.ts';
import { Parts } from '../control-plane/parts.ts';
import { DemoError } from './errors.ts';
import { ask } from './http.ts';
import { type Look, until } from './until.ts';

const name = 'operator';
const program = resolve(import.meta.dirname, '../../src/main.ts');
/** Milliseconds that it may take to write what it knows and end. */
const stopGrace = 10_000;

export interface Addresses {
  /** URLs without a path. */
  readonly metrics: string;
  readonly intake: string;
}

/**
 * `plumbline run`, as a process of its own with the rights of its own service account. It is held by the same kind of
 * warden as the control plane, so that it ends with this process, however that ends.
 */
export class DemoOperator {
  readonly #parts: Parts;
  readonly #folder = mkdtempSync(join(tmpdir(), 'plumbline-operator-'));
  readonly #death = Promise.withResolvers<never>();

  constructor() {
    this.#parts = new Parts(this.#folder, true, systemClock, ({ message }) =>
      this.#death.reject(new DemoError('OperatorDied', message)),
    );
    this.#death.promise.catch(() => {}); // Whoever waits for it is told; nobody has to wait.
  }

  /** Its log, one JSON object a line; it goes when the operator is stopped. */
  get logFile(): string {
    return this.#parts.logFile(name);
  }

  /** Never resolves; rejects when the operator ends though nobody stopped it. */
  get death(): Promise<never> {
    return this.#death.promise;
  }

  /** Starts it on free ports of loopback. Resolves when it has read the cluster. */
  async start(kubeconfig: string, signal: AbortSignal): Promise<Addresses> {
    const settings = {
      [settingTable.kubeconfig.variable]: kubeconfig,
      [settingTable.metricsAddress.variable]: '127.0.0.1:0',
      [settingTable.intakeAddress.variable]: '127.0.0.1:0',
      [settingTable.storeFolder.variable]: join(this.#folder, 'events'),
    };
    // A part inherits our environment, whose settings are meant for another operator.
    const unset = Object.values(settingTable).flatMap(({ variable }) => ['-u', variable]);
    const set = Object.entries(settings).map(([variable, value]) => `${variable}=${value}`);
    await this.#parts.start(name, 'env', [...unset, ...set, process.execPath, program, 'run']);
    const addresses = await this.#until('the operator to listen', signal, async () => this.#findAddresses());
    await this.#until('the operator to be ready', signal, () => askReadiness(addresses.metrics));
    return addresses;
  }

  /** Idempotent. */
  stop(): Promise<void> {
    return this.#parts.close(stopGrace);
  }

  #until<T>(what: string, signal: AbortSignal, look: () => Promise<Look<T>>): Promise<T> {
    const within = 60_000;
    return Promise.race([
      until({ what: `${what} (its log is ${this.logFile})`, signal, within }, look),
      this.death,
    ]);
  }

  #findAddresses(): Look<Addresses> {
    for (const line of readFileSync(this.logFile, 'utf8').split('\n')) {
      const { message, metrics, intake } = parse(line);
      if (message !== 'listening') continue;
      if (typeof metrics === 'string' && typeof intake === 'string') return { found: { metrics, intake } };
    }
    return { missing: 'it has not said where' };
  }
}

/** A line may not be whole yet, or be what Node itself wrote. */
function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

async function askReadiness(metrics: string): Promise<Look<true>> {
  const { ok, text } = await ask(`${metrics}/readyz`);
  return ok ? { found: true } : { missing: text.trim().split('\n')[0] ?? '' };
}
