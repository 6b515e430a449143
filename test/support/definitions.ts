export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

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
