import { expect } from 'chai';
import { OutageLog } from '../../src/operator/outage-log.ts';
import { FakeClock } from '../support/fake-clock.ts';

function told() {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level} ${message}`);
  const clock = new FakeClock();
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { log: new OutageLog(clock, logger), lines, clock };
}

const out = 'error the API server cannot be worked with; trying on';
const again = 'info the API server answers again';

describe('the log of outages', () => {
  it('has one line for each, and one for its end', async () => {
    const { log, lines, clock } = told();
    for (let watch = 0; watch < 20; watch++) log.watchEnded('unreachable', new Error('refused'));
    log.answered('200');
    await clock.advance(5_000);
    log.answered('201');
    await clock.advance(5_000);
    log.watchEnded('unauthorized', new Error('401'));
    log.answered('200');
    await clock.advance(10_000);
    expect(lines).to.deep.equal([out, again, out, again]);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('takes a server that starts for one outage, though it answers now and then', async () => {
    const { log, lines, clock } = told();
    log.watchEnded('unreachable', new Error('refused'));
    for (let second = 0; second < 5; second++) {
      log.answered('200');
      await clock.advance(1_000);
      log.watchEnded('server-error', new Error('503'));
    }
    log.answered('200');
    await clock.advance(9_999);
    expect(lines).to.deep.equal([out]);
    await clock.advance(1);
    expect(lines).to.deep.equal([out, again]);
  });

  it('has none for what happens every day', async () => {
    const { log, lines, clock } = told();
    for (const reason of ['ended', 'cut', 'idle', 'expired', 'absent', 'forbidden'] as const)
      log.watchEnded(reason, undefined);
    log.answered('200');
    await clock.advance(60_000);
    expect(lines).to.deep.equal([]);
  });

  it('does not end with a request that failed', async () => {
    const { log, lines, clock } = told();
    log.watchEnded('server-error', new Error('500'));
    for (const code of ['error', '401', '500', '503']) log.answered(code);
    await clock.advance(60_000);
    expect(lines).to.deep.equal([out]);
  });

  it('leaves no timer behind', () => {
    const { log, clock } = told();
    log.watchEnded('server-error', new Error('500'));
    log.answered('200');
    log.close();
    expect(clock.pendingTimers).to.equal(0);
  });
});
