import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import fc from 'fast-check';
import { sleep } from '../../src/base/clock.ts';
import { ProtobufError } from '../../src/base/protobuf.ts';
import { ConnectionError, toApiError } from '../../src/kube/errors.ts';
import { WorkQueue } from '../../src/kube/queue.ts';
import type { Store } from '../../src/kube/store.ts';
import type { WatchLimits } from '../../src/kube/watcher.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { decodeThing } from './model-protobuf.ts';
import { bookmark, frame, ModelServer, tooLarge } from './model-server.ts';
import { ScriptedStream } from './scripted-stream.ts';
import { contents, runWatcher } from './support.ts';

const valuesIn = (store: Store<string>, namespace: string) =>
  store
    .list(namespace)
    .map(({ name, uid, value }) => `${name} ${uid} ${value}`)
    .sort((a, b) => (a < b ? -1 : 1));

const things = { group: '', version: 'v1', plural: 'things', namespaced: true };

type Encoding = 'JSON' | 'protobuf';

async function watchingIn(
  encoding: Encoding,
  prepare: (server: ModelServer) => void = () => undefined,
  limits: Partial<WatchLimits> = {},
) {
  const server = new ModelServer();
  server.set('a', '1');
  server.set('b', '1');
  prepare(server);
  const clock = new FakeClock();
  const projected: unknown[] = [];
  const running = runWatcher<string>({
    client: server,
    clock,
    resource: things,
    random: () => 0.5,
    limits,
    ...(encoding === 'JSON' ? {} : { decode: decodeThing }),
    project: (object) => {
      projected.push(object['value']);
      if (object['value'] === 'poison') throw new Error('cannot read');
      if (object['value'] === 'broken bytes') throw new ProtobufError('field 5 ends after its message');
      return object['value'] === 'dull' ? undefined : String(object['value']);
    },
  });
  await clock.advance(0);
  const reasons = () => running.events.flatMap((event) => (event.type === 'restart' ? [event.reason] : []));
  return { server, clock, reasons, projected, ...running };
}

for (const encoding of ['JSON', 'protobuf'] as const)
  describe(`a watcher in ${encoding}`, () => {
    const watching = (prepare?: (server: ModelServer) => void, limits?: Partial<WatchLimits>) =>
      watchingIn(encoding, prepare, limits);

    it('is synced when the list is complete, and follows what happens', async () => {
      const { server, clock, store, watcher, phases } = await watching();
      expect([watcher.hasSynced, store.synced, watcher.status.phase]).to.deep.equal([true, true, 'synced']);
      server.set('a', '2');
      server.delete('b');
      server.set('c', 'dull');
      server.set('d', '1', 'other');
      await clock.advance(0);
      expect(contents(store)).to.deep.equal({ 'ns/a': '2', 'other/d': '1' });
      expect(phases).to.deep.equal(['syncing', 'synced']);
    });

    it('projects nothing again that a second list has under a known version', async () => {
      const { server, clock, store, watcher, projected } = await watching();
      server.cutStreams();
      server.set('c', 'new');
      server.compact();
      projected.length = 0;
      await clock.advance(60_000);
      expect(watcher.status.relists).to.equal(1);
      expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '1', 'ns/c': 'new' });
      expect(projected).to.deep.equal(['new']);
    });

    it('lets go of an object that is no longer of interest', async () => {
      const { server, clock, store } = await watching();
      server.set('a', 'dull');
      await clock.advance(0);
      expect(contents(store)).to.deep.equal({ 'ns/b': '1' });
    });

    describe('goes on where it was', () => {
      const interruptions: Record<
        string,
        { do: (server: ModelServer) => void; reason: string; wait: number }
      > = {
        'when the server ends the stream': { do: (server) => server.endStreams(), reason: 'ended', wait: 0 },
        'when the line is cut': { do: (server) => server.cutStreams(), reason: 'cut', wait: 400 },
        'when the line is cut in the middle of a frame': {
          do: (server) => server.cutStreams(true),
          reason: 'cut',
          wait: 400,
        },
        'when the stream ends in the middle of a frame': {
          do: (server) => {
            server.send('{"type":"ADDED","obj');
            server.endStreams();
          },
          reason: 'cut',
          wait: 400,
        },
        'when the server sends an error': {
          do: (server) =>
            server.send('{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd is ill"}}\n'),
          reason: 'server-error',
          wait: 400,
        },
      };
      for (const [title, { do: interrupt, reason, wait }] of Object.entries(interruptions)) {
        it(title, async () => {
          const { server, clock, store, reasons, watcher } = await watching();
          await clock.advance(5_000);
          interrupt(server);
          await clock.advance(0);
          server.delete('b');
          await clock.advance(wait);
          expect(reasons()).to.deep.equal([reason]);
          expect(server.asked).to.deep.equal(['watch', 'watch from 12']);
          expect(contents(store)).to.deep.equal({ 'ns/a': '1' });
          expect(watcher.status).to.deep.include({ phase: 'synced', relists: 0 });
        });
      }

      const refusals: Record<string, { error: () => Error; reason: string; wait: number }> = {
        'after 500': { error: () => toApiError(500, { message: 'ill' }), reason: 'server-error', wait: 400 },
        'after 503': { error: () => toApiError(503, { message: 'ill' }), reason: 'server-error', wait: 400 },
        'after 429, when the server says': {
          error: () => toApiError(429, { message: 'busy' }, 5_000),
          reason: 'throttled',
          wait: 5_400,
        },
        'after 401': {
          error: () => toApiError(401, { message: 'Unauthorized' }),
          reason: 'unauthorized',
          wait: 400,
        },
        'when it was not reached': {
          error: () => new ConnectionError('ConnectionFailed', 'refused'),
          reason: 'unreachable',
          wait: 400,
        },
      };
      for (const [title, { error, reason, wait }] of Object.entries(refusals)) {
        it(title, async () => {
          const { server, clock, store, reasons, watcher } = await watching();
          await clock.advance(5_000);
          server.faults.push(error);
          server.endStreams();
          await clock.advance(0);
          expect(watcher.status).to.deep.include({ phase: 'backoff', message: error().message });
          expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '1' });
          await clock.advance(wait - 1);
          expect(server.asked).to.have.length(2);
          await clock.advance(1);
          expect(reasons()).to.deep.equal(['ended', reason]);
          expect(server.asked.slice(1)).to.deep.equal(['watch from 12', 'watch from 12']);
          expect(watcher.status.phase).to.equal('synced');
        });
      }

      it('at the version of the last bookmark', async () => {
        const { server, clock } = await watching();
        server.send(bookmark(40));
        await clock.advance(5_000);
        server.compact();
        server.endStreams();
        await clock.advance(0);
        expect(server.asked.at(-1)).to.equal('watch from 40');
      });
    });

    describe('lists again', () => {
      const reasons: Record<string, { do: (server: ModelServer) => void; reason: string }> = {
        'after 410': {
          do: (server) => {
            server.cutStreams();
            server.faults.push(() => toApiError(410, { reason: 'Expired', message: 'too old' }));
          },
          reason: 'expired',
        },
        'after 410 in the stream': {
          do: (server) =>
            server.send('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'),
          reason: 'expired',
        },
        'when versions go back': { do: (server) => server.send(bookmark(5)), reason: 'rolled-back' },
        'when its version is larger than any': {
          do: (server) => {
            server.cutStreams();
            const details = { causes: [{ reason: 'ResourceVersionTooLarge' }] };
            server.faults.push(() => toApiError(504, { reason: 'Timeout', message: 'Timeout', details }));
          },
          reason: 'rolled-back',
        },
        'when the stream says that its version is larger than any': {
          do: (server) =>
            server.send(
              '{"type":"ERROR","object":{"code":500,"message":"Too large resource version: 12, current: 5"}}\n',
            ),
          reason: 'rolled-back',
        },
        'after a frame that is not JSON': {
          do: (server) => server.send('{"type":"ADDED",\n'),
          reason: 'bad-frame',
        },
        'after a frame that is no object': { do: (server) => server.send('[1]\n'), reason: 'bad-frame' },
        'after a frame of an unknown type': {
          do: (server) => server.send('{"type":"X","object":{}}\n'),
          reason: 'bad-frame',
        },
        'after a frame without an object': {
          do: (server) => server.send('{"type":"ADDED"}\n'),
          reason: 'bad-frame',
        },
        'after an object without metadata': {
          do: (server) => server.send('{"type":"ADDED","object":{}}\n'),
          reason: 'bad-frame',
        },
        'after an object without a name': {
          do: (server) => server.send('{"type":"DELETED","object":{"metadata":{"resourceVersion":"9"}}}\n'),
          reason: 'bad-frame',
        },
        'after an object without a version': {
          do: (server) => server.send('{"type":"ADDED","object":{"metadata":{"name":"x"}}}\n'),
          reason: 'bad-frame',
        },
        'after an object whose namespace is no string': {
          do: (server) =>
            server.send(
              '{"type":"ADDED","object":{"metadata":{"name":"x","resourceVersion":"99","namespace":1}}}\n',
            ),
          reason: 'bad-frame',
        },
        'after a bookmark without a version': {
          do: (server) => server.send('{"type":"BOOKMARK","object":{"metadata":{}}}\n'),
          reason: 'bad-frame',
        },
        'after a frame that has no end': {
          do: (server) => server.send('x'.repeat(10_001)),
          reason: 'bad-frame',
        },
      };
      for (const [title, { do: disturb, reason }] of Object.entries(reasons)) {
        it(`${title}, and sees what was deleted meanwhile`, async () => {
          const { server, clock, store, events, watcher } = await watching(undefined, { frameBytes: 10_000 });
          disturb(server);
          // Not told to the stream, which is gone, and for the history it is too late.
          await clock.advance(0);
          server.delete('b');
          server.set('c', '1');
          server.compact();
          await clock.advance(60_000);
          expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/c': '1' });
          expect(events).to.deep.include({ type: 'relist', reason });
          expect(watcher.status).to.deep.include({ phase: 'synced', relists: 1 });
        });
      }

      it('after three minutes without a word, and trusts no version it knew', async () => {
        const { server, clock, store, reasons } = await watching();
        server.bookmarks = false;
        await clock.advance(90_000);
        expect(reasons()).to.deep.equal(['idle']);
        expect(server.asked.at(-1)).to.equal('watch from 12');
        const heard: string[] = [];
        store.subscribe(({ name }) => heard.push(name));
        await clock.advance(90_000);
        expect(reasons()).to.deep.equal(['idle', 'silent']);
        expect(server.asked.at(-1)).to.equal('watch');
        expect(heard).to.deep.equal(['a', 'b']);
      });

      it('and sees what has the old version and another content after a backup was put back', async () => {
        const { server, clock, store } = await watching();
        server.set('a', 'lost');
        server.set('b', 'lost');
        await clock.advance(5_000);
        expect(contents(store)).to.deep.equal({ 'ns/a': 'lost', 'ns/b': 'lost' });
        server.restoreBackup(2);
        // Version 13 again.
        server.set('a', 'made anew');
        await clock.advance(5_000);
        expect(contents(store)).to.deep.equal({ 'ns/a': 'made anew', 'ns/b': '1' });
      });

      it('and is not deceived by versions that have passed its own while the server was out of reach', async () => {
        const { server, clock, store, events } = await watching();
        server.set('a', 'lost');
        server.set('b', 'lost');
        await clock.advance(5_000);
        server.reachable = false;
        server.restoreBackup(2);
        await clock.advance(60_000);
        for (let n = 0; n < 5; n++) server.set('c', String(n));
        server.reachable = true;
        await clock.advance(60_000);
        expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '1', 'ns/c': '4' });
        expect(events.filter(({ type }) => type === 'rolled-back')).to.have.length(1);
      });

      it('but not after a server was out of reach for no longer than it takes to restart', async () => {
        const { server, clock, store, watcher, reasons } = await watching();
        server.reachable = false;
        server.cutStreams();
        server.set('c', '1');
        await clock.advance(10_000);
        server.reachable = true;
        await clock.advance(30_000);
        expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '1', 'ns/c': '1' });
        expect(new Set(reasons())).to.deep.equal(new Set(['cut', 'unreachable']));
        expect(watcher.status.relists).to.equal(0);
      });

      /** A backup was put back whose versions have passed those that were seen, and it is to list. */
      const overtaken = async () => {
        const running = await watching();
        const { server, clock } = running;
        server.set('a', 'lost');
        await clock.advance(5_000);
        server.restoreBackup(1);
        for (let n = 0; n < 5; n++) server.set('c', String(n));
        server.faults.push(() => toApiError(410, { reason: 'Expired', message: 'too old' }));
        return running;
      };

      it('when a list has an object older than it was, though the versions have passed its own', async () => {
        const { clock, store, events, reasons } = await overtaken();
        await clock.advance(30_000);
        expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '1', 'ns/c': '4' });
        expect(reasons()).to.deep.equal(['cut', 'expired', 'rolled-back']);
        expect(events.filter(({ type }) => type === 'rolled-back')).to.have.length(1);
      });

      it('also when the list that had it broke off, and the next one has nothing that is news', async () => {
        const { server, clock, store, events, reasons } = await overtaken();
        server.brokenLists = 2;
        await clock.advance(30_000);
        expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '1', 'ns/c': '4' });
        expect(reasons()).to.deep.equal(['cut', 'expired', 'cut', 'cut', 'rolled-back']);
        expect(events.filter(({ type }) => type === 'rolled-back')).to.have.length(1);
      });

      describe('when another watch has seen that a backup was put back', () => {
        const moments: Record<string, (server: ModelServer) => void> = {
          'while it watches': () => undefined,
          'while it waits': (server) => server.cutStreams(),
          'while it lists': (server) => {
            server.faults.push(() => toApiError(410, { reason: 'Expired', message: 'too old' }));
            server.endStreams();
          },
        };
        for (const [title, prepare] of Object.entries(moments)) {
          it(`${title}, and says nothing of it itself`, async () => {
            const { server, clock, store, events, watcher } = await watching();
            server.set('a', 'lost');
            await clock.advance(5_000);
            server.restoreBackup(1);
            await clock.advance(0);
            for (let n = 0; n < 5; n++) server.set('c', String(n));
            // It resumes and is deceived.
            await clock.advance(5_000);
            expect(contents(store)['ns/a']).to.equal('lost');
            expect(watcher.rereads, 'before').to.equal(false);
            prepare(server);
            await clock.advance(0);
            const whenAsking: boolean[] = [];
            const ask = server.stream.bind(server);
            server.stream = (request) => {
              whenAsking.push(watcher.rereads);
              return ask(request);
            };
            watcher.distrust();
            expect(watcher.rereads, 'at once').to.equal(true);
            await clock.advance(30_000);
            expect(new Set(whenAsking), 'until it is answered').to.deep.equal(new Set([true]));
            expect(watcher.rereads, 'after').to.equal(false);
            expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '1', 'ns/c': '4' });
            expect(events.filter(({ type }) => type === 'rolled-back')).to.deep.equal([]);
            expect(watcher.status.phase).to.equal('synced');
          });
        }
      });

      it('without trust until a list is complete, however many break off before', async () => {
        const { server, clock, store, reasons } = await watching();
        server.set('a', 'lost');
        server.set('b', 'lost');
        await clock.advance(5_000);
        server.restoreBackup(2);
        server.set('a', 'made anew');
        server.faults.push(
          tooLarge,
          ...Array.from({ length: 3 }, () => () => toApiError(500, { message: 'ill' })),
        );
        await clock.advance(30_000);
        expect(reasons()).to.deep.equal([
          'cut',
          'rolled-back',
          'server-error',
          'server-error',
          'server-error',
        ]);
        expect(contents(store)).to.deep.equal({ 'ns/a': 'made anew', 'ns/b': '1' });
      });

      it('when the list itself shows that a backup was put back', async () => {
        const { server, clock, store, reasons } = await watching();
        server.set('a', 'lost');
        server.set('b', 'lost');
        await clock.advance(5_000);
        server.restoreBackup(2);
        server.set('a', 'made anew');
        server.faults.push(() => toApiError(410, { reason: 'Expired', message: 'too old' }));
        await clock.advance(10_000);
        expect(reasons()).to.deep.equal(['cut', 'expired', 'rolled-back']);
        expect(contents(store)).to.deep.equal({ 'ns/a': 'made anew', 'ns/b': '1' });
      });

      it('when nothing but the version of the list shows that a backup was put back', async () => {
        const { server, clock, store, reasons } = await watching();
        server.set('a', 'lost');
        server.set('c', 'lost');
        await clock.advance(5_000);
        server.restoreBackup(2);
        // Under the version that is known: no object of the list is older than it was.
        server.set('a', 'made anew');
        server.faults.push(() => toApiError(410, { reason: 'Expired', message: 'too old' }));
        await clock.advance(10_000);
        expect(reasons()).to.deep.equal(['cut', 'expired', 'rolled-back']);
        expect(contents(store)).to.deep.equal({ 'ns/a': 'made anew', 'ns/b': '1' });
      });

      it('when a listener of the store failed, and tells it everything', async () => {
        const { server, clock, store, reasons } = await watching();
        const heard: string[] = [];
        let fails = true;
        store.subscribe(({ name }) => {
          heard.push(name);
          if (fails) throw new Error('defect');
        });
        server.set('a', '2');
        await clock.advance(0);
        fails = false;
        await clock.advance(10_000);
        expect(reasons()).to.deep.equal(['internal']);
        expect(heard).to.deep.equal(['a', 'a', 'b']);
      });
    });

    it('is content with a bookmark a minute', async () => {
      const { server, clock, reasons } = await watching();
      for (let minute = 0; minute < 10; minute++) {
        await clock.advance(60_000);
        server.bookmark();
      }
      expect(reasons()).to.deep.equal([]);
      expect(server.asked).to.deep.equal(['watch']);
    });

    describe('does not hammer a server that ends every stream at once', () => {
      const before: Record<string, (server: ModelServer) => void> = {
        'with nothing in it': () => undefined,
        'after a bookmark': (server) => server.bookmark(),
        'after a change': (server) => server.set('c', String(server.asked.length)),
      };
      for (const [title, happens] of Object.entries(before)) {
        it(title, async () => {
          const { server, clock, store, reasons } = await watching((one) => {
            const open = one.stream.bind(one);
            one.stream = async (request) => {
              // Were it hammered, no test would end.
              if (one.asked.length > 200) throw new Error('asked too often');
              const stream = await open(request);
              if (request.query?.['resourceVersion'] === undefined) return stream;
              happens(one);
              one.endStreams();
              return stream;
            };
          });
          server.endStreams();
          await clock.advance(60_000);
          // 0.4 + 0.8 + 1.6 + ... + 12.8 s, then 15 s each.
          expect(server.asked.length).to.be.within(7, 10);
          expect(new Set(reasons())).to.deep.equal(new Set(['short']));
          expect(contents(store), 'what came is not lost').to.deep.equal(server.contents);
        });
      }

      it('nor one that ends the list when it is complete', async () => {
        const { server, clock, store } = await watching((one) => {
          const open = one.stream.bind(one);
          one.stream = async (request) => {
            const stream = await open(request);
            one.endStreams();
            return stream;
          };
        });
        await clock.advance(60_000);
        expect(server.asked.length).to.be.within(7, 10);
        expect(server.asked.filter((asked) => asked === 'watch')).to.have.length(1);
        expect(contents(store)).to.deep.equal(server.contents);
      });
    });

    it('opens a stream a second, and does not fall behind, where each is ended after that', async () => {
      const { server, clock, store, reasons } = await watching();
      for (let second = 1; second <= 60; second++) {
        await clock.advance(1_000);
        server.set('c', String(second));
        server.endStreams();
        await clock.advance(0);
        expect(contents(store)['ns/c']).to.equal(String(second));
      }
      expect(server.asked).to.have.length(61);
      expect(new Set(reasons())).to.deep.equal(new Set(['ended']));
    });

    it('does not hammer a server that is down, and comes back within the cap', async () => {
      const { server, clock, watcher } = await watching();
      server.faults.push(...Array.from({ length: 60 }, () => () => toApiError(500, { message: 'ill' })));
      server.endStreams();
      await clock.advance(60_000);
      expect(server.asked.length).to.be.within(7, 10);
      expect(watcher.status).to.deep.include({ phase: 'backoff', message: 'ill' });
      server.faults.length = 0;
      await clock.advance(30_000);
      expect(watcher.status.phase).to.equal('synced');
    });

    describe('stands by', () => {
      it('for a kind that is absent: asks now and then, at once when poked, and fills', async () => {
        const { server, clock, store, watcher } = await watching((one) => (one.installed = false));
        expect(watcher.status).to.deep.include({
          phase: 'absent',
          message: 'the server could not find the requested resource',
        });
        expect(watcher.hasSynced).to.equal(false);
        await clock.advance(2_000_000);
        // Every 450 s with this test's dice.
        expect(server.asked).to.have.length(5);
        server.installed = true;
        watcher.poke();
        await clock.advance(0);
        expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '1' });
        expect(watcher.hasSynced).to.equal(true);
      });

      it('for a kind that goes: its objects go too', async () => {
        const { server, clock, store, watcher, events } = await watching();
        const gone: string[] = [];
        store.subscribe((change) => gone.push(`${change.type} ${change.name}`));
        server.installed = false;
        server.endStreams();
        await clock.advance(1_000);
        expect(watcher.status.phase).to.equal('absent');
        expect([store.size, watcher.hasSynced, store.synced]).to.deep.equal([0, false, false]);
        expect(gone).to.deep.equal(['delete a', 'delete b']);
        expect(events.filter(({ type }) => type === 'relist')).to.deep.equal([]);
      });

      it('for a right that is missing: asks now and then, and fills when it is given', async () => {
        const { server, clock, store, watcher } = await watching((one) => (one.allowed = false));
        expect(watcher.status).to.deep.include({ phase: 'forbidden', message: 'things is forbidden' });
        await clock.advance(100_000);
        // Every 22.5 s with this test's dice.
        expect(server.asked).to.have.length(5);
        server.allowed = true;
        await clock.advance(22_500);
        expect(watcher.status.phase).to.equal('synced');
        expect(store.size).to.equal(2);
      });

      it('for a right that is taken away: keeps what it knew, says so, and resumes', async () => {
        const { server, clock, store, watcher } = await watching();
        server.allowed = false;
        server.cutStreams();
        await clock.advance(1_000);
        expect(watcher.status.phase).to.equal('forbidden');
        expect(store.size).to.equal(2);
        server.delete('a');
        server.allowed = true;
        watcher.poke();
        await clock.advance(0);
        expect(contents(store)).to.deep.equal({ 'ns/b': '1' });
        expect(watcher.status).to.deep.include({ phase: 'synced', relists: 0 });
      });
    });

    describe('lists by pages', () => {
      const prepare = (server: ModelServer) => {
        server.watchList = false;
        for (const name of ['c', 'd', 'e']) server.set(name, '1');
      };
      const limits = { pageSize: 2 };

      it('where there is no WatchList, and does not ask for it again', async () => {
        const { server, clock, store } = await watching(prepare, limits);
        expect(server.asked).to.deep.equal(['watch', 'list', 'page', 'page', 'watch from 15']);
        expect(store.size).to.equal(5);
        server.delete('c');
        server.cutStreams();
        server.compact();
        server.set('f', '1');
        server.compact();
        await clock.advance(30_000);
        expect(Object.keys(contents(store))).to.deep.equal(['ns/a', 'ns/b', 'ns/d', 'ns/e', 'ns/f']);
        expect(server.asked.slice(5)).to.deep.equal([
          'watch from 16',
          'list',
          'page',
          'page',
          'watch from 17',
        ]);
      });

      it('from the beginning when the next page has expired', async () => {
        const { server, clock, store } = await watching((one) => {
          prepare(one);
          const request = one.request.bind(one);
          let left = 1;
          one.request = async (asked) => {
            if (asked.query?.['continue'] !== undefined && left-- > 0) {
              one.delete('a');
              one.compact();
            }
            return request(asked);
          };
        }, limits);
        await clock.advance(30_000);
        expect(server.asked).to.deep.equal(['watch', 'list', 'page', 'list', 'page', 'watch from 16']);
        expect(Object.keys(contents(store))).to.deep.equal(['ns/b', 'ns/c', 'ns/d', 'ns/e']);
      });

      it('where streams end before the list does, without hammering', async () => {
        const { server, clock, store } = await watching((one) => {
          const open = one.stream.bind(one);
          one.stream = async (request) => {
            const stream = await open(request);
            if (request.query?.['resourceVersion'] !== undefined) return stream;
            const ended = new ScriptedStream(request.signal);
            ended.write(
              frame('ADDED', { name: 'a', namespace: 'ns', uid: 'uid-1', version: 11, value: '1' }),
            );
            ended.end();
            return { ...stream, isProtobuf: false, chunks: ended.chunks() };
          };
        });
        expect([store.size, store.synced]).to.deep.equal([1, false]);
        await clock.advance(10_000);
        expect(server.asked).to.deep.equal(['watch', 'watch', 'list', 'watch from 12']);
        expect(store.size).to.equal(2);
      });

      it('where the end of the list is never said', async () => {
        const { server, clock, store } = await watching((one) => {
          const open = one.stream.bind(one);
          one.stream = async (request) => {
            if (request.query?.['resourceVersion'] !== undefined) return open(request);
            // As servers do that do not know `sendInitialEvents`.
            const answer = await open({ ...request, query: { resourceVersion: '10' } });
            one.asked[one.asked.length - 1] = 'watch';
            return answer;
          };
        });
        await clock.advance(200_000);
        expect(server.asked.slice(0, 4)).to.deep.equal(['watch', 'watch', 'list', 'watch from 12']);
        expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '1' });
      });
    });

    describe('names the object that it cannot read, and sees the rest', () => {
      const bad = (server: ModelServer) => server.set('bad', 'poison');

      it('from the first list on', async () => {
        const { store, events, watcher, readability } = await watching(bad);
        expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '1' });
        expect(watcher.unreadable()[0]).to.deep.include({
          namespace: 'ns',
          name: 'bad',
          message: 'cannot read',
        });
        expect(events[0]).to.deep.include({ type: 'unreadable', namespace: 'ns', name: 'bad' });
        expect(readability).to.deep.equal(['ns/bad']);
      });

      it('when one becomes so, and does not keep what it was', async () => {
        const { server, clock, store, watcher, readability } = await watching();
        server.set('a', 'poison');
        server.set('a', 'poison');
        await clock.advance(0);
        expect(contents(store)).to.deep.equal({ 'ns/b': '1' });
        expect(watcher.unreadable()).to.have.length(1);
        expect(readability).to.deep.equal(['ns/a']);
      });

      const ends: Record<string, (server: ModelServer) => void> = {
        'until it is well': (server) => server.set('bad', '2'),
        'until it is of no interest': (server) => server.set('bad', 'dull'),
        'until it is deleted': (server) => server.delete('bad'),
        'until a list has it no more': (server) => {
          server.cutStreams();
          server.delete('bad');
          server.compact();
        },
        'until the kind is gone': (server) => {
          server.installed = false;
          server.endStreams();
        },
      };
      for (const [title, end] of Object.entries(ends)) {
        it(title, async () => {
          const { server, clock, watcher, readability } = await watching(bad);
          end(server);
          await clock.advance(5_000);
          expect(watcher.unreadable()).to.deep.equal([]);
          expect(readability).to.deep.equal(['ns/bad', 'ns/bad']);
        });
      }

      it('also after another list', async () => {
        const { server, clock, watcher, readability } = await watching(bad);
        server.cutStreams();
        server.set('c', '1');
        server.compact();
        await clock.advance(5_000);
        expect(watcher.status.relists).to.equal(1);
        expect(watcher.unreadable()).to.have.length(1);
        expect(readability).to.deep.equal(['ns/bad']);
      });
    });

    it('keeps no listener of its signal but the one it needs, however long it runs', async () => {
      const { server, clock, signal } = await watching();
      for (let n = 0; n < 10; n++) {
        server.endStreams();
        await clock.advance(5_000);
      }
      server.uninstall();
      await clock.advance(300_000);
      expect(getEventListeners(signal, 'abort')).to.have.length(1);
    });

    describe('stops at once and leaves nothing behind', () => {
      const states: Record<string, (server: ModelServer) => void> = {
        'while it watches': () => undefined,
        'while it waits': (server) => server.cutStreams(),
        'while the kind is absent': (server) => server.uninstall(),
        'while it asks': (server) => {
          server.cutStreams();
          server.stream = ({ signal }) =>
            new Promise((_, reject) =>
              signal.addEventListener('abort', () => reject(signal.reason as Error)),
            );
        },
      };
      for (const [title, prepare] of Object.entries(states)) {
        it(title, async () => {
          const { server, clock, watcher, stop } = await watching();
          prepare(server);
          await clock.advance(1_000);
          await stop();
          expect(watcher.status.phase).to.equal('stopped');
          expect([clock.pendingTimers, server.openStreams]).to.deep.equal([0, 0]);
        });
      }
    });

    it('has in its store what the server has, after whatever happened', async function () {
      this.timeout(60_000);
      const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
      const value = fc.constantFrom('1', '2', '3', 'dull', 'poison');
      const fault = fc.constantFrom<() => Error>(
        () => toApiError(500, { message: 'ill' }),
        () => toApiError(429, { message: 'busy' }, 3_000),
        () => toApiError(410, { reason: 'Expired', message: 'old' }),
        () => toApiError(401, { message: 'Unauthorized' }),
        () => new ConnectionError('ConnectionLost', 'cut'),
        () => new Error('a defect'),
      );
      const garbage = fc.constantFrom(
        '{\n',
        '[]\n',
        '{"type":"ADDED"}\n',
        bookmark(1),
        '{"type":"ERROR","object":{"code":410}}\n',
      );
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.tuple(fc.constant('set' as const), name, value) },
        { weight: 3, arbitrary: fc.tuple(fc.constant('delete' as const), name) },
        {
          weight: 2,
          arbitrary: fc.tuple(fc.constantFrom('end', 'cut', 'half', 'compact', 'bookmark' as const)),
        },
        { weight: 2, arbitrary: fc.tuple(fc.constant('fault' as const), fault) },
        { weight: 1, arbitrary: fc.tuple(fc.constant('garbage' as const), garbage) },
        {
          weight: 1,
          arbitrary: fc.tuple(fc.constantFrom('uninstall', 'install', 'forbid', 'allow', 'pages' as const)),
        },
        { weight: 1, arbitrary: fc.tuple(fc.constant('restore' as const), fc.nat(4)) },
        { weight: 1, arbitrary: fc.tuple(fc.constant('overtake' as const), fc.nat(4)) },
        { weight: 2, arbitrary: fc.tuple(fc.constant('again' as const), name, value) },
        { weight: 1, arbitrary: fc.tuple(fc.constant('distrust' as const)) },
        {
          weight: 4,
          arbitrary: fc.tuple(fc.constant('pass' as const), fc.constantFrom(0, 10, 500, 5_000, 100_000)),
        },
      );
      const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), cuts, async (steps, chunks) => {
          const { server, clock, store, watcher, events, stop } = await watching(
            (one) => (one.cuts = chunks),
            {
              pageSize: 2,
            },
          );
          const mirror = new Map<string, string>(Object.entries(contents(store)));
          store.subscribe((change) => {
            const key = `${change.namespace}/${change.name}`;
            if (change.type === 'set') mirror.set(key, change.value);
            else mirror.delete(key);
          });
          // As the operator does it: a change wakes its namespace, and the work reads the store. A worker that fails is
          // tried again. What the last run of a key saw must be what is there in the end.
          const seen = new Map<string, string>();
          const ending = new AbortController();
          const queue = new WorkQueue({ clock, onError: () => undefined });
          store.subscribe(({ namespace, initial }) =>
            queue.add(namespace, { priority: initial ? 'low' : 'normal' }),
          );
          let turn = 0;
          const drained = queue.run(async (key) => {
            const found = JSON.stringify(valuesIn(store, key));
            await sleep(clock, 30);
            if (++turn % 5 === 0) throw new Error('again');
            seen.set(key, found);
          }, ending.signal);
          for (const namespace of store.namespaces()) queue.add(namespace);
          const heal = async () => {
            server.faults.length = 0;
            server.installed = server.allowed = true;
            // As when a definition is installed.
            watcher.poke();
            // With bookmarks, as from a real server: who hears none lists again, and would hide what it had missed.
            for (let half = 0; half < 4; half++) {
              await clock.advance(30_000);
              server.bookmark();
            }
          };
          for (const one of steps) {
            switch (one[0]) {
              case 'set':
                server.set(one[1], one[2]);
                break;
              case 'delete':
                server.delete(one[1]);
                break;
              case 'again':
                server.delete(one[1]);
                server.set(one[1], one[2]);
                break;
              case 'distrust':
                watcher.distrust();
                break;
              case 'overtake':
                // Put back while nobody reaches the server, which then writes more than had been.
                server.faults.length = 0;
                server.reachable = false;
                server.restoreBackup(one[1]);
                server.cutStreams();
                // Long enough for who waits for a right or a kind; he too meets a server out of reach.
                await clock.advance(120_000);
                for (let n = 0; n < 6; n++) server.set('e', String(n));
                server.reachable = true;
                await clock.advance(60_000);
                break;
              case 'end':
                server.endStreams();
                break;
              case 'cut':
                server.cutStreams();
                break;
              case 'half':
                server.cutStreams(true);
                break;
              case 'compact':
                server.compact();
                break;
              case 'bookmark':
                server.bookmark();
                break;
              case 'fault':
                server.faults.push(one[1]);
                break;
              case 'garbage':
                server.send(one[1]);
                break;
              case 'uninstall':
                server.uninstall();
                break;
              case 'install':
                server.installed = true;
                break;
              case 'forbid':
                server.allowed = false;
                break;
              case 'allow':
                server.allowed = true;
                break;
              case 'pages':
                server.watchList = !server.watchList;
                break;
              case 'pass':
                await clock.advance(one[1]);
                break;
              case 'restore':
                // A server that has since passed what the watcher had seen, and was never out of its reach, cannot be told
                // from an ordinary gap; so it has seen all, and notices before more is written.
                await heal();
                server.restoreBackup(one[1]);
                // The cut and the refusal of its version each have a wait behind them.
                await clock.advance(70_000);
            }
          }
          await heal();
          await clock.advance(1_000);
          const truth = Object.entries(server.contents);
          const readable = truth.filter(([, held]) => held !== 'dull' && held !== 'poison');
          expect(contents(store)).to.deep.equal(Object.fromEntries(readable));
          expect(Object.fromEntries(mirror)).to.deep.equal(Object.fromEntries(readable));
          expect([queue.depth, queue.working]).to.deep.equal([0, 0]);
          for (const [key, found] of seen) expect(found).to.equal(JSON.stringify(valuesIn(store, key)));
          expect([...seen.keys()]).to.include.members([...store.namespaces()]);
          ending.abort();
          await drained;
          const poisoned = truth.flatMap(([key, held]) => (held === 'poison' ? [key] : []));
          const named = watcher.unreadable().map((bad) => `${bad.namespace}/${bad.name}`);
          expect(named).to.have.members(poisoned);
          expect(watcher.status.phase).to.equal('synced');
          expect(
            events.filter((event) => event.type === 'restart' && event.error instanceof TypeError),
          ).to.deep.equal([]);
          await stop();
          expect([clock.pendingTimers, server.openStreams]).to.deep.equal([0, 0]);
        }),
        { numRuns: 200 },
      );
    });
  });

describe('a watcher that asks for protobuf', () => {
  it('reads JSON where the server has nothing else', async () => {
    const { server, clock, store } = await watchingIn('protobuf', (one) => (one.hasProtobuf = false));
    server.set('a', '2');
    await clock.advance(0);
    expect(contents(store)).to.deep.equal({ 'ns/a': '2', 'ns/b': '1' });
  });

  it('takes bytes that are found broken by a projection for a bad frame, and not for an object that is', async () => {
    const { server, clock, store, watcher, reasons } = await watchingIn('protobuf');
    server.set('b', 'broken bytes');
    await clock.advance(0);
    expect(reasons()).to.deep.equal(['bad-frame']);
    expect(watcher.unreadable()).to.deep.equal([]);
    server.set('b', '2');
    await clock.advance(30_000);
    expect(contents(store)).to.deep.equal({ 'ns/a': '1', 'ns/b': '2' });
  });
});
