import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { messageOf } from '../../src/kube/errors.ts';
import { Credentials } from '../../src/kube/credentials.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { FakeClock } from '../support/fake-clock.ts';

const unending = new AbortController().signal;

describe('credentials', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'plumbline-credentials-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function load(user: object, cluster: object = {}) {
    const file = path.join(folder, 'config');
    const config = {
      clusters: [{ name: 'here', cluster: { server: 'https://127.0.0.1:6443/prefix/', ...cluster } }],
      users: [{ name: 'me', user }],
      contexts: [{ name: 'work', context: { cluster: 'here', user: 'me' } }],
      'current-context': 'work',
    };
    writeFileSync(file, JSON.stringify(config));
    const clock = new FakeClock();
    return { clock, credentials: new Credentials(loadKubeConfig({ kubeconfig: file }), clock) };
  }

  const users: Record<string, { user: object; headers: object }> = {
    'a token': { user: { token: 'secret' }, headers: { authorization: 'Bearer secret' } },
    'a name and password': {
      user: { username: 'me', password: 'word' },
      headers: { authorization: `Basic ${Buffer.from('me:word').toString('base64')}` },
    },
    'somebody to impersonate': {
      user: { token: 'secret', as: 'somebody' },
      headers: { authorization: 'Bearer secret', 'impersonate-user': 'somebody' },
    },
    nothing: { user: {}, headers: {} },
  };
  for (const [title, { user, headers }] of Object.entries(users)) {
    it(`sends ${title}`, async () => {
      expect((await load(user).credentials.connection(unending)).headers).to.deep.equal(headers);
    });
  }

  it('keeps the path of the server, without a slash at its end', () => {
    expect(load({}).credentials.server).to.equal('https://127.0.0.1:6443/prefix');
  });

  it('uses one dispatcher for all, until a certificate changes', async () => {
    const ca = path.join(folder, 'ca.pem');
    writeFileSync(ca, 'one');
    const { clock, credentials } = load({ token: 'secret' }, { 'certificate-authority': 'ca.pem' });
    const first = await credentials.connection(unending);
    await clock.advance(60_000);
    expect((await credentials.connection(unending)).dispatcher).to.equal(first.dispatcher);
    writeFileSync(ca, 'two');
    await clock.advance(60_000);
    expect((await credentials.connection(unending)).dispatcher).not.to.equal(first.dispatcher);
    await credentials.close();
  });

  it('says of a certificate that is none what to check', async () => {
    const none = Buffer.from('none').toString('base64');
    const { credentials } = load({ 'client-certificate-data': none, 'client-key-data': none });
    const error: unknown = await credentials.connection(unending).catch((thrown: unknown) => thrown);
    expect(messageOf(error)).to.match(
      /^no credentials for https:.* a certificate or its key cannot be used; check client-certificate and client-key in the kubeconfig: .*PEM/,
    );
  });

  it('reads a token file again after a refusal', async () => {
    writeFileSync(path.join(folder, 'token'), 'one');
    const { credentials } = load({ tokenFile: 'token' });
    expect((await credentials.connection(unending)).headers).to.deep.equal({ authorization: 'Bearer one' });
    writeFileSync(path.join(folder, 'token'), 'two');
    expect((await credentials.connection(unending)).headers).to.deep.equal({ authorization: 'Bearer one' });
    expect(credentials.renew()).to.equal(true);
    expect((await credentials.connection(unending)).headers).to.deep.equal({ authorization: 'Bearer two' });
  });

  it('sees no sense in renewing twice within ten seconds', async () => {
    const { clock, credentials } = load({ token: 'secret' });
    expect([credentials.renew(), credentials.renew()]).to.deep.equal([true, false]);
    await clock.advance(10_000);
    expect(credentials.renew()).to.equal(true);
  });

  describe('of a plugin', () => {
    /** Prints a token that counts how often it was run. */
    const script = `
      const fs = require('node:fs');
      const count = (fs.existsSync(process.argv[1]) ? Number(fs.readFileSync(process.argv[1])) : 0) + 1;
      fs.writeFileSync(process.argv[1], String(count));
      console.log(JSON.stringify({ kind: 'ExecCredential', status: { token: 'run-' + count } }));`;
    const plugin = (count: string) => ({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: process.execPath,
        args: ['-e', script, count],
      },
    });

    it('runs it once for all who ask at once, and again after a refusal', async () => {
      const count = path.join(folder, 'count');
      const { credentials } = load(plugin(count));
      const all = await Promise.all(Array.from({ length: 10 }, () => credentials.connection(unending)));
      expect(new Set(all.map(({ headers }) => headers['authorization']))).to.deep.equal(
        new Set(['Bearer run-1']),
      );
      expect(readFileSync(count, 'utf8')).to.equal('1');
      credentials.renew();
      expect((await credentials.connection(unending)).headers).to.deep.equal({
        authorization: 'Bearer run-2',
      });
    });

    it('says which context it is that has no credentials, and asks again next time', async () => {
      const { credentials } = load({ exec: { command: path.join(folder, 'no-such-plugin') } });
      for (let n = 0; n < 2; n++) {
        const error: unknown = await credentials.connection(unending).catch((thrown: unknown) => thrown);
        expect(error).to.deep.include({ code: 'AuthFailed' });
        expect((error as Error).message).to.match(
          /^no credentials for https:.* \(context "work"\): .*ENOENT/,
        );
      }
    });
  });
});
