import { expect } from 'chai';
import type { ComplianceSummaryStatus } from '../../src/api/compliance-summary.ts';
import { complianceSummaries } from '../../src/api/resources.ts';
import { timestamp } from '../../src/evaluate/timestamp.ts';
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
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
  readonly status?: ComplianceSummaryStatus;
}

describe('the ComplianceSummary', function () {
  this.timeout(240_000);
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
  /** A jump of the clock may come before the wait for it, or cost a beat its answer; the next comes a minute later. */
  const awaitBeat = (what: () => boolean | Promise<boolean>, meaning: string) =>
    eventually(what, meaning, 90_000);
  const awaitSummary = async (holds: (status: ComplianceSummaryStatus) => boolean, what: string) => {
    let found: LiveSummary | undefined;
    await awaitBeat(async () => {
      found = await summaryOf('summed');
      return found?.status !== undefined && holds(found.status);
    }, what);
    if (found?.status === undefined) throw new Error('it was there just now');
    return { metadata: found.metadata, status: found.status };
  };
  /** The summary of a heartbeat that began after now, and so knows all that the operator knows. */
  const beat = () => {
    clock.jump(minute);
    const jumped = timestamp(clock.now());
    return awaitSummary(({ lastHeartbeat = '' }) => lastHeartbeat >= jumped, 'a later heartbeat');
  };
  const held = (profile: string) => running.operator.state.summaries.store.get('', profile);

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
    const selected = { sum: label };
    const bad = await namespaceWithPod(cluster(), 'bad');
    await patch(cluster(), `/api/v1/namespaces/${bad}`, { metadata: { labels: selected } });
    const restricted = { ...selected, 'pod-security.kubernetes.io/enforce': 'restricted' };
    const good = await freshNamespace(cluster(), 'good', restricted);
    await awaitVerdicts(cluster(), bad, { 'RD-2.2.16': 'Fail' }, 'summed');
    await awaitVerdicts(cluster(), good, { 'RD-2.2.1': 'Pass' }, 'summed');
    const { status } = await beat();
    expect(status.namespaces).to.include({ total: 2, nonCompliant: 2 });
    expect(status.state).to.equal('NonCompliant');
    expect(status.conditions?.map(({ type, status: each }) => `${type} ${each}`)).to.deep.equal([
      'Ready True',
      'EvidenceComplete False',
      'ReportsWritten True',
    ]);
    const again = await beat();
    expect({ ...again.status, lastHeartbeat: '' }).to.deep.equal({ ...status, lastHeartbeat: '' });
    await remove(cluster(), `/api/v1/namespaces/${bad}`);
    const seen = () => running.operator.state.namespaces.store.get('', bad)?.value.terminating === true;
    await eventually(seen, 'the operator sees that it is ending');
    const after = await beat();
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
    const time = new Date(clock.now()).toISOString();
    const nowhere = { 'k8s.ns.name': null, 'k8s.pod.name': null, 'container.id': 'host' };
    const body = JSON.stringify(falcoEvent({ time }, nowhere));
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(running.operator.intakeAddress ?? '', { method: 'POST', headers, body });
    expect(answer.status).to.equal(204);
    const { status } = await beat();
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
    await eventually(() => held('summed')?.uid !== first.metadata.uid, 'the operator sees it go');
    const second = await beat();
    expect(second.metadata.uid).to.not.equal(first.metadata.uid);
    const edit = { status: { state: 'Compliant', score: 100 } };
    const edited = (await patch(cluster(), `${path('summed')}/status`, edit)) as LiveSummary;
    const { resourceVersion } = edited.metadata;
    await eventually(
      () => held('summed')?.resourceVersion === resourceVersion,
      'the operator sees it edited',
    );
    const { status } = await beat();
    expect(status.state).to.equal(first.status.state);
    expect(status.score).to.equal(first.status.score);
  });

  it('goes with its profile', async () => {
    const isKnown = () => running.operator.state.profiles.store.get('', 'passing-by') !== undefined;
    await createProfile(cluster(), 'passing-by', { namespaces: { include: [] } });
    await eventually(isKnown, 'the operator knows the profile');
    clock.jump(minute);
    await awaitBeat(async () => (await summaryOf('passing-by')) !== undefined, 'it has a summary');
    await eventually(() => held('passing-by') !== undefined, 'the operator sees its summary');
    await remove(cluster(), profilePath('passing-by'));
    await eventually(() => !isKnown(), 'the operator no longer knows the profile');
    clock.jump(minute);
    await awaitBeat(async () => (await summaryOf('passing-by')) === undefined, 'its summary is gone');
  });
});
