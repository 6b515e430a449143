import { expect } from 'chai';
import fc from 'fast-check';
import { ConnectionError } from '../../src/kube/errors.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Candidate, type Line } from './candidate.ts';
import { LeaseServer } from './lease-server.ts';

/** What people do to a Lease, and that no candidate may fall for. */
type Meddling = 'remove' | 'label' | 'shorten';

/** What is done to one candidate, or by anybody to the Lease, and how long nothing more is. */
interface Step {
  readonly who: number;
  readonly act:
    | { do: 'pause' }
    | { do: 'resume'; reversed: boolean }
    | { do: 'line'; there: number; back: number; fault: Line['fault'] }
    | { do: 'restart' }
    | { do: Meddling }
    | { do: 'nothing' };
  readonly ms: number;
}

const delay = fc.oneof(fc.constant(0), fc.nat(200), fc.nat(9_000));
const mishaps: fc.WeightedArbitrary<Step['act']>[] = [
  { weight: 2, arbitrary: fc.constant({ do: 'pause' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resume' as const), reversed: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('line' as const),
      there: delay,
      back: delay,
      fault: fc.constantFrom<Line['fault']>('none', 'none', 'refused', 'lost', 'hung'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'nothing' as const }) },
];
const restart = fc.constant({ do: 'restart' as const });
const meddling = fc.record({ do: fc.constantFrom<Meddling>('remove', 'label', 'shorten') });
const stepsWith = (other: fc.Arbitrary<Step['act']>) => {
  const act = fc.oneof(...mishaps, { weight: 1, arbitrary: other });
  const ms = fc.oneof(fc.nat(500), fc.nat(6_000), fc.nat(30_000));
  return fc.array(fc.record({ who: fc.nat(2), act, ms }), { maxLength: 30, size: 'max' });
};
const clocks = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 6, maxLength: 6 });

/** Three candidates whose clocks have nothing in common but their rate. */
class Election {
  readonly world = new FakeClock();
  readonly server = new LeaseServer();
  readonly candidates: Candidate[];
  readonly all: Candidate[] = [];
  readonly #clocks: readonly number[];
  #started = 0;
  #removed = false;
  /** What was seen that must not be. */
  readonly doubles: string[] = [];
  terms = 0;

  constructor(ahead: readonly number[]) {
    this.#clocks = ahead;
    this.candidates = [0, 1, 2].map((which) => this.#enter(which));
  }

  async take({ who, act, ms }: Step): Promise<void> {
    const candidate = this.candidates[who];
    if (candidate === undefined) return;
    if (act.do === 'pause') candidate.clock.pause();
    if (act.do === 'resume') await candidate.clock.resume(act.reversed);
    if (act.do === 'line') Object.assign(candidate.line, act);
    if (act.do === 'restart') {
      candidate.stop();
      this.candidates[who] = this.#enter(who);
    }
    // Once: who sees no Lease at two looks cannot know that there was one in between, were it deleted again.
    if (act.do === 'remove' && !this.#removed) {
      this.#removed = true;
      this.server.remove();
    }
    const { spec } = this.server;
    if (act.do === 'label' && spec !== undefined) this.server.write(spec, { at: String(ms) });
    if (act.do === 'shorten' && spec !== undefined) this.server.write({ ...spec, leaseDurationSeconds: 1 });
    this.look(`after ${act.do} of ${who}`);
    await this.world.advance(ms);
    this.look(`${ms} ms after ${act.do} of ${who}`);
  }

  look(when: string): void {
    const leaders = this.all.filter((one) => one.elector.leading);
    if (leaders.length > 1)
      this.doubles.push(`${leaders.map((one) => one.elector.identity).join(', ')} ${when}`);
  }

  async heal(): Promise<void> {
    for (const { clock, line } of this.all) {
      Object.assign(line, { there: 5, back: 5, fault: 'none' });
      await clock.resume();
    }
    // What is still on its way arrives within 18 s, and may hold up everybody for a lease.
    await this.world.advance(18_000 + 15_000 + 3_000);
  }

  /** Nobody begins to lead but by its hook, so every beginning is looked at, not only every step. */
  #enter(which: number): Candidate {
    const [wall = 0, monotonic = 0] = this.#clocks.slice(2 * which);
    const onStarted = () => {
      this.terms++;
      this.look('at a start');
    };
    const options = { onStarted, ahead: { wall, monotonic }, random: () => (++this.#started * 0.37) % 1 };
    const one = new Candidate(this.world, this.server, `candidate-${which}`, options);
    one.line.refusal = () => new ConnectionError('ConnectionLost', 'cut');
    this.all.push(one);
    one.start();
    return one;
  }
}

/** @returns terms that began */
async function check(ahead: readonly number[], taken: readonly Step[]): Promise<number> {
  const election = new Election(ahead);
  // All have seen the Lease: to one that never did, a deleted one is none at all.
  await election.world.advance(3_000);
  for (const step of taken) await election.take(step);
  await election.heal();
  expect(election.doubles).to.deep.equal([]);
  const leaders = election.all.filter((one) => one.elector.leading);
  expect(leaders).to.have.length(1);
  expect(election.server.spec?.holderIdentity).to.equal(leaders[0]?.elector.identity);
  for (const one of election.all) one.stop();
  await election.world.advance(10_000);
  expect(election.all.map((one) => one.ended)).to.not.include(false);
  expect(election.server.spec?.holderIdentity).to.equal('');
  expect(election.world.pendingTimers).to.equal(0);
  return election.terms;
}

describe('an election among three', function () {
  this.timeout(60_000);
  const numRuns = 200;

  const worlds: Record<string, fc.Arbitrary<Step[]>> = {
    'pauses, slow and broken lines, restarts': stepsWith(restart),
    'people who delete, label and edit the Lease': stepsWith(meddling),
  };
  for (const [what, steps] of Object.entries(worlds)) {
    it(`never has two leaders, and has one when all is well again: ${what}`, async () => {
      let terms = 0;
      const property = fc.asyncProperty(clocks, steps, async (ahead, taken) => {
        terms += await check(ahead, taken);
      });
      await fc.assert(property, { numRuns });
      // The sequences are of some worth: the office does change hands.
      expect(terms).to.be.greaterThan(1.5 * numRuns);
    });
  }
});
