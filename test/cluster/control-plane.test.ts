import { expect } from 'chai';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { findKubernetesModule } from '../../tools/control-plane/components.ts';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane,
} from '../../tools/control-plane/control-plane.ts';
import { freshNamespace, useCluster } from '../support/cluster.ts';
import { isAlive, processTree } from '../support/process-tree.ts';

/** Resolves when none of the processes lives and the folder is gone; the test's own timeout is the deadline. */
async function untilGone(pids: number[], folder: string): Promise<void> {
  while (pids.some(isAlive) || existsSync(folder)) await sleep(systemClock, 20);
}

/** The parts of a control plane, and the process that holds them. */
function processesOf({ pids }: Pick<ControlPlane, 'pids'>): number[] {
  const parts = Object.values(pids);
  const holder = execFileSync('ps', ['-o', 'ppid=', '-p', String(parts[0])], { encoding: 'utf8' });
  return [Number(holder), ...parts];
}

describe('the control plane', function () {
  this.timeout(60_000);
  const cluster = useCluster();

  it('is the Kubernetes whose version is pinned', async () => {
    const { status, body } = await cluster().request('GET', '/version');
    expect(status).to.equal(200);
    const { KUBEBUILDER_ASSETS: assets, PLUMBLINE_KUBERNETES_VERSION: wanted } = process.env;
    const expected = assets
      ? execFileSync(join(assets, 'kube-apiserver'), ['--version'], { encoding: 'utf8' }).trim().split(' ')[1]
      : findKubernetesModule(wanted).version;
    expect(body).to.have.property('gitVersion', expected);
  });

  it('answers kubectl', async () => {
    const name = await freshNamespace(cluster(), 'plane');
    const { stdout, code } = await cluster().kubectl(['get', 'namespaces', '-o', 'name']);
    expect(code).to.equal(0);
    expect(stdout.split('\n')).to.include.members(['namespace/default', `namespace/${name}`]);
  });

  it('hands its input to kubectl, and its failures back', async () => {
    const input = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x', namespace: 'nowhere' },
    });
    const { stderr, code } = await cluster().kubectl(['create', '-f', '-'], { input });
    expect(code).to.equal(1);
    expect(stderr).to.include('namespaces "nowhere" not found');
  });

  it('gives a service account the rights that RBAC gives it, and no others', async () => {
    const namespace = await freshNamespace(cluster(), 'plane');
    const kubectl = async (...args: string[]) => {
      const { code, stderr } = await cluster().kubectl([...args, '-n', namespace]);
      expect(code, stderr).to.equal(0);
    };
    await kubectl('create', 'serviceaccount', 'reader');
    await kubectl('create', 'role', 'reader', '--verb=list', '--resource=pods');
    await kubectl('create', 'rolebinding', 'reader', '--role=reader', `--serviceaccount=${namespace}:reader`);
    const kubeconfig = await cluster().kubeconfigForServiceAccount(namespace, 'reader');
    const allowed = await cluster().kubectl(['get', 'pods', '-n', namespace], { kubeconfig });
    expect(allowed.code, allowed.stderr).to.equal(0);
    const denied = await cluster().kubectl(['get', 'secrets', '-n', namespace], { kubeconfig });
    expect(denied.stderr).to.include(
      `User "system:serviceaccount:${namespace}:reader" cannot list resource "secrets"`,
    );
  });

  it('keeps its keys and tokens from other users of the machine', () => {
    expect(statSync(cluster().dir).mode & 0o777).to.equal(0o700);
    expect(statSync(cluster().kubeconfigPath).mode & 0o777).to.equal(0o600);
  });

  it('knows no user that was not named', () => {
    expect(() => cluster().kubeconfigFor('stranger')).to.throw(/stranger was not among the users/);
  });
});

describe('a control plane of one’s own', function () {
  this.timeout(60_000);
  // The shared one has seen to it that the executables are there, however long building them took.
  useCluster();
  const said: string[] = [];
  const started: ControlPlane[] = [];
  async function start(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
    const plane = await startControlPlane({ ...options, progress: (line) => void said.push(line) });
    started.push(plane);
    return plane;
  }
  afterEach(async () => {
    for (const plane of started.splice(0)) await plane.stop();
    said.length = 0;
  });

  it('knows further users by their tokens, keeps its objects through a restart, and leaves nothing', async () => {
    const plane = await start({ users: [{ name: 'someone', token: 'some-token' }] });
    const denied = await plane.request('GET', '/api/v1/pods', undefined, { token: 'some-token' });
    expect(denied.status).to.equal(403);
    expect(denied.body)
      .to.have.property('message')
      .that.includes('User "someone" cannot list resource "pods"');

    const namespace = await freshNamespace(plane, 'kept');
    await plane.restartApiServer();
    expect((await plane.request('GET', `/api/v1/namespaces/${namespace}`)).status).to.equal(200);

    const processes = processesOf(plane);
    await Promise.all([plane.stop(), plane.stop()]);
    expect(processes).to.have.length(3);
    expect(processes.filter(isAlive)).to.deep.equal([]);
    expect(existsSync(plane.dir)).to.equal(false);
    expect(said).to.deep.equal([]);
  });

  const ends: Record<string, (parent: ChildProcess) => void> = {
    'is killed': (parent) => void parent.kill('SIGKILL'),
    'comes to its end and forgot it': (parent) => parent.stdin?.end(),
  };
  for (const [sentence, end] of Object.entries(ends)) {
    it(`goes when the process that started it ${sentence}`, async () => {
      const module = join(import.meta.dirname, '../../tools/control-plane/control-plane.ts');
      const script = `import { startControlPlane } from ${JSON.stringify(module)};
        const { pids, dir } = await startControlPlane();
        console.log(JSON.stringify({ pids, dir }));
        process.stdin.resume();`;
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
      const { pids, dir } = JSON.parse(line) as Pick<ControlPlane, 'pids' | 'dir'>;
      const processes = processesOf({ pids });
      expect(processes.filter(isAlive)).to.have.length(3);
      end(parent);
      await untilGone(processes, dir);
    });
  }

  it('goes when the process that holds it is killed, which is said', async () => {
    const plane = await start();
    const processes = processesOf(plane);
    const [holder = 0] = processes;
    process.kill(holder, 'SIGKILL');
    while (processes.some(isAlive) || said.length < 2) await sleep(systemClock, 20);
    expect(said.join('\n')).to.match(/etcd died \(the process that held it ended\)/);
    await plane.stop();
    expect(existsSync(plane.dir)).to.equal(false);
  });

  it('says which part died, and what that wrote last', async () => {
    const plane = await start();
    process.kill(plane.pids['etcd'] ?? 0, 'SIGKILL');
    while (said.length === 0) await sleep(systemClock, 20);
    expect(said[0]).to.match(/^etcd died \(SIGKILL\)\. It last wrote:\n./);
  });

  it('refuses to start with a flag that the API server does not know, and leaves nothing', async () => {
    const error = await start({ extraApiServerArgs: ['--no-such-flag=1'] }).then(
      () => expect.fail('it started'),
      (reason: Error) => reason,
    );
    expect(error).to.have.property('code', 'PartDied');
    expect(error.message).to.match(/^kube-apiserver died \(exit code 1\)[^]*unknown flag: --no-such-flag/);
  });

  it('is stopped while it starts when nobody wants it any more, and leaves nothing', async () => {
    const before = new Set(processTree(process.pid));
    const stop = new AbortController();
    const failure = start({ signal: stop.signal }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    // The warden, etcd and the API server, which is far from ready.
    const added = () => processTree(process.pid).filter((pid) => !before.has(pid) && isAlive(pid));
    while (added().length < 3) await sleep(systemClock, 20);
    stop.abort();
    expect(await failure).to.have.property('code', 'Stopped');
    expect(added()).to.deep.equal([]);
  });

  it('replaces a flag of its own by one that is given, and sets feature gates', async () => {
    const plane = await start({
      extraApiServerArgs: ['--authorization-mode=AlwaysAllow'],
      featureGates: { WatchList: false },
      users: [{ name: 'someone' }],
    });
    const token = plane.tokenFor('someone');
    expect((await plane.request('GET', '/api/v1/pods', undefined, { token })).status).to.equal(200);
    const { body } = await plane.request('GET', '/metrics');
    expect(body).to.match(/kubernetes_feature_enabled\{name="WatchList",[^}]*\} 0\n/);
  });
});

describe('a control plane with controllers, scheduler and KWOK', function () {
  this.timeout(60_000);
  const cluster = useCluster({ controllerManager: true, scheduler: true, kwok: true });

  it('plays the pods of a real Deployment on played nodes, and collects them with it', async () => {
    const namespace = await freshNamespace(cluster(), 'played');
    await cluster().createNodes(2, { prefix: namespace });
    const kubectl = async (...args: string[]) => {
      const { code, stdout, stderr } = await cluster().kubectl([...args, '-n', namespace]);
      expect(code, stderr).to.equal(0);
      return stdout;
    };
    await kubectl('create', 'deployment', 'web', '--image=registry.example/web:1', '--replicas=20');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');
    const columns =
      'custom-columns=PHASE:.status.phase,NODE:.spec.nodeName,OWNER:.metadata.ownerReferences[0].kind';
    const pods = (await kubectl('get', 'pods', '--no-headers', '-o', columns)).trimEnd().split('\n');
    expect(pods).to.have.length(20);
    for (const pod of pods) expect(pod).to.match(/^Running +\S+-[01] +ReplicaSet$/);

    await kubectl('delete', 'deployment', 'web');
    await kubectl('wait', '--for=delete', 'pods', '--all', '--timeout=30s');
  });
});
