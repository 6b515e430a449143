import control from '../../src/controls/RD-3.6.3.ts';
import type { PodSpec } from '../../src/domain/pod-spec.ts';
import type { Gap, Snapshot } from '../../src/domain/snapshot.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Pod, Workload } from '../../src/domain/workload.ts';
import { projectPodSpec } from '../../src/evidence/workloads/project-pod-spec.ts';
import { input, pod, podSpec, template, workload } from '../support/builders.ts';
import type { ControlCase } from '../support/control-cases.ts';
import { describeControl } from '../support/control-cases.ts';
import type { MeshObject } from '../support/mesh-objects.ts';
import { meshes, policiesOf } from '../support/mesh-objects.ts';

const { authorization, forApp, peer, server, serverAuthorization } = meshes;

const app = { name: 'app', image: 'registry.example/app:1', ports: [{ containerPort: 8080, name: 'http' }] };
const plain = podSpec();
const istioProxy = {
  name: 'istio-proxy',
  env: [{ name: 'CA_ADDR', value: 'istiod.istio-system.svc:15012' }],
};
const sidecar = (annotations: Record<string, string> = {}, proxy: object = istioProxy) =>
  projectPodSpec({ containers: [app, proxy] }, annotations);
const linkerdProxy = (policy?: string) => ({
  name: 'linkerd-proxy',
  ports: [{ containerPort: 4143, name: 'linkerd-proxy' }],
  ...(policy === undefined
    ? {}
    : { env: [{ name: 'LINKERD2_PROXY_INBOUND_DEFAULT_POLICY', value: policy }] }),
});
const linkerd = (policy?: string, annotations: Record<string, string> = {}, main: object = app) =>
  projectPodSpec({ containers: [main, linkerdProxy(policy)] }, annotations);

const running = { app: { started: true } };
const podWith = (spec: PodSpec, more: Partial<Pod> = {}) =>
  pod({ spec, labels: { app: 'web' }, containers: running, ...more });
const deployment = (...pods: Pod[]) => workload({ pods });
const meshed = deployment(podWith(sidecar()));

interface Around {
  readonly labels?: Record<string, string>;
  readonly annotated?: Snapshot['namespace']['mesh'];
  readonly live?: boolean;
  readonly gap?: Gap;
  readonly name?: string;
}

const given = (
  workloads: readonly Workload[],
  objects: readonly MeshObject[],
  { labels = {}, annotated, live = true, gap, name = 'shop' }: Around = {},
) =>
  input({
    namespace: { name, labels, ...(annotated === undefined ? {} : { mesh: annotated }) },
    cluster: { live },
    workloads: read(workloads),
    mesh: read(policiesOf(objects), gap),
  });

const of = (
  status: ControlCase['status'],
  workloads: readonly Workload[],
  objects: readonly MeshObject[],
  more: Partial<ControlCase> = {},
  around: Around = {},
): ControlCase => ({ given: given(workloads, objects, around), status, ...more });

const found = (finding: object) => ({
  findings: [{ subject: { kind: 'Deployment', name: 'app' }, example: 'app-0', ...finding } as never],
});
const none = { reason: 'NoMesh', message: 'No pod of namespace shop is in a mesh.' };
const unseen = (message: RegExp) => ({ reason: 'NoEvidence', message });
const inject = { labels: { 'istio-injection': 'enabled' } };
const asked = workload({ template: template({ labels: { app: 'web' } }) });
const written = { ...inject, live: false };

describeControl(control, {
  'does not apply without a mesh': of('NotApplicable', [deployment(podWith(plain))], [], none),
  'does not apply without a mesh, whatever its policies say': of(
    'NotApplicable',
    [deployment(podWith(plain))],
    [peer('DISABLE')],
    none,
  ),
  'does not apply without a mesh, though its policies may not be read': of(
    'NotApplicable',
    [deployment(podWith(plain))],
    [],
    none,
    { gap: { reason: 'Forbidden', message: 'No.' } },
  ),
  'does not apply without workloads': of('NotApplicable', [], [], { reason: 'NoWorkloads' }),
  'does not apply to static pods and finished Jobs alone': of(
    'NotApplicable',
    [
      deployment(podWith(plain, { mirror: true })),
      workload({ kind: 'Job', completed: true, template: template({ spec: sidecar() }) }),
    ],
    [],
    none,
  ),

  'passes a namespace that asks for mutual TLS': of('Pass', [meshed], [peer('STRICT')], {
    message: 'Every workload is in the mesh and takes mutual TLS alone (1 workload).',
  }),
  'passes a mesh that asks for it': of('Pass', [meshed], [peer('STRICT', {}, 'istio-system')]),
  'passes by the policy for the pod, which comes before those of namespace and mesh': of(
    'Pass',
    [meshed],
    [peer('STRICT', forApp(), 'shop', 'web'), peer('PERMISSIVE'), peer('DISABLE', {}, 'istio-system')],
  ),
  'passes by the policy of the namespace, which comes before that of the mesh': of(
    'Pass',
    [meshed],
    [peer('STRICT'), peer('PERMISSIVE', {}, 'istio-system')],
  ),
  'passes where what is UNSET is left to the wider policy': of(
    'Pass',
    [meshed],
    [
      peer('UNSET', forApp(), 'shop', 'web'),
      peer(undefined, {}),
      peer('STRICT', { selector: { matchLabels: {} } }, 'istio-system'),
    ],
  ),
  'passes a port that is UNSET, and one that is as strict': of(
    'Pass',
    [meshed],
    [
      peer('STRICT', {
        ...forApp(),
        portLevelMtls: { 80: { mode: 'UNSET' }, 81: {}, 82: { mode: 'STRICT' } },
      }),
    ],
  ),
  'passes by the oldest of two policies': of(
    'Pass',
    [meshed],
    [
      peer('DISABLE', {}, 'shop', 'a', { creationTimestamp: '2025-02-01T00:00:00Z' }),
      peer('STRICT', {}, 'shop', 'b', { creationTimestamp: '2025-01-01T00:00:00Z' }),
    ],
  ),
  'passes by the policy of the Istio that the sidecar names, wherever it stands': of(
    'Pass',
    [
      deployment(
        podWith(
          sidecar({}, { name: 'istio-proxy', env: [{ name: 'CA_ADDR', value: 'istiod-1.mesh.svc:15012' }] }),
        ),
      ),
    ],
    [peer('STRICT', {}, 'mesh'), peer('DISABLE', {}, 'istio-system')],
  ),
  'passes a sidecar among the init containers': of(
    'Pass',
    [
      deployment(
        podWith(
          projectPodSpec(
            { initContainers: [{ name: 'istio-proxy', restartPolicy: 'Always' }], containers: [app] },
            {},
          ),
        ),
      ),
    ],
    [peer('STRICT')],
  ),
  'does not take an init container that ends for a sidecar': of(
    'NotApplicable',
    [
      deployment(
        podWith(projectPodSpec({ initContainers: [{ name: 'istio-proxy' }], containers: [app] }, {})),
      ),
    ],
    [peer('STRICT')],
    none,
  ),
  'passes a pod of the ambient mesh': of(
    'Pass',
    [deployment(podWith(plain, { ambient: true }))],
    [peer('STRICT')],
  ),
  'passes a pod that asks for the ambient mesh and has not started': of(
    'Pass',
    [deployment(podWith(plain, { containers: { app: { started: false } } }))],
    [peer('STRICT')],
    {},
    { labels: { 'istio.io/dataplane-mode': 'ambient' } },
  ),
  "passes the proxies' own ports beside it": of(
    'Pass',
    [deployment(podWith(sidecar({ 'traffic.sidecar.istio.io/excludeInboundPorts': '15020, 15090' })))],
    [peer('STRICT')],
  ),
  'passes a static pod and a finished Job beside it': of(
    'Pass',
    [
      meshed,
      workload({ kind: 'Pod', name: 'static', pods: [podWith(plain, { mirror: true })] }),
      workload({ kind: 'Job', name: 'done', completed: true, template: template() }),
    ],
    [peer('STRICT')],
    { message: /\(1 workload\)/ },
  ),
  'has no use for a policy with a selector in the namespace of Istio': of(
    'Pass',
    [meshed],
    [peer('DISABLE', forApp(), 'istio-system', 'web'), peer('STRICT', {}, 'istio-system')],
    {},
    { name: 'istio-system' },
  ),

  'warns of PERMISSIVE, by its policy': of('Warn', [meshed], [peer('PERMISSIVE')], {
    message: '1 of 1 workload takes plain text, or is not in the mesh.',
    ...found({
      observed: 'PERMISSIVE',
      message: 'It also takes plain text.',
      ref: 'PeerAuthentication shop/default',
    }),
  }),
  'warns without any policy': of('Warn', [meshed], [], {
    ...found({ observed: 'UNSET', message: 'No PeerAuthentication asks for mutual TLS.' }),
  }),
  'warns where policies are for others': of(
    'Warn',
    [meshed],
    [peer('STRICT', forApp('db')), peer('STRICT', {}, 'other')],
  ),
  'warns of a port that is PERMISSIVE': of(
    'Warn',
    [meshed],
    [peer('STRICT', { ...forApp(), portLevelMtls: { 9090: { mode: 'PERMISSIVE' } } })],
    {
      ...found({
        observed: 'PERMISSIVE',
        message: 'Port 9090 also takes plain text.',
        ref: 'PeerAuthentication shop/default',
      }),
    },
  ),
  'warns of a workload that is not in the mesh, as a Job that opts out': of(
    'Warn',
    [meshed, workload({ kind: 'CronJob', name: 'job', template: template() })],
    [peer('STRICT')],
    {
      message: '1 of 2 workloads takes plain text, or is not in the mesh.',
      findings: [
        {
          subject: { kind: 'CronJob', name: 'job' },
          message: 'It is not in the mesh that others are in.',
        },
      ],
    },
  ),
  'warns of one of several pods': of(
    'Warn',
    [deployment(podWith(sidecar()), podWith(plain, { name: 'app-1' }))],
    [peer('STRICT')],
    { ...found({ example: 'app-1', message: 'It is not in the mesh that others are in.' }) },
  ),
  'warns of a pod on the network of its node': of(
    'Warn',
    [meshed, workload({ name: 'host', pods: [podWith(podSpec({ hostNetwork: true }))] })],
    [peer('STRICT')],
    {
      findings: [
        {
          subject: { kind: 'Deployment', name: 'host' },
          example: 'app-0',
          path: 'spec.hostNetwork',
          observed: 'true',
          message: 'It uses the network of its node, and no mesh takes it.',
        },
      ],
    },
  ),
  'warns where the mesh is asked for and the pods are not in it': of(
    'Warn',
    [deployment(podWith(plain))],
    [peer('STRICT')],
    { ...found({ message: 'It asks for a mesh, and its pod is not in it.' }) },
    inject,
  ),
  'warns of that though the policies may not be read': of(
    'Warn',
    [deployment(podWith(plain))],
    [],
    {},
    { ...inject, gap: { reason: 'Forbidden', message: 'No.' } },
  ),
  'warns of a pod that has started and that nobody has put into the ambient mesh': of(
    'Warn',
    [deployment(podWith(plain))],
    [peer('STRICT')],
    {},
    { labels: { 'istio.io/dataplane-mode': 'ambient' } },
  ),
  'warns of ports that go round the proxy': of(
    'Warn',
    [
      deployment(
        podWith(
          sidecar({
            'traffic.sidecar.istio.io/excludeInboundPorts': '8080,15020',
            'config.linkerd.io/skip-inbound-ports': '25',
          }),
        ),
      ),
    ],
    [peer('STRICT')],
    {
      ...found({
        observed: 'traffic.sidecar.istio.io/excludeInboundPorts: 8080,15020',
        message: 'Some of what comes in goes round the proxy.',
      }),
    },
  ),

  'fails where the namespace switches it off': of('Fail', [meshed], [peer('DISABLE')], {
    message: '1 of 1 workload is in a mesh, with mutual TLS switched off.',
    ...found({
      observed: 'DISABLE',
      message: 'Mutual TLS is switched off.',
      ref: 'PeerAuthentication shop/default',
    }),
  }),
  'fails by a policy for the pod alone': of(
    'Fail',
    [meshed, workload({ name: 'other', pods: [podWith(sidecar(), { labels: {} })] })],
    [peer('DISABLE', forApp(), 'shop', 'web'), peer('STRICT')],
    {
      message: '1 of 2 workloads is in a mesh, with mutual TLS switched off.',
      ...found({
        observed: 'DISABLE',
        message: 'Mutual TLS is switched off.',
        ref: 'PeerAuthentication shop/web',
      }),
    },
  ),
  'fails a port that has it switched off': of(
    'Fail',
    [meshed],
    [
      peer('UNSET', { ...forApp(), portLevelMtls: { 9090: { mode: 'DISABLE' } } }),
      peer('STRICT', {}, 'istio-system'),
    ],
    {
      ...found({
        observed: 'DISABLE',
        message: 'Port 9090 has mutual TLS switched off.',
        ref: 'PeerAuthentication shop/default',
      }),
    },
  ),
  'fails in the ambient mesh too': of(
    'Fail',
    [deployment(podWith(plain, { ambient: true }))],
    [peer('DISABLE', {}, 'istio-system')],
  ),

  'passes a default policy of Linkerd that asks for a proof': of(
    'Pass',
    [deployment(podWith(linkerd('all-authenticated')))],
    [],
  ),
  'passes an annotation that closes what the installation leaves open': of(
    'Pass',
    [
      deployment(
        podWith(linkerd('all-unauthenticated', { 'config.linkerd.io/default-inbound-policy': 'deny' })),
      ),
    ],
    [],
  ),
  'passes Servers for all ports that are named, whatever the default': of(
    'Pass',
    [deployment(podWith(linkerd('all-unauthenticated')))],
    [
      server('http'),
      server(9090, {}, 'other'),
      authorization({ kind: 'Server', name: 'web' }, ['MeshTLSAuthentication', 'NetworkAuthentication']),
      serverAuthorization({ name: 'web' }, { meshTLS: { identities: ['*'] } }),
      serverAuthorization({ name: 'web' }, { networks: [{ cidr: '10.0.0.0/8' }] }, 'nobody'),
    ],
  ),
  "passes what opens others' Servers": of(
    'Pass',
    [deployment(podWith(linkerd('deny')))],
    [
      server(),
      server(8080, { podSelector: { matchLabels: { app: 'db' } }, accessPolicy: 'audit' }, 'db'),
      authorization({ kind: 'Server', name: 'db' }, []),
      serverAuthorization({ selector: { matchLabels: { tier: 'db' } } }, { unauthenticated: true }),
    ],
  ),
  'warns of the open default policy of Linkerd': of(
    'Warn',
    [deployment(podWith(linkerd('all-unauthenticated')))],
    [],
    {
      ...found({
        observed: 'all-unauthenticated',
        message: 'Port 8080 has no Server, and takes plain text by default.',
      }),
    },
  ),
  'warns of policies that only audit, or look at addresses': of(
    'Warn',
    [
      deployment(podWith(linkerd('audit', {}, { name: 'app' }))),
      workload({ name: 'b', pods: [podWith(linkerd('cluster-unauthenticated'))] }),
    ],
    [],
    { message: /^2 of 2 workloads/ },
  ),
  'warns of a Server that is open': of(
    'Warn',
    [deployment(podWith(linkerd('deny')))],
    [server(8080, { accessPolicy: 'all-unauthenticated' })],
    {
      ...found({
        observed: 'all-unauthenticated',
        message: 'Who has not proven who he is gets in.',
        ref: 'Server shop/web',
      }),
    },
  ),
  'warns of an authorization that asks for an address alone, of Server, namespace or route': of(
    'Warn',
    [deployment(podWith(linkerd('deny')))],
    [
      server(),
      authorization({ kind: 'Server', name: 'web' }, ['NetworkAuthentication'], 'a'),
      authorization({ kind: 'Namespace', name: 'shop' }, [], 'b'),
      authorization(
        { group: 'policy.linkerd.io', kind: 'HTTPRoute', name: 'r' },
        ['NetworkAuthentication'],
        'c',
      ),
    ],
    {
      findings: ['a', 'b', 'c'].map((name) => ({
        subject: { kind: 'Deployment', name: 'app' },
        example: 'app-0',
        message: 'Who has not proven who he is gets in.',
        ref: `AuthorizationPolicy shop/${name}`,
      })),
    },
  ),
  'warns of a ServerAuthorization without a proof, or with TLS of one side': of(
    'Warn',
    [deployment(podWith(linkerd('deny')))],
    [
      server(8080, {}, 'web', { labels: { tier: 'web' } }),
      serverAuthorization({ selector: { matchLabels: { tier: 'web' } } }, { unauthenticated: true }, 'a'),
      serverAuthorization({ name: 'web' }, { meshTLS: { unauthenticatedTLS: true } }, 'b'),
    ],
    {
      findings: ['a', 'b'].map((name) => ({
        subject: { kind: 'Deployment', name: 'app' },
        example: 'app-0',
        message: 'Who has not proven who he is gets in.',
        ref: `ServerAuthorization shop/${name}`,
      })),
    },
  ),
  "warns of ports that go round Linkerd's proxy": of(
    'Warn',
    [deployment(podWith(linkerd('deny', { 'config.linkerd.io/skip-inbound-ports': '4190,25' })))],
    [],
  ),
  'takes the policy of the installation from the pods that show it': of(
    'Pass',
    [
      deployment(podWith(linkerd('all-authenticated'))),
      workload({ kind: 'CronJob', name: 'job', template: template() }),
    ],
    [],
    {},
    { annotated: { linkerdInject: 'enabled' } },
  ),
  'does not know the default policy of Linkerd where nothing shows it': of(
    'Unknown',
    [workload({ kind: 'CronJob', name: 'job', template: template() })],
    [],
    unseen(/^CronJob job is in a mesh, and which default policy Linkerd has is not known\.$/),
    { annotated: { linkerdInject: 'enabled' } },
  ),

  'passes manifests that ask for the mesh, and for mutual TLS in it': of(
    'Pass',
    [asked],
    [peer('STRICT')],
    {},
    written,
  ),
  'passes them by the policy of the mesh, if that is among them': of(
    'Pass',
    [asked],
    [peer('STRICT', {}, 'istio-system')],
    {},
    written,
  ),
  'does not know what the policy of the mesh says that is not among them': of(
    'Unknown',
    [asked],
    [],
    unseen(
      /^Deployment app is in a mesh, and no PeerAuthentication of its own decides, and that of the mesh, in istio-system, is not among the manifests\.$/,
    ),
    written,
  ),
  'warns where that policy is among them and says nothing': of(
    'Warn',
    [asked],
    [peer(undefined, {}, 'istio-system')],
    {},
    written,
  ),
  'fails a port in manifests, whatever the mesh says': of(
    'Fail',
    [asked],
    [peer('UNSET', { ...forApp(), portLevelMtls: { 80: { mode: 'DISABLE' } } })],
    {},
    written,
  ),
  'passes manifests by annotations of the namespace': of(
    'Pass',
    [asked],
    [],
    {},
    { live: false, annotated: { linkerdInject: 'enabled', inboundPolicy: 'cluster-authenticated' } },
  ),
  'warns of ports that the namespace takes away from the proxy': of(
    'Warn',
    [asked],
    [],
    {},
    {
      live: false,
      annotated: {
        ...{ linkerdInject: 'enabled', inboundPolicy: 'deny' },
        bypasses: ['config.linkerd.io/skip-inbound-ports: 25'],
      },
    },
  ),
  'does not apply to manifests that say nothing of a mesh': of(
    'NotApplicable',
    [asked],
    [peer('PERMISSIVE')],
    {
      reason: 'NoMesh',
      message: 'Nothing among the manifests puts a pod of namespace shop into a mesh.',
    },
    { live: false },
  ),

  'does not know while the policies may not be read': of(
    'Unknown',
    [meshed],
    [peer('DISABLE')],
    { reason: 'Forbidden', message: 'They may not be listed.' },
    { gap: { reason: 'Forbidden', message: 'They may not be listed.' } },
  ),
  'does not know without the policies': {
    given: input({ workloads: read([meshed]), mesh: unread('NoEvidence', 'None was read.') }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: 'None was read.',
  },
  'does not know without the workloads': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});

/** Whether a template is in Istio's mesh, by labels and annotations alone: what is STRICT passes, and the others have no mesh. */
const membership: Record<
  string,
  [isIn: boolean, around: Record<string, string>, labels: object, annotations?: object]
> = {
  'a namespace that injects': [true, { 'istio-injection': 'enabled' }, {}],
  'a namespace with a revision': [true, { 'istio.io/rev': 'stable' }, {}],
  'a pod that refuses': [false, { 'istio-injection': 'enabled' }, { 'sidecar.istio.io/inject': 'false' }],
  'a pod that refuses by annotation': [
    false,
    { 'istio.io/rev': 'stable' },
    {},
    { 'sidecar.istio.io/inject': 'false' },
  ],
  'a pod whose label overrules its annotation': [
    true,
    { 'istio-injection': 'enabled' },
    { 'sidecar.istio.io/inject': 'true' },
    { 'sidecar.istio.io/inject': 'false' },
  ],
  'a namespace that forbids it': [
    false,
    { 'istio-injection': 'disabled', 'istio.io/rev': 'stable' },
    { 'sidecar.istio.io/inject': 'true' },
  ],
  'a pod that asks for itself': [true, {}, { 'sidecar.istio.io/inject': 'true' }],
  'a pod that names a revision': [true, {}, { 'istio.io/rev': 'stable' }],
  'an annotation alone': [false, {}, {}, { 'sidecar.istio.io/inject': 'true' }],
  'an ambient namespace': [true, { 'istio.io/dataplane-mode': 'ambient' }, {}],
  'an ambient pod': [true, {}, { 'istio.io/dataplane-mode': 'ambient' }],
  'a pod that stays out of an ambient namespace': [
    false,
    { 'istio.io/dataplane-mode': 'ambient' },
    { 'istio.io/dataplane-mode': 'none' },
  ],
};

describeControl(
  { ...control, id: 'RD-3.6.3 by labels', verdicts: ['Pass', 'NotApplicable'] },
  Object.fromEntries(
    Object.entries(membership).map(([what, [isIn, around, labels, annotations = {}]]) => {
      const spec = projectPodSpec({ containers: [app] }, annotations as Record<string, string>);
      const owner = workload({ template: template({ labels: labels as Record<string, string>, spec }) });
      return [
        `${isIn ? 'takes' : 'does not take'} ${what} for one that is in the mesh`,
        isIn
          ? of('Pass', [owner], [peer('STRICT')], {}, { labels: around })
          : of('NotApplicable', [owner], [peer('STRICT')], none, { labels: around }),
      ];
    }),
  ),
);
