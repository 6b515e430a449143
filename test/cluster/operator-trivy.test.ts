import { expect } from 'chai';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  caughtUp,
  metricLines,
  namespaceWithPod,
  patch,
  post,
  remove,
  reportOf,
  startOperator,
  useOperatorCluster,
  verdictsOf,
} from '../operator/live.ts';
import { applyManifests } from '../support/cluster.ts';
import { fixtures } from '../support/fixtures.ts';

const group = 'aquasecurity.github.io';
const kinds = { vulnerabilityreports: 'VulnerabilityReport', exposedsecretreports: 'ExposedSecretReport' };
type Plural = keyof typeof kinds;

const definitionPath = (plural: Plural) =>
  `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`;
const reportsPath = (namespace: string, plural: Plural) =>
  `/apis/${group}/v1alpha1/namespaces/${namespace}/${plural}`;
const configMapsPath = '/api/v1/namespaces/trivy-system/configmaps';
const trivyConfigPath = `${configMapsPath}/trivy-operator-trivy-config`;
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: {} });

/** Trivy Operator's own definitions where they are at hand, else those of the example. */
function definitionFiles(): string[] {
  const folder = fixtures('trivy-operator-crds');
  if (folder === undefined) return ['examples/trivy/crds.yaml'];
  return Object.keys(kinds).map((plural) => `${folder}/${group}_${plural}.yaml`);
}

const minute = 60_000;
const noEvidence = { 'RD-2.4.1': 'Unknown NoEvidence', 'RD-5.H.7.4': 'Unknown NoEvidence' };
const passing = { 'RD-2.4.1': 'Pass', 'RD-5.H.7.4': 'Pass' };

describe('the operator and the scanner', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  const clock = new JumpClock();
  let running: Running;
  let namespace: string;

  before(async () => {
    running = await startOperator(cluster(), { clock });
    namespace = await namespaceWithPod(cluster(), 'scanned');
  });
  after(async () => {
    await running.stop();
    for (const plural of Object.keys(kinds) as Plural[])
      await cluster().request('DELETE', definitionPath(plural));
    for (const name of ['trivy-operator', 'trivy-operator-trivy-config', 'trivy-operator-config'])
      await cluster().request('DELETE', `${configMapsPath}/${name}`);
  });

  /** What Trivy Operator writes about the pod's image, now. */
  async function scan(plural: Plural, summary: object, details: object): Promise<void> {
    const { body } = await cluster().request('GET', `/api/v1/namespaces/${namespace}/pods/app`);
    const { uid } = (body as { metadata: { uid: string } }).metadata;
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'app', uid, controller: true };
    await post(cluster(), reportsPath(namespace, plural), {
      apiVersion: `${group}/v1alpha1`,
      kind: kinds[plural],
      metadata: {
        name: 'pod-app-app',
        labels: { 'trivy-operator.container.name': 'app' },
        ownerReferences: [owner],
      },
      report: {
        artifact: { repository: 'app', tag: '1.0.0' },
        registry: { server: 'registry.example' },
        scanner: { name: 'Trivy', vendor: 'Aqua Security', version: '0.72.0' },
        updateTimestamp: new Date(clock.now()).toISOString().replace(/\.\d+/, ''),
        summary: { criticalCount: 0, highCount: 0, mediumCount: 0, lowCount: 0, ...summary },
        ...details,
      },
    });
  }
  const scanVulnerabilities = () =>
    scan('vulnerabilityreports', { unknownCount: 0, noneCount: 0 }, { os: {}, vulnerabilities: [] });
  const scanSecrets = () => scan('exposedsecretreports', {}, { secrets: [] });

  const available = (source: string) =>
    metricLines(running, `plumbline_evidence_available{source="${source}"}`).then(([line]) => line?.at(-1));

  it('calls what rests on scans unknown while the scanner is not installed', async () => {
    const { status } = await awaitVerdicts(cluster(), namespace, { ...noEvidence, 'RD-2.2.16': 'Fail' });
    expect(status?.evidence).to.deep.include({
      source: 'vulnerabilityreports',
      available: false,
      reason: 'NoEvidence',
      message: 'vulnerabilityreports.aquasecurity.github.io is not installed.',
    });
    expect(await available('vulnerabilityreports')).to.equal('0');
  });

  it('reads reports when their kinds appear, and asks what the scanner hides before it passes', async () => {
    await applyManifests(cluster(), definitionFiles());
    await scanVulnerabilities();
    await scanSecrets();
    const { status } = await awaitVerdicts(cluster(), namespace, noEvidence);
    await eventually(async () => (await available('exposedsecretreports')) === '1', 'the kind is read');
    const message = async () =>
      (await reportOf(cluster(), namespace))?.status?.controls?.find(({ id }) => id === 'RD-2.4.1')?.message;
    await eventually(async () => (await message())?.includes('hides') === true, 'its settings are asked for');
    expect(await message()).to.equal(
      'What the scanner hides is not known: namespace trivy-system has none of the ConfigMaps of Trivy Operator; ' +
        'say in vulnerabilities.scannerNamespace of the profile where it runs.',
    );
    expect(status?.state).to.equal('NonCompliant');
  });

  it('passes on current reports of a scanner that hides nothing', async () => {
    await post(cluster(), configMapsPath, configMap('trivy-operator'));
    const partial = { 'RD-2.4.1': 'Unknown PartialEvidence', 'RD-5.H.7.4': 'Unknown PartialEvidence' };
    const { status: before } = await awaitVerdicts(cluster(), namespace, partial);
    expect(before?.evidence?.find(({ source }) => source === 'scannersettings')?.message).to.equal(
      'What the scanner hides is not known: namespace trivy-system has no ConfigMap trivy-operator-trivy-config.',
    );
    await post(cluster(), configMapsPath, configMap('trivy-operator-trivy-config'));
    await post(cluster(), configMapsPath, configMap('trivy-operator-config'));
    const { status } = await awaitVerdicts(cluster(), namespace, passing);
    expect(status?.evidence).to.deep.include({ source: 'vulnerabilityreports', available: true });
  });

  it('takes it back when the scanner is told to hide, and passes again when it no longer does', async () => {
    await patch(cluster(), trivyConfigPath, { data: { 'trivy.severity': 'LOW' } });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.4.1': 'Unknown HiddenFindings' });
    await patch(cluster(), trivyConfigPath, { data: { 'trivy.severity': null } });
    await awaitVerdicts(cluster(), namespace, passing);
  });

  it('does not pass for a moment at a start when the scanner hides findings', async () => {
    await patch(cluster(), trivyConfigPath, { data: { 'trivy.severity': 'LOW' } });
    const hidden = await awaitVerdicts(cluster(), namespace, { 'RD-2.4.1': 'Unknown HiddenFindings' });
    await running.stop();
    running = await startOperator(cluster(), { clock });
    await caughtUp(cluster());
    const { metadata: after } = (await reportOf(cluster(), namespace)) ?? {};
    expect(after?.resourceVersion).to.equal(hidden.metadata.resourceVersion);
    await patch(cluster(), trivyConfigPath, { data: { 'trivy.severity': null } });
    await awaitVerdicts(cluster(), namespace, passing);
  });

  it('takes it back when what tells of its settings goes, and passes again when it comes back', async () => {
    await remove(cluster(), trivyConfigPath);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.4.1': 'Unknown PartialEvidence' });
    await eventually(async () => (await available('scannersettings')) === '0', 'the metric says so');
    await post(cluster(), configMapsPath, configMap('trivy-operator-trivy-config'));
    await awaitVerdicts(cluster(), namespace, passing);
    await eventually(async () => (await available('scannersettings')) === '1', 'the metric says so');
  });

  it('fails on a secret in an image, and names where', async () => {
    const path = `${reportsPath(namespace, 'exposedsecretreports')}/pod-app-app`;
    const secret = { target: '/srv/.env', ruleID: 'aws-access-key-id', severity: 'CRITICAL', title: 'AWS' };
    const secrets = [{ ...secret, category: 'AWS', match: 'key=*****' }];
    await patch(cluster(), path, { report: { summary: { criticalCount: 1 }, secrets } });
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-5.H.7.4': 'Fail' });
    const [finding] = status?.controls?.find(({ id }) => id === 'RD-5.H.7.4')?.findings ?? [];
    expect(JSON.stringify(finding)).to.include('/srv/.env').and.to.not.include('*****');
    await patch(cluster(), path, { report: { summary: { criticalCount: 0 }, secrets: [] } });
    await awaitVerdicts(cluster(), namespace, passing);
  });

  it('lets the last result of a deleted report stand for its grace, and writes nothing about it', async () => {
    const { metadata } = await awaitVerdicts(cluster(), namespace, passing);
    await remove(cluster(), `${reportsPath(namespace, 'vulnerabilityreports')}/pod-app-app`);
    await caughtUp(cluster());
    const after = await reportOf(cluster(), namespace);
    expect(after?.metadata.resourceVersion).to.equal(metadata.resourceVersion);
    expect(verdictsOf(after)).to.include(passing);
    await scanVulnerabilities();
    await caughtUp(cluster());
    expect(verdictsOf(await reportOf(cluster(), namespace))).to.include(passing);
  });

  it('no longer counts it when that is over, and nobody has scanned again', async () => {
    await remove(cluster(), `${reportsPath(namespace, 'vulnerabilityreports')}/pod-app-app`);
    await caughtUp(cluster());
    clock.jump(50 * minute);
    await caughtUp(cluster());
    expect(verdictsOf(await reportOf(cluster(), namespace))).to.include(passing);
    clock.jump(11 * minute);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.4.1': 'Unknown NoEvidence', 'RD-5.H.7.4': 'Pass' });
    await scanVulnerabilities();
    await awaitVerdicts(cluster(), namespace, passing);
  });

  it('calls reports stale when their time is up, with no event to say so', async () => {
    clock.jump(7 * 24 * 60 * minute);
    await awaitVerdicts(cluster(), namespace, {
      'RD-2.4.1': 'Unknown StaleEvidence',
      'RD-5.H.7.4': 'Unknown StaleEvidence',
    });
    for (const plural of Object.keys(kinds) as Plural[])
      await remove(cluster(), `${reportsPath(namespace, plural)}/pod-app-app`);
    await scanVulnerabilities();
    await scanSecrets();
    await awaitVerdicts(cluster(), namespace, passing);
  });

  it('turns nothing green when the kinds are taken away again', async () => {
    const before = verdictsOf(await awaitVerdicts(cluster(), namespace, passing));
    for (const plural of Object.keys(kinds) as Plural[]) await remove(cluster(), definitionPath(plural));
    const after = verdictsOf(await awaitVerdicts(cluster(), namespace, noEvidence));
    const turned = Object.keys(after).filter((id) => after[id] === 'Pass' && before[id] !== 'Pass');
    expect(turned).to.deep.equal([]);
    await eventually(async () => (await available('exposedsecretreports')) === '0', 'the metric says so');
  });
});
