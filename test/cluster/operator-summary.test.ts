import { expect } from 'chai';
import type { ComplianceSummaryStatus } from '../../src/api/compliance-summary.ts';
import { complianceSummaries } from '../../src/api/resources.ts';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  createProfile,
  namespaceWithPod,
  patch,
  profilePath,
  remove,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { freshNamespace } from '../support/cluster.ts';
import { falcoEvent } from '../support/falco.ts';
import { pathOf } from '../support/kept.ts';

const minute = 60_000;

interface LiveSummary {
  readonly metadata: { readonly uid: string };
  readonly status?: ComplianceSummaryStatus;
}

describe('the ComplianceSummary', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  const clock = new JumpClock();
  const label = `summary-${Math.trunc(clock.now())}`;
  let running: Running;

  before(async () => {
    await createProfile(cluster(), 'summed', { namespaceSelector: { matchLabels: { sum: label } } });
    running = await startOperator(cluster(), { clock });
  });
  after(async () => {
    await running.stop();
    await remove(cluster(), profilePath('summed'));
  });

  const path = (profile: string) => pathOf(complianceSummaries, '', profile);
  const summaryOf = async (profile: string) => {
    const { status, body } = await cluster().request('GET', path(profile));
    return status === 200 ? (body as LiveSummary) : undefined;
  };
  const awaitSummary = async (holds: (status: ComplianceSummaryStatus) => boolean, what: string) => {
    let found: LiveSummary | undefined;
    await eventually(async () => {
      found = await summaryOf('summed');
      return found?.status !== undefined && holds(found.status);
    }, what);
    if (found?.status === undefined) throw new Error('it was there just now');
    return { metadata: found.metadata, status: found.status };
  };
  const beatAfter = async (time: string | undefined, what = 'a later heartbeat') => {
    clock.jump(minute);
    return awaitSummary(({ lastHeartbeat = '' }) => lastHeartbeat > (time ?? ''), what);
  };

  it('is there once every namespace was judged, with the cluster alone where nothing is selected', async () => {
    const { status } = await awaitSummary(() => true, 'a summary');
    expect(status).to.deep.include({
      // No sensor runs here.
      state: 'NonCompliant',
      score: 0,
      namespaces: { total: 0, compliant: 0, nonCompliant: 0, unknown: 0, notAssessed: 0 },
    });
    const verdicts = status.controls?.map((control) => `${control.id} ${control.status}`);
    expect(verdicts).to.deep.equal(['RD-3.5.1 Fail', 'RD-3.5.2 NotApplicable', 'RD-3.5.3 NotApplicable']);
    await eventually(async () => (await summaryOf('reference-design')) !== undefined, 'that of the built-in');
  });

  it('counts the namespaces by their state, and beats once a minute', async () => {
    const { status: before } = await awaitSummary(() => true, 'a summary');
    const held = { sum: label };
    const bad = await namespaceWithPod(cluster(), 'bad');
    await patch(cluster(), `/api/v1/namespaces/${bad}`, { metadata: { labels: held } });
    const restricted = { ...held, 'pod-security.kubernetes.io/enforce': 'restricted' };
    const good = await freshNamespace(cluster(), 'good', restricted);
    await awaitVerdicts(cluster(), bad, { 'RD-2.2.16': 'Fail' }, 'summed');
    await awaitVerdicts(cluster(), good, { 'RD-2.2.1': 'Pass' }, 'summed');
    const { status } = await beatAfter(before.lastHeartbeat);
    expect(status.namespaces).to.include({ total: 2, nonCompliant: 2 });
    expect(status.state).to.equal('NonCompliant');
    expect(status.conditions?.map(({ type, status: each }) => `${type} ${each}`)).to.deep.equal([
      'Ready True',
      'EvidenceComplete False',
      'ReportsWritten True',
    ]);
    const again = await beatAfter(status.lastHeartbeat);
    expect({ ...again.status, lastHeartbeat: '' }).to.deep.equal({ ...status, lastHeartbeat: '' });
    await remove(cluster(), `/api/v1/namespaces/${bad}`);
    const after = await beatAfter(again.status.lastHeartbeat);
    expect(after.status.namespaces.total, 'one that is ending does not count').to.equal(1);
  });

  it('has a row for every source of evidence, with the reason where there is none', async () => {
    const { status } = await awaitSummary(() => true, 'a summary');
    expect(status.evidence.map(({ source }) => source)).to.deep.equal([
      'workloads',
      'networkpolicies',
      'volumes',
      'vulnerabilityreports',
      'exposedsecretreports',
      'sbomreports',
      'scannersettings',
      'configauditreports',
      'falco',
      'configmaps',
      'services',
      'serviceaccounts',
      'rolebindings',
      'roles',
      'limitranges',
      'horizontalpodautoscalers',
      'poddisruptionbudgets',
      'persistentvolumeclaims',
      'logcollectors',
      'sensors',
      'flowsources',
      'falcorules',
      'admissionpolicies',
      'policyaudits',
      'gitops',
      'servicemesh',
      'knownexploited',
      'ingresses',
      'proprietaryapis',
    ]);
    expect(status.evidence[0]).to.deep.equal({ source: 'workloads', available: true });
    expect(status.evidence[3]).to.deep.equal({
      source: 'vulnerabilityreports',
      available: false,
      reason: 'NoEvidence',
      message: 'vulnerabilityreports.aquasecurity.github.io is not installed.',
    });
    const complete = status.conditions?.find(({ type }) => type === 'EvidenceComplete');
    expect(complete?.message).to.include('vulnerabilityreports').and.to.include('exposedsecretreports');
  });

  it('counts the events that belong to no namespace, and dates the newest', async () => {
    const { status: before } = await awaitSummary(() => true, 'a summary');
    const time = new Date(clock.now()).toISOString();
    const nowhere = { 'k8s.ns.name': null, 'k8s.pod.name': null, 'container.id': 'host' };
    const body = JSON.stringify(falcoEvent({ time }, nowhere));
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(running.operator.intakeAddress ?? '', { method: 'POST', headers, body });
    expect(answer.status).to.equal(204);
    const { status } = await beatAfter(before.lastHeartbeat);
    expect(status.runtime).to.deep.equal({ unattributed: 1, dropped: 0 });
    const falco = status.evidence.find(({ source }) => source === 'falco');
    expect(falco).to.deep.equal({
      source: 'falco',
      available: true,
      newestTimestamp: time.replace(/\.\d+/, ''),
    });
  });

  it('comes back at the next beat when somebody deleted or edited it', async () => {
    const first = await awaitSummary(() => true, 'a summary');
    await remove(cluster(), path('summed'));
    const second = await beatAfter(first.status.lastHeartbeat);
    expect(second.metadata.uid).to.not.equal(first.metadata.uid);
    await patch(cluster(), `${path('summed')}/status`, { status: { state: 'Compliant', score: 100 } });
    clock.jump(minute);
    const { status } = await awaitSummary(({ state }) => state !== 'Compliant', 'it is put right');
    expect(status.score).to.equal(first.status.score);
  });

  it('goes with its profile', async () => {
    await createProfile(cluster(), 'passing-by', { namespaces: { include: [] } });
    await eventually(async () => {
      clock.jump(minute);
      return (await summaryOf('passing-by')) !== undefined;
    }, 'it has a summary');
    await remove(cluster(), profilePath('passing-by'));
    await eventually(async () => {
      clock.jump(minute);
      return (await summaryOf('passing-by')) === undefined;
    }, 'its summary is gone');
  });
});
