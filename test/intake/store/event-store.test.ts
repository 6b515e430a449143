import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { systemClock } from '../../../src/base/clock.ts';
import type { FalcoEvent } from '../../../src/evidence/falco/event.ts';
import { timeText } from '../../../src/evidence/falco/time.ts';
import type { EventStoreOptions } from '../../../src/intake/store/event-store.ts';
import { eventually } from '../../kube/support.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { Life, ModelReports } from './life.ts';

let serial = 0;

function event(overrides: Partial<FalcoEvent> = {}): FalcoEvent {
  const at = systemClock.now() - 1_000;
  return {
    kind: 'alert',
    rule: 'Terminal shell in container',
    priority: 'Warning',
    source: 'syscall',
    namespace: 'shop',
    pod: 'app-0',
    container: 'app',
    time: timeText(at),
    at,
    sample: 'a shell',
    identity: `event-${++serial}`,
    ...overrides,
  };
}

describe('EventStore', function () {
  this.timeout(60_000);
  let folder = '';
  let reports = new ModelReports();
  const lives: Life[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plumbline-store-'));
    reports = new ModelReports();
  });
  afterEach(async () => {
    for (const life of lives.splice(0)) await life.store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = () => join(folder, 'store', 'events.db');

  async function begin(options: Partial<EventStoreOptions> = {}): Promise<Life> {
    const life = new Life(reports, { folder: join(folder, 'store'), ...options });
    lives.push(life);
    await life.begin(['shop', 'bank']);
    return life;
  }

  /** Without flushing or writing anything. */
  async function end(life: Life): Promise<void> {
    lives.splice(lives.indexOf(life), 1);
    await life.store.close();
  }

  const count = (life: Life, namespace = 'shop') =>
    life.ledger.findings(namespace, systemClock.now()).reduce((sum, finding) => sum + finding.count, 0);

  it('has an event on the disk when it is answered, and hands it to the next process', async () => {
    const life = await begin();
    const outcome = await life.add(event());
    expect(outcome).to.include({ result: 'accepted', namespace: 'shop' }).and.not.to.have.property('stored');
    // Not closed first: the file alone has to say it.
    expect(readFileSync(`${file()}-wal`).includes('Terminal shell in container')).to.equal(true);
    await end(life);
    const next = await begin();
    expect(count(next)).to.equal(1);
    await next.publishAll();
    expect(reports.total('shop')).to.equal(1);
    expect(next.store.name, 'its cursor').to.equal(life.store.name);
  });

  it('does not hand over what is in the report, whether that was noted or not', async () => {
    const life = await begin();
    for (let each = 0; each < 3; each++) await life.add(event());
    await life.publishAll();
    await life.add(event());
    // The answer to this write is lost with the process.
    await life.publish('shop', 'unanswered');
    await end(life);
    const next = await begin();
    await next.add(event());
    await next.publishAll();
    expect(reports.total('shop')).to.equal(5);
  });

  it('takes off copies that another replica has written, also of events that an earlier process took', async () => {
    for (const foldBytes of [8 * 1_048_576, 1]) {
      reports = new ModelReports();
      const both = event();
      const first = await begin({ folder: join(folder, `first-${foldBytes}`) });
      const options = { folder: join(folder, `second-${foldBytes}`), foldBytes };
      const second = await begin(options);
      for (const life of [first, second]) await life.add(both);
      await second.add(event());
      await first.publishAll();
      await end(second);
      const next = await begin(options);
      await next.publishAll();
      expect(reports.total('shop'), `folded after ${foldBytes} bytes`).to.equal(2);
    }
  });

  it('sends again what may have been sent, whole and alone, should it arrive after all', async () => {
    const life = await begin();
    await life.add(event());
    await life.publish('shop', 'lost');
    await life.add(event());
    await end(life);
    const before = reports.at('shop');
    const next = await begin();
    // The write of the life before was on its way, and comes through while the next one decides on what it has read.
    const late = life.ledger.compose('shop', systemClock.now());
    await reports.write('shop', before.version, late);
    await next.publishAll();
    expect(reports.total('shop')).to.equal(2);
  });

  it('knows copies of what an earlier process took, and repeats of the hour', async () => {
    const life = await begin();
    const first = event();
    await life.add(first);
    await life.publishAll();
    await end(life);
    const next = await begin();
    expect(await next.add(first)).to.include({ result: 'duplicate' });
    await next.add(event({ at: first.at, time: first.time }));
    await next.publishAll();
    const [finding] = reports.at('shop').status?.findings ?? [];
    expect(finding?.count).to.equal(2);
    expect(finding?.hours.map(({ alerts }) => alerts)).to.deep.equal([1]);
  });

  it('lets a copy wait until the first is on the disk', async () => {
    const life = await begin();
    const first = event();
    const order: string[] = [];
    await Promise.all([
      life.add(first).then(() => order.push('first')),
      life.add(first).then(({ result }) => order.push(result)),
    ]);
    expect(order).to.deep.equal(['first', 'duplicate']);
  });

  it('keeps what could not be attributed counted', async () => {
    const life = await begin();
    await life.add(event({ namespace: undefined as never }));
    await end(life);
    const next = await begin();
    expect(next.aggregate.losses()).to.deep.equal({ unattributed: 1, dropped: 0 });
  });

  it('hands over the time of receipt: what was in the future then counts as of then', async () => {
    const life = await begin();
    const now = systemClock.now();
    await life.add(event({ at: now + 3_600_000, time: timeText(now + 3_600_000) }), now);
    await end(life);
    const [finding] = (await begin()).ledger.findings('shop', now);
    expect(Math.abs(Date.parse(finding?.lastSeen ?? '') - now)).to.be.lessThan(5);
  });

  it('adds up what is not published, so that the file stays small', async () => {
    const life = await begin({ foldBytes: 20_000 });
    for (let round = 0; round < 100; round++)
      await Promise.all(Array.from({ length: 50 }, () => life.add(event({ rule: `rule ${round % 3}` }))));
    expect(life.store.bytes).to.be.lessThan(600_000);
    await end(life);
    const next = await begin();
    expect(count(next)).to.equal(5_000);
    await next.publishAll();
    expect(reports.total('shop')).to.equal(5_000);
    expect(await next.add(event({ identity: `event-${serial}` }))).to.include({ result: 'duplicate' });
  });

  it('asks nothing of a file that is closed', async () => {
    const life = await begin();
    await end(life);
    life.store.forget('shop');
    expect(await life.add(event())).to.include({ stored: false });
    expect(life.log).to.deep.equal([]);
  });

  it('takes nothing over for a namespace that is gone', async () => {
    const life = await begin();
    await life.add(event());
    await life.add(event({ namespace: 'bank' }));
    life.ledger.forget('shop');
    life.store.forget('shop');
    await end(life);
    const next = await begin();
    expect([count(next, 'shop'), count(next, 'bank')]).to.deep.equal([0, 1]);
  });

  describe('when the disk fails', () => {
    const problems = (life: Life) => life.log.map(([message]) => message);

    it('makes room in a full file by adding up, and says so', async () => {
      const life = await begin({ maxBytes: 64 * 4_096, foldBytes: 1e9 });
      let unstored = 0;
      for (let round = 0; round < 60; round++) {
        const outcomes = await Promise.all(Array.from({ length: 50 }, () => life.add(event())));
        unstored += outcomes.filter(({ stored }) => stored === false).length;
        await eventually(async () => life.store.problem === undefined, 'it is well again');
      }
      expect(problems(life)).to.include.members([
        'runtime events are held in memory alone: the store cannot be written',
        'runtime events are kept on disk again',
      ]);
      expect(life.log[0]?.[1]).to.include({ code: 'SQLITE_13' });
      expect(unstored).to.be.within(1, 500);
      expect(life.unstored).to.equal(unstored);
      expect(statSync(file()).size).to.be.at.most(64 * 4_096);
      await end(life);
      expect(count(await begin())).to.equal(3_000);
    });

    it('goes on in memory while the file has no room at all, and comes back when there is less to keep', async () => {
      const life = await begin({ maxBytes: 64 * 4_096 });
      const longRule = (index: number) => `${index} `.padEnd(250, 'x');
      for (let index = 0; index < 600; index++)
        await life.add(
          event({
            namespace: index % 3 === 0 ? 'shop' : index % 3 === 1 ? 'bank' : 'till',
            rule: longRule(index),
            sample: 'y'.repeat(250),
          }),
        );
      expect(life.store.problem).to.match(/cannot be written: database or disk is full/);
      // As much as the file cannot hold even of what they are known by, once the sums are in it.
      for (let index = 0; index < 500; index++) expect(await life.add(event())).to.include({ stored: false });
      expect(count(life), 'bounded, and counted').to.be.at.most(1_100);
      await life.publishAll();
      await eventually(async () => life.store.problem === undefined, 'it is well again', 10_000);
      expect(await life.add(event())).not.to.have.property('stored');
      await end(life);
      const next = await begin();
      expect(count(next)).to.equal(1);
      expect(await next.add(event({ identity: `event-${serial - 100}` }))).to.include({
        result: 'duplicate',
      });
    });

    it('begins anew when its folder is removed, with all that it knows', async () => {
      const life = await begin();
      for (let each = 0; each < 10; each++) await life.add(event());
      rmSync(join(folder, 'store'), { recursive: true });
      expect(await life.add(event())).to.include({ stored: false });
      await eventually(async () => life.store.problem === undefined, 'it is well again');
      await life.add(event());
      await end(life);
      const next = await begin();
      expect(count(next)).to.equal(12);
      expect(
        await next.add(event({ identity: `event-${serial - 1}` })),
        'also those of the time between',
      ).to.include({
        result: 'duplicate',
      });
    });

    /** What is in it is there again when it is well, and nothing can be done with it meanwhile. */
    const away = () => join(folder, 'away');
    const breakDisk = () => {
      if (existsSync(away())) return;
      mkdirSync(join(folder, 'store'), { recursive: true });
      renameSync(join(folder, 'store'), away());
      writeFileSync(join(folder, 'store'), 'a file where the folder should be');
    };
    const mendDisk = () => {
      if (!existsSync(away())) return;
      rmSync(join(folder, 'store'));
      renameSync(away(), join(folder, 'store'));
    };

    for (const fate of ['answered', 'unanswered'] as const) {
      it(`knows by the report what the disk could not note, when it is sent again to the next process (the write was ${fate})`, async () => {
        const life = await begin();
        await life.add(event());
        breakDisk();
        const first = event();
        expect(await life.add(first)).to.include({ stored: false });
        await life.publish('shop', fate);
        expect(reports.total('shop')).to.equal(2);
        await end(life);
        mendDisk();
        const next = await begin();
        // Nobody has told the new process of it.
        expect(await next.add(first)).to.include({ result: 'accepted' });
        await next.publishAll();
        expect(reports.total('shop')).to.equal(2);
      });
    }

    it('counts nothing twice and loses nothing that it said was kept, whenever the disk fails and the process ends', async () => {
      const weighted = <T extends string>(weight: number, step: T) => ({
        weight,
        arbitrary: fc.record({ do: fc.constant(step), at: fc.nat(1_000) }),
      });
      const step = fc.oneof(
        weighted(6, 'take'),
        weighted(4, 'publish'),
        weighted(3, 'again'),
        weighted(2, 'end'),
        weighted(2, 'break'),
        weighted(2, 'mend'),
      );
      const clock = new FakeClock(systemClock.now());
      const well = (life: Life) =>
        eventually(async () => {
          await clock.advance(2_000);
          return life.store.problem === undefined;
        }, 'it is well');
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 30 }), async (steps) => {
          reports = new ModelReports();
          mendDisk();
          rmSync(join(folder, 'store'), { recursive: true, force: true });
          let life = await begin({ foldBytes: 700, clock });
          const taken: FalcoEvent[] = [];
          const kept = new Set<FalcoEvent>();
          const take = async (one: FalcoEvent) => {
            if ((await life.add(one)).stored !== false) kept.add(one);
          };
          for (const { do: what, at } of steps) {
            const known = taken[at % Math.max(1, taken.length)];
            if (what === 'take') {
              taken.push(event());
              await take(taken.at(-1) as FalcoEvent);
            }
            if (what === 'again' && known !== undefined) await take(known);
            if (what === 'publish')
              await life.publish('shop', (['answered', 'lost', 'unanswered'] as const)[at % 3]);
            if (what === 'break') breakDisk();
            if (what === 'mend') mendDisk();
            if (what === 'end') {
              await end(life);
              life = await begin({ foldBytes: 700, clock });
            }
          }
          mendDisk();
          await well(life);
          await life.publishAll();
          expect(reports.total('shop')).to.be.within(kept.size, taken.length);
          await end(life);
        }),
        // A smaller example would take minutes of processes that begin and end.
        { numRuns: 20, endOnFailure: true },
      );
    });

    it('starts without a folder that can be, and moves in when there is one', async () => {
      const path = join(folder, 'store');
      writeFileSync(path, 'a file where the folder should be');
      const life = await begin();
      expect(life.store.problem).to.match(/cannot be written/);
      expect(await life.add(event())).to.include({ result: 'accepted', stored: false });
      rmSync(path);
      mkdirSync(path);
      await eventually(async () => life.store.problem === undefined, 'it is well', 10_000);
      expect(await life.add(event())).not.to.have.property('stored');
      await end(life);
      expect(count(await begin())).to.equal(2);
    });

    it('takes over what lies in a file that another process held', async () => {
      const first = await begin();
      await first.add(event());
      await first.publishAll();
      await first.add(event());
      const second = await begin();
      expect(second.store.problem).to.match(/database is locked/);
      await second.add(event());
      await end(first);
      await eventually(async () => second.store.problem === undefined, 'it has the file', 10_000);
      expect(count(second), 'what is in the report already, others know').to.equal(2);
      await second.publishAll();
      expect(reports.total('shop')).to.equal(3);
      await end(second);
      const third = await begin();
      await third.publishAll();
      expect(third.store.name).to.equal(second.store.name);
      expect(reports.total('shop')).to.equal(3);
    });

    it('does not count what was sent again before it could take the file over', async () => {
      for (const foldBytes of [8 * 1_048_576, 1]) {
        reports = new ModelReports();
        const options = { folder: join(folder, `held-${foldBytes}`), foldBytes };
        const first = await begin(options);
        const [here, there, published] = [event(), event(), event()];
        for (const each of [here, there, published]) await first.add(each);
        const second = await begin(options);
        for (const each of [here, published])
          expect(await second.add(each)).to.include({ result: 'accepted' });
        // One of them is in the report by then.
        await second.publish('shop');
        await second.add(there);
        await end(first);
        await eventually(async () => second.store.problem === undefined, 'it has the file', 10_000);
        await second.publishAll();
        expect(reports.total('shop'), `folded after ${foldBytes} bytes`).to.equal(3);
      }
    });

    it('takes it over once, however often it has to try', async () => {
      const first = await begin();
      for (let index = 0; index < 300; index++)
        await first.add(event({ rule: `${index} `.padEnd(250, 'x'), sample: 'y'.repeat(250) }));
      // Less room than the sums take: it can be read, and not be written.
      const second = await begin({ maxBytes: 64 * 4_096 });
      for (const namespace of ['bank', 'till'])
        for (let index = 0; index < 200; index++)
          await second.add(event({ namespace, rule: `${index} `.padEnd(250, 'x'), sample: 'y'.repeat(250) }));
      await end(first);
      const known = () => count(second) + second.aggregate.losses().dropped;
      await eventually(async () => known() === 300, 'it has read the file', 10_000);
      await new Promise((resolve) => setTimeout(resolve, 4_500));
      expect(second.store.problem).to.match(/disk is full/);
      expect(known()).to.equal(300);
    });

    const damages: Record<string, (path: string) => void> = {
      'with another head': (path) => writeFileSync(path, 'no database at all'.repeat(1_000)),
      'with nonsense in the middle': (path) => {
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.fill(0xa5, 4_096, bytes.length));
      },
      'that ends too early': (path) => writeFileSync(path, readFileSync(path).subarray(0, 5_000)),
    };
    for (const [sentence, damage] of Object.entries(damages)) {
      it(`sets aside a file ${sentence}, says so, and begins a new one`, async () => {
        const life = await begin();
        await life.add(event());
        await end(life);
        damage(file());
        const next = await begin();
        expect(problems(next)).to.deep.equal([
          'the store of runtime events was damaged; it is set aside, and a new one begun',
        ]);
        expect(next.log[0]?.[1]).to.include({ path: `${file()}.set-aside` });
        expect(existsSync(`${file()}.set-aside`)).to.equal(true);
        expect(next.store.name).not.to.equal(life.store.name);
        expect(await next.add(event())).not.to.have.property('stored');
        await end(next);
        expect(count(await begin())).to.equal(1);
      });
    }

    it('does not take the file of another program for its own', async () => {
      const { DatabaseSync } = await import('node:sqlite');
      mkdirSync(join(folder, 'store'));
      const other = new DatabaseSync(file());
      other.exec('CREATE TABLE state (name); PRAGMA user_version = 7');
      other.close();
      const life = await begin();
      expect(life.log[0]?.[1])
        .to.have.property('reason')
        .that.matches(/no store of this version/);
      expect(await life.add(event())).not.to.have.property('stored');
    });

    it('answers though the disk does not, and is well again when it does', async () => {
      const clock = new FakeClock(systemClock.now());
      const life = await begin({ clock });
      // So much that no disk writes it in a moment.
      const adding = Array.from({ length: 20_000 }, () => life.add(event()));
      await new Promise((resolve) => setImmediate(resolve));
      // The commit is under way, and a second passes.
      await clock.advance(1_000);
      for (const outcome of await Promise.all(adding)) expect(outcome).to.include({ stored: false });
      expect(life.store.problem).to.match(/has not answered within 1000 ms/);
      await eventually(async () => {
        await clock.advance(2_000);
        return life.store.problem === undefined;
      }, 'it is well again');
      await end(life);
      expect(count(await begin())).to.equal(20_000);
    });
  });

  it('counts each event once, whatever is lost, added up, and ended in between', async () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant('take' as const), rule: fc.constantFrom('a', 'b') }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('publish' as const),
          fate: fc.constantFrom(
            'answered' as const,
            'answered' as const,
            'lost' as const,
            'unanswered' as const,
          ),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('copy' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        reports = new ModelReports();
        rmSync(join(folder, 'store'), { recursive: true, force: true });
        let life = await begin({ foldBytes: 700 });
        const taken: FalcoEvent[] = [];
        for (const each of steps) {
          if (each.do === 'take') {
            taken.push(event({ rule: each.rule }));
            await life.add(taken.at(-1) as FalcoEvent);
          }
          if (each.do === 'publish') await life.publish('shop', each.fate);
          const first = taken[Math.floor(taken.length / 2)];
          if (each.do === 'copy' && first !== undefined)
            expect(await life.add(first)).to.include({ result: 'duplicate' });
          if (each.do === 'end') {
            await end(life);
            life = await begin({ foldBytes: 700 });
          }
        }
        await life.publishAll();
        expect(reports.total('shop')).to.equal(taken.length);
        // One that has nothing to add has still to look.
        await life.publish('shop');
        expect(count(life)).to.equal(taken.length);
        await end(life);
      }),
      { numRuns: 30 },
    );
  });
});
