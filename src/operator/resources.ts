import { group, version } from '../api/resources.ts';
import type { Resource } from '../kube/resource.ts';

const resource = (apiGroup: string, apiVersion: string, plural: string, namespaced = true): Resource => ({
  group: apiGroup,
  version: apiVersion,
  plural,
  namespaced,
});

const trivy = (plural: string) => resource('aquasecurity.github.io', 'v1alpha1', plural);

/** Everything that the operator watches or writes. */
export const resources = {
  namespaces: resource('', 'v1', 'namespaces', false),
  nodes: resource('', 'v1', 'nodes', false),
  pods: resource('', 'v1', 'pods'),
  replicationControllers: resource('', 'v1', 'replicationcontrollers'),
  serviceAccounts: resource('', 'v1', 'serviceaccounts'),
  claims: resource('', 'v1', 'persistentvolumeclaims'),
  volumes: resource('', 'v1', 'persistentvolumes', false),
  configMaps: resource('', 'v1', 'configmaps'),
  deployments: resource('apps', 'v1', 'deployments'),
  statefulSets: resource('apps', 'v1', 'statefulsets'),
  daemonSets: resource('apps', 'v1', 'daemonsets'),
  replicaSets: resource('apps', 'v1', 'replicasets'),
  controllerRevisions: resource('apps', 'v1', 'controllerrevisions'),
  jobs: resource('batch', 'v1', 'jobs'),
  cronJobs: resource('batch', 'v1', 'cronjobs'),
  rollouts: resource('argoproj.io', 'v1alpha1', 'rollouts'),
  networkPolicies: resource('networking.k8s.io', 'v1', 'networkpolicies'),
  ingresses: resource('networking.k8s.io', 'v1', 'ingresses'),
  services: resource('', 'v1', 'services'),
  endpointSlices: resource('discovery.k8s.io', 'v1', 'endpointslices'),
  limitRanges: resource('', 'v1', 'limitranges'),
  autoscalers: resource('autoscaling', 'v2', 'horizontalpodautoscalers'),
  disruptionBudgets: resource('policy', 'v1', 'poddisruptionbudgets'),
  roleBindings: resource('rbac.authorization.k8s.io', 'v1', 'rolebindings'),
  roles: resource('rbac.authorization.k8s.io', 'v1', 'roles'),
  clusterRoles: resource('rbac.authorization.k8s.io', 'v1', 'clusterroles', false),
  clusterRoleBindings: resource('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', false),
  vulnerabilityReports: trivy('vulnerabilityreports'),
  configAuditReports: trivy('configauditreports'),
  exposedSecretReports: trivy('exposedsecretreports'),
  sbomReports: trivy('sbomreports'),
  complianceProfiles: resource(group, version, 'complianceprofiles', false),
  complianceReports: resource(group, version, 'compliancereports'),
  complianceSummaries: resource(group, version, 'compliancesummaries', false),
  definitions: resource('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', false),
  runtimeReports: resource(group, version, 'runtimereports'),
} as const satisfies Readonly<Record<string, Resource>>;
