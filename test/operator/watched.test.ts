import { expect } from 'chai';
import { ConnectionError } from '../../src/kube/errors.ts';
import type { RawObject } from '../../src/kube/frame.ts';
import { Watched } from '../../src/operator/watched.ts';
import { ModelServer } from '../kube/model-server.ts';
import { FakeClock } from '../support/fake-clock.ts';

const things = { group: 'example.org', version: 'v1', plural: 'things', namespaced: true };
const lost = () => new ConnectionError('ConnectionLost', 'the connection was lost');

async function watching(prepare: (server: ModelServer) => void = () => undefined) {
  const server = new ModelServer();
  server.set('a', '1');
  prepare(server);
  const clock = new FakeClock();
  const told: (string | undefined)[] = [];
  const readability: string[] = [];
  const watched: Watched<string> = new Watched<string>(
    server,
    clock,
    { resource: things, required: false, project },
    {
      onAvailability: (which) => told.push(which.problem),
      onEvent: () => undefined,
      onReadability: (which, namespace, name) =>
        readability.push(`${which === watched ? 'of this' : 'of another'} ${namespace}/${name}`),
    },
  );
  const abort = new AbortController();
  const done = watched.watcher.run(abort.signal);
  await clock.advance(0);
  const stop = async () => {
    abort.abort();
    await done;
  };
  return { server, clock, watched, told, readability, stop };
}

function project({ value }: RawObject): string {
  if (value === 'broken' || value === 'broken again') throw new Error(`${value} is no value`);
  return String(value);
}

const absent = 'things.example.org is not installed';
const refused = 'reading things.example.org is refused: things is forbidden';

describe('a watched resource', () => {
  it('is available once it was read in full', async () => {
    const { watched, told, stop } = await watching();
    expect([watched.available, watched.reason, watched.problem]).to.deep.equal([true, undefined, undefined]);
    expect(told).to.deep.equal([undefined]);
    await stop();
  });

  it('says what keeps it from being read for the first time, but not where it would come into a report', async () => {
    const { watched, stop } = await watching((server) => server.faults.push(lost));
    expect(watched.problem).to.equal('things.example.org was not read yet');
    expect(watched.obstacle).to.equal('things.example.org was not read yet: the connection was lost');
    await stop();
  });

  it('stays absent while nobody answers whether it still is', async () => {
    const { server, clock, watched, told, stop } = await watching((model) => model.uninstall());
    expect(watched.problem).to.equal(absent);
    for (let n = 0; n < 5; n++) {
      server.faults.push(lost, lost);
      await clock.advance(700_000);
      expect([watched.problem, watched.reason]).to.deep.equal([absent, 'NoEvidence']);
    }
    expect(told).to.deep.equal([absent]);
    await stop();
  });

  it('stays refused while nobody answers whether it still is', async () => {
    const { server, clock, watched, told, stop } = await watching();
    server.allowed = false;
    server.cutStreams();
    await clock.advance(60_000);
    expect([watched.problem, watched.reason]).to.deep.equal([refused, 'Forbidden']);
    for (let n = 0; n < 5; n++) {
      server.faults.push(lost, lost);
      await clock.advance(20_000);
      expect(watched.available, 'it has the store of before, and no right to it').to.equal(false);
    }
    expect(told).to.deep.equal([undefined, refused]);
    server.allowed = true;
    await clock.advance(120_000);
    expect(told).to.deep.equal([undefined, refused, undefined]);
    await stop();
  });

  it('doubts a refusal of what could be read for ten seconds', async () => {
    const { server, clock, watched, told, stop } = await watching();
    server.allowed = false;
    server.cutStreams();
    await clock.advance(8_000);
    expect(watched.available).to.equal(true);
    server.allowed = true;
    await clock.advance(60_000);
    expect(told).to.deep.equal([undefined]);
    await stop();
  });

  it('does not take a server that falls silent for the end of a doubt', async () => {
    const { server, clock, watched, stop } = await watching();
    server.allowed = false;
    server.cutStreams();
    await clock.advance(2_000);
    for (let n = 0; n < 40; n++) server.faults.push(lost);
    await clock.advance(30_000);
    expect(watched.available).to.equal(true);
    server.faults.length = 0;
    await clock.advance(120_000);
    expect(watched.problem).to.equal(refused);
    await stop();
  });

  it('doubts a refusal at the start too, when the server may not have read its roles yet', async () => {
    const { server, clock, watched, told, stop } = await watching((model) => (model.allowed = false));
    await clock.advance(5_000);
    expect([watched.available, told]).to.deep.equal([false, []]);
    server.allowed = true;
    await clock.advance(5_000);
    expect(told).to.deep.equal([undefined]);
    await stop();
  });

  it('believes a refusal at the start after ten seconds', async () => {
    const { clock, told, stop } = await watching((model) => (model.allowed = false));
    await clock.advance(10_000);
    expect(told).to.deep.equal([refused]);
    await stop();
  });

  it('tells that it is refused after it was absent', async () => {
    const { server, clock, told, stop } = await watching((model) => model.uninstall());
    server.installed = true;
    server.allowed = false;
    await clock.advance(700_000);
    expect(told).to.deep.equal([absent, refused]);
    await stop();
  });

  it('tells of an object that cannot be read when it comes, breaks in another way, is mended, breaks and goes', async () => {
    const { server, clock, watched, readability, stop } = await watching();
    const take = async () => {
      await clock.advance(0);
      return readability.splice(0);
    };
    const once = ['of this ns/bad'];
    server.set('bad', 'broken');
    expect(await take()).to.deep.equal(once);
    expect(watched.evidence('ns', () => [])).to.deep.include({
      gap: {
        reason: 'EvaluationError',
        message: 'things.example.org bad cannot be read: broken is no value.',
      },
    });
    server.set('bad', 'broken');
    expect(await take(), 'no news').to.deep.equal([]);
    server.set('bad', 'broken again');
    expect(await take()).to.deep.equal(once);
    server.set('bad', 'well');
    expect(await take()).to.deep.equal(once);
    server.set('bad', 'well still');
    expect(await take(), 'it was well').to.deep.equal([]);
    server.set('bad', 'broken');
    expect(await take()).to.deep.equal(once);
    server.delete('bad');
    expect(await take()).to.deep.equal(once);
    expect(watched.evidence('ns', () => [])).to.not.have.property('gap');
    await stop();
  });
});
