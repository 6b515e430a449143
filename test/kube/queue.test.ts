import { expect } from 'chai';
import fc from 'fast-check';
import { sleep } from '../../src/base/clock.ts';
import { TerminalError, toApiError } from '../../src/kube/errors.ts';
import { type Worker, WorkQueue, type WorkQueueOptions } from '../../src/kube/queue.ts';
import { FakeClock } from '../support/fake-clock.ts';

interface Run {
  key: string;
  at: number;
}

/** A queue that runs, with a note of every start. */
function start(work: Worker = () => Promise.resolve(), options: Partial<WorkQueueOptions> = {}) {
  const clock = new FakeClock();
  const runs: Run[] = [];
  const failures: { key: string; terminal: boolean; failures: number }[] = [];
  const abort = new AbortController();
  const queue = new WorkQueue({
    clock,
    onError: ({ key, terminal, failures: count }) => failures.push({ key, terminal, failures: count }),
    ...options,
  });
  const done = queue.run((key) => {
    runs.push({ key, at: clock.monotonic() });
    return work(key);
  }, abort.signal);
  const times = (key: string) => runs.filter((run) => run.key === key).map((run) => run.at);
  return { clock, queue, runs, failures, abort, done, times };
}

describe('the work queue', () => {
  describe('debounce', () => {
    /** Adds of one key at these times, and when it runs (each run takes `takes` ms). */
    const cases: Record<string, { adds: number[]; takes?: number; runs: number[] }> = {
      'a lone change runs at once': { adds: [0], runs: [0] },
      'changes within 100 ms of the start are one more run, when the time is over': {
        adds: [0, 1, 50, 99],
        runs: [0, 100],
      },
      'a change after 100 ms runs at once again': { adds: [0, 150], runs: [0, 150] },
      'a steady stream runs every 100 ms': {
        adds: [0, 40, 80, 120, 160, 200, 240],
        runs: [0, 100, 200, 300],
      },
      'a change during a long run waits for its end only': { adds: [0, 10], takes: 250, runs: [0, 250] },
      'a change during a short run waits for the time to be over': {
        adds: [0, 10],
        takes: 20,
        runs: [0, 100],
      },
    };
    for (const [title, { adds, takes = 0, runs }] of Object.entries(cases)) {
      it(title, async () => {
        const { clock, queue, times } = start(() => (takes === 0 ? Promise.resolve() : sleep(clock, takes)));
        for (const at of adds) {
          await clock.advance(at - clock.monotonic());
          queue.add('a');
        }
        await clock.advance(1_000);
        expect(times('a')).to.deep.equal(runs);
      });
    }
  });

  it('never runs two workers on a key, never too many at once, and loses no add', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') }),
      fc.record({ do: fc.constant('low' as const), key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') }),
      fc.record({ do: fc.constant('later' as const), key: fc.constantFrom('a', 'b', 'c'), ms: fc.nat(400) }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.nat(150) }),
    );
    const work = fc.array(fc.record({ ms: fc.nat(250), fails: fc.boolean() }), {
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        work,
        fc.integer({ min: 1, max: 4 }),
        async (steps, jobs, concurrency) => {
          const running = new Set<string>();
          // What a worker throws is retried, so it may not judge by itself.
          const broken: string[] = [];
          let turn = 0;
          // Order of adds and starts: within one millisecond the clock does not tell it.
          let order = 0;
          const started = new Map<string, number>();
          const owed = new Map<string, number>();
          const { clock, queue, failures } = start(
            async (key) => {
              if (running.has(key)) broken.push(`two workers on ${key}`);
              running.add(key);
              if (running.size > concurrency) broken.push(`${running.size} workers`);
              started.set(key, order++);
              const job = jobs[turn++ % jobs.length];
              if (job !== undefined && job.ms > 0) await sleep(clock, job.ms);
              running.delete(key);
              // Fails a few times only, so that the end is quiet.
              if (job?.fails === true && turn < 12) throw new Error('again');
            },
            { concurrency },
          );
          for (const one of steps) {
            if (one.do === 'pass') await clock.advance(one.ms);
            else if (one.do === 'later') {
              queue.addAfter(one.key, one.ms);
              owed.set(one.key, order++);
            } else {
              queue.add(one.key, { priority: one.do === 'low' ? 'low' : 'normal' });
              owed.set(one.key, order++);
            }
          }
          await clock.advance(60_000);
          for (const [key, at] of owed)
            expect(started.get(key), `${key} ran after its add`).to.be.greaterThan(at);
          expect([queue.depth, queue.working, running.size, clock.pendingTimers]).to.deep.equal([0, 0, 0, 0]);
          expect(failures.filter((failure) => failure.terminal)).to.deep.equal([]);
          expect(broken).to.deep.equal([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  describe('order', () => {
    it('lets what happens overtake the flood of the first list', async () => {
      const { clock, queue, runs } = start(() => sleep(clock, 10), { concurrency: 1 });
      for (let n = 0; n < 20; n++) queue.add(`flood-${n}`, { priority: 'low' });
      queue.add('user');
      await clock.advance(1_000);
      expect(runs.slice(0, 3).map((run) => run.key)).to.deep.equal(['flood-0', 'user', 'flood-1']);
    });

    it('moves a key of the flood ahead when something happens to it', async () => {
      const { clock, queue, runs } = start(() => sleep(clock, 10), { concurrency: 1 });
      for (let n = 0; n < 20; n++) queue.add(`flood-${n}`, { priority: 'low' });
      queue.add('flood-15');
      queue.add('flood-15', { priority: 'low' });
      await clock.advance(1_000);
      expect(runs.map((run) => run.key).slice(0, 3)).to.deep.equal(['flood-0', 'flood-15', 'flood-1']);
      expect(runs).to.have.length(20);
    });

    it('gives the flood a turn now and then, however much happens', async () => {
      const { clock, queue, runs } = start(() => sleep(clock, 10), { concurrency: 1 });
      // Taken before there is a flood; eight more follow it.
      queue.add('busy-0');
      queue.add('flood', { priority: 'low' });
      for (let n = 1; n < 100; n++) queue.add(`busy-${n}`);
      await clock.advance(200);
      expect(runs.findIndex((run) => run.key === 'flood')).to.equal(9);
    });

    it('serves a quiet key beside one that changes all the time', async () => {
      const { clock, queue, times } = start(() => sleep(clock, 30), { concurrency: 1 });
      for (let n = 0; n < 50; n++) {
        queue.add('huge');
        if (n === 25) queue.add('small');
        await clock.advance(10);
      }
      expect(times('small')[0]).to.be.within(250, 280);
    });
  });

  describe('later', () => {
    it('runs a key at the earliest of the times asked for', async () => {
      const { clock, queue, times } = start();
      queue.addAfter('a', 5_000);
      queue.addAfter('a', 3_000);
      queue.addAfter('a', 9_000);
      await clock.advance(20_000);
      expect(times('a')).to.deep.equal([3_000]);
    });

    it('runs a key again when its worker asks for it', async () => {
      const { clock, queue, times } = start(() => Promise.resolve({ requeueAfterMs: 2_000 }));
      queue.add('a');
      await clock.advance(5_000);
      expect(times('a')).to.deep.equal([0, 2_000, 4_000]);
    });
  });

  describe('failure', () => {
    it('retries after 5 ms, doubled each time, and from the start again after a success', async () => {
      let left = 10;
      const { clock, queue, times, failures } = start(
        () => (left-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve()),
        { debounceMs: 0 },
      );
      queue.add('a');
      await clock.advance(60_000);
      const gaps = times('a').map((at, n) => at - (times('a')[n - 1] ?? 0));
      expect(gaps.slice(1)).to.deep.equal([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560]);
      expect(failures.map((failure) => failure.failures)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      left = 1;
      queue.add('a');
      await clock.advance(1_000);
      expect(times('a').at(-1)).to.equal(60_005);
    });

    it('waits no longer than it has been failing, however much happens to the key meanwhile', async () => {
      let away = true;
      const { clock, queue, times } = start(() =>
        away ? Promise.reject(new Error('no')) : Promise.resolve(),
      );
      for (let n = 0; n < 100; n++) {
        queue.add('a');
        await clock.advance(100);
      }
      const tried = times('a').length;
      expect(tried).to.be.at.least(100);
      away = false;
      await clock.advance(10_300);
      expect(times('a').length).to.equal(tried + 1);
    });

    it('retries no more than ten keys a second after a burst of a hundred', async () => {
      const { clock, queue, runs } = start(
        (key) =>
          runs.filter((run) => run.key === key).length === 1
            ? Promise.reject(new Error('no'))
            : Promise.resolve(),
        { debounceMs: 0, concurrency: 200 },
      );
      for (let n = 0; n < 120; n++) queue.add(`key-${n}`);
      await clock.advance(10);
      expect(runs).to.have.length(220);
      await clock.advance(990);
      expect(runs).to.have.length(230);
      await clock.advance(1_000);
      expect(runs).to.have.length(240);
    });

    it('waits as long as the server asked', async () => {
      const busy = toApiError(429, { message: 'busy' }, 7_000);
      const { clock, queue, times } = start(() =>
        times('a').length === 1 ? Promise.reject(busy) : Promise.resolve(),
      );
      queue.add('a');
      await clock.advance(10_000);
      expect(times('a')).to.deep.equal([0, 7_000]);
    });

    it('does not retry what no retry can help, but takes the next change', async () => {
      const { clock, queue, times, failures } = start(() =>
        Promise.reject(new TerminalError('Invalid', 'no')),
      );
      queue.add('a');
      await clock.advance(100_000);
      expect(times('a')).to.deep.equal([0]);
      expect(failures).to.deep.equal([{ key: 'a', terminal: true, failures: 0 }]);
      queue.add('a');
      await clock.advance(1);
      expect(times('a')).to.deep.equal([0, 100_000]);
    });

    it('goes on after a worker that throws before it awaits', async () => {
      const { clock, queue, runs, failures } = start((key) => {
        if (key === 'bad' && failures.length === 0) throw new Error('at once');
        return Promise.resolve();
      });
      queue.add('bad');
      queue.add('good');
      await clock.advance(1_000);
      expect(runs.map((run) => run.key)).to.deep.equal(['bad', 'good', 'bad']);
    });
  });

  describe('start and stop', () => {
    it('keeps what is added before it runs', async () => {
      const clock = new FakeClock();
      const queue = new WorkQueue({ clock, onError: () => undefined });
      for (const key of ['a', 'b', 'a']) queue.add(key);
      await clock.advance(5_000);
      expect(queue.depth).to.equal(2);
      const ran: string[] = [];
      const abort = new AbortController();
      const done = queue.run((key) => {
        ran.push(key);
        return Promise.resolve();
      }, abort.signal);
      await clock.advance(0);
      expect(ran).to.deep.equal(['a', 'b']);
      abort.abort();
      await done;
    });

    it('lets the workers under way finish, starts none, and leaves no timer', async () => {
      const { clock, queue, runs, abort, done } = start(() => sleep(clock, 500), { concurrency: 2 });
      for (const key of ['a', 'b', 'c', 'a']) queue.add(key);
      queue.addAfter('d', 600);
      await clock.advance(100);
      let drained = false;
      void done.then(() => (drained = true));
      abort.abort();
      queue.add('e');
      queue.addAfter('e', 5);
      await clock.advance(300);
      expect(drained).to.equal(false);
      await clock.advance(200);
      expect(drained).to.equal(true);
      await clock.advance(5_000);
      expect(runs.map((run) => run.key)).to.deep.equal(['a', 'b']);
      expect([queue.depth, queue.working, clock.pendingTimers]).to.deep.equal([0, 0, 0]);
    });

    it('ends at once when it is stopped before it runs', async () => {
      const queue = new WorkQueue({ clock: new FakeClock(), onError: () => undefined });
      queue.add('a');
      await queue.run(() => expect.fail('ran'), AbortSignal.abort());
      expect(queue.depth).to.equal(0);
    });
  });

  it('tells what it does, for metrics', async () => {
    const told: string[] = [];
    const { clock, queue } = start(
      (key) => (key === 'bad' ? Promise.reject(new TerminalError('Invalid', 'no')) : sleep(clock, 250)),
      {
        concurrency: 1,
        hooks: {
          added: (key) => told.push(`added ${key}`),
          retried: (key) => told.push(`retried ${key}`),
          started: (key, waited) => told.push(`started ${key} after ${waited}`),
          finished: (key, seconds, result) => told.push(`finished ${key} in ${seconds}: ${result}`),
        },
      },
    );
    queue.add('a');
    queue.add('bad');
    await clock.advance(1_000);
    queue.addRateLimited('a');
    expect(told).to.deep.equal([
      'added a',
      'started a after 0',
      'added bad',
      'finished a in 0.25: success',
      'started bad after 0.25',
      'finished bad in 0: terminal',
      'retried a',
    ]);
  });
});
