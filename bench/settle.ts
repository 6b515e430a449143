import { setTimeout as sleep } from 'node:timers/promises';
import type { Exposition } from './exposition.ts';
import type { OperatorProcess } from './operator-process.ts';

const writes = ['create', 'apply', 'patch', 'delete'];

/** Not what is read: watches end and begin anew for ever, and kinds that are not installed are asked for. */
function work(metrics: Exposition): number {
  const requests = (...labels: string[]) =>
    writes.reduce(
      (sum, verb) => sum + metrics.sum('plumbline_api_requests_total', `verb="${verb}"`, ...labels),
      0,
    );
  const summaries = requests('resource="compliancesummaries');
  return metrics.sum('plumbline_reconcile_total') + requests() - summaries;
}

/**
 * Waits until the queue is empty and nothing was judged or written for `quietMs`; the summaries, which are written once a
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
