import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { TcpProxy } from '../kube/tcp-proxy.ts';
import { kubeconfigAt, eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  caughtUp,
  expectOk,
  metricLines,
  counter,
  namespaceWithPod,
  operatorKubeconfig,
  patch,
  post,
  probe,
  reportOf,
  startOperator,
  useOperatorCluster,
  verdictsOf,
} from '../operator/live.ts';
import { applyManifests } from '../support/cluster.ts';

const rolePath = '/apis/rbac.authorization.k8s.io/v1/clusterroles/plumbline-operator';
const definitionPath = (name: string) => `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;

interface Role {
  readonly rules: readonly {
    readonly apiGroups?: readonly string[];
    readonly resources: readonly string[];
  }[];
}

const denyAll = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny-all' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};

describe('the operator without some of its rights', function () {
  this.timeout(90_000);
  const cluster = useOperatorCluster();
  const clock = new JumpClock();
  let proxy: TcpProxy;
  let running: Running;
  let namespace: string;
  let role: Role;

  before(async () => {
    await applyManifests(cluster(), ['examples/trivy/crds.yaml']);
    role = expectOk('role', await cluster().request('GET', rolePath)) as Role;
    proxy = new TcpProxy(Number(new URL(cluster().url).port));
    const kubeconfig = kubeconfigAt(await operatorKubeconfig(cluster()), await proxy.listen());
    running = await startOperator(cluster(), { kubeconfig, clock });
    namespace = await namespaceWithPod(cluster(), 'rights');
    await post(cluster(), `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`, denyAll);
  });
  after(async () => {
    await patch(cluster(), rolePath, { rules: role.rules });
    await running.stop();
    await proxy.close();
    for (const plural of ['vulnerabilityreports', 'exposedsecretreports', 'configauditreports'])
      await cluster().request('DELETE', definitionPath(`${plural}.aquasecurity.github.io`));
  });

  /** Resolves when the server decides by it, which may be a moment later: each role has a rule that no other has. */
  async function allow({ rules }: Role): Promise<void> {
    const right = { group: 'rights.example.org', resource: `n${randomUUID()}`, verb: 'get' };
    const own = { apiGroups: [right.group], resources: [right.resource], verbs: [right.verb] };
    await patch(cluster(), rolePath, { rules: [...rules, own] });
    const spec = { user: 'system:serviceaccount:plumbline-system:plumbline', resourceAttributes: right };
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
    await eventually(async () => {
      const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
      const { status } = (await post(cluster(), path, review)) as { status: { allowed: boolean } };
      return status.allowed;
    }, 'the role holds');
  }

  const without = (...resources: string[]): Role => ({
    rules: role.rules.map((rule) => ({
      ...rule,
      // A rule needs one resource at least. Calico's policies bear a name that others bear too, and are not meant.
      resources: rule.apiGroups?.some((group) => group.endsWith('projectcalico.org'))
        ? rule.resources
        : ['none', ...rule.resources.filter((resource) => !resources.includes(resource))],
    })),
  });

  const available = async (source: string) =>
    (await metricLines(running, `plumbline_evidence_available{source="${source}"}`))[0]?.at(-1);

  /** Rights are looked at when a watch is opened; an open one runs on. */
  function reconnect(): void {
    proxy.cut();
  }

  const usual = {
    'RD-2.3.1': 'Pass',
    'RD-5.H.7.3': 'NotApplicable',
    'RD-2.4.1': 'Unknown NoEvidence',
    'RD-5.H.7.4': 'Unknown NoEvidence',
  };

  it('shows as Forbidden what it may no longer read, and turns nothing green', async () => {
    await eventually(async () => (await available('vulnerabilityreports')) === '1', 'its kind is read');
    const before = verdictsOf(await awaitVerdicts(cluster(), namespace, usual));
    await allow(without('vulnerabilityreports', 'networkpolicies', 'configmaps'));
    reconnect();
    const restarts = () => counter(running, 'plumbline_watch_restarts_total', 'reason="forbidden"');
    await eventually(async () => (await restarts()) >= 3, 'all are refused');
    // For some seconds it is not believed: a server that starts refuses what it allows.
    await caughtUp(cluster());
    expect(verdictsOf(await reportOf(cluster(), namespace))).to.include(usual);
    await eventually(async () => {
      clock.jump(1_000);
      return (
        (await available('networkpolicies')) === '0' &&
        (await available('vulnerabilityreports')) === '0' &&
        (await available('configmaps')) === '0'
      );
    }, 'it is believed');
    const report = await awaitVerdicts(cluster(), namespace, {
      'RD-2.3.1': 'Unknown Forbidden',
      'RD-2.4.1': 'Unknown Forbidden',
      'RD-5.H.7.3': 'Unknown Forbidden',
      'RD-5.H.7.4': 'Unknown NoEvidence',
    });
    const after = verdictsOf(report);
    const turned = Object.keys(after).filter((id) => after[id] === 'Pass' && before[id] !== 'Pass');
    expect(turned).to.deep.equal([]);
    for (const source of ['networkpolicies', 'vulnerabilityreports', 'configmaps']) {
      const row = report.status?.evidence?.find((each) => each.source === source);
      expect(row).to.include({ available: false, reason: 'Forbidden' });
      expect(row?.message).to.match(/cannot (?:list|watch) resource/);
    }
  });

  it('says in /readyz what it needs and may not read, and judges on', async () => {
    const { status, text } = await probe(running, '/readyz');
    expect(status).to.equal(503);
    expect(text).to.include('reading networkpolicies.networking.k8s.io is refused');
    expect(text).to.not.match(/vulnerabilityreports|configmaps/);
    await caughtUp(cluster());
  });

  it('reads on when it may again', async () => {
    await allow(role);
    // What was forbidden is looked for again when a definition changes, else within half a minute.
    const labels = { looked: 'again' };
    await patch(cluster(), definitionPath('vulnerabilityreports.aquasecurity.github.io'), {
      metadata: { labels },
    });
    await awaitVerdicts(cluster(), namespace, usual);
    await eventually(async () => (await probe(running, '/readyz')).status === 200, 'ready again');
  });

  it('does not know what is isolated where policies of another API may not be read', async () => {
    const lookAgain = (looked: string) =>
      patch(cluster(), definitionPath('vulnerabilityreports.aquasecurity.github.io'), {
        metadata: { labels: { looked } },
      });
    await allow(without('ciliumnetworkpolicies'));
    await lookAgain('refused');
    await eventually(async () => {
      // A refusal is doubted for ten seconds.
      clock.jump(1_000);
      return verdictsOf(await reportOf(cluster(), namespace))['RD-2.3.1'] === 'Unknown Forbidden';
    }, 'it is believed');
    const { status } = await awaitVerdicts(cluster(), namespace, { 'RD-2.3.1': 'Unknown Forbidden' });
    const message = status?.controls?.find(({ id }) => id === 'RD-2.3.1')?.message;
    expect(message).to.match(/^reading ciliumnetworkpolicies\.cilium\.io is refused/);
    await allow(role);
    await lookAgain('allowed');
    await awaitVerdicts(cluster(), namespace, usual);
  });

  it('says what it may not write, and does not try for ever', async () => {
    await allow(without('compliancereports/status'));
    const other = await namespaceWithPod(cluster(), 'unwritten');
    const failures = () => running.log.filter(({ fields }) => fields['key'] === `namespace/${other}`);
    await eventually(() => failures().length > 0, 'the refusal is logged');
    expect(failures()[0]).to.deep.include({ level: 'error', message: 'a reconcile failed' });
    expect(failures()[0]?.fields).to.include({ reason: 'Forbidden' });
    const attempts = failures().length;
    await allow(role);
    await caughtUp(cluster());
    expect(failures().length - attempts).to.be.lessThan(2);
    await patch(cluster(), `/api/v1/namespaces/${other}`, { metadata: { labels: { touched: 'yes' } } });
    await awaitVerdicts(cluster(), other, { 'RD-2.2.16': 'Fail' });
  });
});
