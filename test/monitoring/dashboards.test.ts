import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { sleep, systemClock } from '../../src/base/clock.ts';
import type { Dashboard, PlacedPanel } from '../../tools/dashboards/model.ts';
import { askPanel, askVariable, type Choice, type Series } from '../../tools/draw/ask.ts';
import { drawDashboard } from '../../tools/draw/draw.ts';
import { tableOf } from '../../tools/draw/frames.ts';
import { allDashboards } from '../../tools/generate/dashboards.ts';
import { Surroundings } from '../../tools/monitoring/part.ts';
import { startPrometheus } from '../../tools/monitoring/prometheus.ts';
import { eventually } from '../kube/support.ts';
import {
  awaitVerdicts,
  deleteNamespace,
  namespaceWithPod,
  patch,
  metricLines,
  type Running,
  startOperator,
  testSettings,
  useOperatorCluster,
} from '../operator/live.ts';
import { falcoEvent } from '../support/falco.ts';
import { requireMonitoring } from '../support/monitoring.ts';

const silent = () => {};
const enforce = 'pod-security.kubernetes.io/enforce';

describe('the dashboards before a real Prometheus', function () {
  this.timeout(120_000);
  const cluster = useOperatorCluster();
  const around = new Surroundings(silent, silent);
  let folder = '';
  let running: Running;
  let choice: Choice;
  let namespace = '';
  let calm = '';
  let happening = Promise.resolve();
  const over = new AbortController();

  before(async function () {
    await requireMonitoring(this, ['prometheus']);
    folder = mkdtempSync(join(tmpdir(), 'plumbline-dashboards-'));
    namespace = await namespaceWithPod(cluster(), 'shown');
    calm = await namespaceWithPod(cluster(), 'calm');
    running = await startOperator(cluster(), {
      settings: {
        ...testSettings,
        intake: {
          address: { host: '127.0.0.1', port: 0 },
          insecure: false,
          files: {},
          store: { folder, maxBytes: 2 ** 26 },
        },
      },
    });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail' });
    const address = new URL(running.operator.metricsAddress ?? '').host;
    // The same replica under two names: as in a change of leader, two tell of the same namespaces.
    const pods = ['plumbline-0', 'plumbline-1'].map((pod) => ({
      address,
      labels: { pod, instance: pod, namespace: 'plumbline-system', cluster: 'here' },
    }));
    const prometheus = await startPrometheus(around, { jobs: [{ name: 'plumbline', targets: pods }] });
    choice = { prometheus, variables: {}, end: 0, range: 60, step: 1, rateInterval: 10 };
    happening = letThingsHappen();
  });
  after(async () => {
    over.abort();
    await happening;
    await around.stop();
    await running?.stop();
    for (const name of [namespace, calm]) if (name !== '') await deleteNamespace(cluster(), name);
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  /** Events and transitions, until it is enough: rates and what changed are there only while something does. */
  async function letThingsHappen(): Promise<void> {
    for (let turn = 0; !over.signal.aborted; turn++) {
      const time = `${new Date(systemClock.now()).toISOString().slice(0, 19)}.${String(turn).padStart(9, '0')}Z`;
      const priority = ['Notice', 'Warning', 'Critical'][turn % 3];
      const fields = { 'k8s.ns.name': namespace, 'k8s.pod.name': 'app' };
      const body = JSON.stringify(falcoEvent({ time, priority }, fields));
      const headers = { 'content-type': 'application/json' };
      await fetch(running.operator.intakeAddress ?? '', { method: 'POST', headers, body });
      const labels = { [enforce]: turn % 8 < 4 ? 'restricted' : null };
      if (turn % 4 === 0) await patch(cluster(), `/api/v1/namespaces/${namespace}`, { metadata: { labels } });
      await sleep(systemClock, 500);
    }
  }

  const now = (): Choice => ({
    ...choice,
    end: systemClock.now() / 1_000,
    variables: { namespace, profile: 'reference-design' },
  });

  const hasData = (all: readonly Series[]) =>
    all.some(({ points }) => points.some(([, value]) => Number.isFinite(value)));

  /** The queries of a panel that find nothing, each with its letter. */
  async function empty(panel: PlacedPanel): Promise<string[]> {
    const answers = await askPanel(panel, now());
    return [...answers].filter(([, all]) => !hasData(all)).map(([{ refId }]) => `${panel.title} ${refId}`);
  }

  const panelsOf = ({ panels }: Dashboard) => panels.filter(({ type }) => type !== 'row');
  const panel = (uid: string, title: string): PlacedPanel => {
    const found = allDashboards.get(`${uid}.json`)?.panels.find((one) => one.title === title);
    if (found === undefined) throw new Error(`${uid} has no panel ${title}`);
    return found;
  };
  const numberOf = async (uid: string, title: string, at: Choice): Promise<number | undefined> => {
    const [series] = [...(await askPanel(panel(uid, title), at)).values()].flat();
    return series?.points.at(-1)?.[1];
  };
  const everywhere = (): Choice => ({ ...now(), variables: { profile: 'reference-design' } });

  for (const [file, dashboard] of allDashboards) {
    for (const one of panelsOf(dashboard))
      it(`${file}: ${one.title}`, async () => {
        let missing: string[] = [];
        const holds = async () => (missing = await empty(one)).length === 0;
        await eventually(holds, 'every query has data').catch((error: unknown) => {
          throw new Error(missing.join(', '), { cause: error });
        });
        if (one.type !== 'table') return;
        const { columns } = tableOf(one, await askPanel(one, now()));
        const organize = one.transformations?.find(({ id }) => id === 'organize')?.options;
        const wanted = Object.values((organize as { renameByName: Record<string, string> }).renameByName);
        expect(columns, 'every column is there').to.deep.equal(wanted);
      });

    for (const variable of dashboard.templating.list.filter(({ type }) => type === 'query'))
      it(`${file}: the variable ${variable.name}`, async () => {
        const values = await askVariable(variable, everywhere());
        if (variable.name === 'namespace') expect(values).to.include.members([namespace, calm]);
        else if (variable.name === 'profile') expect(values).to.include('reference-design');
        else expect(values).to.deep.equal(['here']);
      });

    it(`${file} can be drawn`, async () => {
      const svg = await drawDashboard(dashboard, now(), '');
      expect(svg)
        .to.match(/^<svg [^]*<\/svg>\n$/)
        .and.not.match(/NaN|undefined|Infinity/);
    });
  }

  it('count each namespace once, however many replicas tell of it', async () => {
    const own = /^plumbline_report_compliant{namespace="[^"]+",profile="reference-design"}/;
    const told = async () =>
      (await metricLines(running, 'plumbline_report_compliant')).filter((line) => own.test(line)).length;
    const judged = async () => await numberOf('plumbline-overview', 'Namespaces judged', everywhere());
    let reports = 0;
    await eventually(
      async () => (await judged()) === (reports = await told()),
      'as many as one replica tells of',
    );
    const failing = await numberOf('plumbline-overview', 'Not compliant', everywhere());
    expect(failing).to.be.within(2, reports);
  });

  it('show what one namespace says of itself', async () => {
    const one = { ...now(), variables: { namespace: calm, profile: 'reference-design' } };
    expect(await numberOf('plumbline-namespace', 'State', one)).to.equal(3);
    const events = await askPanel(panel('plumbline-namespace', 'Runtime events'), one);
    expect([...events.values()].flat(), 'nothing happened there').to.deep.equal([]);
  });

  it('say nothing rather than zero when no operator is there', async () => {
    over.abort();
    await happening;
    await running.stop();
    const stats = [...allDashboards.values()].flatMap(panelsOf).filter(({ type }) => type === 'stat');
    const zeros = async () => {
      const at = everywhere();
      const found: string[] = [];
      for (const one of stats) {
        const answers = await askPanel(one, at);
        for (const { points } of [...answers.values()].flat()) {
          const last = points.at(-1);
          if (last !== undefined && last[0] > at.end - 1 && last[1] === 0) found.push(one.title);
        }
      }
      return found;
    };
    let found: string[] = [];
    const holds = async () => (found = await zeros()).length === 0;
    await eventually(holds, 'no zero').catch((error: unknown) => {
      throw new Error(found.join(', '), { cause: error });
    });
  });
});
