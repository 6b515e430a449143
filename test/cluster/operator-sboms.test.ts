import { expect } from 'chai';
import { eventually } from '../kube/support.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  caughtUp,
  counter,
  createProfile,
  metricLines,
  namespaceWithPod,
  patch,
  post,
  remove,
  reportOf,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { applyManifests } from '../support/cluster.ts';
import { removeDefinitions } from '../support/definitions.ts';
import { requireFixtures } from '../support/fixtures.ts';
import { removeProfiles } from '../support/profiles.ts';

const group = 'aquasecurity.github.io';
const reportsPath = (namespace: string) => `/apis/${group}/v1alpha1/namespaces/${namespace}/sbomreports`;
const digest = `sha256:${'ab'.repeat(32)}`;

const body = (...packages: string[]) => ({
  artifact: { repository: 'app', tag: '1.0.0', digest },
  registry: { server: 'registry.example' },
  scanner: { name: 'Trivy', vendor: 'Aqua Security', version: '0.72.0' },
  updateTimestamp: '2026-01-01T00:00:00Z',
  summary: { componentsCount: packages.length + 1, dependenciesCount: 0 },
  components: {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    components: packages.map((name) => ({
      type: 'library',
      name,
      version: '1',
      purl: `pkg:deb/debian/${name}@1`,
    })),
  },
});

describe('the operator and SBOMs', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let running: Running;
  let namespace: string;

  before(async function () {
    const file = `${requireFixtures(this, 'trivy-operator-crds')}/${group}_sbomreports.yaml`;
    running = await startOperator(cluster());
    namespace = await namespaceWithPod(cluster(), 'sboms');
    await awaitVerdicts(cluster(), namespace, { 'RD-5.H.8.1': 'Unknown NoEvidence' });
    await applyManifests(cluster(), [file]);
    const available = () => metricLines(running, 'plumbline_evidence_available{source="sbomreports"}');
    await eventually(async () => (await available())[0]?.at(-1) === '1', 'the kind is read');
  });
  afterEach(() => removeProfiles(cluster()));
  after(async () => {
    await running.stop();
    await removeDefinitions(cluster(), `sbomreports.${group}`);
  });

  /** What Trivy Operator writes of the pod's image, and what the kubelet says of it. */
  async function describeImage(where: string, report: object): Promise<void> {
    const pod = `/api/v1/namespaces/${where}/pods/app`;
    const { body: found } = await cluster().request('GET', pod);
    const { uid } = (found as { metadata: { uid: string } }).metadata;
    const status = {
      name: 'app',
      image: 'registry.example/app:1.0.0',
      imageID: `registry.example/app@${digest}`,
    };
    const containerStatuses = [{ ...status, ready: true, restartCount: 0, state: { running: {} } }];
    const told = (await patch(cluster(), `${pod}/status`, {
      status: { phase: 'Running', containerStatuses },
    })) as { metadata: { resourceVersion: string } };
    // The report comes by another watch, and before it is known of which image it is, it would be fetched.
    await eventually(
      () =>
        running.operator.state.pods.store.get(where, 'app')?.resourceVersion ===
        told.metadata.resourceVersion,
      'the image is known',
    );
    await post(cluster(), reportsPath(where), {
      apiVersion: `${group}/v1alpha1`,
      kind: 'SbomReport',
      metadata: {
        name: 'pod-app-app',
        labels: { 'trivy-operator.container.name': 'app' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'app', uid, controller: true }],
      },
      report,
    });
  }

  const fetched = () =>
    counter(running, 'plumbline_api_requests_total', 'verb="get"', `sbomreports.${group}`);
  const findingsOf = async () => {
    const controls = (await reportOf(cluster(), namespace))?.status?.controls ?? [];
    return controls.find(({ id }) => id === 'RD-5.H.8.1')?.findings?.map(({ message }) => message);
  };

  it('judges by a body that it fetched by name', async () => {
    await describeImage(namespace, body('bash', 'zlib1g'));
    await awaitVerdicts(cluster(), namespace, { 'RD-5.H.8.1': 'Warn', 'RD-5.H.8.2': 'Pass' });
    expect(await findingsOf()).to.deep.equal(['It has bash.']);
    expect(await fetched()).to.equal(1);
  });

  it('does not fetch a second report of the same image', async () => {
    const other = await namespaceWithPod(cluster(), 'sboms-too');
    // Were it fetched, it would fail.
    await describeImage(other, body('gcc'));
    await awaitVerdicts(cluster(), other, { 'RD-5.H.8.1': 'Warn', 'RD-5.H.8.2': 'Pass' });
    expect(await fetched()).to.equal(1);
    await remove(cluster(), `${reportsPath(other)}/pod-app-app`);
    await awaitVerdicts(cluster(), other, { 'RD-5.H.8.1': 'Unknown NoEvidence' });
  });

  it('fetches a report anew when it was rewritten', async () => {
    await patch(cluster(), `${reportsPath(namespace)}/pod-app-app`, { report: body('gcc-12') });
    await awaitVerdicts(cluster(), namespace, { 'RD-5.H.8.1': 'Fail' });
    expect(await findingsOf()).to.deep.equal(['It has gcc-12.']);
    await patch(cluster(), `${reportsPath(namespace)}/pod-app-app`, { report: body('zlib1g', 'perl') });
    await awaitVerdicts(cluster(), namespace, { 'RD-5.H.8.1': 'Pass' });
  });

  it('looks again for a package that a profile has just named', async () => {
    const before = await fetched();
    const images = { deniedPackages: ['perl'], discouragedPackages: [] };
    await createProfile(cluster(), 'no-perl', { parameters: { images } });
    await awaitVerdicts(cluster(), namespace, { 'RD-5.H.8.1': 'Fail' }, 'no-perl');
    expect(await fetched()).to.equal(before + 1);
  });

  it('does not call it unknown for a moment at a start', async () => {
    const settled = await awaitVerdicts(cluster(), namespace, { 'RD-5.H.8.1': 'Pass' });
    await running.stop();
    running = await startOperator(cluster());
    await caughtUp(cluster());
    const { metadata } = (await reportOf(cluster(), namespace)) ?? {};
    expect(metadata?.resourceVersion).to.equal(settled.metadata.resourceVersion);
    expect(await fetched()).to.equal(1);
  });

  it('takes a body that does not list all for a part, and knows nothing of a report that is gone', async () => {
    const path = `${reportsPath(namespace)}/pod-app-app`;
    const summary = { componentsCount: 40, dependenciesCount: 0 };
    await patch(cluster(), path, { report: { ...body('x'), summary } });
    await awaitVerdicts(cluster(), namespace, { 'RD-5.H.8.1': 'Unknown PartialEvidence' });
    await remove(cluster(), path);
    await awaitVerdicts(cluster(), namespace, { 'RD-5.H.8.1': 'Unknown NoEvidence' });
  });
});
