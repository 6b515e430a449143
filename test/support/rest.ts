import { sleep, systemClock } from '../../src/base/clock.ts';
import { eventually } from '../kube/support.ts';
import type { Running } from '../operator/live.ts';
import { counter } from '../operator/live.ts';

/**
 * Resolves when nothing waits and for half a second nothing was judged: what comes again by time has its timer then. A jump
 * of the clock that came sooner would be lost on it.
 */
export async function rests(running: Running): Promise<void> {
  let before = -1;
  await eventually(async () => {
    const judged = await counter(running, 'plumbline_reconcile_total');
    const isSame = judged === before && (await counter(running, 'plumbline_workqueue_depth')) === 0;
    before = judged;
    if (!isSame) await sleep(systemClock, 500);
    return isSame;
  }, 'the operator rests');
}
