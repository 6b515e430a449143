import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { load } from 'js-yaml';
import { isObject, messageOf } from './errors.ts';

export type KubeConfigProblem =
  | 'KubeConfigMissing'
  | 'KubeConfigUnreadable'
  | 'KubeConfigNotYaml'
  | 'KubeConfigInvalid'
  | 'ContextUnknown'
  | 'InClusterFilesMissing'
  | 'ServerInvalid';

/** Why there is no usable way to a cluster. The message names the file or context, and what to do. */
export class KubeConfigError extends Error {
  readonly code: KubeConfigProblem;
  override readonly name = 'KubeConfigError';

  constructor(code: KubeConfigProblem, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export interface KubeConfigOptions {
  /** A file, or several as KUBECONFIG takes them; without it the ServiceAccount of the pod, else ~/.kube/config. */
  kubeconfig?: string | undefined;
  /** Without it the file's current context. */
  context?: string | undefined;
  /** Where the file system begins, for tests of the in-cluster way. */
  root?: string;
  /** Whose ~/.kube/config is meant. */
  home?: string;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds and checks the way to the cluster, so that every later failure is the server's or the network's.
 * @throws KubeConfigError
 */
export function loadKubeConfig(options: KubeConfigOptions = {}): KubeConfig {
  const { kubeconfig, context, root = '', home } = options;
  let config: KubeConfig;
  if (kubeconfig !== undefined && kubeconfig !== '') config = loadFiles(kubeconfig);
  else if (existsSync(`${root}${serviceAccount}/token`)) config = loadInCluster(root);
  else config = loadHome(path.join(home ?? findHome(), '.kube', 'config'));
  chooseContext(config, context);
  checkFiles(config);
  return config;
}

/** A user who is but a number, as in a container, has no home, and asking for it throws. */
function findHome(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

function loadHome(file: string): KubeConfig {
  if (existsSync(file)) return loadFiles(file);
  throw new KubeConfigError(
    'KubeConfigMissing',
    `no cluster is named: there is neither ${file} nor a ServiceAccount token at ${serviceAccount}; ` +
      'set KUBECONFIG (or pass --kubeconfig), or run in a pod that has a ServiceAccount',
  );
}

/** Reads KUBECONFIG's list as kubectl does: what an earlier file names wins, and a missing file is left out. */
function loadFiles(list: string): KubeConfig {
  const files = list.split(path.delimiter).filter((file) => file !== '');
  const present = files.filter((file) => existsSync(file));
  if (present.length === 0) {
    throw new KubeConfigError(
      'KubeConfigMissing',
      `kubeconfig ${files.join(', ')} does not exist; check KUBECONFIG`,
    );
  }
  const merged = new KubeConfig();
  for (const file of present) {
    const config = loadFile(file);
    merged.currentContext ??= config.currentContext;
    merged.clusters.push(...config.clusters.filter((one) => !hasName(merged.clusters, one.name)));
    merged.users.push(...config.users.filter((one) => !hasName(merged.users, one.name)));
    merged.contexts.push(...config.contexts.filter((one) => !hasName(merged.contexts, one.name)));
  }
  if (merged.clusters.length === 0) {
    throw new KubeConfigError('KubeConfigInvalid', `kubeconfig ${present.join(', ')} names no clusters`);
  }
  return merged;
}

function loadFile(file: string): KubeConfig {
  const text = attempt('KubeConfigUnreadable', `kubeconfig ${file} cannot be read`, () =>
    readFileSync(file, 'utf8'),
  );
  // js-yaml calls a text without a document an error; kubectl does not.
  const raw =
    text.trim() === ''
      ? undefined
      : attempt('KubeConfigNotYaml', `kubeconfig ${file} is not YAML`, () => load(text));
  if (!isObject(raw)) {
    throw new KubeConfigError('KubeConfigInvalid', `kubeconfig ${file} is empty or not a mapping`);
  }
  const config = new KubeConfig();
  attempt('KubeConfigInvalid', `kubeconfig ${file} is not valid`, () => config.loadFromString(text));
  config.makePathsAbsolute(path.dirname(path.resolve(file)));
  addTokenFiles(config, raw, path.dirname(path.resolve(file)));
  return config;
}

/**
 * client-node reads `token-file`, which no kubeconfig has; the real field is `tokenFile`. Given to its file
 * authenticator, the token is read again each minute, as rotated tokens need.
 */
function addTokenFiles(config: KubeConfig, raw: Record<string, unknown>, folder: string): void {
  const users: unknown[] = Array.isArray(raw['users']) ? raw['users'] : [];
  config.users = config.users.map((user) => {
    const entry = users.find((one) => isObject(one) && one['name'] === user.name);
    const settings = isObject(entry) && isObject(entry['user']) ? entry['user'] : {};
    const file = settings['tokenFile'];
    if (typeof file !== 'string') return user;
    return {
      ...user,
      authProvider: { name: 'tokenFile', config: { tokenFile: path.resolve(folder, file) } },
    };
  });
}

function loadInCluster(root: string): KubeConfig {
  const ca = `${root}${serviceAccount}/ca.crt`;
  if (!existsSync(ca)) {
    throw new KubeConfigError(
      'InClusterFilesMissing',
      `${ca} is missing beside the ServiceAccount token; check automountServiceAccountToken and the projected volume`,
    );
  }
  const config = new KubeConfig();
  config.loadFromCluster(root);
  if (config.clusters[0]?.server.includes('undefined') !== false) {
    throw new KubeConfigError(
      'InClusterFilesMissing',
      'there is a ServiceAccount token, but KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; ' +
        'pass a kubeconfig, or keep the environment that the kubelet gives',
    );
  }
  return config;
}

function chooseContext(config: KubeConfig, wanted: string | undefined): void {
  const known = config.contexts.map((one) => one.name).join(', ') || 'none';
  const name = wanted ?? config.currentContext ?? '';
  if (name === '') {
    throw new KubeConfigError(
      'ContextUnknown',
      `no current context is set; choose one with --context: ${known}`,
    );
  }
  const context = config.contexts.find((one) => one.name === name);
  if (context === undefined) {
    throw new KubeConfigError(
      'ContextUnknown',
      `context "${name}" is not in the kubeconfig; it has: ${known}`,
    );
  }
  config.setCurrentContext(name);
  const invalid = (what: string) =>
    new KubeConfigError('KubeConfigInvalid', `context "${name}" names ${what}`);
  const cluster = config.clusters.find((one) => one.name === context.cluster);
  if (cluster === undefined)
    throw invalid(`cluster "${context.cluster}", which the kubeconfig does not have`);
  if (context.user !== undefined && config.getUser(context.user) === null) {
    throw invalid(`user "${context.user}", which the kubeconfig does not have`);
  }
  checkServer(cluster.server, cluster.name);
  if (context.user !== undefined) return;
  // client-node leaves out the cluster's CA when a context has no user; an empty one brings it back.
  config.users = [...config.users, { name: 'anonymous' }];
  config.contexts = config.contexts.map((one) => (one === context ? { ...one, user: 'anonymous' } : one));
}

function checkServer(server: string, cluster: string): void {
  if (URL.canParse(server) && /^https?:$/.test(new URL(server).protocol)) return;
  throw new KubeConfigError(
    'ServerInvalid',
    `cluster "${cluster}" has server "${server}", which is no http(s) URL`,
  );
}

/** Without this a missing certificate would be a bare ENOENT at every request. */
function checkFiles(config: KubeConfig): void {
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  for (const [what, file] of [
    ['certificate-authority', cluster?.caFile],
    ['client-certificate', user?.certFile],
    ['client-key', user?.keyFile],
  ] as const) {
    if (file === undefined || existsSync(file)) continue;
    const message = `context "${config.currentContext}": ${what} ${file} does not exist`;
    throw new KubeConfigError('KubeConfigInvalid', message);
  }
}

function attempt<T>(code: KubeConfigProblem, message: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new KubeConfigError(code, `${message}: ${messageOf(error)}`, error);
  }
}

function hasName(list: readonly { name: string }[], name: string): boolean {
  return list.some((one) => one.name === name);
}
