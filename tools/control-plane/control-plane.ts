import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { ApiRequestOptions, ApiResponse } from './api.ts';
import { ApiServer } from './api-server.ts';
import { resolveBinaries } from './binaries.ts';
import type { Progress } from './build.ts';
import { controllerFlags, type ControllerName, controllers, controllerUsers } from './controllers.ts';
import { admin, type User, writeKubeconfig, writeServiceAccountKeys, writeTokens } from './credentials.ts';
import { ControlPlaneError, throwIfStopped } from './errors.ts';
import { etcdFlags } from './flags.ts';
import { type KubectlResult, runKubectl } from './kubectl.ts';
import { findKwokStages } from './kwok.ts';
import { createNodes, type NodeOptions } from './nodes.ts';
import { Parts } from './parts.ts';

export interface ControlPlaneOptions {
  /** Further identities, each with a token. `admin` (group system:masters) is always there. */
  readonly users?: readonly User[];
  /** Owners, garbage collection, deletion of namespaces, default service accounts. */
  readonly controllerManager?: boolean;
  readonly scheduler?: boolean;
  /** Plays nodes and pods: a pod bound to a node of `createNodes` becomes Running. */
  readonly kwok?: boolean;
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** Each `--name=value`; one that is set here already is replaced. */
  readonly extraApiServerArgs?: readonly string[];
  /** Where data, keys and logs go, and stay. Default: a temporary folder that `stop` removes. */
  readonly dir?: string;
  /** Told what is built and what dies; default: stderr. */
  readonly progress?: Progress;
  /** Milliseconds that the API server may take to be ready; default a minute. With 100,000 objects it reads for longer. */
  readonly readyMs?: number;
  readonly env?: Record<string, string | undefined>;
  /** Aborting it while the start is under way ends that: what was started is stopped, and the start rejects. */
  readonly signal?: AbortSignal;
}

type Settings = ControlPlaneOptions & Required<Pick<ControlPlaneOptions, 'env' | 'progress'>>;

interface Executables {
  readonly etcd: string;
  readonly 'kube-apiserver': string;
  readonly kubectl: string;
  readonly controllers: ReadonlyMap<ControllerName, string>;
  readonly stages: readonly string[];
}

const stopGrace = 3000;

/**
 * Starts a real etcd and a real kube-apiserver on loopback (found or built first), and whatever else `options` asks
 * for. Resolves when they are ready. Throws ControlPlaneError. Should this process end without `stop`, by whatever
 * means, everything ends with it; and the control plane alone does not keep this process alive.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const settings = {
    ...options,
    env: options.env ?? process.env,
    progress: options.progress ?? ((line: string) => void process.stderr.write(`${line}\n`)),
  };
  const plane = new ControlPlane(settings, await findExecutables(settings), systemClock);
  const stop = () => void plane.stop();
  settings.signal?.addEventListener('abort', stop, { once: true });
  try {
    throwIfStopped(settings.signal);
    await plane.start();
    return plane;
  } catch (error) {
    await plane.stop();
    throw error;
  } finally {
    settings.signal?.removeEventListener('abort', stop);
  }
}

async function findExecutables(settings: Settings): Promise<Executables> {
  const asked: Record<ControllerName, boolean | undefined> = {
    'kube-controller-manager': settings.controllerManager,
    'kube-scheduler': settings.scheduler,
    kwok: settings.kwok,
  };
  const main = await resolveBinaries(['etcd', 'kube-apiserver', 'kubectl'], settings);
  const names = controllers.filter((name) => asked[name] === true);
  const found = await resolveBinaries(names, settings);
  const stages = settings.kwok === true ? await findKwokStages(settings) : [];
  return { ...main, controllers: new Map(names.map((name) => [name, found[name]])), stages };
}

/** A running control plane. Made by `startControlPlane`. */
export class ControlPlane {
  /** Data, keys, kubeconfigs and logs (`kube-apiserver.log`). */
  readonly dir: string;
  /** What etcd listens on: a unix socket. */
  readonly etcdEndpoint: string;
  readonly adminToken: string;
  readonly #settings: Settings;
  readonly #executables: Executables;
  readonly #clock: Clock;
  readonly #tokens: Map<string, string>;
  readonly #parts: Parts;
  readonly #server: ApiServer;
  #running = false;
  #stopped: Promise<void> | undefined;

  constructor(settings: Settings, executables: Executables, clock: Clock) {
    this.#settings = settings;
    this.#executables = executables;
    this.#clock = clock;
    // mkdtemp gives mode 0700 too.
    this.dir = settings.dir === undefined ? mkdtempSync(join(tmpdir(), 'plumbline-')) : resolve(settings.dir);
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    this.etcdEndpoint = `unix://${join(this.dir, 'etcd.sock')}`;
    this.#parts = new Parts(this.dir, settings.dir === undefined, clock, ({ message }) => {
      // Whoever waits for what the part does would wait in the dark. (While starting, the caller gets the error.)
      if (this.#running) settings.progress(message);
    });
    writeServiceAccountKeys(this.dir);
    const components = controllerUsers.map((name) => ({ name }));
    const users = [{ name: admin, groups: ['system:masters'] }, ...components, ...(settings.users ?? [])];
    this.#tokens = writeTokens(this.dir, users);
    this.adminToken = this.tokenFor(admin);
    this.#server = new ApiServer(this.#parts, describeApiServer(settings, executables, this.dir));
  }

  get url(): string {
    return this.#server.url;
  }

  /** The certificate to trust, as PEM; also in the file `ca.crt` of `dir`. */
  get ca(): string {
    return this.#server.ca;
  }

  /** Of the admin. */
  get kubeconfigPath(): string {
    return this.#kubeconfigFile(admin);
  }

  get kubectlPath(): string {
    return this.#executables.kubectl;
  }

  /** The process id of each part that runs, by its name: for measuring. */
  get pids(): Record<string, number> {
    return this.#parts.pids();
  }

  /** Called once, by startControlPlane. */
  async start(): Promise<void> {
    await this.#parts.start('etcd', this.#executables.etcd, etcdFlags(this.dir));
    await this.#server.firstStart(this.adminToken);
    this.kubeconfigFor(admin);
    await this.#startControllers();
    this.#running = true;
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

  /** Writes a kubeconfig with a real token, good for an hour, of a service account that exists. Returns its path. */
  async kubeconfigForServiceAccount(namespace: string, name: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const { status, body } = await this.request('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    });
    const token = (body as { status?: { token?: string } }).status?.token;
    if (token === undefined) {
      throw new ControlPlaneError('RequestFailed', `POST ${path}: ${status} ${JSON.stringify(body)}`);
    }
    return this.#writeKubeconfig(`system:serviceaccount:${namespace}:${name}`, token);
  }

  /** Runs kubectl, as the admin if no kubeconfig is given. A failure is a `code`, not an error. */
  kubectl(
    args: readonly string[],
    options: { input?: string; kubeconfig?: string } = {},
  ): Promise<KubectlResult> {
    const kubectl = {
      command: this.kubectlPath,
      kubeconfig: options.kubeconfig ?? this.kubeconfigPath,
      cacheDir: join(this.dir, 'kubectl-cache'),
      env: this.#settings.env,
    };
    return runKubectl(kubectl, args, options.input);
  }

  /** Asks the API server, as the admin if no token is given. Any status resolves. */
  request(
    method: string,
    path: string,
    body?: unknown,
    options: ApiRequestOptions = {},
  ): Promise<ApiResponse> {
    return this.#server.request(method, path, body, { token: this.adminToken, ...options });
  }

  /** Makes `count` nodes; with KWOK running, resolves when they are ready. Returns their names. */
  createNodes(count: number, options: NodeOptions = {}): Promise<string[]> {
    return createNodes(this, count, { ...options, awaitReady: this.#settings.kwok === true }, this.#clock);
  }

  /** An outage, until `startApiServer`. etcd keeps what it has. */
  stopApiServer(): Promise<void> {
    return this.#server.stop();
  }

  /** On the same port, with the same certificates and tokens. Resolves when it is ready. */
  startApiServer(): Promise<void> {
    return this.#server.start(this.adminToken);
  }

  async restartApiServer(): Promise<void> {
    await this.stopApiServer();
    await this.startApiServer();
  }

  /** Stops the API server and etcd, lets `change` do to etcd's data what it wants, and starts both again. */
  async whileStopped(change: (dataFolder: string) => void): Promise<void> {
    await this.stopApiServer();
    await this.#parts.stop('etcd', stopGrace);
    change(join(this.dir, 'etcd'));
    await this.#parts.start('etcd', this.#executables.etcd, etcdFlags(this.dir));
    await this.startApiServer();
  }

  /** Stops every part, the last started first, and removes the folder unless it was given. Idempotent. */
  stop(): Promise<void> {
    this.#running = false;
    this.#server.close();
    this.#stopped ??= this.#parts.close(stopGrace);
    return this.#stopped;
  }

  async #startControllers(): Promise<void> {
    const { controllers: wanted, stages } = this.#executables;
    const settings = {
      folder: this.dir,
      caFile: this.#server.caFile,
      stages,
      kubeconfigFor: (user: string) => this.kubeconfigFor(user),
    };
    for (const [name, command] of wanted) {
      await this.#parts.start(name, command, controllerFlags[name](settings));
    }
    if (!wanted.has('kube-controller-manager')) return;
    // It has no port here; that it makes a service account shows that it works.
    await this.#parts.ready('kube-controller-manager', 60_000, async () => {
      const { status } = await this.request('GET', '/api/v1/namespaces/default/serviceaccounts/default');
      return status === 200 ? true : undefined;
    });
  }

  #kubeconfigFile(user: string): string {
    return join(this.dir, `${user.replaceAll(/[^\w.-]/g, '-')}.kubeconfig`);
  }

  #writeKubeconfig(user: string, token: string): string {
    const path = this.#kubeconfigFile(user);
    writeKubeconfig(path, this.url, this.ca, user, token);
    return path;
  }
}

function describeApiServer(settings: Settings, executables: Executables, folder: string) {
  // Without a controller manager no namespace has a default service account, and no node loses its first taint.
  const disabledAdmission = ['ServiceAccount'];
  if (settings.controllerManager !== true) disabledAdmission.push('TaintNodesByCondition');
  const gates = Object.entries(settings.featureGates ?? {}).map(([gate, on]) => `${gate}=${on}`);
  const extraArgs = [...(settings.extraApiServerArgs ?? [])];
  if (gates.length > 0) extraArgs.push(`--feature-gates=${gates.join(',')}`);
  const { readyMs = 60_000 } = settings;
  return { command: executables['kube-apiserver'], folder, disabledAdmission, extraArgs, readyMs };
}
