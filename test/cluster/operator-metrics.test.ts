import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { expect } from 'chai';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Child } from '../operator/child.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  deleteNamespace,
  launchOperator,
  namespaceWithPod,
  post,
  probe,
  remove,
  startOperator,
  testSettings,
  useOperatorCluster,
} from '../operator/live.ts';
import { Replicas, sendEvent, within } from '../operator/replicas.ts';
import { freshNamespace } from '../support/cluster.ts';
import { falcoEvent } from '../support/falco.ts';
import { parseExposition } from '../support/exposition.ts';
import { parseOpenMetrics } from '../support/openmetrics.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
const binding = (name: string, role: string, namespace: string, account: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
});

describe('the metrics of the operator', function () {
  this.timeout(120_000);
  const cluster = useOperatorCluster();

  describe('over TLS', () => {
    const readerBinding = 'metrics-test-reader';
    const clock = new JumpClock();
    let running: Running;
    let home = '';
    const tokens = { reader: '', stranger: '' };

    const ask = async (path: string, headers: OutgoingHttpHeaders = {}, method = 'GET') => {
      const url = `${running.operator.metricsAddress}${path}`;
      const asked = request(url, { headers, method, rejectUnauthorized: false, agent: false }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
      return { status: response.statusCode, text };
    };
    const bearing = (token: string) => ({ authorization: `Bearer ${token}` });
    const bind = () =>
      post(cluster(), rbac, binding(readerBinding, 'plumbline-metrics-reader', home, 'reader'));

    before(async () => {
      home = await freshNamespace(cluster(), 'monitoring');
      for (const name of ['reader', 'stranger'] as const) {
        await cluster().kubectl(['create', 'serviceaccount', name, '-n', home]);
        const { users } = JSON.parse(
          await readFile(await cluster().kubeconfigForServiceAccount(home, name), 'utf8'),
        ) as { users: { user: { token: string } }[] };
        tokens[name] = users[0]?.user.token ?? '';
      }
      await bind();
      running = await launchOperator(cluster(), {
        clock,
        settings: { ...testSettings, metricsSecure: {} },
      });
      await eventually(async () => (await ask('/readyz')).status === 200, 'it is ready');
    });
    after(async () => {
      await running.stop();
      await cluster().request('DELETE', `${rbac}/${readerBinding}`);
    });

    it('go to who may get them', async () => {
      const { status, text } = await ask('/metrics', bearing(tokens.reader));
      expect(status).to.equal(200);
      expect(parseExposition(text).get('plumbline_leader')?.samples).to.have.length(1);
      expect(await ask('/metrics', bearing(tokens.reader), 'HEAD')).to.deep.equal({ status: 200, text: '' });
    });

    const others: Record<string, [headers: () => OutgoingHttpHeaders, status: number]> = {
      'who may not get them': [() => bearing(tokens.stranger), 403],
      'who shows what is no token': [() => bearing('nonsense'), 401],
      'who shows the token of a reader that somebody else has signed': [
        () => bearing(`${tokens.reader.slice(0, tokens.reader.lastIndexOf('.'))}.${'A'.repeat(342)}`),
        401,
      ],
      'who shows no token': [() => ({}), 401],
    };
    for (const [who, [headers, expected]] of Object.entries(others)) {
      it(`do not go to ${who}`, async () => {
        const { status, text } = await ask('/metrics', headers());
        expect(status).to.equal(expected);
        expect(text).to.not.contain('plumbline_');
      });
    }

    it('cost the API server two questions a minute, however often they are read', async () => {
      clock.jump(61_000);
      const reviews = async () => {
        const { text } = await ask('/metrics', bearing(tokens.reader));
        const samples = parseExposition(text).get('plumbline_api_requests_total')?.samples ?? [];
        return samples
          .filter(({ labels }) => /reviews\./.test(labels['resource'] ?? ''))
          .reduce((sum, { value }) => sum + value, 0);
      };
      const before = await reviews();
      for (let round = 0; round < 20; round++) expect(await reviews()).to.equal(before);
      clock.jump(61_000);
      expect(await reviews()).to.equal(before + 2);
    });

    it('do not go to a reader any more a minute after his right was taken away', async () => {
      expect((await ask('/metrics', bearing(tokens.reader))).status).to.equal(200);
      await remove(cluster(), `${rbac}/${readerBinding}`);
      clock.jump(61_000);
      // The API server's own view of roles is a little behind.
      await eventually(async () => {
        clock.jump(61_000);
        return (await ask('/metrics', bearing(tokens.reader))).status === 403;
      }, 'it is forbidden');
      await bind();
      await eventually(async () => {
        clock.jump(11_000);
        return (await ask('/metrics', bearing(tokens.reader))).status === 200;
      }, 'it is allowed again');
    });

    it('go to nobody while the operator may not ask who it is, and probes go on', async () => {
      await remove(cluster(), `${rbac}/plumbline-metrics-auth`);
      try {
        await eventually(async () => {
          clock.jump(61_000);
          return (await ask('/metrics', bearing(tokens.reader))).status === 503;
        }, 'nobody is let in');
        for (const path of ['/healthz', '/readyz']) expect((await ask(path)).status, path).to.equal(200);
        const told = running.log.filter(({ message }) => message.includes('who asks for metrics'));
        expect(told).to.have.length(1);
        expect(
          JSON.stringify(told[0]?.fields['error'] instanceof Error && told[0].fields['error'].message),
        ).to.contain('the right to create tokenreviews.authentication.k8s.io is missing');
      } finally {
        const system = ['plumbline-system', 'plumbline'] as const;
        await post(cluster(), rbac, binding('plumbline-metrics-auth', 'plumbline-metrics-auth', ...system));
      }
    });

    it('leave no token in the log', () => {
      const log = JSON.stringify(running.log, (_, value: unknown) =>
        value instanceof Error ? `${value.stack}${String(value.cause)}` : value,
      );
      for (const token of Object.values(tokens)) {
        expect(token.length).to.be.above(100);
        expect(log).to.not.contain(token);
      }
    });
  });

  describe('of one replica', () => {
    let running: Running;
    before(async () => {
      running = await startOperator(cluster());
    });
    after(() => running.stop());

    const openMetrics = async () => {
      const headers = { accept: 'application/openmetrics-text' };
      const response = await fetch(`${running.operator.metricsAddress}/metrics`, { headers });
      return parseOpenMetrics(await response.text());
    };

    it('are strict OpenMetrics, with each control of the cluster once, under no namespace', async () => {
      const namespace = await namespaceWithPod(cluster(), 'open');
      await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
      const control = 'plumbline_control_status';
      await eventually(async () => ((await openMetrics()).get(control)?.samples.length ?? 0) > 0, 'verdicts');
      const samples = (await openMetrics()).get(control)?.samples ?? [];
      const idsOf = (wanted: string) =>
        samples.filter(({ labels }) => labels['namespace'] === wanted).map(({ labels }) => labels['control']);
      const ofCluster = catalogue.filter((each) => 'evaluateCluster' in each).map(({ id }) => id);
      expect(ofCluster).to.not.deep.equal([]);
      expect(idsOf('')).to.include.members(ofCluster);
      expect(new Set(idsOf('')).size).to.equal(idsOf('').length);
      expect(idsOf(namespace).filter((id) => ofCluster.includes(id ?? ''))).to.deep.equal([]);
      expect(idsOf(namespace).length).to.be.above(50);
    });

    it('have nothing of a namespace that is gone, of verdicts or events, in any format', async () => {
      const namespace = await namespaceWithPod(cluster(), 'gone');
      await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
      const body = JSON.stringify(
        falcoEvent(
          { time: new Date(systemClock.now()).toISOString() },
          { 'k8s.ns.name': namespace, 'k8s.pod.name': 'app' },
        ),
      );
      const headers = { 'content-type': 'application/json' };
      await fetch(running.operator.intakeAddress ?? '', { method: 'POST', headers, body });
      const mentions = async () => {
        const { text } = await probe(running, '/metrics');
        return text.split('\n').filter((line) => line.includes(`namespace="${namespace}"`));
      };
      await eventually(
        async () =>
          (await mentions()).some((line) => line.startsWith('plumbline_runtime_events_total')) &&
          (await mentions()).some((line) => line.startsWith('plumbline_control_status')),
        'it has series',
      );
      await deleteNamespace(cluster(), namespace);
      const isSeen = () => running.operator.state.namespaces.store.get('', namespace) === undefined;
      await eventually(async () => isSeen(), 'the operator has seen it');
      expect(await mentions()).to.deep.equal([]);
    });
  });

  describe('of two replicas', () => {
    const replicas = new Replicas(cluster);
    afterEach(() => replicas.stop());

    /** Of each series of a verdict its value, by name and labels; empty of who does not lead. */
    const verdicts = async (replica: Child) => {
      const { text } = await replica.get('/metrics');
      const families = [...parseExposition(text)].filter(([name]) =>
        /control_status|report_c|_findings/.test(name),
      );
      return new Map(
        families.flatMap(([, { samples }]) =>
          samples.map(({ name, labels, value }) => [`${name}${JSON.stringify(labels)}`, value] as const),
        ),
      );
    };

    it('show verdicts once, whole and unchanged, when the leader hands over', async () => {
      for (let index = 0; index < 5; index++) await namespaceWithPod(cluster(), 'handed');
      const [first, second] = (await replicas.startAll(2)) as [Child, Child];
      await first.logged('every namespace was judged');
      await eventually(async () => (await verdicts(first)).size > 0, 'the leader shows verdicts');
      let before = await verdicts(first);
      // What the first pass found and wrote moves no verdict any more.
      await within(20_000, async () => {
        await sleep(systemClock, 500);
        const now = await verdicts(first);
        const isSame =
          now.size === before.size && [...now].every(([key, value]) => before.get(key) === value);
        before = now;
        return isSame;
      });
      expect((await verdicts(second)).size).to.equal(0);
      replicas.forget(first);
      const ended = first.terminate();
      const handedAt = systemClock.monotonic();
      const rounds: [first: number, second: ReadonlyMap<string, number>][] = [];
      await within(30_000, async () => {
        const [one, other] = await Promise.all([
          verdicts(first).catch(() => new Map<string, number>()),
          verdicts(second),
        ]);
        rounds.push([one.size, other]);
        return other.size > 0;
      });
      const gap = systemClock.monotonic() - handedAt;
      await ended;
      expect(rounds.filter(([one, other]) => one > 0 && other.size > 0)).to.deep.equal([]);
      // All at once: the first that is seen of the new leader is all that the old one had shown.
      const after = rounds.at(-1)?.[1] ?? new Map<string, number>();
      expect([...after.keys()].sort()).to.deep.equal([...before.keys()].sort());
      expect([...after].filter(([key, value]) => before.get(key) !== value)).to.deep.equal([]);
      // Far less than the five minutes over which Prometheus looks back, on a machine under load too.
      expect(gap).to.be.below(15_000);
    });

    it('count each event where it was taken, and a replica that ends takes nothing from another', async () => {
      const namespace = await namespaceWithPod(cluster(), 'counted');
      const [first, second] = (await replicas.startAll(2)) as [Child, Child];
      const counted = (replica: Child) =>
        replica.metric('plumbline_runtime_events_total', `namespace="${namespace}"`);
      expect(await sendEvent(first, namespace)).to.equal(204);
      expect(await sendEvent(second, namespace)).to.equal(204);
      expect(await sendEvent(second, namespace)).to.equal(204);
      await eventually(
        async () => (await counted(first)) === 1 && (await counted(second)) === 2,
        'both count',
      );
      replicas.forget(first);
      await first.terminate();
      await replicas.leader();
      await second.logged('every namespace was judged');
      expect(await counted(second)).to.equal(2);
    });
  });
});
