import {
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane,
} from '../../tools/control-plane/control-plane.ts';

/** The first run on a machine may build the binaries first. */
const startTimeout = 30 * 60_000;

const started = new Map<string, Promise<ControlPlane>>();

/**
 * Gives the tests of the describe block a real API server: one for the whole mocha process, so use a namespace of
 * your own. Call it in the describe block; the returned function gives the control plane from the first hook on.
 * Tests that need more than an API server name it in `options`; those that name the same share one.
 */
export function useCluster(options: ControlPlaneOptions = {}): () => ControlPlane {
  let cluster: ControlPlane | undefined;
  before(async function () {
    this.timeout(startTimeout);
    const key = JSON.stringify(options);
    const starting = started.get(key) ?? startControlPlane(options);
    started.set(key, starting);
    cluster = await starting;
  });
  return () => {
    if (cluster === undefined)
      throw new Error('the cluster is there in hooks and tests, not while they are declared');
    return cluster;
  };
}

// At the top of the file this is a hook of mocha's root: it runs when every test file is through.
after(async function () {
  this.timeout(60_000);
  // One that did not start has told its test so, and left nothing to stop.
  await Promise.allSettled([...started.values()].map(async (one) => (await one).stop()));
});

/** Makes a namespace that no other test has, and returns its name. */
export async function freshNamespace(
  cluster: ControlPlane,
  prefix: string,
  labels: Record<string, string> = {},
): Promise<string> {
  const { status, body } = await cluster.request('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { generateName: `${prefix}-`, labels },
  });
  if (status !== 201) throw new Error(`namespace ${prefix}: ${status} ${JSON.stringify(body)}`);
  return (body as { metadata: { name: string } }).metadata.name;
}

/**
 * Applies files, or folders of them, on the server's side. Resolves when the custom resource definitions among them
 * are served.
 */
export async function applyManifests(cluster: ControlPlane, paths: string[]): Promise<void> {
  const files = paths.flatMap((path) => ['-f', path]);
  const applied = await cluster.kubectl([
    'apply',
    '--server-side',
    '--force-conflicts',
    '-o',
    'name',
    ...files,
  ]);
  if (applied.code !== 0) throw new Error(`kubectl apply of ${paths.join(', ')}: ${applied.stderr}`);
  const definitions = applied.stdout
    .split('\n')
    .filter((name) => name.startsWith('customresourcedefinition'));
  if (definitions.length === 0) return;
  const wait = ['wait', '--for=condition=Established', '--timeout=60s', ...definitions];
  const { code, stderr } = await cluster.kubectl(wait);
  if (code !== 0) throw new Error(`waiting for ${definitions.join(', ')}: ${stderr}`);
}
