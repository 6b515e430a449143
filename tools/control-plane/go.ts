import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { findOnPath } from './path.ts';
import type { GoModule } from './components.ts';
import { ControlPlaneError } from './errors.ts';

export type Environment = Record<string, string | undefined>;

export interface Go {
  readonly command: string;
  readonly environment: Environment;
}

const otherWay =
  'set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver, for example one that setup-envtest downloaded';

/** Finds a Go that can build `module`. Throws GoMissing or GoTooOld, each with the ways out. */
export async function findGo(module: GoModule, env: Environment): Promise<Go> {
  const least = module.goVersion.split('.').slice(0, 2).join('.');
  const command = findOnPath('go', env);
  if (command === undefined) {
    throw new ControlPlaneError(
      'GoMissing',
      `A real Kubernetes control plane is built from source once, and there is no "go" on the PATH. Either ` +
        `install Go ${least} or newer (https://go.dev/dl, or the machine's package manager), or ${otherWay}.`,
    );
  }
  const go: Go = { command, environment: goEnvironment(env) };
  const { output, failed } = await goVersion(go, module.folder);
  const found = /(?:go version go|running go )(\d+(?:\.\d+)*)/.exec(output)?.[1] ?? 'of an unknown version';
  if (failed || isOlder(found, module.goVersion)) {
    throw new ControlPlaneError(
      'GoTooOld',
      `${command} is Go ${found}, and ${module.path} ${module.version} needs Go ${least} or newer. Either ` +
        `install that (https://go.dev/dl, or the machine's package manager), or ${otherWay}. Go said: ${output.trim()}`,
    );
  }
  return go;
}

/**
 * Asked in the module's folder: Go 1.21 and later fetch the toolchain that go.mod asks for, and say there whether
 * they may; older ones answer with what they are.
 */
function goVersion(go: Go, folder: string): Promise<{ output: string; failed: boolean }> {
  return new Promise((resolve) => {
    execFile(go.command, ['version'], { cwd: folder, env: go.environment }, (error, stdout, stderr) => {
      resolve({ output: stdout + stderr, failed: error !== null });
    });
  });
}

function isOlder(found: string, wanted: string): boolean {
  const [a, b] = [found, wanted].map((version) => version.split('.').map(Number));
  for (const [index, part] of (b ?? []).entries()) {
    const difference = (a?.[index] ?? 0) - part;
    if (Number.isNaN(difference)) return true;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** What a build must not inherit: a workspace or vendoring around us, cgo, and a missing home. */
function goEnvironment(env: Environment): Environment {
  const home = env['HOME'] || homedir();
  return { ...env, HOME: home, CGO_ENABLED: '0', GOWORK: 'off', GOOS: undefined, GOARCH: undefined };
}
