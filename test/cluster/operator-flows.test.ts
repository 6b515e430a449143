import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  barePod,
  patch,
  post,
  remove,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { eventually } from '../kube/support.ts';
import { freshNamespace } from '../support/cluster.ts';
import { definitionsPath, minimalDefinition, removeDefinitions } from '../support/definitions.ts';

const definition = minimalDefinition(
  'crd.projectcalico.org',
  'v1',
  'FelixConfiguration',
  'felixconfigurations',
  'Cluster',
);

describe('the operator and what shows network flows', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let running: Running;
  before(async () => {
    running = await startOperator(cluster());
  });
  after(async () => {
    await running.stop();
    await removeDefinitions(cluster(), definition.metadata.name);
  });

  let serial = 0;
  /** A namespace with two pods on a node of its own, and a ready agent there. */
  const on = async (container: string) => {
    const node = `flows-${process.pid}-${++serial}`;
    const namespace = await freshNamespace(cluster(), 'flowing');
    for (const name of ['one', 'two'])
      await post(cluster(), `/api/v1/namespaces/${namespace}/pods`, barePod(name, { nodeName: node }));
    const agents = await freshNamespace(cluster(), 'agents');
    const pod = barePod('agent', {
      nodeName: node,
      containers: [{ name: container, image: `registry.example/${container}:1` }],
    });
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: container, uid: 'x', controller: true };
    await post(cluster(), `/api/v1/namespaces/${agents}/pods`, {
      ...pod,
      metadata: { name: 'agent', ownerReferences: [owner] },
    });
    await patch(cluster(), `/api/v1/namespaces/${agents}/pods/agent/status`, {
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
    left.push(`/api/v1/namespaces/${agents}/pods/agent?gracePeriodSeconds=0`);
    return { namespace, agents };
  };
  // For other tests of this cluster no agent runs.
  const left: string[] = [];
  afterEach(async () => {
    for (const path of left.splice(0)) await remove(cluster(), path);
  });
  const flows = (namespace: string, verdict: string) =>
    awaitVerdicts(cluster(), namespace, { 'RD-5.G.2.1': verdict });

  it('follows the settings of Cilium beside its agents, and no others of that name', async () => {
    const { namespace, agents } = await on('cilium-agent');
    await flows(namespace, 'Warn');
    const settings = (value: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cilium-config' },
      data: { 'enable-hubble': value },
    });
    const elsewhere = await freshNamespace(cluster(), 'elsewhere');
    await post(cluster(), `/api/v1/namespaces/${elsewhere}/configmaps`, settings('true'));
    const path = `/api/v1/namespaces/${agents}/configmaps`;
    await post(cluster(), path, settings('false'));
    await flows(namespace, 'Warn');
    await patch(cluster(), `${path}/cilium-config`, { data: { 'enable-hubble': 'true' } });
    await flows(namespace, 'Pass');
    await remove(cluster(), `${path}/cilium-config`);
    await flows(namespace, 'Warn');
  });

  it('follows the settings of Calico, which are installed with it', async () => {
    const { namespace } = await on('calico-node');
    await flows(namespace, 'Warn');
    await post(cluster(), definitionsPath, definition);
    const path = '/apis/crd.projectcalico.org/v1/felixconfigurations';
    const object = {
      apiVersion: 'crd.projectcalico.org/v1',
      kind: 'FelixConfiguration',
      metadata: { name: 'default' },
      spec: { flowLogsGoldmaneServer: 'goldmane.calico-system.svc:7443' },
    };
    await eventually(
      async () => (await cluster().request('POST', path, object)).status < 300,
      'the API server to serve what was just defined',
    );
    await flows(namespace, 'Pass');
    await patch(cluster(), `${path}/default`, { spec: { flowLogsGoldmaneServer: '' } });
    await flows(namespace, 'Warn');
    await remove(cluster(), `${definitionsPath}/${definition.metadata.name}`);
    await flows(namespace, 'Warn');
  });
});
