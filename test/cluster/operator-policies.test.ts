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
import type { AdmissionObject } from '../support/admission-objects.ts';
import { admission, kyvernoRule, ofPods, podRules } from '../support/admission-objects.ts';
import { definitionsPath, minimalDefinition, removeDefinitions } from '../support/definitions.ts';

const constraintDefinition = minimalDefinition(
  'constraints.gatekeeper.sh',
  'v1beta1',
  'K8sAllowedRepos',
  'k8sallowedrepos',
  'Cluster',
);
const kyvernoDefinitions = [
  minimalDefinition('kyverno.io', 'v1', 'ClusterPolicy', 'clusterpolicies', 'Cluster'),
  minimalDefinition('kyverno.io', 'v2', 'PolicyException', 'policyexceptions'),
  minimalDefinition('wgpolicyk8s.io', 'v1alpha2', 'PolicyReport', 'policyreports'),
];
const auditDefinition = minimalDefinition(
  'aquasecurity.github.io',
  'v1alpha1',
  'ConfigAuditReport',
  'configauditreports',
);
const constraints = '/apis/constraints.gatekeeper.sh/v1beta1/k8sallowedrepos';
const admissionPath = '/apis/admissionregistration.k8s.io/v1';
const without = { 'RD-3.4.1': 'Fail', 'RD-3.4.2': 'Unknown NoEvidence', 'RD-2.2.19': 'NotApplicable' };

describe('the operator and policies', function () {
  this.timeout(90_000);
  const cluster = useOperatorCluster();
  const clock = new JumpClock();
  let running: Running;
  let namespace: string;

  before(async () => {
    running = await startOperator(cluster(), { clock });
    namespace = await namespaceWithPod(cluster(), 'policies');
  });
  after(async () => {
    await running.stop();
    const definitions = [constraintDefinition, auditDefinition, ...kyvernoDefinitions];
    await removeDefinitions(cluster(), ...definitions.map(({ metadata }) => metadata.name));
    // What a test that failed has left of them would concern other namespaces too.
    for (const kind of ['validatingwebhookconfigurations', 'validatingadmissionpolicybindings'])
      await cluster().request('DELETE', `${admissionPath}/${kind}`);
  });

  /** Of a kind that was just installed: the API server may take a moment to serve it. */
  const create = (path: string, object: object) =>
    eventually(async () => (await cluster().request('POST', path, object)).status < 300, `POST ${path}`);

  const here = () => ({
    namespaceSelector: {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'In', values: [namespace] },
        { key: 'admission.gatekeeper.sh/ignore', operator: 'DoesNotExist' },
      ],
    },
  });
  /** The real server would ask them of every pod: they are for one namespace, to which no pod comes. */
  const webhook = (of: (more: object) => AdmissionObject) => of({ ...here(), ...webhookFields });
  const webhookFields = { rules: podRules, sideEffects: 'None', admissionReviewVersions: ['v1'] };

  async function serviceOf(name: string, service: string, ready: boolean): Promise<void> {
    await cluster().request('POST', '/api/v1/namespaces', { metadata: { name } });
    await post(cluster(), `/apis/discovery.k8s.io/v1/namespaces/${name}/endpointslices`, {
      ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
      metadata: { name: `${service}-1`, labels: { 'kubernetes.io/service-name': service } },
      endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }],
    });
  }

  it('fails without any, and passes while a ValidatingAdmissionPolicy is bound', async () => {
    await awaitVerdicts(cluster(), namespace, without);
    const validations = { validations: [{ expression: 'object.metadata.name != "never"' }] };
    const { metadata, ...native } = admission.native({
      ...validations,
      matchConstraints: { resourceRules: podRules },
    });
    await post(cluster(), `${admissionPath}/validatingadmissionpolicies`, { metadata, ...native });
    await post(cluster(), `${admissionPath}/validatingadmissionpolicybindings`, admission.binding());
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.1': 'Pass', 'RD-2.2.19': 'Pass' });
    await remove(cluster(), `${admissionPath}/validatingadmissionpolicybindings/binding`);
    await awaitVerdicts(cluster(), namespace, without);
  });

  it('does not know of constraints that it may not read, and what to do', async () => {
    await post(cluster(), definitionsPath, constraintDefinition);
    await create(constraints, admission.constraint());
    await eventually(async () => {
      clock.jump(1_000);
      const lines = await metricLines(running, 'plumbline_evidence_available{source="admissionpolicies"}');
      return lines[0]?.endsWith(' 0') === true;
    }, 'it is refused');
    const { status } = await awaitVerdicts(cluster(), namespace, {
      'RD-3.4.1': 'Unknown Forbidden',
      'RD-3.4.2': 'Unknown Forbidden',
      'RD-2.2.19': 'Unknown Forbidden',
    });
    const message = status?.controls?.find(({ id }) => id === 'RD-3.4.1')?.message;
    expect(message).to.match(
      /^reading k8sallowedrepos\.constraints\.gatekeeper\.sh is refused: .*; apply config\/gatekeeper\.$/,
    );
    const { code, stderr } = await cluster().kubectl(['apply', '--server-side', '-k', 'config/gatekeeper']);
    expect(code, stderr).to.equal(0);
    // What is forbidden is looked for again when a definition changes.
    await patch(cluster(), `${definitionsPath}/${constraintDefinition.metadata.name}`, {
      metadata: { labels: { looked: 'again' } },
    });
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.1': 'Fail' });
  });

  it('passes with a constraint whose webhook is answered, and fails when nothing answers', async () => {
    await serviceOf('gatekeeper-system', 'gatekeeper-webhook-service', true);
    await post(
      cluster(),
      `${admissionPath}/validatingwebhookconfigurations`,
      webhook(admission.gatekeeperWebhook),
    );
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.1': 'Pass', 'RD-2.2.19': 'Pass' });
    const slice =
      '/apis/discovery.k8s.io/v1/namespaces/gatekeeper-system/endpointslices/gatekeeper-webhook-service-1';
    const endpoints = (ready: boolean) => [{ addresses: ['10.0.0.1'], conditions: { ready } }];
    await patch(cluster(), slice, { endpoints: endpoints(false) });
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.1': 'Fail' });
    await patch(cluster(), slice, { endpoints: endpoints(true) });
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.1': 'Pass' });
  });

  it('asks about the label by which the webhook passes over the namespace', async () => {
    const label = (ignore: string | null) =>
      patch(cluster(), `/api/v1/namespaces/${namespace}`, {
        metadata: { labels: { 'admission.gatekeeper.sh/ignore': ignore } },
      });
    await label('true');
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.1': 'Fail', 'RD-2.2.19': 'Manual' });
    await label(null);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.1': 'Pass', 'RD-2.2.19': 'Pass' });
  });

  it('shows what the audit found, until the kind of the constraint is gone and watched no more', async () => {
    const found = (violations: object[], age = 0) =>
      patch(cluster(), `${constraints}/repos`, {
        status: {
          auditTimestamp: new Date(clock.now() - age).toISOString(),
          ...{ totalViolations: violations.length, violations },
        },
      });
    await found([]);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Pass' });
    await found([{ kind: 'Pod', name: 'app', namespace, enforcementAction: 'deny', message: 'No.' }]);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Fail' });
    await found([], 3_600_000);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Unknown StaleEvidence' });
    await found([]);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Pass' });
    const stored = () => metricLines(running, 'plumbline_store_objects{resource="k8sallowedrepos');
    expect(await stored()).to.deep.equal([
      'plumbline_store_objects{resource="k8sallowedrepos.constraints.gatekeeper.sh"} 1',
    ]);
    await remove(cluster(), `${definitionsPath}/${constraintDefinition.metadata.name}`);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.1': 'Fail', 'RD-3.4.2': 'Unknown NoEvidence' });
    await eventually(async () => (await stored()).length === 0, 'it is watched no more');
    await remove(
      cluster(),
      `${admissionPath}/validatingwebhookconfigurations/gatekeeper-validating-webhook-configuration`,
    );
    await eventually(async () => {
      const slices = await metricLines(running, 'plumbline_store_objects{resource="endpointslices');
      return slices.length === 0;
    }, 'nor is what stood behind its webhook');
    await awaitVerdicts(cluster(), namespace, without);
  });

  it("takes Kyverno's policies, reports and exceptions as they come and go", async () => {
    for (const kind of kyvernoDefinitions) await post(cluster(), definitionsPath, kind);
    await serviceOf('kyverno', 'kyverno-svc', true);
    await post(
      cluster(),
      `${admissionPath}/validatingwebhookconfigurations`,
      webhook(admission.kyvernoWebhook),
    );
    const enforced = { validationFailureAction: 'Enforce' };
    const scan = { attestations: [{ type: 'https://cosign.sigstore.dev/attestation/vuln/v1' }] };
    const rules = [kyvernoRule(), { name: 'scan', match: ofPods, verifyImages: [scan] }];
    await create('/apis/kyverno.io/v1/clusterpolicies', admission.clusterPolicy({ ...enforced, rules }));
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.1': 'Pass', 'RD-5.H.10.3': 'Pass' });
    const reports = `/apis/wgpolicyk8s.io/v1alpha2/namespaces/${namespace}/policyreports`;
    const result = { policy: 'labels', rule: 'check', result: 'fail', severity: 'low', message: 'No.' };
    const { metadata: _elsewhere, ...report } = admission.report([result]);
    await create(reports, { metadata: { name: 'one' }, ...report });
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Fail' });
    await patch(cluster(), `${reports}/one`, { results: [] });
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Pass' });
    const exceptions = [{ policyName: 'labels', ruleNames: ['check'] }];
    const match = { any: [{ resources: { kinds: ['Pod'], namespaces: [namespace] } }] };
    await create(
      '/apis/kyverno.io/v2/namespaces/kyverno/policyexceptions',
      admission.exception({ exceptions, match }, 'kyverno'),
    );
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.19': 'Manual' });
    await remove(
      cluster(),
      `${admissionPath}/validatingwebhookconfigurations/kyverno-resource-validating-webhook-cfg`,
    );
    for (const { metadata } of kyvernoDefinitions)
      await remove(cluster(), `${definitionsPath}/${metadata.name}`);
    await awaitVerdicts(cluster(), namespace, { ...without, 'RD-5.H.10.3': 'Manual' });
  });

  it('counts the audit of a StatefulSet for the revision that it is of, and for no later one', async () => {
    await post(cluster(), definitionsPath, auditDefinition);
    const apps = `/apis/apps/v1/namespaces/${namespace}`;
    const audits = `/apis/aquasecurity.github.io/v1alpha1/namespaces/${namespace}/configauditreports`;
    const labels = { app: 'db' };
    const template = (tag: number) => ({
      metadata: { labels },
      spec: { containers: [{ name: 'db', image: `registry.example/db:${tag}` }] },
    });
    const { metadata } = (await post(cluster(), `${apps}/statefulsets`, {
      metadata: { name: 'db' },
      spec: { serviceName: 'db', selector: { matchLabels: labels }, template: template(1) },
    })) as { metadata: { uid: string } };
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: metadata.uid };
    const ownerReferences = [{ ...owner, controller: true }];
    const madeAt = (time: number) => ({ report: { updateTimestamp: new Date(time).toISOString() } });
    const { report } = madeAt(Date.now() - 600_000);
    await create(audits, {
      ...{ apiVersion: 'aquasecurity.github.io/v1alpha1', kind: 'ConfigAuditReport' },
      metadata: { name: 'statefulset-db', ownerReferences },
      report: { ...report, summary: {}, checks: [] },
    });
    const revise = (revision: number, tag: number) =>
      post(cluster(), `${apps}/controllerrevisions`, {
        metadata: { name: `db-${tag}`, ownerReferences },
        ...{ revision, data: { spec: { template: template(tag) } } },
      });
    const found = await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Unknown NoEvidence' });
    const say = ({ status }: typeof found) => status?.controls?.find(({ id }) => id === 'RD-3.4.2')?.message;
    await eventually(
      async () =>
        say((await reportOf(cluster(), namespace)) ?? found)?.includes('ControllerRevision') === true,
      'no revision tells',
    );
    await revise(1, 1);
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Pass' });
    await revise(2, 2);
    const stale = await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Unknown StaleEvidence' });
    expect(say(stale)).to.equal('The ConfigAuditReport of StatefulSet db is of a former revision.');
    await patch(cluster(), `${audits}/statefulset-db`, madeAt(Date.now()));
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Pass' });
    await patch(cluster(), `${audits}/statefulset-db`, madeAt(Date.now() - 600_000));
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Unknown StaleEvidence' });
    // Back to the first: its revision is written anew, and no audit from before that counts.
    await patch(cluster(), `${apps}/controllerrevisions/db-1`, { revision: 3 });
    await remove(cluster(), `${apps}/controllerrevisions/db-2`);
    await eventually(
      () => running.operator.state.controllerRevisions.store.list(namespace).length === 1,
      'the operator sees it go',
    );
    await caughtUp(cluster());
    expect(verdictsOf(await reportOf(cluster(), namespace))).to.include({
      'RD-3.4.2': 'Unknown StaleEvidence',
    });
    await patch(cluster(), `${audits}/statefulset-db`, madeAt(Date.now()));
    await awaitVerdicts(cluster(), namespace, { 'RD-3.4.2': 'Pass' });
  });
});
