import { expect } from 'chai';
import { eventually } from '../kube/support.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  barePod,
  caughtUp,
  deleteNamespace,
  finishNamespace,
  metricLines,
  namespaceWithPod,
  patch,
  post,
  probe,
  remove,
  reportOf,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { freshNamespace } from '../support/cluster.ts';
import { pathOf } from '../support/kept.ts';
import { complianceReports } from '../../src/api/resources.ts';

const restricted = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } };

describe('the operator and namespaces', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let running: Running;

  before(async () => {
    running = await startOperator(cluster());
  });
  after(() => running.stop());

  const seriesOf = async (namespace: string) =>
    (await metricLines(running, 'plumbline_')).filter((line) => line.includes(`namespace="${namespace}"`));

  it('gives one with workloads its report, with findings, counts and evidence', async () => {
    const namespace = await namespaceWithPod(cluster());
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail', 'RD-2.2.2': 'Pass' });
    expect(status?.state).to.equal('NonCompliant');
    expect(status?.workloads).to.deep.equal({ total: 1, failing: 1 });
    const control = status?.controls?.find(({ id }) => id === 'RD-2.2.16');
    expect(control?.findings[0]?.subject).to.deep.equal({ kind: 'Pod', name: 'app', container: 'app' });
    expect(status?.evidence).to.deep.include({ source: 'workloads', available: true });
    // They follow from others, which are counted.
    const derived = ['RD-2.2.18', 'RD-3.4.3', 'RD-3.10.1', 'RD-5.H.6.1', 'RD-5.H.9.1'];
    const own =
      status?.controls?.filter(({ id, inherited }) => !derived.includes(id) && inherited !== true) ?? [];
    const count = (verdict: string) => own.filter((each) => each.status === verdict).length;
    expect(status?.summary).to.include({ fail: count('Fail'), unknown: count('Unknown'), total: own.length });
  });

  it('shows a change in the report, with the time of the transition', async () => {
    const namespace = await namespaceWithPod(cluster());
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail', 'RD-2.2.2': 'Pass' });
    await patch(cluster(), `/api/v1/namespaces/${namespace}`, restricted);
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Pass' });
    const newest = status?.transitions?.find(({ control: id }) => id === 'RD-2.2.1');
    expect(newest).to.include({ from: 'Fail', to: 'Pass' });
    const control = status?.controls?.find(({ id }) => id === 'RD-2.2.1');
    expect(control?.lastTransitionTime).to.equal(newest?.time);
  });

  it('names the top-level owner of what it finds, and follows it', async () => {
    const namespace = await freshNamespace(cluster(), 'owners');
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    const labels = { app: 'web' };
    const securityContext = { privileged: true };
    const containers = [{ name: 'app', image: 'registry.example/app:1.0.0', securityContext }];
    const template = { metadata: { labels }, spec: { containers } };
    const object = { metadata: { name: 'web' }, spec: { selector: { matchLabels: labels }, template } };
    await post(cluster(), path, { apiVersion: 'apps/v1', kind: 'Deployment', ...object });
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.2': 'Fail' });
    const findings = status?.controls?.find(({ id }) => id === 'RD-2.2.2')?.findings;
    expect(findings?.map(({ subject }) => subject)).to.deep.equal([
      { kind: 'Deployment', name: 'web', container: 'app' },
    ]);
    await remove(cluster(), `${path}/web`);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.2': 'NotApplicable' });
  });

  it('judges the namespace itself where nothing runs, and says NoWorkloads of the rest', async () => {
    const namespace = await freshNamespace(cluster(), 'empty');
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail' });
    const reasons = Object.fromEntries(status?.controls?.map(({ id, reason }) => [id, reason]) ?? []);
    for (const id of ['RD-2.1.1', 'RD-2.2.2', 'RD-2.2.18', 'RD-2.4.1', 'RD-2.6.1', 'RD-5.H.7.4']) {
      expect(reasons[id], id).to.equal('NoWorkloads');
    }
    expect(status?.workloads).to.deep.equal({ total: 0, failing: 0 });
  });

  it('makes none for the namespaces of Kubernetes itself', async () => {
    await caughtUp(cluster());
    for (const namespace of ['kube-system', 'kube-public', 'kube-node-lease']) {
      expect(await reportOf(cluster(), namespace), namespace).to.equal(undefined);
      expect(await seriesOf(namespace), namespace).to.deep.equal([]);
    }
    expect(await reportOf(cluster(), 'default')).to.not.equal(undefined);
  });

  it('leaves one alone that is being deleted', async () => {
    const namespace = await namespaceWithPod(cluster());
    const { metadata } = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    await remove(cluster(), `/api/v1/namespaces/${namespace}`);
    await caughtUp(cluster());
    await remove(cluster(), `/api/v1/namespaces/${namespace}/pods/app?gracePeriodSeconds=0`);
    await caughtUp(cluster());
    expect((await reportOf(cluster(), namespace))?.metadata.resourceVersion).to.equal(
      metadata.resourceVersion,
    );
    await remove(cluster(), pathOf(complianceReports, namespace, 'reference-design'));
    await caughtUp(cluster());
    expect(await reportOf(cluster(), namespace)).to.equal(undefined);
    expect(running.log.filter(({ level }) => level === 'error')).to.deep.equal([]);
    await finishNamespace(cluster(), namespace);
  });

  it('forgets one that is gone, with all its series', async () => {
    const namespace = await namespaceWithPod(cluster());
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail' });
    expect(await seriesOf(namespace)).to.include(
      `plumbline_control_status{namespace="${namespace}",profile="reference-design",control="RD-2.2.1",severity="high",status="Fail"} 1`,
    );
    await deleteNamespace(cluster(), namespace);
    await eventually(async () => (await seriesOf(namespace)).length === 0, 'no series');
    await caughtUp(cluster());
    expect(await seriesOf(namespace)).to.deep.equal([]);
  });

  it('judges anew one that came back under its name', async () => {
    const namespace = await namespaceWithPod(cluster());
    const first = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    await remove(cluster(), `/api/v1/namespaces/${namespace}`);
    // Until then it may be about to write the report that is taken away, which fails.
    await caughtUp(cluster());
    // What no controller cleans up here.
    await remove(cluster(), `/api/v1/namespaces/${namespace}/pods/app?gracePeriodSeconds=0`);
    await remove(cluster(), pathOf(complianceReports, namespace, 'reference-design'));
    await caughtUp(cluster());
    await finishNamespace(cluster(), namespace);
    const again = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    await post(cluster(), '/api/v1/namespaces', again);
    const second = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'NotApplicable' });
    expect(second.metadata.uid).to.not.equal(first.metadata.uid);
    expect(second.status?.transitions).to.deep.equal([]);
  });

  it('no longer judges a pod that has come to its end', async () => {
    const namespace = await namespaceWithPod(cluster());
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const failing = async () => (await reportOf(cluster(), namespace))?.status?.workloads.failing;
    await post(cluster(), pods, barePod('done'));
    await eventually(async () => (await failing()) === 2, 'both fail');
    await patch(cluster(), `${pods}/done/status`, { status: { phase: 'Succeeded' } });
    await eventually(async () => (await failing()) === 1, 'one is over');
  });

  it('says how it is: ready, alive, with its work and its stores in numbers', async () => {
    expect(await probe(running, '/readyz')).to.deep.equal({ status: 200, text: 'ok\n' });
    expect(await probe(running, '/healthz')).to.deep.equal({ status: 200, text: 'ok\n' });
    expect(await metricLines(running, 'plumbline_leader')).to.deep.equal(['plumbline_leader 1']);
    expect(await metricLines(running, 'plumbline_evidence_available{source="workloads"}')).to.deep.equal([
      'plumbline_evidence_available{source="workloads"} 1',
    ]);
    const failed = (await metricLines(running, 'plumbline_reconcile_total')).filter(
      (line) => !line.includes('result="success"'),
    );
    const told = running.log.filter(({ level }) => level === 'error');
    expect(failed, JSON.stringify(told)).to.deep.equal([]);
  });
});
