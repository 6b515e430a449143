import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { Api, type ApiRequestOptions, type ApiResponse } from './api.ts';
import { resolveBinaries } from './binaries.ts';
import type { Progress } from './build.ts';
import type { BinaryName } from './components.ts';
import { admin, type User, writeKubeconfig, writeServiceAccountKeys, writeTokens } from './credentials.ts';
import { ControlPlaneError } from './errors.ts';
import * as flags from './flags.ts';
import { createNodes, type NodeOptions } from './nodes.ts';
import { Parts } from './parts.ts';
import { findFreePort, readCertificates, waitFor } from './ready.ts';
import { findKwokStages } from './kwok.ts';

export interface ControlPlaneOptions {
  /** Further identities, each with a token. `admin` (group system:masters) is always there. */
  readonly users?: readonly User[];
  /** Owners, garbage collection, namespace deletion, default service accounts. */
  readonly controllerManager?: boolean;
  readonly scheduler?: boolean;
  /** Plays nodes and pods: pods bound to a node of `createNodes` become Running. */
  readonly kwok?: boolean;
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** Each `--name=value`; one that is set here already is replaced. */
  readonly extraApiServerArgs?: readonly string[];
  /** Where data, keys and logs go, and stay. Default: a temporary folder that `stop` removes. */
  readonly dir?: string;
  readonly progress?: Progress;
  readonly env?: Record<string, string | undefined>;
}

export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

const stopGrace = 3000;
const readyDeadline = 60_000;

/**
 * Starts a real etcd and a real kube-apiserver on loopback (found or built first), and whatever else `options` asks
 * for. Resolves when the API server is ready. Throws ControlPlaneError. Should this process end without `stop`, by
 * whatever means, everything ends with it; the control plane alone does not keep this process alive.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const names: BinaryName[] = ['etcd', 'kube-apiserver', 'kubectl'];
  if (options.controllerManager) names.push('kube-controller-manager');
  if (options.scheduler) names.push('kube-scheduler');
  if (options.kwok) names.push('kwok');
  const env = options.env ?? process.env;
  const progress = options.progress ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const binaries = await resolveBinaries(names, { progress, env });
  const stages = options.kwok ? await findKwokStages({ progress, env }) : [];
  const plane = new ControlPlane({ ...options, env, progress }, binaries, stages, systemClock);
  try {
    await plane.start();
    return plane;
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

/** A running control plane. Made by `startControlPlane`. */
export class ControlPlane {
  /** Data, keys, kubeconfigs and logs (`kube-apiserver.log`). */
  readonly dir: string;
  /** What etcd listens on; a unix socket. */
  readonly etcdEndpoint: string;
  readonly adminToken: string;
  readonly #options: ControlPlaneOptions & Required<Pick<ControlPlaneOptions, 'env' | 'progress'>>;
  readonly #binaries: Record<BinaryName, string>;
  readonly #stages: readonly string[];
  readonly #clock: Clock;
  readonly #tokens: Map<string, string>;
  readonly #parts: Parts;
  #port = 0;
  #ca = '';
  #api: Api | undefined;
  #stopped: Promise<void> | undefined;

  constructor(
    options: ControlPlaneOptions & Required<Pick<ControlPlaneOptions, 'env' | 'progress'>>,
    binaries: Record<BinaryName, string>,
    stages: readonly string[],
    clock: Clock,
  ) {
    this.#options = options;
    this.#binaries = binaries;
    this.#stages = stages;
    this.#clock = clock;
    if (options.dir !== undefined) mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    this.dir = options.dir ?? mkdtempSync(join(tmpdir(), 'plumbline-')); // mkdtemp gives mode 0700
    this.etcdEndpoint = flags.etcdSocket(this.dir);
    this.#parts = new Parts(this.dir, options.dir === undefined, clock);
    writeServiceAccountKeys(this.dir);
    const components = ['system:kube-controller-manager', 'system:kube-scheduler'].map((name) => ({ name }));
    const users = [{ name: admin, groups: ['system:masters'] }, ...components, ...(options.users ?? [])];
    this.#tokens = writeTokens(this.dir, users);
    this.adminToken = this.tokenFor(admin);
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** The certificates to trust, as PEM. */
  get ca(): string {
    return this.#ca;
  }

  /** Of the admin. */
  get kubeconfigPath(): string {
    return join(this.dir, 'admin.kubeconfig');
  }

  /** The process id of each part that runs, by its name: for measuring. */
  get pids(): Record<string, number> {
    return this.#parts.pids();
  }

  /** Called by startControlPlane. */
  async start(): Promise<void> {
    await this.#parts.start('etcd', this.#binaries.etcd, flags.etcdFlags(this.dir));
    await this.#firstStart();
    this.kubeconfigFor(admin);
    await this.#startControllers();
    for (const name of Object.keys(this.pids)) void this.#watchOver(name);
  }

  tokenFor(user: string): string {
    const token = this.#tokens.get(user);
    if (token !== undefined) return token;
    const known = [...this.#tokens.keys()].join(', ');
    throw new ControlPlaneError(
      'UnknownUser',
      `${user} was not among the users at the start, which are ${known}`,
    );
  }

  /** Writes a kubeconfig of one of the users and returns its path. */
  kubeconfigFor(user: string): string {
    return this.#writeKubeconfig(user, this.tokenFor(user));
  }

  /** A kubeconfig with a real token, good for an hour, of a service account that exists. */
  async kubeconfigForServiceAccount(namespace: string, name: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const { status, body } = await this.request('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    });
    const token = (body as { status?: { token?: string } }).status?.token;
    if (token === undefined) throw requestFailed('POST', path, status, body);
    return this.#writeKubeconfig(`${namespace}.${name}`, token);
  }

  /** Runs kubectl, as the admin if no kubeconfig is given. A failure is a `code`, not an error. */
  kubectl(args: string[], options: { input?: string; kubeconfig?: string } = {}): Promise<KubectlResult> {
    const env = {
      ...this.#options.env,
      KUBECONFIG: options.kubeconfig ?? this.kubeconfigPath,
      KUBECACHEDIR: join(this.dir, 'kubectl-cache'),
      KUBERC: 'off', // The settings of whoever runs the tests must not change what they see.
    };
    return new Promise((resolve, reject) => {
      const child = execFile(
        this.#binaries.kubectl,
        args,
        { env, maxBuffer: 2 ** 30 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : error.code;
          if (typeof code === 'number') resolve({ stdout, stderr, code });
          else reject(new Error(`kubectl ${args.join(' ')}: ${error?.message}`, { cause: error }));
        },
      );
      child.stdin?.on('error', () => {}); // It may end before it has read all; its own error tells more.
      child.stdin?.end(options.input ?? '');
    });
  }

  /** Asks the API server, as the admin if no token is given. Any status resolves. */
  request(
    method: string,
    path: string,
    body?: unknown,
    options: ApiRequestOptions = {},
  ): Promise<ApiResponse> {
    if (this.#api === undefined) throw new ControlPlaneError('NotReady', 'the control plane is not started');
    return this.#api.request(method, path, body, { token: this.adminToken, ...options });
  }

  /** Makes `count` nodes; with KWOK running, resolves when they are ready. Returns their names. */
  createNodes(count: number, options: NodeOptions = {}): Promise<string[]> {
    return createNodes(this, count, { ...options, awaitReady: this.#options.kwok === true }, this.#clock);
  }

  /** An outage, until `startApiServer`. etcd keeps what it has. */
  async stopApiServer(): Promise<void> {
    await this.#parts.stop('kube-apiserver', stopGrace);
  }

  /** On the same port and with the same certificates as before. Resolves when it is ready. */
  async startApiServer(): Promise<void> {
    await this.#parts.start('kube-apiserver', this.#binaries['kube-apiserver'], this.#apiServerFlags());
    await this.#apiServerReady();
    void this.#watchOver('kube-apiserver');
  }

  async restartApiServer(): Promise<void> {
    await this.stopApiServer();
    await this.startApiServer();
  }

  /** Stops every part, the last started first, and removes the folder unless it was given. Idempotent. */
  stop(): Promise<void> {
    this.#api?.close();
    this.#stopped ??= this.#parts.close(stopGrace);
    return this.#stopped;
  }

  /** A free port may be taken before the API server has it, so the first start has three attempts. */
  async #firstStart(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#port = await findFreePort();
      await this.#parts.start('kube-apiserver', this.#binaries['kube-apiserver'], this.#apiServerFlags());
      try {
        return await this.#apiServerReady();
      } catch (error) {
        const taken = this.#parts.logTail('kube-apiserver').includes('address already in use');
        if (!taken || attempt === 3) throw error;
      }
    }
  }

  async #apiServerReady(): Promise<void> {
    const name = 'kube-apiserver';
    let died: string | undefined;
    void this.#parts.exited(name).then((how) => (died = how));
    await waitFor(
      `${name} to be ready (its log: ${this.#parts.logFile(name)})`,
      readyDeadline,
      this.#clock,
      async () => {
        if (died !== undefined) throw this.#parts.death(name, died);
        const ca = readCertificates(join(this.dir, 'certs', 'apiserver.crt'));
        if (ca === undefined) return undefined;
        if (this.#api === undefined || ca !== this.#ca) {
          this.#ca = ca;
          this.#api = new Api(this.url, ca);
        }
        const { status, body } = await this.request('GET', '/readyz', undefined, { timeout: 2000 });
        if (status !== 200) throw new Error(`/readyz answers ${status}: ${String(body)}`);
        return true;
      },
    );
  }

  #apiServerFlags(): string[] {
    // Without a controller manager no namespace has a default service account, and no node loses its first taint.
    const disabled = ['ServiceAccount'];
    if (!this.#options.controllerManager) disabled.push('TaintNodesByCondition');
    const extra = [...(this.#options.extraApiServerArgs ?? [])];
    const gates = Object.entries(this.#options.featureGates ?? {}).map(([gate, on]) => `${gate}=${on}`);
    if (gates.length > 0) extra.push(`--feature-gates=${gates.join(',')}`);
    return flags.mergeFlags(flags.apiServerFlags(this.dir, this.#port, disabled), extra);
  }

  async #startControllers(): Promise<void> {
    const { controllerManager, scheduler, kwok } = this.#options;
    const begin = (name: BinaryName, args: string[]) => this.#parts.start(name, this.#binaries[name], args);
    if (controllerManager) {
      const kubeconfig = this.kubeconfigFor('system:kube-controller-manager');
      await begin('kube-controller-manager', flags.controllerManagerFlags(this.dir, kubeconfig));
    }
    if (scheduler)
      await begin('kube-scheduler', flags.schedulerFlags(this.kubeconfigFor('system:kube-scheduler')));
    if (kwok) await begin('kwok', flags.kwokFlags(this.kubeconfigPath, this.#stages));
    if (controllerManager) await this.#controllersReady();
  }

  /** The controller manager has no port here; that it makes a service account shows that it works. */
  async #controllersReady(): Promise<void> {
    const name = 'kube-controller-manager';
    let died: string | undefined;
    void this.#parts.exited(name).then((how) => (died = how));
    await waitFor(
      `${name} to work (its log: ${this.#parts.logFile(name)})`,
      readyDeadline,
      this.#clock,
      async () => {
        if (died !== undefined) throw this.#parts.death(name, died);
        const path = '/api/v1/namespaces/default/serviceaccounts/default';
        return (await this.request('GET', path)).status === 200 ? true : undefined;
      },
    );
  }

  /** Says aloud that a part died by itself: whoever waits for what it does would wait in the dark. */
  async #watchOver(name: string): Promise<void> {
    const how = await this.#parts.exited(name);
    const asked = this.#stopped !== undefined || this.#parts.stopping(name);
    if (!asked) this.#options.progress(this.#parts.death(name, how).message);
  }

  #writeKubeconfig(user: string, token: string): string {
    const path = join(this.dir, `${user.replaceAll(/[^\w.-]/g, '-')}.kubeconfig`);
    writeKubeconfig(path, this.url, this.#ca, user, token);
    return path;
  }
}

export function requestFailed(
  method: string,
  path: string,
  status: number,
  body: unknown,
): ControlPlaneError {
  const message = (body as { message?: string }).message ?? JSON.stringify(body);
  return new ControlPlaneError('RequestFailed', `${method} ${path}: ${status} ${message}`);
}
