import { expect } from 'chai';
import { eventually, kubeconfigAt } from '../kube/support.ts';
import { TcpProxy } from '../kube/tcp-proxy.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  expectOk,
  operatorKubeconfig,
  patch,
  post,
  remove,
  reportOf,
  startOperator,
  useOperatorCluster,
  verdictsOf,
} from '../operator/live.ts';
import { freshNamespace } from '../support/cluster.ts';
import { definitionsPath, minimalDefinition } from '../support/definitions.ts';

const definition = minimalDefinition('argoproj.io', 'v1alpha1', 'Rollout', 'rollouts');
const definitionPath = `${definitionsPath}/${definition.metadata.name}`;
const rolePath = '/apis/rbac.authorization.k8s.io/v1/clusterroles/plumbline-operator';
const rolloutsIn = (namespace: string) => `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts`;
const labels = { app: 'web' };
const podSpec = (privileged: boolean) => ({
  containers: [{ name: 'app', image: 'registry.example/app:1', securityContext: { privileged } }],
});
const template = (privileged: boolean) => ({ metadata: { labels }, spec: podSpec(privileged) });
const rollout = (spec: object) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: labels }, strategy: { canary: {} }, ...spec },
});

interface Role {
  readonly rules: readonly { readonly resources: readonly string[] }[];
}

describe('the operator and Argo Rollouts', function () {
  this.timeout(90_000);
  const cluster = useOperatorCluster();
  const clock = new JumpClock();
  let proxy: TcpProxy;
  let running: Running;
  let role: Role;

  before(async () => {
    role = expectOk('role', await cluster().request('GET', rolePath)) as Role;
    proxy = new TcpProxy(Number(new URL(cluster().url).port));
    const kubeconfig = kubeconfigAt(await operatorKubeconfig(cluster()), await proxy.listen());
    running = await startOperator(cluster(), { kubeconfig, clock });
  });
  after(async () => {
    await patch(cluster(), rolePath, { rules: role.rules });
    await running.stop();
    await proxy.close();
    await cluster().request('DELETE', definitionPath);
  });

  /** The API server takes a moment to serve what was just defined. */
  const create = (namespace: string, spec: object) =>
    eventually(
      async () => (await cluster().request('POST', rolloutsIn(namespace), rollout(spec))).status < 300,
      'a Rollout',
    );

  it('needs none where their kind is not installed', async () => {
    const namespace = await freshNamespace(cluster(), 'rollouts');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.2': 'NotApplicable' });
  });

  it('judges one that is scaled to none, from when its kind is installed', async () => {
    const namespace = await freshNamespace(cluster(), 'rollouts');
    await post(cluster(), definitionsPath, definition);
    await create(namespace, { replicas: 0, template: template(true) });
    const report = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.2': 'Fail' });
    const found = report.status?.controls?.find(({ id }) => id === 'RD-2.2.2')?.findings[0];
    expect(found?.subject).to.deep.equal({ kind: 'Rollout', name: 'web', container: 'app' });
    await patch(cluster(), `${rolloutsIn(namespace)}/web`, { spec: { template: template(false) } });
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.2': 'Pass' });
    await remove(cluster(), `${rolloutsIn(namespace)}/web`);
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.2': 'NotApplicable' });
  });

  it('finds it above its ReplicaSets and pods, wherever it has its template from', async () => {
    const namespace = await freshNamespace(cluster(), 'rollouts');
    await create(namespace, { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } });
    const made = expectOk('it', await cluster().request('GET', `${rolloutsIn(namespace)}/web`));
    const { uid } = (made as { metadata: { uid: string } }).metadata;
    const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web', uid, controller: true };
    const set = (await post(cluster(), `/apis/apps/v1/namespaces/${namespace}/replicasets`, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web-1', ownerReferences: [owner] },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: template(true) },
    })) as { metadata: { uid: string } };
    const ownedBy = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', controller: true };
    await post(cluster(), `/api/v1/namespaces/${namespace}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1-a', labels, ownerReferences: [{ ...ownedBy, uid: set.metadata.uid }] },
      spec: podSpec(true),
    });
    const report = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.2': 'Fail' });
    expect(report.status?.workloads?.total).to.equal(1);
    const found = report.status?.controls?.find(({ id }) => id === 'RD-2.2.2')?.findings[0];
    expect(found?.subject).to.deep.equal({ kind: 'Rollout', name: 'web', container: 'app' });
  });

  it('passes nothing, and shows what it sees, while it may not read them', async () => {
    const [clean, broken] = [
      await freshNamespace(cluster(), 'rollouts'),
      await freshNamespace(cluster(), 'rollouts'),
    ];
    for (const [namespace, privileged] of [[clean, false] as const, [broken, true] as const]) {
      await post(cluster(), `/api/v1/namespaces/${namespace}/pods`, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'a' },
        spec: podSpec(privileged),
      });
    }
    await awaitVerdicts(cluster(), clean, { 'RD-2.2.2': 'Pass' });
    const rules = role.rules.map((rule) => ({
      ...rule,
      resources: ['none', ...rule.resources.filter((each) => each !== 'rollouts')],
    }));
    await patch(cluster(), rolePath, { rules });
    proxy.cut();
    await eventually(async () => {
      clock.jump(1_000);
      return verdictsOf(await reportOf(cluster(), clean))['RD-2.2.2'] === 'Unknown Forbidden';
    }, 'it is believed');
    await awaitVerdicts(cluster(), broken, { 'RD-2.2.2': 'Fail' });
  });
});
