import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runtimeReports } from '../../src/api/resources.ts';
import type { RuntimeReportStatus } from '../../src/api/runtime-report.ts';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { settingTable } from '../../src/settings.ts';
import { eventually } from '../kube/support.ts';
import type { Child } from '../operator/child.ts';
import { namespaceWithPod, useOperatorCluster } from '../operator/live.ts';
import { Replicas, shortLease } from '../operator/replicas.ts';
import { falcoEvent } from '../support/falco.ts';
import { pathOf } from '../support/kept.ts';
import { makeVolumeFolder } from '../support/volume-folder.ts';

describe('replicas that keep events on a volume of their own', function () {
  this.timeout(120_000);
  const cluster = useOperatorCluster();
  const replicas = new Replicas(cluster);
  let folder = '';

  beforeEach(() => (folder = makeVolumeFolder()));
  afterEach(async () => {
    await replicas.stop();
    rmSync(folder, { recursive: true });
  });

  const start = (name: string, environment: Record<string, string> = {}) =>
    replicas.start(
      { lease: shortLease, write: 100 },
      {
        [settingTable.storeFolder.variable]: join(folder, name),
        [settingTable.podName.variable]: name,
        ...environment,
      },
    );

  const runtimeOf = async (namespace: string) => {
    const { status, body } = await cluster().request('GET', pathOf(runtimeReports, namespace, 'runtime'));
    return status === 200 ? (body as { status?: RuntimeReportStatus }).status : undefined;
  };
  const awaitTotal = (namespace: string, total: number) =>
    eventually(async () => (await runtimeOf(namespace))?.total === total, `${total} events are counted`);

  let serial = 0;
  const newEvent = (namespace: string) => {
    const time = `${new Date(systemClock.now()).toISOString().slice(0, 19)}.${String(++serial).padStart(9, '0')}Z`;
    return JSON.stringify(falcoEvent({ time }, { 'k8s.ns.name': namespace, 'k8s.pod.name': 'app' }));
  };

  /** @returns whether it was acknowledged */
  async function send(replica: Child, body: string): Promise<boolean> {
    const { intake } = await replica.logged('listening');
    const answer = await fetch(String(intake), { method: 'POST', body }).catch(() => undefined);
    return answer?.status === 204;
  }

  it('lose nothing that was acknowledged and count nothing twice, though one dies again and again', async () => {
    const namespace = await namespaceWithPod(cluster(), 'kept');
    const steady = await start('plumbline-0');
    let mortal = await start('plumbline-1');
    let events = 0;
    for (let death = 0; death < 4; death++) {
      const unanswered: string[] = [];
      const state = { dead: false };
      const sending = Array.from({ length: 4 }, async () => {
        while (!state.dead) {
          const body = newEvent(namespace);
          events += 1;
          if (!(await send(mortal, body))) unanswered.push(body);
        }
      });
      for (let each = 0; each < 10; each++) {
        events += 1;
        expect(await send(steady, newEvent(namespace))).to.equal(true);
      }
      // Somewhere between one write of the report and the next.
      await sleep(systemClock, 40 * death);
      await replicas.kill(mortal);
      state.dead = true;
      await Promise.all(sending);
      mortal = await start('plumbline-1');
      // Whoever had no answer sends again.
      for (const body of unanswered) expect(await send(mortal, body)).to.equal(true);
      await awaitTotal(namespace, events);
    }
    await sleep(systemClock, 1_000);
    const status = await runtimeOf(namespace);
    expect(status).to.deep.include({ total: events, dropped: 0 });
    expect(
      status?.replicas?.map(({ name }) => name.replace(/_.*/, '')),
      'one cursor for each volume',
    ).to.deep.equal(['plumbline-0', 'plumbline-1']);
    expect(await mortal.metric('plumbline_intake_store_available')).to.equal(1);
  });

  it('keep what they take while there is nobody to write it to', async () => {
    const namespace = await namespaceWithPod(cluster(), 'kept');
    const first = await start('plumbline-0');
    expect(await send(first, newEvent(namespace))).to.equal(true);
    await awaitTotal(namespace, 1);
    // An address at which nothing listens: it cannot even begin.
    const kubeconfig = join(folder, 'nowhere');
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        users: [{ name: 'u', user: {} }],
        'current-context': 'c',
      }),
    );
    await replicas.kill(first);
    const lonely = replicas.launch(
      kubeconfig,
      { lease: shortLease, write: 100 },
      { [settingTable.storeFolder.variable]: join(folder, 'plumbline-0') },
    );
    for (let each = 0; each < 5; each++) expect(await send(lonely, newEvent(namespace))).to.equal(true);
    await replicas.kill(lonely);
    await start('plumbline-0');
    await awaitTotal(namespace, 6);
  });
});
