import { expect } from 'chai';
import { eventually } from '../kube/support.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  caughtUp,
  createProfile,
  namespaceWithPod,
  patch,
  post,
  profilePath,
  remove,
  reportOf,
  startOperator,
  useOperatorCluster,
  verdictsOf,
} from '../operator/live.ts';
import { awaitReady } from '../operator/profile-ready.ts';
import { buildKustomization } from '../support/kustomize.ts';
import { complianceProfiles } from '../../src/api/resources.ts';
import { pathOf } from '../support/kept.ts';
import { removeProfiles } from '../support/profiles.ts';

const off = (...ids: string[]) => ids.map((id) => ({ id, disabled: true, rationale: 'not in this test' }));
const allowing = (registry: string) => ({ images: { allowedRegistries: [registry] } });

describe('the operator and profiles that extend others', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let running: Running;

  before(async () => {
    running = await startOperator(cluster());
  });
  afterEach(() => removeProfiles(cluster()));
  after(() => running.stop());

  it('judges by what a profile inherits, and anew when that changes', async () => {
    const namespace = await namespaceWithPod(cluster());
    await createProfile(cluster(), 'base', {
      namespaces: { include: [namespace] },
      controls: off('RD-2.2.8'),
      parameters: allowing('registry.example'),
    });
    await createProfile(cluster(), 'team', { extends: 'base' });
    const report = await awaitVerdicts(cluster(), namespace, { 'RD-2.6.1': 'Pass' }, 'team');
    expect(verdictsOf(report)).to.not.have.property('RD-2.2.8');
    await awaitReady(cluster(), 'team', { status: 'True', reason: 'InUse', selected: 1, generation: 1 });
    await patch(cluster(), profilePath('base'), {
      spec: { parameters: allowing('elsewhere.example'), controls: [] },
    });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.6.1': 'Fail', 'RD-2.2.8': 'Fail' }, 'team');
  });

  it('moves no verdict of a child whose parent is not ready, or gone, and says so', async () => {
    const namespace = await namespaceWithPod(cluster());
    const base = { namespaces: { include: [namespace] }, controls: off('RD-2.2.8') };
    await createProfile(cluster(), 'base', base);
    await createProfile(cluster(), 'team', { extends: 'base', parameters: allowing('registry.example') });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' }, 'base');
    const before = await awaitVerdicts(cluster(), namespace, { 'RD-2.6.1': 'Pass' }, 'team');
    await patch(cluster(), profilePath('base'), { spec: { controls: off('RD-2.2.88') } });
    const { message } = await awaitReady(cluster(), 'team', { status: 'False', reason: 'ParentNotReady' });
    expect(message).to.equal(
      'spec.extends: team -> base: base is not ready (spec.controls[0].id: no control "RD-2.2.88"; did you mean RD-2.2.8?). ' +
        'Its last valid version stays in use.',
    );
    // What it says itself waits until its parent is mended.
    await patch(cluster(), profilePath('team'), { spec: { parameters: allowing('elsewhere.example') } });
    await awaitReady(cluster(), 'team', { status: 'False', generation: 2, selected: 1 });
    await remove(cluster(), profilePath('base'));
    await awaitReady(cluster(), 'team', { status: 'False', reason: 'ParentNotFound' });
    await caughtUp(cluster());
    const kept = await reportOf(cluster(), namespace, 'team');
    expect(kept?.metadata.resourceVersion).to.equal(before.metadata.resourceVersion);
    await createProfile(cluster(), 'base', base);
    await awaitReady(cluster(), 'team', { status: 'True', reason: 'InUse' });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.6.1': 'Fail' }, 'team');
  });

  it('names the profiles that extend each other in a circle, until one no longer does', async () => {
    await createProfile(cluster(), 'one', { extends: 'two', namespaces: { include: [] } });
    await awaitReady(cluster(), 'one', { status: 'False', reason: 'ParentNotFound', selected: 0 });
    await createProfile(cluster(), 'two', { extends: 'one' });
    const { message } = await awaitReady(cluster(), 'one', { status: 'False', reason: 'ExtendsCycle' });
    expect(message).to.equal(
      'spec.extends: one -> two -> one: a profile cannot extend itself. It changes no verdict.',
    );
    await awaitReady(cluster(), 'two', { status: 'False', reason: 'ExtendsCycle' });
    await patch(cluster(), profilePath('two'), { spec: { extends: null } });
    await awaitReady(cluster(), 'two', { status: 'True' });
    await awaitReady(cluster(), 'one', { status: 'True' });
  });

  it('gives a control the severity of the profile, in the report and its counts', async () => {
    const namespace = await namespaceWithPod(cluster());
    const controls = [{ id: 'RD-2.2.16', severity: 'critical', rationale: 'as this test needs it' }];
    await createProfile(cluster(), 'severe', { namespaces: { include: [namespace] }, controls });
    const severe = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' }, 'severe');
    const plain = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    const criticals = (report: typeof severe) => report.status?.summary?.failBySeverity?.critical ?? 0;
    expect(criticals(severe)).to.equal(criticals(plain) + 1);
  });

  it('takes every sample that is shipped, and kubectl shows that it is in use', async () => {
    const samples = await buildKustomization('config/samples');
    for (const sample of samples) await post(cluster(), pathOf(complianceProfiles, ''), sample);
    for (const { metadata } of samples) {
      await awaitReady(cluster(), metadata.name, { status: 'True', generation: 1 });
    }
    const { stdout } = await cluster().kubectl(['get', 'complianceprofiles']);
    const [header = '', ...rows] = stdout.trim().split('\n');
    expect(header).to.match(/^NAME +READY +REASON +EXTENDS +NAMESPACES +AGE$/);
    const names = samples.map(({ metadata }) => metadata.name);
    expect(rows.map((row) => row.split(' ')[0])).to.have.members(names);
    for (const row of rows) expect(row).to.match(/^\S+ +True +(PartlyInUse|InUse) +\S* +\d+ +\S+$/);
    for (const name of names) await remove(cluster(), profilePath(name));
    await eventually(
      async () => (await cluster().kubectl(['get', 'cprof', '-o', 'name'])).stdout === '',
      'gone',
    );
  });

  it('lowers for the namespaces of the platform what the sample says, and judges them all the same', async () => {
    const [platform] = (await buildKustomization('config/samples')).filter(
      ({ metadata }) => metadata.name === 'platform',
    );
    await post(cluster(), pathOf(complianceProfiles, ''), platform ?? {});
    const namespace = await namespaceWithPod(cluster());
    await patch(cluster(), `/api/v1/namespaces/${namespace}`, {
      metadata: { labels: { owner: 'operator' } },
    });
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' }, 'platform');
    const severity = (id: string) => status?.controls?.find((control) => control.id === id)?.severity;
    expect([severity('RD-2.2.16'), severity('RD-2.2.2')]).to.deep.equal(['low', 'medium']);
  });
});
