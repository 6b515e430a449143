import { expect } from 'chai';
import { systemClock } from '../../src/base/clock.ts';
import { WorkQueue } from '../../src/kube/queue.ts';

describe('a work queue whose workers wait for nothing', () => {
  it('leaves turns to sockets and timers between its keys', async () => {
    const queue = new WorkQueue({ clock: systemClock, onError: ({ error }) => expect.fail(String(error)) });
    const abort = new AbortController();
    const keys = 200;
    let [worked, turns] = [0, 0];
    const everyTurn = () => {
      turns++;
      if (worked < keys) setTimeout(everyTurn, 0);
    };
    setTimeout(everyTurn, 0);
    for (let key = 0; key < keys; key++) queue.add(String(key), { priority: 'low' });
    await queue.run(async () => {
      const until = performance.now() + 2;
      while (performance.now() < until);
      if (++worked === keys) abort.abort();
    }, abort.signal);
    expect(worked).to.equal(keys);
    expect(turns).to.be.above(10);
  });
});
