import { expect } from 'chai';
import type { Power } from '../../src/domain/rights.ts';
import { powers } from '../../src/domain/rights.ts';
import { builtInRoles } from '../../src/evidence/surroundings/built-in-roles.ts';
import { projectRole } from '../../src/evidence/surroundings/project-role.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  barePod,
  expectOk,
  patch,
  post,
  remove,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { freshNamespace } from '../support/cluster.ts';
import { rests } from '../support/rest.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const apiGroup = 'rbac.authorization.k8s.io';
const core = (namespace: string, plural: string) => `/api/v1/namespaces/${namespace}/${plural}`;

const rule = (resources: string[], verbs: string[]) => ({ apiGroups: [''], resources, verbs });
const roleOf = (kind: string, name: string, rules: object[]) => ({
  ...{ apiVersion: `${apiGroup}/v1`, kind, metadata: { name }, rules },
});
const bindingOf = (kind: string, name: string, role: string, subject: object) => ({
  ...{ apiVersion: `${apiGroup}/v1`, kind, metadata: { name }, subjects: [subject] },
  roleRef: { apiGroup, kind: role.split(' ')[0], name: role.split(' ')[1] },
});

const logs = { name: 'logs', hostPath: { path: '/var/log' } };
const collector = (node: string) =>
  barePod('fluentd', {
    ...{ nodeName: node, volumes: [logs] },
    containers: [
      { name: 'fluentd', image: 'fluentd:1', volumeMounts: [{ name: 'logs', mountPath: '/var/log' }] },
    ],
  });

describe('the operator and the identities of a namespace', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  const clock = new JumpClock();
  let running: Running;
  let namespace: string;
  let account: object;

  before(async () => {
    running = await startOperator(cluster(), { clock });
    namespace = await freshNamespace(cluster(), 'identities');
    account = { kind: 'ServiceAccount', name: 'web', namespace };
    const metadata = { name: 'web' };
    await post(cluster(), core(namespace, 'serviceaccounts'), {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata,
    });
    const spec = { serviceAccountName: 'web', nodeName: 'node-a' };
    await post(cluster(), core(namespace, 'pods'), barePod('app', spec));
  });
  after(() => running.stop());

  it('judges a role that comes after its binding, and again when it changes', async () => {
    await awaitVerdicts(cluster(), namespace, { 'RD-3.10.2': 'NotApplicable' });
    const path = `${rbac}/namespaces/${namespace}`;
    await post(cluster(), `${path}/rolebindings`, bindingOf('RoleBinding', 'web', 'Role web', account));
    await awaitVerdicts(cluster(), namespace, { 'RD-3.10.2': 'Pass' });
    await post(cluster(), `${path}/roles`, roleOf('Role', 'web', [rule(['secrets'], ['get'])]));
    await awaitVerdicts(cluster(), namespace, { 'RD-3.10.2': 'Warn' });
    await patch(cluster(), `${path}/roles/web`, { rules: [rule(['pods/exec'], ['create'])] });
    await awaitVerdicts(cluster(), namespace, { 'RD-3.10.2': 'Fail' });
    await patch(cluster(), `${path}/roles/web`, { rules: [rule(['pods'], ['get'])] });
    await awaitVerdicts(cluster(), namespace, { 'RD-3.10.2': 'Pass' });
  });

  it('judges what every ServiceAccount of the cluster is given', async () => {
    const everyone = { apiGroup, kind: 'Group', name: 'system:serviceaccounts' };
    await post(
      cluster(),
      `${rbac}/clusterroles`,
      roleOf('ClusterRole', 'peek', [rule(['secrets'], ['list'])]),
    );
    const binding = bindingOf('ClusterRoleBinding', 'peek', 'ClusterRole peek', everyone);
    await post(cluster(), `${rbac}/clusterrolebindings`, binding);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.10.2': 'Fail' });
    await remove(cluster(), `${rbac}/clusterroles/peek`);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.10.2': 'Pass' });
  });

  it('sees a log collector come to the node and go, and who may alter it', async () => {
    await awaitVerdicts(cluster(), namespace, { 'RD-3.1.1': 'Fail', 'RD-3.1.3': 'NotApplicable' });
    const agents = await freshNamespace(cluster(), 'agents');
    await post(cluster(), core(agents, 'pods'), collector('node-a'));
    await awaitVerdicts(cluster(), namespace, { 'RD-3.1.1': 'Warn', 'RD-3.1.3': 'Pass' });
    const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, '');
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }];
    await patch(cluster(), `${core(agents, 'pods')}/fluentd/status`, { status: { conditions } });
    await awaitVerdicts(cluster(), namespace, { 'RD-3.1.1': 'Pass' });

    const binding = bindingOf('RoleBinding', 'web', 'ClusterRole fix', account);
    await post(
      cluster(),
      `${rbac}/clusterroles`,
      roleOf('ClusterRole', 'fix', [rule(['configmaps'], ['patch'])]),
    );
    await post(cluster(), `${rbac}/namespaces/${agents}/rolebindings`, binding);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.1.3': 'Fail' });
    await remove(cluster(), `${rbac}/namespaces/${agents}/rolebindings/web`);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.1.3': 'Pass' });

    // The namespace of the agent is told at once, and that of the application later.
    await remove(cluster(), `${core(agents, 'pods')}/fluentd?gracePeriodSeconds=0`);
    await awaitVerdicts(cluster(), agents, { 'RD-3.1.1': 'NotApplicable' });
    clock.jump(16_000);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.1.1': 'Warn' });
    await rests(running);
    clock.jump(31 * 60_000);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.1.1': 'Fail' });
  });

  it('knows what the API server gives to the roles that each cluster has', async () => {
    const { items } = expectOk('roles', await cluster().request('GET', `${rbac}/clusterroles`)) as {
      items: { metadata: { name: string; labels?: Record<string, string> }; rules: object[] | null }[];
    };
    // No controller runs here that would put them in.
    const aggregated = (...names: string[]) =>
      items.flatMap(({ metadata: { labels = {} }, rules }) =>
        names.some((name) => labels[`${apiGroup}/aggregate-to-${name}`] === 'true') ? (rules ?? []) : [],
      );
    const own = items.find(({ metadata }) => metadata.name === 'cluster-admin')?.rules ?? [];
    const expected: Record<string, object[]> = {
      'cluster-admin': own,
      admin: aggregated('admin', 'edit', 'view'),
      edit: aggregated('edit', 'view'),
      view: aggregated('view'),
    };
    const ofRules = (rules: object[]): readonly Power[] => projectRole({ rules })?.all ?? [];
    for (const [name, rules] of Object.entries(expected)) {
      expect(rules, name).to.not.deep.equal([]);
      const known = builtInRoles.get(`ClusterRole ${name}`);
      expect(
        powers.filter((power) => known?.all.includes(power)),
        name,
      ).to.deep.equal(ofRules(rules));
    }
  });
});
