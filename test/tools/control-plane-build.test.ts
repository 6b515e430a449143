import { expect } from 'chai';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { resolveBinaries } from '../../tools/control-plane/binaries.ts';
import { fakeGo, finish, Sandbox } from '../support/sandbox.ts';

describe('building an executable of the control plane', () => {
  let sandbox: Sandbox;
  beforeEach(() => (sandbox = new Sandbox()));
  afterEach(() => sandbox.remove());

  const options = () => ({
    progress: sandbox.progress,
    env: sandbox.environment({ LOG: sandbox.at('log') }),
    cacheRoot: sandbox.at('cache'),
  });
  const build = async () => (await resolveBinaries(['etcd'], options())).etcd;
  /** Another process that does the same, for the test to kill. */
  const buildElsewhere = () => {
    const module = join(import.meta.dirname, '../../tools/control-plane/binaries.ts');
    const { env, cacheRoot } = options();
    const script = `import { resolveBinaries } from ${JSON.stringify(module)};
      await resolveBinaries(['etcd'], { progress() {}, ...${JSON.stringify({ env, cacheRoot })} });`;
    return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  };
  const until = async (condition: () => boolean) => {
    while (!condition()) await sleep(systemClock, 20);
  };

  it('asks Go for a static, stripped, reproducible one from exactly the pinned sources', async () => {
    sandbox.write('bin/go', fakeGo(`echo "$CGO_ENABLED $GOWORK $PWD $*" > "$LOG"; ${finish}`));
    const found = await resolveBinaries(['kube-apiserver'], options());
    expect(execFileSync(found['kube-apiserver'], { encoding: 'utf8' })).to.equal('whole\n');
    expect(sandbox.read('log'))
      .to.match(/^0 off \S*tools\/control-plane\/kubernetes build -mod=readonly .*-trimpath /)
      .and.match(/ -ldflags -s -w -X k8s\.io\/component-base\/version\.gitVersion=v1\.37\.\d+ /)
      .and.match(/ k8s\.io\/kubernetes\/cmd\/kube-apiserver\n$/);
  });

  it('says what it does, how long that takes, and when it is done', async () => {
    sandbox.write('bin/go', fakeGo(finish));
    await build();
    expect(sandbox.said).to.have.length(2);
    expect(sandbox.said[0]).to.match(/^building etcd 3\.6\.\d+ from source; 1 minute the first time/);
    expect(sandbox.said[1]).to.match(/^built etcd 3\.6\.\d+ in \d+ s$/);
  });

  it('is done once: afterwards not even Go is needed', async () => {
    sandbox.write('bin/go', fakeGo(finish));
    const path = await build();
    sandbox.write('bin/go', 'exit 1');
    expect(await build()).to.equal(path);
    expect(sandbox.said).to.have.length(2);
  });

  it('leaves nothing when it fails, and shows what the compiler said last', async () => {
    const compiler = 'echo some/package >&2; echo "# some/package" >&2; echo "x.go:1:1: undefined: y" >&2';
    sandbox.write('bin/go', fakeGo(`echo half > "$output"; ${compiler}; exit 2`));
    const error = await build().then(
      (path) => expect.fail(`built ${path}`),
      (reason: Error) => reason,
    );
    expect(error).to.have.property('code', 'BuildFailed');
    expect(error.message).to.match(
      /^Building etcd v3\S+ in \S+ failed \(exit code 2\)\.\n# some\/package\nx\.go:1:1: undefined: y$/,
    );
    expect(sandbox.list('cache')).to.deep.equal(['etcd.lock']);
  });

  it('is taken up again when its process was killed; what that left is not taken for finished', async () => {
    sandbox.write(
      'bin/go',
      fakeGo(`echo $$ > "$LOG"; echo half > "$output"; chmod +x "$output"; exec sleep 60`),
    );
    const builder = buildElsewhere();
    const killed = once(builder, 'exit');
    await until(() => sandbox.list('cache').some((name) => name.startsWith('etcd.building-')));
    await until(() => sandbox.read('log').endsWith('\n'));
    builder.kill('SIGKILL');
    await killed;
    process.kill(Number(sandbox.read('log')), 'SIGKILL');
    expect(sandbox.list('cache')).not.to.include('etcd');

    sandbox.write('bin/go', fakeGo(finish));
    expect(execFileSync(await build(), { encoding: 'utf8' })).to.equal('whole\n');
    expect(sandbox.list('cache')).to.have.members(['etcd', 'etcd.lock']);
  });

  it('ends when nobody wants it any more, and Go with it; the next one goes on', async () => {
    sandbox.write('bin/go', fakeGo(`echo $$ > "$LOG"; echo half > "$output"; exec sleep 60`));
    const stop = new AbortController();
    const building = resolveBinaries(['etcd'], { ...options(), signal: stop.signal });
    const failure = building.then(
      () => undefined,
      (error: unknown) => error,
    );
    await until(() => sandbox.read('log') !== '');
    stop.abort();
    expect(await failure).to.have.property('code', 'Stopped');
    expect(() => process.kill(Number(sandbox.read('log')), 0)).to.throw('ESRCH');
    expect(sandbox.list('cache').filter((name) => name.startsWith('etcd.building'))).to.deep.equal([]);
    sandbox.write('bin/go', fakeGo(finish));
    await build();
  });

  it('is done by one of two who ask at once; the other waits, and says for whom', async () => {
    sandbox.write('bin/go', fakeGo(`echo build >> "$LOG"; sleep 1; ${finish}`));
    const other = buildElsewhere();
    await until(() => sandbox.read('log') !== '');
    const [path] = await Promise.all([build(), once(other, 'exit')]);
    expect(execFileSync(path, { encoding: 'utf8' })).to.equal('whole\n');
    expect(sandbox.read('log')).to.equal('build\n');
    expect(sandbox.said).to.deep.equal([`waiting for another process (pid ${other.pid}) that builds etcd`]);
  });
});
