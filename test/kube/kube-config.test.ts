import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { KubeConfigError, type KubeConfigOptions, loadKubeConfig } from '../../src/kube/kube-config.ts';

interface Parts {
  clusters?: object[];
  users?: object[];
  contexts?: object[];
  'current-context'?: string;
}

/** A valid kubeconfig, with parts replaced. JSON is YAML. */
function kubeconfig(parts: Parts = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'here', cluster: { server: 'https://127.0.0.1:6443/' } }],
    users: [{ name: 'me', user: { token: 'secret' } }],
    contexts: [{ name: 'work', context: { cluster: 'here', user: 'me' } }],
    'current-context': 'work',
    ...parts,
  });
}

describe('loading a kubeconfig', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'plumbline-kubeconfig-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(name: string, text: string): string {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Where the pod's files are, below the folder. */
  const podFile = (name: string) => `var/run/secrets/kubernetes.io/serviceaccount/${name}`;
  const nowhere = () => ({ root: path.join(folder, 'none'), home: path.join(folder, 'none') });

  const problems: Record<string, { options: () => KubeConfigOptions; code: string; message: RegExp }> = {
    'the file is missing': {
      options: () => ({ kubeconfig: '/nowhere/config' }),
      code: 'KubeConfigMissing',
      message: /^kubeconfig \/nowhere\/config does not exist; check KUBECONFIG$/,
    },
    'nothing names a cluster': {
      options: nowhere,
      code: 'KubeConfigMissing',
      message:
        /^no cluster is named: there is neither .*\.kube\/config nor a ServiceAccount token .*set KUBECONFIG/,
    },
    'the file is a folder': {
      options: () => ({ kubeconfig: folder }),
      code: 'KubeConfigUnreadable',
      message: /cannot be read: EISDIR/,
    },
    'the file is not YAML': {
      options: () => ({ kubeconfig: write('bad', 'clusters:\n  - name: [\n') }),
      code: 'KubeConfigNotYaml',
      message: /bad is not YAML: .*\(\d+:\d+\)/s,
    },
    'the file is empty': {
      options: () => ({ kubeconfig: write('empty', '') }),
      code: 'KubeConfigInvalid',
      message: /empty is empty or not a mapping$/,
    },
    'the file is a list': {
      options: () => ({ kubeconfig: write('list', '[]') }),
      code: 'KubeConfigInvalid',
      message: /list is empty or not a mapping$/,
    },
    'it has no clusters': {
      options: () => ({ kubeconfig: write('config', 'kind: Config') }),
      code: 'KubeConfigInvalid',
      message: /config names no clusters$/,
    },
    'a cluster has no server': {
      options: () => ({
        kubeconfig: write('config', kubeconfig({ clusters: [{ name: 'here', cluster: {} }] })),
      }),
      code: 'KubeConfigInvalid',
      message: /config is not valid: clusters\[0\]\.cluster\.server is missing$/,
    },
    'the server is no URL': {
      options: () => ({
        kubeconfig: write(
          'config',
          kubeconfig({ clusters: [{ name: 'here', cluster: { server: '127.0.0.1:6443' } }] }),
        ),
      }),
      code: 'ServerInvalid',
      message: /^cluster "here" has server "127\.0\.0\.1:6443", which is no http\(s\) URL$/,
    },
    'the context is unknown': {
      options: () => ({ kubeconfig: write('config', kubeconfig()), context: 'play' }),
      code: 'ContextUnknown',
      message: /^context "play" is not in the kubeconfig; it has: work$/,
    },
    'no context is current': {
      options: () => ({ kubeconfig: write('config', kubeconfig({ 'current-context': '' })) }),
      code: 'ContextUnknown',
      message: /^no current context is set; choose one with --context: work$/,
    },
    'the context names an unknown cluster': {
      options: () => ({
        kubeconfig: write(
          'config',
          kubeconfig({ contexts: [{ name: 'work', context: { cluster: 'there', user: 'me' } }] }),
        ),
      }),
      code: 'KubeConfigInvalid',
      message: /^context "work" names cluster "there", which the kubeconfig does not have$/,
    },
    'the context names an unknown user': {
      options: () => ({
        kubeconfig: write(
          'config',
          kubeconfig({ contexts: [{ name: 'work', context: { cluster: 'here', user: 'you' } }] }),
        ),
      }),
      code: 'KubeConfigInvalid',
      message: /^context "work" names user "you", which the kubeconfig does not have$/,
    },
    'a certificate is missing': {
      options: () => ({
        kubeconfig: write(
          'config',
          kubeconfig({
            clusters: [{ name: 'here', cluster: { server: 'https://a', 'certificate-authority': 'ca.pem' } }],
          }),
        ),
      }),
      code: 'KubeConfigInvalid',
      message: /^context "work": certificate-authority \/.*\/ca\.pem does not exist$/,
    },
    'the pod has a token and no certificate': {
      options: () => {
        write(podFile('token'), 'secret');
        return { root: folder };
      },
      code: 'InClusterFilesMissing',
      message:
        /serviceaccount\/ca\.crt is missing beside the ServiceAccount token; check automountServiceAccountToken/,
    },
    'the pod does not know where the server is': {
      options: () => {
        write(podFile('token'), 'secret');
        write(podFile('ca.crt'), 'pem');
        return { root: folder };
      },
      code: 'InClusterFilesMissing',
      message: /KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set/,
    },
  };
  for (const [title, { options, code, message }] of Object.entries(problems)) {
    it(`says what is wrong when ${title}`, () => {
      const load = () => loadKubeConfig(options());
      expect(load).to.throw(KubeConfigError, message).with.property('code', code);
    });
  }

  it('takes the current context, or the one it is told', () => {
    const file = write(
      'config',
      kubeconfig({
        clusters: [
          { name: 'here', cluster: { server: 'https://a' } },
          { name: 'there', cluster: { server: 'https://b' } },
        ],
        contexts: [
          { name: 'work', context: { cluster: 'here', user: 'me' } },
          { name: 'play', context: { cluster: 'there', user: 'me' } },
        ],
      }),
    );
    expect(loadKubeConfig({ kubeconfig: file }).getCurrentCluster()?.server).to.equal('https://a');
    expect(loadKubeConfig({ kubeconfig: file, context: 'play' }).getCurrentCluster()?.server).to.equal(
      'https://b',
    );
  });

  it('merges several files as kubectl does: the earlier one wins, a missing one is left out', () => {
    const first = write(
      'first',
      kubeconfig({ users: [], clusters: [{ name: 'here', cluster: { server: 'https://first' } }] }),
    );
    const second = write(
      'second',
      kubeconfig({ clusters: [{ name: 'here', cluster: { server: 'https://second' } }] }),
    );
    const list = [path.join(folder, 'none'), first, second].join(path.delimiter);
    const config = loadKubeConfig({ kubeconfig: list });
    expect(config.getCurrentCluster()?.server).to.equal('https://first');
    expect(config.getCurrentUser()?.token).to.equal('secret');
  });

  it('reads ~/.kube/config when nothing else is named', () => {
    write('.kube/config', kubeconfig());
    const config = loadKubeConfig({ root: path.join(folder, 'none'), home: folder });
    expect(config.getCurrentCluster()?.server).to.equal('https://127.0.0.1:6443');
  });

  it('finds files beside the kubeconfig', () => {
    write('ca.pem', 'authority');
    const cluster = { server: 'https://a', 'certificate-authority': 'ca.pem' };
    const config = loadKubeConfig({
      kubeconfig: write('config', kubeconfig({ clusters: [{ name: 'here', cluster }] })),
    });
    expect(readFileSync(config.getCurrentCluster()?.caFile ?? '', 'utf8')).to.equal('authority');
  });

  it('keeps the authority of a cluster whose context names no user', async () => {
    const cluster = {
      server: 'https://a',
      'certificate-authority-data': Buffer.from('authority').toString('base64'),
    };
    const contexts = [{ name: 'work', context: { cluster: 'here' } }];
    const config = loadKubeConfig({
      kubeconfig: write('config', kubeconfig({ clusters: [{ name: 'here', cluster }], contexts, users: [] })),
    });
    const options: { ca?: unknown } = {};
    await config.applyToHTTPSOptions(options);
    expect(String(options.ca)).to.equal('authority');
  });
});
