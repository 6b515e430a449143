import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ComplianceReportStatus } from '../../src/api/compliance-report.ts';
import { complianceReports } from '../../src/api/resources.ts';
import { sleep, systemClock } from '../../src/base/clock.ts';
import type { LeaseTimes } from '../../src/operator/leadership.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { eventually } from '../kube/support.ts';
import { falcoEvent } from '../support/falco.ts';
import { pathOf } from '../support/kept.ts';
import { Child } from './child.ts';
import { operatorKubeconfig, remove, reportOf, startOperator } from './live.ts';

/** Shorter than what is shipped, for nobody to wait; long enough for a machine under load. */
export const shortLease = { leaseDurationMs: 5_000, renewDeadlineMs: 3_500, retryPeriodMs: 500 };
/** For what must be over before the lease is, or must not cost the leader its term. */
export const steadyLease = { leaseDurationMs: 20_000, renewDeadlineMs: 14_000, retryPeriodMs: 500 };

const program = fileURLToPath(new URL('./replica-process.ts', import.meta.url));
export const leasePath = '/apis/coordination.k8s.io/v1/namespaces/plumbline-system/leases/plumbline';

let serial = 0;

/** Replicas of the operator, each a process of its own, with the rights of `config/rbac`. */
export class Replicas {
  readonly #cluster: () => ControlPlane;
  readonly #all: Child[] = [];

  constructor(cluster: () => ControlPlane) {
    this.#cluster = cluster;
  }

  /** Those that were not ended. */
  get running(): readonly Child[] {
    return this.#all;
  }

  /** Starts one; with the intervals as they ship if none are given. Resolves when it is ready. */
  async start(
    intervals?: { lease: LeaseTimes; write: number },
    environment: Record<string, string> = {},
  ): Promise<Child> {
    const replica = this.launch(await operatorKubeconfig(this.#cluster()), intervals, environment);
    await replica.ready();
    return replica;
  }

  launch(
    kubeconfig: string,
    intervals?: { lease: LeaseTimes; write: number },
    environment: Record<string, string> = {},
  ): Child {
    const env = {
      KUBECONFIG: kubeconfig,
      POD_NAME: `replica-${++serial}`,
      PLUMBLINE_LEADER_ELECTION: 'true',
      ...environment,
    };
    const replica =
      intervals === undefined ? new Child(env) : new Child(env, [JSON.stringify(intervals)], [program]);
    this.#all.push(replica);
    return replica;
  }

  /** Starts several, one after the other. @returns the one that leads, and the others */
  async startAll(count: number, lease: LeaseTimes = shortLease): Promise<[Child, ...Child[]]> {
    const intervals = { lease, write: 100 };
    await this.start(intervals);
    await this.leader();
    await Promise.all(Array.from({ length: count - 1 }, () => this.start(intervals)));
    // While others start, the machine may leave the first no time to renew its Lease.
    const leader = await this.leader();
    return [leader, ...this.#all.filter((each) => each !== leader)];
  }

  /** Waits until one of them leads, and no other. */
  async leader(withinMs?: number): Promise<Child> {
    let leaders: Child[] = [];
    await within(withinMs, async () => {
      leaders = await leadersOf(this.#all);
      return leaders.length === 1;
    });
    const [leader] = leaders;
    if (leader === undefined) throw new Error('one leads');
    return leader;
  }

  /** Takes one out of the count: it is about to end. */
  forget(replica: Child): void {
    this.#all.splice(this.#all.indexOf(replica), 1);
  }

  async kill(replica: Child): Promise<void> {
    this.forget(replica);
    await replica.kill();
  }

  /** Ends all in order, so that the Lease is free for the next test. */
  async stop(): Promise<void> {
    for (const replica of this.#all.splice(0)) {
      replica.resume();
      await Promise.race([replica.terminate(), sleep(systemClock, 5_000)]);
      await replica.kill();
    }
    const { status } = await this.#cluster().request('DELETE', leasePath);
    expect(status).to.be.oneOf([200, 404]);
  }
}

export async function leadersOf(replicas: readonly Child[]): Promise<Child[]> {
  const answers = await Promise.all(replicas.map((each) => each.metric('plumbline_leader')));
  return replicas.filter((_, index) => answers[index] === 1);
}

/** Waits for it, and fails if that takes longer. @returns milliseconds that it took */
export async function within(
  milliseconds: number | undefined,
  holds: () => Promise<boolean>,
): Promise<number> {
  const start = systemClock.monotonic();
  if (milliseconds === undefined) await eventually(holds, 'it holds');
  else {
    while (!(await holds())) {
      const took = systemClock.monotonic() - start;
      if (took > milliseconds) throw new Error(`it does not hold after ${Math.round(took)} ms`);
      await sleep(systemClock, 20);
    }
  }
  return systemClock.monotonic() - start;
}

/** Requests that read whole resources. That one looks whether a kind is installed by now, and it is not, is none. */
export const reads = async (replica: Child): Promise<number> =>
  (await replica.metric('plumbline_api_requests_total', 'verb="list"', 'code="200"')) +
  (await replica.metric('plumbline_api_requests_total', 'verb="watch"', 'code="200"')) +
  (await replica.metric('plumbline_watch_relists_total'));

/** Requests that change a resource. */
export async function writes(replica: Child, resource: string): Promise<number> {
  const counts = await Promise.all(
    ['create', 'apply', 'delete'].map((verb) =>
      replica.metric('plumbline_api_requests_total', `verb="${verb}"`, `resource="${resource}`),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Sends an event as Falco does, another each time. @returns the status of the answer */
export async function sendEvent(replica: Child, namespace: string): Promise<number> {
  const { intake } = await replica.logged('listening');
  const fraction = String(++serial).padStart(6, '0');
  const time = `${new Date(systemClock.now()).toISOString().slice(0, 23)}${fraction}Z`;
  const fields = { 'k8s.ns.name': namespace, 'k8s.pod.name': 'app', 'container.name': 'app' };
  const response = await fetch(String(intake), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(falcoEvent({ time }, fields)),
  });
  return response.status;
}

/** Whether reports are what an operator writes that has just started and finds none; the replicas must have ended. */
export async function expectFresh(cluster: ControlPlane, namespaces: readonly string[]): Promise<void> {
  const read = () => Promise.all(namespaces.map((each) => reportOf(cluster, each)));
  const before = (await read()).map((report) => timeless(report?.status));
  for (const namespace of namespaces)
    await remove(cluster, pathOf(complianceReports, namespace, 'reference-design'));
  const fresh = await startOperator(cluster);
  try {
    await eventually(
      async () => (await read()).every((report) => report?.status !== undefined),
      'all are judged',
    );
    expect(before).to.deep.equal((await read()).map((report) => timeless(report?.status)));
  } finally {
    await fresh.stop();
  }
}

/** A status without its times and its history. */
function timeless(status: ComplianceReportStatus | undefined): string {
  const hidden = ['lastTransitionTime', 'transitions'];
  return JSON.stringify(status, (key, value: unknown) => (hidden.includes(key) ? undefined : value));
}
