import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { eventually } from '../kube/support.ts';

export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** What `examples/trivy/crds.yaml` defines. */
export const trivyDefinitions = ['vulnerabilityreports', 'exposedsecretreports', 'configauditreports'].map(
  (plural) => `${plural}.aquasecurity.github.io`,
);

/** The definition of a kind of somebody else's, as small as the API server takes it. */
export const minimalDefinition = (
  group: string,
  version: string,
  kind: string,
  plural: string,
  scope: 'Namespaced' | 'Cluster' = 'Namespaced',
) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: `${plural}.${group}`,
    ...(group.endsWith('.k8s.io') ? { annotations: { 'api-approved.kubernetes.io': 'unapproved' } } : {}),
  },
  spec: {
    ...{ group, scope, names: { plural, kind } },
    versions: [
      {
        ...{ name: version, served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

/** Removes those of these definitions that are there. Resolves when they are gone: one that is going cannot be made anew. */
export async function removeDefinitions(cluster: ControlPlane, ...names: string[]): Promise<void> {
  for (const name of names) {
    const path = `${definitionsPath}/${name}`;
    await cluster.request('DELETE', path);
    await eventually(async () => (await cluster.request('GET', path)).status === 404, `${name} is gone`);
  }
}
