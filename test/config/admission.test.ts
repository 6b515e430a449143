import { expect } from 'chai';
import { applyManifests, useCluster } from '../support/cluster.ts';
import { buildKustomization, findManifest, type Manifest } from '../support/kustomize.ts';

interface PodTemplate {
  readonly metadata: object;
  readonly spec: Readonly<Record<string, unknown>>;
}

describe('what config installs, on a real API server', () => {
  const cluster = useCluster();
  before(async function () {
    this.timeout(60_000);
    await applyManifests(cluster(), ['crds', 'config/manager/namespace.yaml']);
    await cluster().kubectl(['create', 'namespace', 'trivy-system']);
  });

  for (const folder of [
    'config/default',
    'config/with-falco',
    'config/with-falco-mtls',
    'config/trivy',
    'config/gatekeeper',
    'config/mesh',
    'config/proprietary-apis',
    'config/samples',
  ]) {
    it(`is accepted, with no field that Kubernetes does not know and no warning: ${folder}`, async function () {
      this.timeout(30_000);
      const options = ['--server-side', '--dry-run=server', '--validate=strict', '-o', 'name'];
      const { stdout, stderr, code } = await cluster().kubectl(['apply', '-k', folder, ...options]);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout.trim().split('\n')).to.have.length((await buildKustomization(folder)).length);
    });
  }

  describe('admits a pod into its namespace', () => {
    const admit = async (folder: string, change: (spec: PodTemplate['spec']) => object = (spec) => spec) => {
      const kind = folder === 'config/default' ? 'Deployment' : 'StatefulSet';
      const { spec } = findManifest(await buildKustomization(folder), kind, 'plumbline') as Manifest & {
        spec: { template: PodTemplate; volumeClaimTemplates?: { metadata: { name: string } }[] };
      };
      const { metadata, spec: pod } = spec.template;
      return cluster().request('POST', '/api/v1/namespaces/plumbline-system/pods?dryRun=All', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...metadata, name: 'plumbline-0' },
        // Of a StatefulSet each pod has a claim of its own for each template.
        spec: {
          ...change(pod),
          volumes: [
            ...((pod['volumes'] as object[] | undefined) ?? []),
            ...(spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({
              name,
              persistentVolumeClaim: { claimName: `${name}-plumbline-0` },
            })),
          ],
        },
      });
    };

    for (const folder of ['config/default', 'config/with-falco', 'config/with-falco-mtls']) {
      it(`that is made from the template: ${folder}`, async () => {
        const { status, body } = await admit(folder);
        expect(status, JSON.stringify(body)).to.equal(201);
      });
    }

    it('but none that may run as root: the namespace enforces the Restricted level', async () => {
      const { status, body } = await admit('config/default', (spec) => ({ ...spec, securityContext: {} }));
      expect(status).to.equal(403);
      expect(body).to.have.property('message').that.includes('violates PodSecurity "restricted:latest"');
    });
  });
});
