import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { complianceReports } from '../../src/api/resources.ts';
import { eventually } from '../kube/support.ts';
import type { LiveReport, Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  caughtUp,
  createProfile,
  metricLines,
  namespaceWithPod,
  patch,
  profilePath,
  remove,
  reportOf,
  startOperator,
  useOperatorCluster,
  verdictsOf,
} from '../operator/live.ts';
import { awaitReady } from '../operator/profile-ready.ts';
import { freshNamespace } from '../support/cluster.ts';
import { pathOf } from '../support/kept.ts';
import { removeProfiles } from '../support/profiles.ts';

const reportPath = (namespace: string, profile = 'reference-design') =>
  pathOf(complianceReports, namespace, profile);

const disabled = (...ids: string[]) =>
  ids.map((id) => ({ id, disabled: true, rationale: 'not in this test' }));

describe('the operator and what people do to its reports', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let running: Running;

  before(async () => {
    running = await startOperator(cluster());
  });
  after(() => running.stop());

  it('puts right a status that somebody edited, whatever was done to it', async () => {
    const namespace = await namespaceWithPod(cluster());
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    const edits = [
      { state: 'Compliant', score: 100 },
      { controls: [] },
      { observedGeneration: 7 },
      { summary: { pass: 99 } },
      { transitions: [], evidence: [], conditions: [] },
      {
        conditions: [
          {
            type: 'Foreign',
            status: 'True',
            reason: 'Said',
            message: '',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    ];
    for (const edit of edits) {
      const path = `${reportPath(namespace)}/status`;
      const edited = (await patch(cluster(), path, { status: edit })) as LiveReport;
      const isRight = async () => {
        const report = await reportOf(cluster(), namespace);
        return report?.metadata.resourceVersion !== edited.metadata.resourceVersion;
      };
      await eventually(isRight, `${JSON.stringify(edit)} is put right`);
      const report = await reportOf(cluster(), namespace);
      expect({ ...report?.status, ...times(report) }).to.deep.equal({ ...status, ...times(report) });
    }
  });

  it('makes a report again that somebody deleted', async () => {
    const namespace = await namespaceWithPod(cluster());
    const first = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    await remove(cluster(), reportPath(namespace));
    const second = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    expect(second.metadata.uid).to.not.equal(first.metadata.uid);
  });

  it('takes a label that somebody put on a report for none of its business', async () => {
    const namespace = await namespaceWithPod(cluster());
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    const metadata = { labels: { team: 'blue' } };
    const labelled = (await patch(cluster(), reportPath(namespace), { metadata })) as LiveReport;
    await caughtUp(cluster());
    expect((await reportOf(cluster(), namespace))?.metadata).to.deep.include({
      resourceVersion: labelled.metadata.resourceVersion,
      labels: { team: 'blue' },
    });
  });

  it('removes a report of a profile that there never was', async () => {
    const namespace = await freshNamespace(cluster(), 'foreign');
    const object = { apiVersion: 'plumbline.dev/v1alpha1', kind: 'ComplianceReport' };
    const made = await cluster().request('POST', pathOf(complianceReports, namespace), {
      ...object,
      metadata: { name: 'made-up' },
      spec: { profile: 'made-up' },
    });
    expect(made).to.have.property('status', 201);
    const gone = async () => (await reportOf(cluster(), namespace, 'made-up')) === undefined;
    await eventually(gone, 'the report is gone');
  });
});

describe('the operator and profiles', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let running: Running;

  before(async () => {
    running = await startOperator(cluster());
  });
  afterEach(() => removeProfiles(cluster()));
  after(() => running.stop());

  it('gives a namespace one report for each profile that selects it, and takes it away with the profile', async () => {
    const namespace = await namespaceWithPod(cluster());
    await createProfile(cluster(), 'second', {
      namespaces: { include: [namespace] },
      controls: disabled('RD-2.2.16'),
    });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    const report = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.8': 'Fail' }, 'second');
    expect(verdictsOf(report)).to.not.have.property('RD-2.2.16');
    await awaitReady(cluster(), 'second', { status: 'True', reason: 'InUse', selected: 1 });
    await remove(cluster(), profilePath('second'));
    await eventually(
      async () => (await reportOf(cluster(), namespace, 'second')) === undefined,
      'it is gone',
    );
    const series = await metricLines(running, 'plumbline_');
    expect(series.filter((line) => line.includes('profile="second"'))).to.deep.equal([]);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
  });

  it('follows the labels that a profile selects by, and counts what it selects', async () => {
    const namespace = await namespaceWithPod(cluster());
    await createProfile(cluster(), 'labelled', { namespaceSelector: { matchLabels: { held: 'yes' } } });
    await awaitReady(cluster(), 'labelled', { status: 'True', selected: 0 });
    const path = `/api/v1/namespaces/${namespace}`;
    await patch(cluster(), path, { metadata: { labels: { held: 'yes' } } });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' }, 'labelled');
    await awaitReady(cluster(), 'labelled', { selected: 1 });
    await patch(cluster(), path, { metadata: { labels: { held: null } } });
    await eventually(
      async () => (await reportOf(cluster(), namespace, 'labelled')) === undefined,
      'it is gone',
    );
    await awaitReady(cluster(), 'labelled', { selected: 0 });
  });

  it('replaces the built-in profile by one of its name, and brings it back', async () => {
    const inside = await namespaceWithPod(cluster(), 'inside');
    const outside = await namespaceWithPod(cluster(), 'outside');
    await awaitVerdicts(cluster(), inside, { 'RD-2.2.16': 'Fail' });
    await awaitVerdicts(cluster(), outside, { 'RD-2.2.16': 'Fail' });
    await createProfile(cluster(), 'reference-design', {
      namespaces: { include: [inside] },
      controls: disabled('RD-2.2.8'),
    });
    await eventually(async () => (await reportOf(cluster(), outside)) === undefined, 'it is gone');
    await eventually(
      async () => !('RD-2.2.8' in verdictsOf(await reportOf(cluster(), inside))),
      'without RD-2.2.8',
    );
    await remove(cluster(), profilePath('reference-design'));
    await awaitVerdicts(cluster(), outside, { 'RD-2.2.16': 'Fail', 'RD-2.2.8': 'Fail' });
    await awaitVerdicts(cluster(), inside, { 'RD-2.2.16': 'Fail', 'RD-2.2.8': 'Fail' });
  });

  it('says which field of a profile is wrong, keeps to its last valid version, and applies the next', async () => {
    const namespace = await namespaceWithPod(cluster());
    const spec = { namespaces: { include: [namespace] }, controls: disabled('RD-2.2.16') };
    await createProfile(cluster(), 'edited', spec);
    const valid = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.8': 'Fail' }, 'edited');
    await patch(cluster(), profilePath('edited'), { spec: { controls: disabled('RD-2.2.61') } });
    const { message } = await awaitReady(cluster(), 'edited', {
      status: 'False',
      reason: 'InvalidSpec',
      generation: 2,
    });
    expect(message).to.include('spec.controls[0].id').and.to.include('RD-2.2.61');
    expect(message).to.include('Its last valid version stays in use.');
    const told = {
      level: 'warn',
      message: 'a profile is not valid',
      fields: { profile: 'edited', problem: message },
    };
    // It is told when the answer to the write is there, which may be after others see the write.
    await eventually(() => running.log.some((line) => isDeepStrictEqual(line, told)), 'it is told');
    await caughtUp(cluster());
    const kept = await reportOf(cluster(), namespace, 'edited');
    expect(kept?.metadata.resourceVersion).to.equal(valid.metadata.resourceVersion);
    await patch(cluster(), profilePath('edited'), { spec: { controls: disabled('RD-2.2.8') } });
    await awaitReady(cluster(), 'edited', { status: 'True', generation: 3 });
    const next = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' }, 'edited');
    expect(verdictsOf(next)).to.not.have.property('RD-2.2.8');
  });

  it('judges nothing by a profile that never was valid, and leaves its reports as they are', async () => {
    const namespace = await namespaceWithPod(cluster());
    await createProfile(cluster(), 'kept', { namespaces: { include: [namespace] } });
    const valid = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' }, 'kept');
    await running.stop();
    await patch(cluster(), profilePath('kept'), { spec: { parameters: { images: { colour: 'red' } } } });
    running = await startOperator(cluster());
    const { message } = await awaitReady(cluster(), 'kept', { status: 'False' });
    expect(message).to.include('spec.parameters.images.colour').and.to.include('It changes no verdict.');
    await caughtUp(cluster());
    const kept = await reportOf(cluster(), namespace, 'kept');
    expect(kept?.metadata.resourceVersion).to.equal(valid.metadata.resourceVersion);
    await remove(cluster(), profilePath('kept'));
    await eventually(async () => (await reportOf(cluster(), namespace, 'kept')) === undefined, 'it is gone');
  });

  it('hands a parameter on to the controls', async () => {
    const namespace = await namespaceWithPod(cluster());
    const include = [namespace];
    const images = { allowedRegistries: ['registry.example'] };
    await createProfile(cluster(), 'allowing', { namespaces: { include }, parameters: { images } });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.6.1': 'Pass' }, 'allowing');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.6.1': 'Unknown NoEvidence' });
    const elsewhere = { images: { allowedRegistries: ['elsewhere.example'] } };
    await patch(cluster(), profilePath('allowing'), { spec: { parameters: elsewhere } });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.6.1': 'Fail' }, 'allowing');
  });
});

/** What an edit may take away for good: since when things are so. */
function times(report: LiveReport | undefined) {
  const { controls, conditions, transitions } = report?.status ?? {};
  return { controls, conditions, transitions };
}
