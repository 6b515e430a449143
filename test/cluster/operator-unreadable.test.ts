import { expect } from 'chai';
import { eventually } from '../kube/support.ts';
import type { Running } from '../operator/live.ts';
import {
  barePod,
  caughtUp,
  patch,
  post,
  remove,
  reportOf,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { freshNamespace } from '../support/cluster.ts';
import { definitionsPath, minimalDefinition } from '../support/definitions.ts';

interface Kind {
  readonly definition: ReturnType<typeof minimalDefinition>;
  readonly resource: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** What its projection cannot take. */
  readonly broken: object;
  /** What it can. */
  readonly well: object;
  /** Where it stands beside the namespace that is looked at; none: there. */
  readonly elsewhere?: string;
}

function kind(
  [group, version, name, plural, scope]: Parameters<typeof minimalDefinition>,
  more: Pick<Kind, 'broken' | 'well' | 'elsewhere'>,
): Kind {
  return {
    definition: minimalDefinition(group, version, name, plural, scope),
    ...{ resource: `${plural}.${group}`, apiVersion: `${group}/${version}`, kind: name, ...more },
  };
}

/** Of each way in which objects are watched one kind that the API server does not check. */
const kinds: Readonly<Record<string, Kind>> = {
  'of the namespace': kind(['cilium.io', 'v2', 'CiliumNetworkPolicy', 'ciliumnetworkpolicies'], {
    ...{ broken: { spec: 'none' }, well: { spec: { endpointSelector: {} } } },
  }),
  'of the cluster': kind(
    [
      ...(['cilium.io', 'v2', 'CiliumClusterwideNetworkPolicy'] as const),
      ...(['ciliumclusterwidenetworkpolicies', 'Cluster'] as const),
    ],
    { broken: { spec: 'none' }, well: { spec: { nodeSelector: {} } }, elsewhere: '' },
  ),
  'of another namespace, that may concern every one': kind(
    ['kustomize.toolkit.fluxcd.io', 'v1', 'Kustomization', 'kustomizations'],
    {
      broken: { spec: 'none' },
      well: { spec: { sourceRef: { kind: 'GitRepository', name: 'none' } } },
      elsewhere: 'flux-system',
    },
  ),
  'of a mesh': kind(['security.istio.io', 'v1', 'PeerAuthentication', 'peerauthentications'], {
    broken: { spec: { mtls: 'strictly' } },
    well: { spec: { mtls: { mode: 'STRICT' } } },
  }),
  'of the mesh, where all its policies are': kind(
    ['security.istio.io', 'v1', 'PeerAuthentication', 'peerauthentications'],
    {
      broken: { spec: { mtls: 'strictly' } },
      well: { spec: { mtls: { mode: 'STRICT' } } },
      elsewhere: 'istio-system',
    },
  ),
  'that says what is admitted everywhere': kind(
    ['kyverno.io', 'v1', 'ClusterPolicy', 'clusterpolicies', 'Cluster'],
    { broken: { spec: 'none' }, well: { spec: { rules: [] } }, elsewhere: '' },
  ),
  'that says what is admitted into the namespace': kind(['kyverno.io', 'v1', 'Policy', 'policies'], {
    ...{ broken: { spec: 'none' }, well: { spec: { rules: [] } } },
  }),
};

const all = Object.values(kinds).map(({ definition }) => definition);
const definitions = [...new Map(all.map((each) => [each.metadata.name, each])).values()];

const app = { name: 'app', image: 'registry.example/app:1.0.0' };
const istioProxy = {
  name: 'istio-proxy',
  image: 'registry.example/proxy:1',
  env: [{ name: 'CA_ADDR', value: 'istiod.istio-system.svc:15012' }],
};

describe('an object that cannot be read', function () {
  this.timeout(60_000);
  // Of its own: most of these kinds concern every namespace, and many reports would wait for the budget of writes.
  const cluster = useOperatorCluster('unreadable-tests');
  let running: Running;
  let namespace: string;

  before(async function () {
    this.timeout(120_000);
    for (const one of definitions) await post(cluster(), definitionsPath, one);
    const { code, stderr } = await cluster().kubectl(['apply', '--server-side', '-k', 'config/mesh']);
    expect(code, stderr).to.equal(0);
    for (const name of ['flux-system', 'istio-system'])
      await cluster().request('POST', '/api/v1/namespaces', { metadata: { name } });
    namespace = await freshNamespace(cluster(), 'unreadable');
    for (const each of Object.values(kinds)) await served(each);
    await post(
      cluster(),
      `/api/v1/namespaces/${namespace}/pods`,
      barePod('app', { containers: [app, istioProxy] }),
    );
    running = await startOperator(cluster());
    await eventually(
      async () => (await reportOf(cluster(), namespace))?.status?.controls !== undefined,
      'the namespace is judged',
    );
    await caughtUp(cluster());
  });
  after(() => running.stop());

  function pathOf({ apiVersion, resource, elsewhere = namespace }: Kind): string {
    const [plural] = resource.split('.');
    return elsewhere === ''
      ? `/apis/${apiVersion}/${plural}`
      : `/apis/${apiVersion}/namespaces/${elsewhere}/${plural}`;
  }

  const served = (kind: Kind) =>
    eventually(
      async () => (await cluster().request('GET', pathOf(kind))).status === 200,
      `${kind.kind} is served`,
    );

  /** By control, what the report says of what it does not know. */
  async function gaps(resource: string): Promise<Record<string, string>> {
    const controls = (await reportOf(cluster(), namespace))?.status?.controls ?? [];
    return Object.fromEntries(
      controls.flatMap(({ id, message }) =>
        message.includes(`${resource} broken cannot be read`) ? [[id, message] as const] : [],
      ),
    );
  }

  for (const [title, each] of Object.entries(kinds)) {
    const { resource, apiVersion, kind: name, broken, well } = each;
    const object = (content: object) => ({
      apiVersion,
      kind: name,
      metadata: { name: 'broken' },
      ...content,
    });
    const shows = (what: boolean) =>
      eventually(
        async () => Object.keys(await gaps(resource)).length > 0 === what,
        `the report ${what ? 'tells' : 'no longer tells'} of it`,
      );

    it(`${title} is a gap in the report when it comes, and no more when it goes`, async () => {
      const verdicts = async () =>
        (await reportOf(cluster(), namespace))?.status?.controls?.map(({ id, status, message }) =>
          [id, status, message].join(' '),
        );
      const before = await verdicts();
      await post(cluster(), pathOf(each), object(broken));
      await shows(true);
      await remove(cluster(), `${pathOf(each)}/broken`);
      await shows(false);
      expect(await verdicts()).to.deep.equal(before);
    });

    it(`${title} is a gap until somebody mends it, and when somebody breaks it`, async () => {
      await post(cluster(), pathOf(each), object(broken));
      await shows(true);
      await patch(cluster(), `${pathOf(each)}/broken`, well);
      await shows(false);
      const [field] = Object.keys(broken);
      await patch(cluster(), `${pathOf(each)}/broken`, { [field ?? '']: null });
      await patch(cluster(), `${pathOf(each)}/broken`, broken);
      await shows(true);
      await remove(cluster(), `${pathOf(each)}/broken`);
      await shows(false);
    });
  }
});
