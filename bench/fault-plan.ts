import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy, Match } from '../test/support/fault-proxy.ts';
import { crdsFolder } from './cluster.ts';
import { compact } from './etcd.ts';
import type { ControlPlane } from '../tools/control-plane/control-plane.ts';

/** What is done to the operator's line to the API server, and to the server itself. Each step leaves things as they were. */
export interface FaultStep {
  readonly name: string;
  readonly run: (plane: ControlPlane, proxy: FaultProxy) => Promise<void>;
}

const watches: Match = { verb: 'watch' };
const writes: Match = { verb: ['create', 'apply'] };

const during = async (milliseconds: number, lift: () => void): Promise<void> => {
  await sleep(milliseconds);
  lift();
};

const answering = (status: number, match: Match, milliseconds: number, retryAfter?: number): FaultStep => ({
  name: `${status} for ${match.verb === 'watch' ? 'watches' : 'writes'}`,
  run: async (_, proxy) => {
    const fault = { do: 'answer', status, ...(retryAfter === undefined ? {} : { retryAfter }) } as const;
    const rule = proxy.fault(match, fault);
    if (match === watches) proxy.cut(watches);
    await during(milliseconds, () => rule.lift());
  },
});

/** In this order, again and again. */
export const faultPlan: readonly FaultStep[] = [
  { name: 'cut of everything', run: async (_, proxy) => void proxy.cut() },
  answering(429, writes, 5_000, 1),
  answering(500, writes, 5_000),
  answering(500, watches, 3_000),
  {
    name: 'black hole',
    run: async (_, proxy) => {
      const rule = proxy.fault({}, { do: 'hold' });
      proxy.hold();
      await during(8_000, () => rule.lift());
      proxy.resume();
    },
  },
  { name: 'watches end', run: async (_, proxy) => void proxy.end(watches) },
  {
    name: 'half a frame',
    run: async (_, proxy) => {
      const rule = proxy.fault(watches, { do: 'cut-frame', frame: 3 }, 5);
      proxy.cut(watches);
      await during(5_000, () => rule.lift());
    },
  },
  {
    name: 'answers of writes are lost',
    run: async (_, proxy) => {
      const rule = proxy.fault(writes, { do: 'lose-answer' });
      await during(3_000, () => rule.lift());
    },
  },
  {
    name: 'definition removed and installed',
    run: async (plane) => {
      // All reports go with it.
      const crd = 'compliancereports.plumbline.dev';
      await kubectl(plane, ['delete', 'crd', crd, '--wait=true', '--timeout=240s']);
      await sleep(3_000);
      await kubectl(plane, ['apply', '--server-side', '-k', crdsFolder]);
    },
  },
  {
    name: 'compaction and restart of the API server',
    run: async (plane, proxy) => {
      const rule = proxy.fault({}, { do: 'reset' });
      proxy.cut();
      await sleep(2_000);
      await compact(plane);
      await plane.restartApiServer();
      rule.lift();
    },
  },
];

async function kubectl(plane: ControlPlane, args: readonly string[]): Promise<void> {
  const { code, stderr } = await plane.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}
