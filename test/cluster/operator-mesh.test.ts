import { expect } from 'chai';
import { eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  barePod,
  caughtUp,
  metricLines,
  namespaceWithPod,
  patch,
  post,
  remove,
  reportVersions,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { freshNamespace } from '../support/cluster.ts';
import type { MeshObject } from '../support/mesh-objects.ts';
import { meshes } from '../support/mesh-objects.ts';
import { definitionsPath, minimalDefinition, removeDefinitions } from '../support/definitions.ts';

const istio = minimalDefinition('security.istio.io', 'v1', 'PeerAuthentication', 'peerauthentications');
const linkerd = [
  minimalDefinition('policy.linkerd.io', 'v1beta3', 'Server', 'servers'),
  minimalDefinition('policy.linkerd.io', 'v1alpha1', 'AuthorizationPolicy', 'authorizationpolicies'),
  minimalDefinition('policy.linkerd.io', 'v1beta1', 'ServerAuthorization', 'serverauthorizations'),
];

const main = { name: 'app', image: 'registry.example/app:1.0.0', ports: [{ containerPort: 8080 }] };
const proxy = (name: string, variable: string, value: string) => ({
  containers: [main, { name, image: 'registry.example/proxy:1', env: [{ name: variable, value }] }],
});
const sidecar = proxy('istio-proxy', 'CA_ADDR', 'istiod.istio-system.svc:15012');

describe('the operator and service meshes', function () {
  this.timeout(90_000);
  const cluster = useOperatorCluster();
  const clock = new JumpClock();
  let running: Running;
  /** With a pod in a mesh, and with one that is in none. */
  let meshed: string;
  let plain: string;

  before(async () => {
    running = await startOperator(cluster(), { clock });
    meshed = await namespaceOf(sidecar);
    plain = await namespaceWithPod(cluster(), 'plain');
    await cluster().request('POST', '/api/v1/namespaces', { metadata: { name: 'istio-system' } });
  });
  after(async () => {
    await running.stop();
    await removeDefinitions(cluster(), ...[istio, ...linkerd].map(({ metadata }) => metadata.name));
  });

  async function namespaceOf(spec: object): Promise<string> {
    const namespace = await freshNamespace(cluster(), 'meshed');
    const pod = { ...barePod('app', spec), metadata: { name: 'app', labels: { app: 'web' } } };
    await post(cluster(), `/api/v1/namespaces/${namespace}/pods`, pod);
    return namespace;
  }

  /** Of a kind that was just installed: the API server may take a moment to serve it. */
  async function create(given: MeshObject, namespace: string): Promise<string> {
    const { apiVersion, kind, metadata, spec } = given;
    const plural = [istio, ...linkerd].find((each) => each.spec.names.kind === kind)?.spec.names.plural;
    const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;
    const object = { apiVersion, kind, metadata: { ...metadata, namespace }, spec };
    await eventually(
      async () => (await cluster().request('POST', path, object)).status < 300,
      `POST ${path}`,
    );
    return `${path}/${metadata.name}`;
  }

  const is = (verdict: string, namespace = meshed) =>
    awaitVerdicts(cluster(), namespace, { 'RD-3.6.3': verdict });
  const mode = (path: string, to: string) => patch(cluster(), path, { spec: { mtls: { mode: to } } });

  it('does not judge where no pod is in a mesh, and warns of one for which nothing asks', async () => {
    await is('NotApplicable', plain);
    const { status } = await is('Warn');
    const row = status?.evidence?.find(({ source }) => source === 'servicemesh');
    expect(row).to.deep.equal({ source: 'servicemesh', available: true });
  });

  it('does not know of policies that it may not read, and what to do, where a pod is in a mesh', async () => {
    await post(cluster(), definitionsPath, istio);
    await eventually(async () => {
      clock.jump(1_000);
      const lines = await metricLines(running, 'plumbline_evidence_available{source="servicemesh"}');
      return lines[0]?.endsWith(' 0') === true;
    }, 'it is refused');
    const { status } = await is('Unknown Forbidden');
    expect(status?.controls?.find(({ id }) => id === 'RD-3.6.3')?.message).to.match(
      /^reading peerauthentications\.security\.istio\.io is refused: .*; apply config\/mesh\.$/,
    );
    await is('NotApplicable', plain);
    const { code, stderr } = await cluster().kubectl(['apply', '--server-side', '-k', 'config/mesh']);
    expect(code, stderr).to.equal(0);
    // What is forbidden is looked for again when a definition changes.
    await patch(cluster(), `${definitionsPath}/${istio.metadata.name}`, {
      metadata: { labels: { looked: 'again' } },
    });
    await is('Warn');
  });

  it('follows the policies of the namespace, of the pod and of the mesh', async () => {
    const own = await create(meshes.peer('STRICT'), meshed);
    await is('Pass');
    await mode(own, 'PERMISSIVE');
    await is('Warn');
    await mode(own, 'DISABLE');
    const { status } = await is('Fail');
    expect(status?.controls?.find(({ id }) => id === 'RD-3.6.3')?.findings).to.deep.equal([
      {
        subject: { kind: 'Pod', name: 'app' },
        observed: 'DISABLE',
        message: 'Mutual TLS is switched off.',
        ref: `PeerAuthentication ${meshed}/default`,
      },
    ]);
    const forPod = await create(meshes.peer('STRICT', meshes.forApp(), meshed, 'web'), meshed);
    await is('Pass');
    await patch(cluster(), forPod, { spec: { portLevelMtls: { 8080: { mode: 'DISABLE' } } } });
    await is('Fail');
    await remove(cluster(), forPod);
    await remove(cluster(), own);
    await is('Warn');

    const other = await namespaceOf(sidecar);
    await is('Warn', other);
    const before = (await reportVersions(cluster()))[`${plain}/reference-design`];
    const mesh = await create(meshes.peer('STRICT'), 'istio-system');
    await is('Pass');
    await is('Pass', other);
    await mode(mesh, 'DISABLE');
    await is('Fail');
    await is('Fail', other);
    await mode(mesh, 'STRICT');
    await is('Pass', other);
    // A policy of one namespace concerns no other, and none concerns a namespace without a mesh.
    const others = async () => (await reportVersions(cluster()))[`${other}/reference-design`];
    const untouched = await others();
    await create(meshes.peer('PERMISSIVE'), meshed);
    await is('Warn');
    await caughtUp(cluster());
    expect(await others()).to.equal(untouched);
    expect((await reportVersions(cluster()))[`${plain}/reference-design`]).to.equal(before);
  });

  it('sees a pod being put into the ambient mesh, and taken out again', async () => {
    const namespace = await namespaceOf({});
    const redirect = (to: string | null) =>
      patch(cluster(), `/api/v1/namespaces/${namespace}/pods/app`, {
        metadata: { annotations: { 'ambient.istio.io/redirection': to } },
      });
    await is('NotApplicable', namespace);
    await redirect('enabled');
    await is('Pass', namespace);
    await redirect(null);
    await is('NotApplicable', namespace);
  });

  it("takes Linkerd's policies as they come and go", async () => {
    for (const kind of linkerd) await post(cluster(), definitionsPath, kind);
    const open = await namespaceOf(
      proxy('linkerd-proxy', 'LINKERD2_PROXY_INBOUND_DEFAULT_POLICY', 'all-unauthenticated'),
    );
    await is('Warn', open);
    const server = await create(meshes.server(), open);
    await is('Pass', open);
    const target = { kind: 'Server', name: 'web' };
    const proven = await create(meshes.authorization(target, ['MeshTLSAuthentication']), open);
    const opening = await create(meshes.authorization(target, ['NetworkAuthentication'], 'all'), open);
    await is('Warn', open);
    await patch(cluster(), opening, {
      spec: { requiredAuthenticationRefs: [{ kind: 'MeshTLSAuthentication', name: 'one' }] },
    });
    await is('Pass', open);
    const legacy = await create(meshes.serverAuthorization({ name: 'web' }, { unauthenticated: true }), open);
    await is('Warn', open);
    for (const path of [legacy, opening, proven]) await remove(cluster(), path);
    await is('Pass', open);
    await remove(cluster(), server);
    await is('Warn', open);
  });

  it('forgets the policies of a mesh that is taken away', async () => {
    const namespace = await namespaceOf(sidecar);
    await is('Pass', namespace);
    await remove(cluster(), `${definitionsPath}/${istio.metadata.name}`);
    await is('Warn', namespace);
    for (const { metadata } of linkerd) await remove(cluster(), `${definitionsPath}/${metadata.name}`);
    const stored = async () =>
      (await metricLines(running, 'plumbline_store_objects{resource="')).filter(
        (line) => line.includes('istio.io') || line.includes('linkerd.io'),
      );
    await eventually(async () => (await stored()).length === 0, 'nothing of it is watched any more');
    await is('NotApplicable', plain);
  });
});
