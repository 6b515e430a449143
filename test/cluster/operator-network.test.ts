import { expect } from 'chai';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  namespaceWithPod,
  post,
  remove,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { applyManifests } from '../support/cluster.ts';
import { fixtures } from '../support/fixtures.ts';

const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** As small as the API server takes it; only its name counts here. */
const ciliumDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'ciliumnetworkpolicies.cilium.io' },
  spec: {
    group: 'cilium.io',
    names: { plural: 'ciliumnetworkpolicies', kind: 'CiliumNetworkPolicy' },
    scope: 'Namespaced',
    versions: [{ name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

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
  after(() => running.stop());

  it('fails without any, passes with a default deny, and fails again without it', async () => {
    await awaitVerdicts(cluster(), namespace, exposed);
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
    await post(cluster(), path, denyAll);
    await awaitVerdicts(cluster(), namespace, isolated);
    await remove(cluster(), `${path}/deny-all`);
    await awaitVerdicts(cluster(), namespace, exposed);
  });

  it('doubts what is not isolated once another policy API is installed, and no longer when it is gone', async () => {
    await awaitVerdicts(cluster(), namespace, exposed);
    await post(cluster(), definitionsPath, ciliumDefinition);
    const { status } = await awaitVerdicts(cluster(), namespace, doubtful);
    const message = status?.controls?.find(({ id }) => id === 'RD-2.3.1')?.message;
    expect(message).to.include('Policies of cilium.io exist in this cluster and are not read.');
    await remove(cluster(), `${definitionsPath}/${ciliumDefinition.metadata.name}`);
    await awaitVerdicts(cluster(), namespace, exposed);
  });

  it("doubts it under Calico's own definitions", async function () {
    const folder = fixtures('other-crds');
    if (folder === undefined) return this.skip();
    await applyManifests(cluster(), [`${folder}/calico/v1-crd.projectcalico.org_networkpolicies.yaml`]);
    await awaitVerdicts(cluster(), namespace, doubtful);
    await remove(cluster(), `${definitionsPath}/networkpolicies.crd.projectcalico.org`);
    await awaitVerdicts(cluster(), namespace, exposed);
  });
});
