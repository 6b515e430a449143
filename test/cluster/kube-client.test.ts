import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { discover } from '../../src/kube/discovery.ts';
import { TcpProxy } from '../kube/tcp-proxy.ts';
import { clientFor, kubeconfigAt } from '../kube/support.ts';
import { useCluster } from '../support/cluster.ts';

describe('the client against a real API server', function () {
  this.timeout(60_000);
  const cluster = useCluster({ users: [{ name: 'watcher' }] });
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  async function connectByProxy() {
    const proxy = new TcpProxy(Number(new URL(cluster().url).port));
    const counted = connect(kubeconfigAt(cluster().kubeconfigPath, await proxy.listen()));
    closers.push(() => proxy.close());
    return { ...counted, proxy };
  }

  function connect(kubeconfig = cluster().kubeconfigPath) {
    const counted = clientFor(kubeconfig);
    closers.push(() => counted.client.close());
    return counted;
  }

  /** A kubeconfig like the admin's, changed in one place. */
  function altered(name: string, change: (config: KubeConfigFile) => void): string {
    const config = JSON.parse(readFileSync(cluster().kubeconfigPath, 'utf8')) as KubeConfigFile;
    change(config);
    const path = `${cluster().kubeconfigPath}.${name}`;
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  const namespaces = { method: 'GET', path: '/api/v1/namespaces' } as const;

  it('sends a hundred requests in turn over two connections at most', async () => {
    const { client, requests, proxy } = await connectByProxy();
    for (let n = 0; n < 100; n++) await client.request(namespaces);
    expect(requests).to.have.length(100);
    expect(proxy.accepted).to.be.at.most(2);
  });

  it('opens no connection for each of many requests at once', async () => {
    const { client, proxy } = await connectByProxy();
    await Promise.all(Array.from({ length: 100 }, () => client.request(namespaces)));
    expect(proxy.accepted).to.be.within(2, 32);
  });

  it('reads what the server is and serves', async () => {
    const { client, requests } = connect();
    const { version, resources, incomplete } = await discover(client);
    expect(version.major).to.equal(1);
    expect(version.minor).to.be.at.least(30);
    expect(incomplete).to.deep.equal([]);
    expect(requests).to.have.length(3);
    const find = (plural: string) => resources.find((one) => one.plural === plural);
    expect(find('pods')).to.deep.include({ group: '', version: 'v1', kind: 'Pod', namespaced: true });
    expect(find('pods')?.verbs).to.include.members(['list', 'watch']);
    expect(find('nodes')).to.deep.include({ namespaced: false });
    expect(find('deployments')).to.deep.include({ group: 'apps', kind: 'Deployment' });
  });

  it('reads the same from a server that does not aggregate discovery', async () => {
    const { client } = connect();
    const old = {
      request: (request: Parameters<typeof client.request>[0]) =>
        client.request({ ...request, accept: 'application/json' }),
    };
    const key = (one: {
      group: string;
      version: string;
      plural: string;
      kind: string;
      namespaced: boolean;
    }) => `${one.group}/${one.version}/${one.plural} ${one.kind} ${one.namespaced}`;
    const [aggregated, plain] = await Promise.all([discover(client), discover(old)]);
    expect(plain.resources.map(key).toSorted()).to.deep.equal(aggregated.resources.map(key).toSorted());
    expect(plain.resources.length).to.be.greaterThan(50);
  });

  const failures: Record<string, { kubeconfig: () => string; code: string; message: RegExp }> = {
    'nobody listens': {
      kubeconfig: () => kubeconfigAt(cluster().kubeconfigPath, 1),
      code: 'ConnectionFailed',
      message: /^cannot reach the API server https:\/\/127\.0\.0\.1:1: connection refused; is it running/,
    },
    'the name is unknown': {
      kubeconfig: () =>
        altered('unknown', ({ clusters }) => (clusters[0].cluster.server = 'https://nowhere.invalid:6443')),
      code: 'ConnectionFailed',
      message: /https:\/\/nowhere\.invalid:6443: its name cannot be resolved/,
    },
    'the authority is another': {
      kubeconfig: () =>
        altered('untrusted', ({ clusters }) => delete clusters[0].cluster['certificate-authority-data']),
      code: 'TlsFailed',
      message: /no TLS connection to the API server .* check certificate-authority/,
    },
    'the token is unknown': {
      kubeconfig: () => altered('token', ({ users }) => (users[0].user = { token: 'nonsense' })),
      code: 'ApiRefused',
      message: /^Unauthorized$/,
    },
    'the right is missing': {
      kubeconfig: () => cluster().kubeconfigFor('watcher'),
      code: 'ApiRefused',
      message: /namespaces is forbidden: User "watcher" cannot list/,
    },
  };
  for (const [title, { kubeconfig, code, message }] of Object.entries(failures)) {
    it(`says what is wrong when ${title}`, async () => {
      const { client } = connect(kubeconfig());
      const error: unknown = await client.request(namespaces).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).to.deep.include({ code });
      expect((error as Error).message).to.match(message);
    });
  }

  it('counts requests by verb, resource and code', async () => {
    const { client, requests } = connect();
    await client.request(namespaces);
    await client.request({ method: 'GET', path: '/api/v1/namespaces/default' });
    await client
      .request({ method: 'GET', path: '/apis/apps/v1/namespaces/default/deployments/none' })
      .catch(() => undefined);
    expect(requests.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`)).to.deep.equal([
      'list namespaces 200',
      'get namespaces 200',
      'get deployments.apps 404',
    ]);
  });
});

interface KubeConfigFile {
  clusters: [{ cluster: { server: string; 'certificate-authority-data'?: string } }];
  users: [{ user: object }];
}
