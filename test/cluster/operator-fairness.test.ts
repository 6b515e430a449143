import { expect } from 'chai';
import type { Control } from '../../src/domain/control.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { eventually } from '../kube/support.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  barePod,
  namespaceWithPod,
  operatorKubeconfig,
  patch,
  post,
  remove,
  reportOf,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { expectConsistent } from '../support/consistency.ts';
import { FaultProxy } from '../support/fault-proxy.ts';

/** More namespaces than workers, so that keys wait for each other. */
const busyNamespaces = 6;
const podsOfTheHuge = 300;
const rounds = 5;

/** Reads the pods, and is asked each time that something about them has changed. */
const observed = 'RD-2.2.16';

const enforce = 'pod-security.kubernetes.io/enforce';
const podPath = (namespace: string, name: string) => `/api/v1/namespaces/${namespace}/pods/${name}`;

describe('the operator under constant churn', function () {
  this.timeout(120_000);
  const cluster = useOperatorCluster('consistency-tests');
  let proxy: FaultProxy;
  let running: Running;
  let small: string;
  let busy: string[];
  /** Namespaces in the order in which they were judged. */
  const judged: string[] = [];
  /** Changes of pods of the busy, as the operator has seen them. */
  let changes = 0;
  let turns = 0;
  const churning = new AbortController();
  let churn: Promise<unknown>;

  before(async () => {
    small = await namespaceWithPod(cluster(), 'small');
    busy = await Promise.all(
      Array.from({ length: busyNamespaces }, () => namespaceWithPod(cluster(), 'busy')),
    );
    const [huge = ''] = busy;
    for (let n = 0; n < podsOfTheHuge; n += 20)
      await Promise.all(
        Array.from({ length: 20 }, (_, m) =>
          post(cluster(), `/api/v1/namespaces/${huge}/pods`, barePod(`pod-${n + m}`)),
        ),
      );
    proxy = await FaultProxy.start(cluster());
    const kubeconfig = proxy.kubeconfig(await operatorKubeconfig(cluster()));
    // Each judgement is written: no interval holds back what would keep a worker.
    running = await startOperator(cluster(), {
      kubeconfig,
      catalogue: catalogue.map(listening),
      intervals: { write: 1 },
    });
    for (const each of [small, ...busy]) await awaitVerdicts(cluster(), each, { [observed]: 'Fail' });
    running.operator.state.pods.store.subscribe(({ namespace }) => {
      if (namespace !== small) changes++;
    });
    // Whoever writes for a busy namespace holds its worker for a while.
    const writesOfBusy = ({ path }: { path: string }) => busy.some((each) => path.includes(`/${each}/`));
    proxy.fault({ verb: 'apply', test: writesOfBusy }, { do: 'delay', milliseconds: 150 });
    churn = Promise.all([...busy.map((each) => keepChanging(each, 'app')), ...churnOfHuge(huge)]);
  });
  after(async () => {
    churning.abort();
    await churn;
    await running.stop();
    await proxy.close();
  });

  /** The same control, and it is noted whom it judges. */
  function listening(control: Control): Control {
    if (control.id !== observed || !('evaluate' in control)) return control;
    return {
      ...control,
      evaluate: (input) => {
        judged.push(input.snapshot.namespace.name);
        return control.evaluate(input);
      },
    };
  }

  const relabel = (path: string, labels: Record<string, string>) =>
    patch(cluster(), path, { metadata: { labels } });

  const churnOfHuge = (huge: string) =>
    Array.from({ length: 4 }, async (_, lane) => {
      for (let n = lane; !churning.signal.aborted; n = (n + 4) % podsOfTheHuge)
        await keepChanging(huge, `pod-${n}`, 1);
    });

  /** Each time something else is to be judged, and the report is another one. */
  async function keepChanging(namespace: string, pod: string, times = Infinity): Promise<void> {
    for (let n = 0; n < times && !churning.signal.aborted; n++) {
      await relabel(podPath(namespace, pod), { turn: String(++turns) });
      const level = turns % 2 === 0 ? 'restricted' : 'baseline';
      await relabel(`/api/v1/namespaces/${namespace}`, { [enforce]: level });
    }
  }

  it('reports what a small namespace changes by one judgement, before it judges any of the busy a second time', async () => {
    const isChurning = () => busy.every((each) => timesOf(each, judged) > 3);
    await eventually(isChurning, 'the busy are judged again and again');
    let seenAt: number | undefined;
    running.operator.state.pods.store.subscribe(({ namespace }) => {
      if (namespace === small) seenAt ??= judged.length;
    });
    const reported = async () => (await reportOf(cluster(), small))?.status?.workloads?.total;
    const already = (await reported()) ?? 0;
    for (let round = 1; round <= rounds; round++) {
      seenAt = undefined;
      const before = changes;
      await post(cluster(), `/api/v1/namespaces/${small}/pods`, barePod(`more-${round}`));
      await eventually(async () => (await reported()) === already + round, 'it is reported');
      const since = judged.slice(seenAt);
      const between = since.slice(0, since.indexOf(small));
      const most = Math.max(...busy.map((each) => timesOf(each, between)));
      expect(most, `judged in between: ${between.join(', ')}`).to.be.at.most(1);
      expect(timesOf(small, since)).to.equal(1);
      expect(changes, 'the others go on meanwhile').to.be.above(before);
    }
  });

  it('has all of it right when it rests', async () => {
    churning.abort();
    await churn;
    proxy.restore();
    // What a report is cut to leaves room for its history, which nobody has who has just come: none is to be cut.
    const [huge = ''] = busy;
    await remove(
      cluster(),
      `/api/v1/namespaces/${huge}/pods?gracePeriodSeconds=0&fieldSelector=metadata.name!=app`,
    );
    await expectConsistent(cluster(), running);
  });
});

const timesOf = (one: string, all: readonly string[]) => all.filter((each) => each === one).length;
