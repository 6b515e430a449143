import { expect } from 'chai';
import { cacheRoot, resolveBinaries } from '../../tools/control-plane/binaries.ts';
import type { BinaryName } from '../../tools/control-plane/components.ts';
import type { ControlPlaneErrorCode } from '../../tools/control-plane/errors.ts';
import { fakeGo, finish, Sandbox } from '../support/sandbox.ts';

const server = (version: string) => `echo "Kubernetes ${version}"`;
const client = (version: string) => `echo '{"clientVersion":{"gitVersion":"${version}"}}'`;
const assets = { 'assets/etcd': '', 'assets/kube-apiserver': server('v1.37.0') };

interface Case {
  /** What the machine has: the path of each executable, and its script. */
  has: Record<string, string>;
  /** `assets` stands for that folder of the sandbox. */
  env?: Record<string, string>;
  asked: BinaryName;
}

describe('the executables of a control plane', () => {
  let sandbox: Sandbox;
  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(() => sandbox.remove());

  async function resolve({ has, env = {}, asked }: Case): Promise<string> {
    for (const [path, script] of Object.entries(has)) sandbox.write(path, script);
    const folder =
      env['KUBEBUILDER_ASSETS'] === undefined ? {} : { KUBEBUILDER_ASSETS: sandbox.at('assets') };
    const options = { progress: sandbox.progress, cacheRoot: sandbox.at('cache') };
    const found = await resolveBinaries([asked], {
      ...options,
      env: sandbox.environment({ ...env, ...folder }),
    });
    return found[asked];
  }

  const found: Record<string, Case & { found: RegExp; says?: RegExp }> = {
    'come from KUBEBUILDER_ASSETS, without any Go': {
      has: assets,
      env: { KUBEBUILDER_ASSETS: 'assets' },
      asked: 'etcd',
      found: /assets\/etcd$/,
    },
    'come from the cache, keyed by version, platform and dependencies': {
      has: { ...assets, 'bin/go': fakeGo(finish) },
      asked: 'kube-apiserver',
      found: /cache\/control-plane\/k8s\.io-kubernetes-v1\.37\.\d+-\w+-\w+-[0-9a-f]{12}\/kube-apiserver$/,
    },
    'come from the cache where KUBEBUILDER_ASSETS lacks the API server, which is said': {
      has: { 'assets/etcd': '', 'bin/go': fakeGo(finish) },
      env: { KUBEBUILDER_ASSETS: 'assets' },
      asked: 'etcd',
      found: /cache\/control-plane\/go\.etcd\.io-etcd-server-v3-v3\.6\.\d+-.*\/etcd$/,
      says: /KUBEBUILDER_ASSETS=.* has no kube-apiserver: it is not used/,
    },
    'hold a kubectl of the PATH that fits the server of KUBEBUILDER_ASSETS': {
      has: { ...assets, 'bin/kubectl': client('v1.36.9') },
      env: { KUBEBUILDER_ASSETS: 'assets' },
      asked: 'kubectl',
      found: /bin\/kubectl$/,
    },
    'hold a kubectl of the PATH that fits the server that is built': {
      has: { 'bin/kubectl': client('v1.38.0') },
      asked: 'kubectl',
      found: /bin\/kubectl$/,
    },
    'hold a built kubectl where the one of the PATH is too old': {
      has: { 'bin/kubectl': client('v1.35.0'), 'bin/go': fakeGo(finish) },
      asked: 'kubectl',
      found: /cache\/.*\/kubectl$/,
    },
    'hold a built kubectl where the one of the PATH does not run': {
      has: { 'bin/kubectl': 'exit 1', 'bin/go': fakeGo(finish) },
      asked: 'kubectl',
      found: /cache\/.*\/kubectl$/,
    },
    'are of the version that PLUMBLINE_KUBERNETES_VERSION names': {
      has: { 'bin/go': fakeGo(finish) },
      env: { PLUMBLINE_KUBERNETES_VERSION: '1.34.4' },
      asked: 'kube-apiserver',
      found: /k8s\.io-kubernetes-v1\.34\.4-.*\/kube-apiserver$/,
    },
    'are of the version that PLUMBLINE_KUBERNETES_VERSION names by its minor': {
      has: { 'bin/go': fakeGo(finish) },
      env: { PLUMBLINE_KUBERNETES_VERSION: 'v1.34' },
      asked: 'kube-apiserver',
      found: /k8s\.io-kubernetes-v1\.34\.\d+-.*\/kube-apiserver$/,
    },
    'are built to fit KUBEBUILDER_ASSETS where they are not in it': {
      has: { 'assets/etcd': '', 'assets/kube-apiserver': server('v1.34.1'), 'bin/go': fakeGo(finish) },
      env: { KUBEBUILDER_ASSETS: 'assets' },
      asked: 'kube-scheduler',
      found: /k8s\.io-kubernetes-v1\.34\.\d+-.*\/kube-scheduler$/,
    },
  };
  for (const [sentence, { found: expected, says = /^/, ...given }] of Object.entries(found)) {
    it(sentence, async () => {
      expect(await resolve(given)).to.match(expected);
      expect(sandbox.said.join('\n')).to.match(says);
    });
  }

  const refused: Record<string, Case & { code: ControlPlaneErrorCode; says: RegExp[] }> = {
    'are refused without Go, with both ways out': {
      has: {},
      asked: 'etcd',
      code: 'GoMissing',
      says: [/Go 1\.25 or newer \(https:\/\/go\.dev\/dl/, /KUBEBUILDER_ASSETS .* etcd and kube-apiserver/],
    },
    'are refused with a Go that is too old, with both ways out': {
      has: { 'bin/go': fakeGo(finish, '1.19.8') },
      asked: 'kube-apiserver',
      code: 'GoTooOld',
      says: [/is Go 1\.19\.8/, /needs Go 1\.26 or newer/, /https:\/\/go\.dev\/dl/, /KUBEBUILDER_ASSETS/],
    },
    'are refused with a Go that may not fetch the toolchain that it lacks': {
      has: {
        'bin/go': `echo 'go: go.mod requires go >= 1.26.0 (running go 1.25.1; GOTOOLCHAIN=local)' >&2; exit 1`,
      },
      asked: 'kube-apiserver',
      code: 'GoTooOld',
      says: [/is Go 1\.25\.1/, /GOTOOLCHAIN=local/],
    },
    'are refused in a version that has no folder, with those that have one': {
      has: {},
      env: { PLUMBLINE_KUBERNETES_VERSION: '1.20.0' },
      asked: 'kube-apiserver',
      code: 'UnknownKubernetesVersion',
      says: [/1\.20\.0/, /1\.34\.4, 1\.37\.2/],
    },
    'are refused when KUBEBUILDER_ASSETS holds another version than the one that is asked for': {
      has: assets,
      env: { KUBEBUILDER_ASSETS: 'assets', PLUMBLINE_KUBERNETES_VERSION: '1.34' },
      asked: 'etcd',
      code: 'AssetsVersionMismatch',
      says: [/PLUMBLINE_KUBERNETES_VERSION is 1\.34/, /holds v1\.37\.0/],
    },
  };
  for (const [sentence, { code, says, ...given }] of Object.entries(refused)) {
    it(sentence, async () => {
      const error = await resolve(given).then(
        (path) => expect.fail(`found ${path}`),
        (reason: Error) => reason,
      );
      expect(error).to.have.property('code', code);
      for (const part of says) expect(error.message).to.match(part);
      expect(sandbox.list('cache')).to.deep.equal([]);
    });
  }

  const roots: Record<string, { env: Record<string, string>; root: string }> = {
    PLUMBLINE_CACHE: { env: { PLUMBLINE_CACHE: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' }, root: '/a' },
    'a folder of XDG_CACHE_HOME': { env: { XDG_CACHE_HOME: '/b', HOME: '/c' }, root: '/b/plumbline' },
    'a folder of ~/.cache': { env: { HOME: '/c' }, root: '/c/.cache/plumbline' },
  };
  for (const [place, { env, root }] of Object.entries(roots)) {
    it(`are kept in ${place}`, () => expect(cacheRoot(env)).to.equal(root));
  }
});
