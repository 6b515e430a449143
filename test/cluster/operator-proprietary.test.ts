import { expect } from 'chai';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  createProfile,
  metricLines,
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
import { definitionsPath, minimalDefinition, removeDefinitions } from '../support/definitions.ts';

const group = 's3.services.k8s.aws';
const definitions = [`buckets.${group}`, 'things.vendor.example.com'];

describe('the operator and APIs of one vendor', function () {
  this.timeout(90_000);
  const cluster = useOperatorCluster();
  const clock = new JumpClock();
  let running: Running;
  let namespace: string;
  let other: string;

  before(async () => {
    running = await startOperator(cluster(), { clock });
    namespace = await namespaceWithPod(cluster(), 'vendor');
    other = await namespaceWithPod(cluster(), 'other');
  });
  after(async () => {
    // Also after a test that failed half way, for those that come.
    await removeDefinitions(cluster(), ...definitions);
    // Other tests of this cluster count what is written.
    await cluster().request('DELETE', profilePath('portable'));
    await eventually(async () => {
      const { body } = await cluster().request('GET', '/apis/plumbline.dev/v1alpha1/compliancereports');
      const { items } = body as { items: { metadata: { name: string } }[] };
      return items.every(({ metadata }) => metadata.name !== 'portable');
    }, 'its reports are gone');
    await running.stop();
  });

  const path = () => `/apis/${group}/v1alpha1/namespaces/${namespace}/buckets`;

  /** Of a kind that was just installed: the API server may take a moment to serve it. */
  const create = (name: string) =>
    eventually(async () => {
      const bucket = { apiVersion: `${group}/v1alpha1`, kind: 'Bucket', metadata: { name } };
      return (await cluster().request('POST', path(), bucket)).status < 300;
    }, 'a Bucket');

  const available = async () => {
    const [line] = await metricLines(running, 'plumbline_evidence_available{source="proprietaryapis"}');
    return line?.endsWith(' 1') === true;
  };

  /** A refusal is doubted for ten seconds; before it comes, the kind is not read yet. */
  const awaitForbidden = (profile?: string) =>
    eventually(async () => {
      clock.jump(1_000);
      return verdictsOf(await reportOf(cluster(), namespace, profile))['RD-2.0.2'] === 'Unknown Forbidden';
    }, 'the refusal is believed');

  it('pass where the cluster has none', async () => {
    await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Pass' });
    expect(await available()).to.equal(true);
  });

  it('are not known while they may not be read, and config/proprietary-apis is named', async () => {
    await post(cluster(), definitionsPath, minimalDefinition(group, 'v1alpha1', 'Bucket', 'buckets'));
    await create('pictures');
    await awaitForbidden();
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Unknown Forbidden' });
    expect(await available()).to.equal(false);
    expect(status?.controls?.find(({ id }) => id === 'RD-2.0.2')?.message).to.match(
      /^reading buckets\.s3\.services\.k8s\.aws is refused: .*; config\/proprietary-apis holds the right\.$/,
    );
    const row = status?.evidence?.find(({ source }) => source === 'proprietaryapis');
    expect(row).to.include({ available: false, reason: 'Forbidden' });
  });

  it('warn of an object once they may be read, in its namespace alone, and pass when it is gone', async () => {
    const { code, stderr } = await cluster().kubectl([
      'apply',
      '--server-side',
      '-k',
      'config/proprietary-apis',
    ]);
    expect(code, stderr).to.equal(0);
    await eventually(async () => {
      // They are asked for anew within half a minute, and who is answered slowly is not to give up for that.
      clock.jump(1_000);
      return available();
    }, 'they may be read');
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Warn' });
    const found = status?.controls?.find(({ id }) => id === 'RD-2.0.2');
    expect(found?.findings?.map(({ subject, observed }) => [subject, observed])).to.deep.equal([
      [{ kind: 'Bucket', name: 'pictures' }, group],
    ]);
    await awaitVerdicts(cluster(), other, { 'RD-2.0.2': 'Pass' });
    await remove(cluster(), `${path()}/pictures`);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Pass' });
  });

  it('warn of an Ingress that is annotated for one of them', async () => {
    const ingresses = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`;
    await post(cluster(), ingresses, {
      ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
      metadata: { name: 'web', annotations: { 'networking.gke.io/managed-certificates': 'web' } },
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Warn' });
    await patch(cluster(), `${ingresses}/web`, {
      metadata: { annotations: { 'networking.gke.io/managed-certificates': null } },
    });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Pass' });
  });

  it('are those that each profile names', async () => {
    await create('pictures');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Warn' });
    await createProfile(cluster(), 'portable', {
      parameters: { platform: { proprietaryApiGroups: ['vendor.example.com'] } },
    });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Pass' }, 'portable');
    await post(cluster(), definitionsPath, minimalDefinition('vendor.example.com', 'v1', 'Thing', 'things'));
    // Nobody has given the right to it.
    await awaitForbidden('portable');
    expect(await available()).to.equal(false);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Warn' });
    for (const name of definitions) await remove(cluster(), `${definitionsPath}/${name}`);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Pass' });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.0.2': 'Pass' }, 'portable');
  });
});
