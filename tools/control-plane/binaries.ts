import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, type BuildOptions, type Progress } from './build.ts';
import { type BinaryName, findComponent, findKubernetesModule, isVersion } from './components.ts';
import { ControlPlaneError } from './errors.ts';
import type { Environment } from './go.ts';
import { findOnPath, isExecutable } from './path.ts';

const run = promisify(execFile);

export interface ResolveOptions {
  readonly progress: Progress;
  /** Default: the process's own. */
  readonly env?: Environment;
  /** Default: PLUMBLINE_CACHE, else XDG_CACHE_HOME/plumbline, else ~/.cache/plumbline. */
  readonly cacheRoot?: string;
  /** Aborting it ends a build. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds each executable: in the folder KUBEBUILDER_ASSETS if that holds an etcd and a kube-apiserver (envtest's
 * convention); kubectl also on the PATH, if it is within one minor version of the server; else built once from
 * source into the cache. Throws ControlPlaneError.
 */
export async function resolveBinaries<Name extends BinaryName>(
  names: readonly Name[],
  options: ResolveOptions,
): Promise<Record<Name, string>> {
  const env = options.env ?? process.env;
  const build: BuildOptions = {
    env,
    progress: options.progress,
    cacheRoot: options.cacheRoot ?? cacheRoot(env),
    signal: options.signal,
  };
  const assets = await findAssets(env, options.progress);
  const found: Partial<Record<BinaryName, string>> = {};
  for (const name of names) found[name] = await resolveBinary(name, assets, build);
  return found as Record<Name, string>;
}

export function cacheRoot(env: Environment): string {
  if (env['PLUMBLINE_CACHE']) return env['PLUMBLINE_CACHE'];
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'plumbline');
}

interface Assets {
  readonly folder: string;
  /** Of its kube-apiserver, e.g. `v1.34.1`. */
  readonly version: string;
}

async function findAssets(env: Environment, progress: Progress): Promise<Assets | undefined> {
  const folder = env['KUBEBUILDER_ASSETS'];
  if (folder === undefined || folder === '') return undefined;
  const missing = ['etcd', 'kube-apiserver'].filter((name) => !isExecutable(join(folder, name)));
  if (missing.length > 0) {
    progress(`KUBEBUILDER_ASSETS=${folder} has no ${missing.join(' and no ')}: it is not used`);
    return undefined;
  }
  const { stdout } = await run(join(folder, 'kube-apiserver'), ['--version']);
  const version = /v\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? 'v0.0.0';
  const wanted = env['PLUMBLINE_KUBERNETES_VERSION'];
  if (wanted && !isVersion(version, wanted)) {
    throw new ControlPlaneError(
      'AssetsVersionMismatch',
      `PLUMBLINE_KUBERNETES_VERSION is ${wanted}, but KUBEBUILDER_ASSETS=${folder} holds ${version}: unset one.`,
    );
  }
  return { folder, version };
}

async function resolveBinary(
  name: BinaryName,
  assets: Assets | undefined,
  build: BuildOptions,
): Promise<string> {
  const asset = assets && join(assets.folder, name);
  if (asset !== undefined && isExecutable(asset)) return asset;
  const version = build.env['PLUMBLINE_KUBERNETES_VERSION'] || (assets && findSimilar(assets.version));
  const component = findComponent(name, version);
  if (name === 'kubectl') {
    const kubectl = findOnPath('kubectl', build.env);
    const server = assets?.version ?? component.module.version;
    if (kubectl !== undefined && (await fitsServer(kubectl, server))) return kubectl;
  }
  return buildOnce(component, build);
}

/** The minor version of `server`, if it is one of those that can be built: what runs beside it must fit it. */
function findSimilar(server: string): string | undefined {
  const minor = /^v(1\.\d+)\./.exec(server)?.[1];
  try {
    return minor && findKubernetesModule(minor).version;
  } catch {
    return undefined;
  }
}

/** kubectl is supported within one minor version of the API server. */
async function fitsServer(kubectl: string, server: string): Promise<boolean> {
  try {
    const { stdout } = await run(kubectl, ['version', '--client', '--output=json']);
    const version = (JSON.parse(stdout) as { clientVersion?: { gitVersion?: string } }).clientVersion
      ?.gitVersion;
    const [client, wanted] = [version, server].map((v) => Number(/^v1\.(\d+)\./.exec(v ?? '')?.[1]));
    return Math.abs(Number(client) - Number(wanted)) <= 1;
  } catch {
    return false; // A kubectl that cannot tell its version is not one to rely on.
  }
}
