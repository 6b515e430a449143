import { rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { runtimeReports } from '../../src/api/resources.ts';
import type { RuntimeReportStatus } from '../../src/api/runtime-report.ts';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { settingTable } from '../../src/settings.ts';
import { eventually } from '../kube/support.ts';
import type { Child } from '../operator/child.ts';
import { namespaceWithPod, useOperatorCluster } from '../operator/live.ts';
import { Replicas } from '../operator/replicas.ts';
import { falcoEvent, throughFalcosidekick } from '../support/falco.ts';
import { pathOf } from '../support/kept.ts';
import { RoundRobin } from '../support/round-robin.ts';
import { makeVolumeFolder } from '../support/volume-folder.ts';

/** `plumbline run` as it ships, twice, each on a volume of its own, and senders that know one address. */
describe('two replicas behind one address', function () {
  this.timeout(180_000);
  const cluster = useOperatorCluster();
  const replicas = new Replicas(cluster);
  const names = ['plumbline-0', 'plumbline-1'] as const;
  let folder = '';
  let service: RoundRobin;
  let address = '';

  beforeEach(async () => {
    folder = makeVolumeFolder();
    service = new RoundRobin();
    address = await service.listen();
  });
  afterEach(async () => {
    await service.close();
    await replicas.stop();
    rmSync(folder, { recursive: true });
  });

  const start = (name: string) =>
    replicas.start(undefined, {
      [settingTable.storeFolder.variable]: join(folder, name),
      [settingTable.podName.variable]: name,
    });
  const serve = async (...behind: Child[]) => {
    const lines = await Promise.all(behind.map((replica) => replica.logged('listening')));
    service.targets = lines.map(({ intake }) => String(intake));
  };

  /** A connection of its own for each, so that the next goes elsewhere. @returns whether it was acknowledged as kept */
  const post = (event: object): Promise<boolean> =>
    new Promise((resolve) => {
      const body = JSON.stringify(event);
      const sending = request(
        address,
        {
          method: 'POST',
          agent: new Agent({ keepAlive: false }),
          headers: { 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode === 204);
        },
      );
      sending.on('error', () => resolve(false));
      sending.end(body);
    });

  let serial = 0;
  const newEvent = (namespace: string) => {
    const time = `${new Date(systemClock.now()).toISOString().slice(0, 19)}.${String(++serial).padStart(9, '0')}Z`;
    const fields = { 'k8s.ns.name': namespace, 'k8s.pod.name': 'app' };
    return falcoEvent({ time, rule: `rule ${serial % 3}` }, fields);
  };

  /** Each event twice: from Falco, and through Falcosidekick; each until it is acknowledged. @returns how often that was not the first time */
  async function send(namespace: string, events: number, atOnce = 4): Promise<number> {
    let repeated = 0;
    const until = async (event: object) => {
      while (!(await post(event))) {
        repeated += 1;
        await sleep(systemClock, 20);
      }
    };
    const work = async () => {
      for (let sent = 0; sent < events / atOnce; sent++) {
        const event = newEvent(namespace);
        await until(event);
        await until(throughFalcosidekick(event));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return repeated;
  }

  const accepted = (replica: Child) => replica.metric('plumbline_falco_events_total', 'result="accepted"');
  const runtimeOf = async (namespace: string) => {
    const { status, body } = await cluster().request('GET', pathOf(runtimeReports, namespace, 'runtime'));
    return status === 200 ? (body as { status?: RuntimeReportStatus }).status : undefined;
  };

  it('count each event once, though copies come to both, and one is killed and brought back on its volume', async () => {
    const namespace = await namespaceWithPod(cluster(), 'shared');
    const [steady, mortal] = [await start(names[0]), await start(names[1])];
    await serve(steady, mortal);
    let events = 60;
    // One after the other, so that a copy goes to the other replica.
    await send(namespace, events, 1);
    const taken = (await accepted(steady)) + (await accepted(mortal));
    expect(taken, 'copies that neither replica could know').to.equal(2 * events);

    // It dies at work, with events that are in no report; whoever has no answer sends again, and finds the other.
    const dying = sleep(systemClock, 60).then(() => replicas.kill(mortal));
    const repeated = await send(namespace, 100);
    await dying;
    events += 100;
    expect(repeated, 'events without an answer').to.be.greaterThan(0);

    await serve(steady, await start(names[1]));
    await send(namespace, 40);
    events += 40;
    await eventually(
      async () => ((await runtimeOf(namespace))?.total ?? 0) >= events,
      `${events} events are counted`,
      60_000,
    );
    // What is counted twice would come with the next write of either.
    await sleep(systemClock, 11_000);
    const status = await runtimeOf(namespace);
    expect(status).to.deep.include({ total: events, dropped: 0 });
    expect(status?.findings.map(({ count }) => count).reduce((sum, each) => sum + each, 0)).to.equal(events);
    expect(status?.replicas?.map(({ name }) => name.replace(/_.*/, ''))).to.deep.equal([...names]);
  });
});
