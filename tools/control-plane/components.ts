import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ControlPlaneError } from './errors.ts';

/** The executables a control plane may be made of. */
export const binaryNames = [
  'etcd',
  'kube-apiserver',
  'kubectl',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const;

/** What watches it: what scrapes, what sends alerts on, and the tools that check their files. */
export const monitoringNames = ['prometheus', 'promtool', 'alertmanager', 'amtool'] as const;

export type BinaryName = (typeof binaryNames)[number] | (typeof monitoringNames)[number];

/** A folder with a go.mod and go.sum that pin one tool, and what Go needs to build from it. */
export interface GoModule {
  readonly folder: string;
  /** The required module, e.g. `k8s.io/kubernetes`. */
  readonly path: string;
  /** With the leading v, as in go.mod. */
  readonly version: string;
  /** The least Go that the go.mod asks for, e.g. `1.26.0`. */
  readonly goVersion: string;
  /** Over go.mod and go.sum, so that any change of a dependency is another build. */
  readonly hash: string;
  readonly ldflags: string;
  /** Build tags, comma separated; empty for none. */
  readonly tags: string;
}

/** One executable: where it is built from, and how long that took on two cores with an empty build cache. */
export interface Component {
  readonly name: string;
  readonly module: GoModule;
  readonly package: string;
  readonly usually: string;
}

const here = import.meta.dirname;

/** Which executable is built from which package. `usually` was measured in this order, as each finds more compiled. */
const packages: Record<
  BinaryName,
  {
    from: 'etcd' | 'kubernetes' | 'kwok' | 'prometheus' | 'alertmanager';
    package: string;
    usually: string;
  }
> = {
  etcd: { from: 'etcd', package: 'go.etcd.io/etcd/server/v3', usually: '1 minute' },
  'kube-apiserver': {
    from: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    usually: '3 to 5 minutes',
  },
  kubectl: { from: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kubectl', usually: '1 minute' },
  'kube-controller-manager': {
    from: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    usually: '1 minute',
  },
  'kube-scheduler': {
    from: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kube-scheduler',
    usually: 'half a minute',
  },
  kwok: { from: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok', usually: '1 minute' },
  prometheus: {
    from: 'prometheus',
    package: 'github.com/prometheus/prometheus/cmd/prometheus',
    usually: '3 minutes',
  },
  promtool: {
    from: 'prometheus',
    package: 'github.com/prometheus/prometheus/cmd/promtool',
    usually: 'half a minute',
  },
  alertmanager: {
    from: 'alertmanager',
    package: 'github.com/prometheus/alertmanager/cmd/alertmanager',
    usually: '1 minute',
  },
  amtool: {
    from: 'alertmanager',
    package: 'github.com/prometheus/alertmanager/cmd/amtool',
    usually: 'half a minute',
  },
};

/**
 * Finds what `name` is built from. `kubernetesVersion` (`1.34.4`, `v1.34.4` or `1.34`) picks among the folders
 * `kubernetes*`; without it the folder `kubernetes` is meant.
 */
export function findComponent(name: BinaryName, kubernetesVersion?: string): Component {
  const { from, package: packagePath, usually } = packages[name];
  const module =
    from === 'kubernetes' ? findKubernetesModule(kubernetesVersion) : readModule(join(here, from));
  return { name, module, package: packagePath, usually };
}

export function findKubernetesModule(version?: string): GoModule {
  if (version === undefined || version === '') return readModule(join(here, 'kubernetes'));
  const modules = readdirSync(here)
    .filter((entry) => /^kubernetes(-|$)/.test(entry))
    .map((entry) => readModule(join(here, entry)));
  const found = modules.find((module) => isVersion(module.version, version));
  if (found !== undefined) return found;
  const known = modules.map((m) => m.version.slice(1)).sort();
  throw new ControlPlaneError(
    'UnknownKubernetesVersion',
    `Kubernetes ${version} (PLUMBLINE_KUBERNETES_VERSION) is not among what can be built: ${known.join(', ')}. ` +
      `Each has its own folder in ${here}; docs/control-plane.md tells how to add one.`,
  );
}

/** Whether `version` (`v1.34.4`) is what `wanted` (`1.34.4`, `v1.34.4` or `1.34`) names. */
export function isVersion(version: string, wanted: string): boolean {
  return `${version}.`.startsWith(`v${wanted.replace(/^v/, '')}.`);
}

/** Reads a module folder; the versions stand in its go.mod and nowhere else. */
export function readModule(folder: string): GoModule {
  const mod = readFileSync(join(folder, 'go.mod'), 'utf8');
  const required = /^require (\S+) (v\S+)$/m.exec(mod);
  const go = /^go (\S+)$/m.exec(mod);
  const [path, version, goVersion] = [required?.[1], required?.[2], go?.[1]];
  if (path === undefined || version === undefined || goVersion === undefined) {
    throw new Error(`${join(folder, 'go.mod')} lacks its "go" line or its one-line "require MODULE VERSION"`);
  }
  const hash = createHash('sha256')
    .update(mod)
    .update(readFileSync(join(folder, 'go.sum')));
  return {
    folder,
    path,
    version,
    goVersion,
    hash: hash.digest('hex').slice(0, 12),
    ldflags: link(path, version),
    // Prometheus without the service discovery of every cloud: a third less to compile. Static targets remain.
    tags: path === 'github.com/prometheus/prometheus' ? 'remove_all_sd' : '',
  };
}

/**
 * A binary built from the module cache knows no version. Clients read the API server's to decide what it can do, and
 * Prometheus and Alertmanager show theirs, so it is stamped in.
 */
function link(path: string, version: string): string {
  if (path === 'k8s.io/kubernetes') return `-s -w -X k8s.io/component-base/version.gitVersion=${version}`;
  if (path.startsWith('github.com/prometheus/')) {
    return `-s -w -X github.com/prometheus/common/version.Version=${version.slice(1)}`;
  }
  return '-s -w';
}
