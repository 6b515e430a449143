import { expect } from 'chai';
import { eventually } from '../kube/support.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  namespaceWithPod,
  patch,
  post,
  remove,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { applyManifests } from '../support/cluster.ts';
import { fixtures } from '../support/fixtures.ts';
import { definitionsPath, minimalDefinition, removeDefinitions } from '../support/definitions.ts';

const antreaDefinition = minimalDefinition('crd.antrea.io', 'v1beta1', 'NetworkPolicy', 'networkpolicies');
const ciliumDefinition = minimalDefinition('cilium.io', 'v2', 'CiliumNetworkPolicy', 'ciliumnetworkpolicies');
const calicoDefinitions = ['networkpolicies', 'globalnetworkpolicies'].map(
  (plural) => `${plural}.crd.projectcalico.org`,
);
const sigNetworkDefinition = 'clusternetworkpolicies.policy.networking.k8s.io';

const denyAll = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny-all' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};

const exposed = { 'RD-2.3.1': 'Fail', 'RD-2.3.2': 'Fail', 'RD-2.3.3': 'Fail' };
const doubtful = {
  'RD-2.3.1': 'Unknown PartialEvidence',
  'RD-2.3.2': 'Unknown PartialEvidence',
  'RD-2.3.3': 'Unknown PartialEvidence',
};
const isolated = { 'RD-2.3.1': 'Pass', 'RD-2.3.2': 'Pass', 'RD-2.3.3': 'Pass', 'RD-2.3.4': 'Pass' };

describe('the operator and network policies', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let running: Running;
  let namespace: string;

  before(async () => {
    running = await startOperator(cluster());
    namespace = await namespaceWithPod(cluster(), 'network');
  });
  after(async () => {
    await running.stop();
    await removeDefinitions(
      cluster(),
      ...[antreaDefinition, ciliumDefinition].map(({ metadata }) => metadata.name),
      ...calicoDefinitions,
      sigNetworkDefinition,
    );
  });

  it('fails without any, passes with a default deny, and fails again without it', async () => {
    await awaitVerdicts(cluster(), namespace, exposed);
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
    await post(cluster(), path, denyAll);
    await awaitVerdicts(cluster(), namespace, isolated);
    await remove(cluster(), `${path}/deny-all`);
    await awaitVerdicts(cluster(), namespace, exposed);
  });

  it('doubts what is not isolated once a policy API is installed that is not read, and no longer when it is gone', async () => {
    await awaitVerdicts(cluster(), namespace, exposed);
    await post(cluster(), definitionsPath, antreaDefinition);
    const { status } = await awaitVerdicts(cluster(), namespace, doubtful);
    const message = status?.controls?.find(({ id }) => id === 'RD-2.3.1')?.message;
    expect(message).to.include('Policies of crd.antrea.io exist in this cluster and are not read.');
    await remove(cluster(), `${definitionsPath}/${antreaDefinition.metadata.name}`);
    await awaitVerdicts(cluster(), namespace, exposed);
  });

  /** Of a policy that was just installed: the API server may take a moment to serve its kind. */
  const create = (path: string, object: object) =>
    eventually(async () => (await cluster().request('POST', path, object)).status < 300, `POST ${path}`);

  it("is isolated by a policy of Calico for the cluster, under Calico's own definitions", async function () {
    const folder = fixtures('other-crds');
    if (folder === undefined) return this.skip();
    const names = ['networkpolicies', 'globalnetworkpolicies'];
    await applyManifests(
      cluster(),
      names.map((name) => `${folder}/calico/v1-crd.projectcalico.org_${name}.yaml`),
    );
    await awaitVerdicts(cluster(), namespace, exposed);
    const path = '/apis/crd.projectcalico.org/v1/globalnetworkpolicies';
    const policy = (spec: object) => ({
      ...{
        apiVersion: 'crd.projectcalico.org/v1',
        kind: 'GlobalNetworkPolicy',
        metadata: { name: 'default.deny' },
        spec,
      },
    });
    const denial = {
      types: ['Ingress', 'Egress'],
      namespaceSelector: `projectcalico.org/name == '${namespace}'`,
    };
    await create(path, policy(denial));
    await awaitVerdicts(cluster(), namespace, isolated);
    await patch(cluster(), `${path}/default.deny`, { spec: { ingress: [{ action: 'Allow' }] } });
    await awaitVerdicts(cluster(), namespace, { ...isolated, 'RD-2.3.4': 'Fail' });
    await patch(cluster(), `${path}/default.deny`, { spec: { selector: 'app = web' } });
    const broken = 'Unknown EvaluationError';
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.3.1': broken, 'RD-2.3.4': broken });
    const message = status?.controls?.find(({ id }) => id === 'RD-2.3.1')?.message;
    expect(message).to.include('globalnetworkpolicies.crd.projectcalico.org default.deny cannot be read');
    for (const name of calicoDefinitions) await remove(cluster(), `${definitionsPath}/${name}`);
    await awaitVerdicts(cluster(), namespace, exposed);
  });

  it('is isolated by a policy of SIG Network for the cluster, under its own definition', async function () {
    const folder = fixtures('other-crds');
    if (folder === undefined) return this.skip();
    const name = 'clusternetworkpolicies';
    await applyManifests(cluster(), [`${folder}/calico/policy.networking.k8s.io_${name}.yaml`]);
    const everywhere = [{ networks: ['0.0.0.0/0', '::/0'] }];
    await create(`/apis/policy.networking.k8s.io/v1alpha2/${name}`, {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'baseline' },
      spec: {
        ...{ tier: 'Baseline', priority: 10, subject: { namespaces: {} } },
        ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }],
        egress: [{ action: 'Deny', to: everywhere }],
      },
    });
    await awaitVerdicts(cluster(), namespace, isolated);
    await remove(cluster(), `${definitionsPath}/${sigNetworkDefinition}`);
    await awaitVerdicts(cluster(), namespace, exposed);
  });

  it('is isolated by a policy of Cilium, until its definition is gone', async () => {
    await post(cluster(), definitionsPath, ciliumDefinition);
    await create(`/apis/cilium.io/v2/namespaces/${namespace}/ciliumnetworkpolicies`, {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'deny' },
      spec: { endpointSelector: {}, ingress: [{}], egress: [{}] },
    });
    await awaitVerdicts(cluster(), namespace, isolated);
    await remove(cluster(), `${definitionsPath}/${ciliumDefinition.metadata.name}`);
    await awaitVerdicts(cluster(), namespace, exposed);
  });
});
