import { expect } from 'chai';
import type { Child } from '../operator/child.ts';

/** Later a kubelet kills. */
const killedAfterMs = 30_000;

/** Ends a process and holds its stop to five seconds by its own log; on a machine under load it takes time to hear and to be gone. */
export async function terminateSoon(child: Child): Promise<Awaited<ReturnType<Child['terminate']>>> {
  const exit = await child.terminate();
  const at = (message: string) =>
    Date.parse(String(child.log.find((line) => line['message'] === message)?.['timestamp']));
  expect(at('stopped') - at('stopping'), 'milliseconds of the stop').to.be.lessThan(5_000);
  expect(exit.took, 'milliseconds to its end').to.be.lessThan(killedAfterMs);
  return exit;
}
