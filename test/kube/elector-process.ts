import { systemClock } from '../../src/base/clock.ts';
import { LeaderElector, type LeaderElectorOptions } from '../../src/kube/lease.ts';
import { clientFor } from './support.ts';

/**
 * A candidate in a process of its own, to be killed and paused: `node elector-process.ts KUBECONFIG NAMESPACE TIMES`,
 * where TIMES is JSON. It says on stdout whenever its answer to "do you lead?" changes. SIGTERM stops it in order.
 */
const [kubeconfig = '', namespace = '', times = '{}'] = process.argv.slice(2);
const { client } = clientFor(kubeconfig);
const elector = new LeaderElector({
  client,
  clock: systemClock,
  namespace,
  name: 'plumbline',
  identity: 'child',
  ...(JSON.parse(times) as Partial<LeaderElectorOptions>),
});
const abort = new AbortController();
process.once('SIGTERM', () => abort.abort());

let said = '';
const say = () => {
  const now = elector.leading ? 'leading' : 'following';
  if (now !== said) console.log(now);
  said = now;
};
say();
const looks = setInterval(say, 5);
await elector.run(abort.signal);
clearInterval(looks);
say();
await client.close();
