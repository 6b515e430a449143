import { expect } from 'chai';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  caughtUp,
  expectOk,
  patch,
  post,
  remove,
  reportVersions,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { freshNamespace } from '../support/cluster.ts';
import {
  applicationObject,
  fluxSourceObject,
  kustomizationObject,
  readyCondition,
  verifiedCondition,
} from '../support/gitops-objects.ts';
import { definitionsPath, minimalDefinition, removeDefinitions } from '../support/definitions.ts';
import { rests } from '../support/rest.ts';

const ready = ['RD-4.1.1', 'RD-4.1.2', 'RD-5.G.1.2'];

const applications = minimalDefinition('argoproj.io', 'v1alpha1', 'Application', 'applications');
const kustomizations = minimalDefinition(
  'kustomize.toolkit.fluxcd.io',
  'v1',
  'Kustomization',
  'kustomizations',
);

const repositories = minimalDefinition('source.toolkit.fluxcd.io', 'v1', 'GitRepository', 'gitrepositories');
const definitions = [applications, kustomizations, repositories].map(({ metadata }) => metadata.name);

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app' },
  spec: {
    selector: { matchLabels: { app: 'app' } },
    template: {
      metadata: { labels: { app: 'app' } },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    },
  },
};

describe('the operator and GitOps', function () {
  this.timeout(120_000);
  const cluster = useOperatorCluster();
  const clock = new JumpClock();
  let running: Running;
  let home: string;

  before(async () => {
    running = await startOperator(cluster(), { clock });
    home = await freshNamespace(cluster(), 'gitops');
  });
  after(async () => {
    // Also after a test that failed half way, for those that come.
    await removeDefinitions(cluster(), ...definitions);
    await running.stop();
  });

  const iso = (at: number) => new Date(at).toISOString().replace(/\.\d+/, '');
  const workloads = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const deploy = async (manager: string) => {
    const namespace = await freshNamespace(cluster(), 'deployed');
    await post(cluster(), `${workloads(namespace)}?fieldManager=${manager}`, deployment);
    return namespace;
  };
  /** The API server takes a moment to serve what was just defined. */
  const create = async (of: typeof applications, object: object) => {
    const { group, versions, names } = of.spec;
    const path = `/apis/${group}/${versions[0]?.name}/namespaces/${home}/${names.plural}`;
    await eventually(
      async () => (await cluster().request('POST', path, object)).status < 300,
      `POST ${path}`,
    );
    return path;
  };
  const applicationFor = (namespace: string) =>
    applicationObject('app', {
      metadata: { namespace: home },
      spec: { destination: { server: 'https://kubernetes.default.svc', namespace } },
      status: {
        reconciledAt: iso(clock.now()),
        operationState: { finishedAt: iso(clock.now()) },
        resources: [{ group: 'apps', kind: 'Deployment', namespace, name: 'app' }],
      },
    });

  it('judges workloads by who has written them, where no tool is installed', async () => {
    const [hand, pipeline] = [await deploy('kubectl-create'), await deploy('Helm')];
    const none = { 'RD-4.1.2': 'NotApplicable', 'RD-5.G.1.2': 'NotApplicable' };
    await awaitVerdicts(cluster(), hand, { 'RD-4.1.1': 'Fail', ...none });
    await awaitVerdicts(cluster(), pipeline, { 'RD-4.1.1': 'Warn', ...none });
  });

  it('follows an Application of another namespace, and leaves the others alone', async () => {
    await post(cluster(), definitionsPath, applications);
    const [namespace, other] = [await deploy('argocd-controller'), await deploy('argocd-controller')];
    await awaitVerdicts(cluster(), namespace, { 'RD-4.1.1': 'Warn' });
    const path = `${await create(applications, applicationFor(namespace))}/app`;
    const verdicts = (...all: string[]) =>
      Object.fromEntries(ready.map((id, index) => [id, all[index] ?? '']));
    await awaitVerdicts(cluster(), namespace, verdicts('Pass', 'Pass', 'Pass'));
    const before = await reportVersions(cluster());

    // A look that finds nothing new changes no report.
    await patch(cluster(), path, { status: { reconciledAt: iso(clock.now() + 1_000) } });
    await caughtUp(cluster());
    const after = await reportVersions(cluster());
    const key = (name: string) => `${name}/reference-design`;
    expect(after[key(namespace)]).to.be.a('string').and.equal(before[key(namespace)]);
    await patch(cluster(), path, { status: { health: { status: 'Degraded' } } });
    await awaitVerdicts(cluster(), namespace, verdicts('Pass', 'Fail', 'Pass'));
    await patch(cluster(), path, { status: { health: { status: 'Healthy' } } });
    await awaitVerdicts(cluster(), namespace, verdicts('Pass', 'Pass', 'Pass'));

    const change = {
      spec: { template: { spec: { containers: [{ name: 'app', image: 'registry.example/app:2' }] } } },
    };
    expectOk(
      'edit',
      await cluster().request('PATCH', `${workloads(namespace)}/app?fieldManager=kubectl-edit`, change, {
        contentType: 'application/strategic-merge-patch+json',
      }),
    );
    await patch(cluster(), path, { status: { operationState: { finishedAt: '2020-01-01T00:00:00Z' } } });
    await awaitVerdicts(cluster(), namespace, verdicts('Pass', 'Pass', 'Warn'));

    // Nobody looks any more, and then somebody does.
    await rests(running);
    clock.jump(2 * 3_600_000);
    await awaitVerdicts(cluster(), namespace, verdicts('Pass', 'Unknown StaleEvidence', 'Warn'));
    await patch(cluster(), path, { status: { reconciledAt: iso(clock.now()) } });
    await awaitVerdicts(cluster(), namespace, verdicts('Pass', 'Pass', 'Warn'));

    await remove(cluster(), path);
    await awaitVerdicts(cluster(), namespace, verdicts('Warn', 'NotApplicable', 'NotApplicable'));
    expect((await reportVersions(cluster()))[key(other)]).to.equal(before[key(other)]);
  });

  it('follows what says of a repository whether its signatures are verified', async () => {
    await post(cluster(), definitionsPath, kustomizations);
    const namespace = await deploy('kustomize-controller');
    const listed = `${namespace}_app_apps_Deployment`;
    const object = kustomizationObject('signed', {
      metadata: { namespace: home },
      spec: { sourceRef: { kind: 'GitRepository', name: 'signed' } },
      status: { observedGeneration: 1_000, inventory: { entries: [{ id: listed, v: 'v1' }] } },
    });
    const path = `${await create(kustomizations, object)}/signed`;
    await awaitVerdicts(cluster(), namespace, { 'RD-5.G.1.3': 'Unknown NoEvidence' });
    await post(cluster(), definitionsPath, repositories);
    const source = fluxSourceObject('GitRepository', 'signed', {
      metadata: { namespace: home },
      status: { conditions: [verifiedCondition('True', 1_000)] },
    });
    const repository = `${await create(repositories, source)}/signed`;
    await awaitVerdicts(cluster(), namespace, { 'RD-5.G.1.3': 'Pass' });
    await patch(cluster(), repository, { status: { conditions: [verifiedCondition('False', 1_000)] } });
    await awaitVerdicts(cluster(), namespace, { 'RD-5.G.1.3': 'Warn' });
    await patch(cluster(), repository, { spec: { verify: null } });
    await awaitVerdicts(cluster(), namespace, { 'RD-5.G.1.3': 'Warn' });
    await remove(cluster(), repository);
    await awaitVerdicts(cluster(), namespace, { 'RD-5.G.1.3': 'Unknown NoEvidence' });
    await remove(cluster(), path);
    await awaitVerdicts(cluster(), namespace, { 'RD-5.G.1.3': 'NotApplicable' });
    await removeDefinitions(cluster(), repositories.metadata.name, kustomizations.metadata.name);
  });

  it('follows a Kustomization through its attempts, and fails it when they have failed for too long', async () => {
    await post(cluster(), definitionsPath, kustomizations);
    const namespace = await deploy('kustomize-controller');
    const status = (ready: string, revision: string) => ({
      // The definition has no status of its own: each change here is a new generation.
      observedGeneration: 1_000,
      lastAttemptedRevision: revision,
      conditions: [readyCondition(ready, 'Some', iso(clock.now()))],
      inventory: { entries: [{ id: `${namespace}_app_apps_Deployment`, v: 'v1' }] },
    });
    const object = kustomizationObject('apps', {
      metadata: { namespace: home },
      status: status('True', 'main@sha1:1'),
    });
    const path = `${await create(kustomizations, object)}/apps`;
    await awaitVerdicts(cluster(), namespace, {
      'RD-4.1.1': 'Pass',
      'RD-4.1.2': 'Pass',
      'RD-5.G.1.2': 'Pass',
    });
    await patch(cluster(), path, { status: status('False', 'main@sha1:2') });
    await awaitVerdicts(cluster(), namespace, { 'RD-4.1.2': 'Warn' });
    await rests(running);
    clock.jump(3_500_000);
    await patch(cluster(), path, { status: status('Unknown', 'main@sha1:2') });
    await patch(cluster(), path, { status: status('False', 'main@sha1:2') });
    await rests(running);
    clock.jump(200_000);
    await awaitVerdicts(cluster(), namespace, { 'RD-4.1.2': 'Fail' });
    await patch(cluster(), path, { status: status('True', 'main@sha1:2') });
    await awaitVerdicts(cluster(), namespace, { 'RD-4.1.2': 'Pass' });
    await patch(cluster(), path, { spec: { suspend: true } });
    await awaitVerdicts(cluster(), namespace, { 'RD-4.1.2': 'Warn', 'RD-5.G.1.2': 'Warn' });
    await remove(cluster(), `${definitionsPath}/${kustomizations.metadata.name}`);
    await awaitVerdicts(cluster(), namespace, { 'RD-4.1.1': 'Warn', 'RD-4.1.2': 'NotApplicable' });
  });
});
