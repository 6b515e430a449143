/** What RD-2.3.1 and RD-2.3.2 say in the same words. */
export const isolationRule =
  'Pass: every live pod is; of a workload without live pods, the template with its labels. ' +
  'Warn (CompliantByMutation): the live pods are, their template is not. ' +
  'Fail: one is not, and every policy API of the cluster was read. ' +
  "Fail (HostNetworkBypass): a pod is on its node's network, where NetworkPolicies have no defined effect. " +
  'Unknown (PartialEvidence): one is not isolated by NetworkPolicies, and the cluster has another policy API that is not read. ' +
  'Unknown, with its reason: workloads or NetworkPolicies could not be read. ' +
  'NotApplicable (NoWorkloads): the namespace runs nothing, or only what has finished.';

export const isolationNotes: readonly string[] = [
  'Isolation is what makes a policy restrict anything. What the policies then allow is the matter of RD-2.3.4.',
  'Other policy APIs, which are not read yet: CiliumNetworkPolicy, the policies of Calico and Antrea, AdminNetworkPolicy, ClusterNetworkPolicy, and those of cloud providers. Where the cluster has one of them, only a pod that a NetworkPolicy isolates can be judged. Policies that Calico only stages do not count as one.',
  'A workload that is scaled to zero is judged by the labels of its template. Finished Jobs and pods are not judged.',
  "Whether the cluster's network plugin enforces NetworkPolicies at all is not asked here.",
  'A scan of manifests without any NetworkPolicy fails: what is not in the input will not be in the cluster.',
];
