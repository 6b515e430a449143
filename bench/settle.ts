import { setTimeout as sleep } from 'node:timers/promises';
import type { Exposition } from './exposition.ts';
import type { OperatorProcess } from './operator-process.ts';

/** Lists and watches go on for ever; what else is asked of the server is work. */
const work = (metrics: Exposition): number =>
  metrics.sum('plumbline_reconcile_total') +
  metrics.sum('plumbline_api_requests_total') -
  metrics.sum('plumbline_api_requests_total', 'resource="compliancesummaries');

/**
 * Waits until the queue is empty and nothing was asked of the server for `quietMs`; the summaries, which are written once a
 * minute, do not count.
 * @throws when that takes longer than `limitMs`
 */
export async function settled(operator: OperatorProcess, quietMs: number, limitMs: number): Promise<void> {
  const began = performance.now();
  let [before, since] = [-1, began];
  for (;;) {
    const metrics = await operator.metrics();
    const [now, at] = [work(metrics), performance.now()];
    const busy = now !== before || metrics.sum('plumbline_workqueue_depth') > 0;
    if (busy) [before, since] = [now, at];
    else if (at - since >= quietMs) return;
    if (at - began > limitMs) throw new Error(`the operator did not settle within ${limitMs / 1000} s`);
    await sleep(500);
  }
}
