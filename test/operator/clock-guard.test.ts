import { expect } from 'chai';
import { guardClock } from '../../src/operator/clock-guard.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('the guard of the clock', () => {
  const cases: Record<string, [jumps: number[], told: number[]]> = {
    'is silent while time goes on as it does': [[0, 0, 0], []],
    'says that the clock was set forward, once': [[86_400_000, 0, 0], [86_400_000]],
    'says that it was set back': [[0, -3_600_000], [-3_600_000]],
    'lets a time server correct it': [[9_000, 9_000, 9_000], []],
  };
  for (const [title, [jumps, told]] of Object.entries(cases)) {
    it(title, async () => {
      const clock = new FakeClock();
      const stop = new AbortController();
      const heard: number[] = [];
      const running = guardClock(clock, (milliseconds) => heard.push(milliseconds), stop.signal);
      for (const jump of jumps) {
        clock.jump(jump);
        await clock.advance(60_000);
      }
      expect(heard).to.deep.equal(told);
      stop.abort();
      await running;
      expect(clock.pendingTimers).to.equal(0);
    });
  }
});
