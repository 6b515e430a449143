/** What RD-2.3.1 and RD-2.3.2 say in the same words. */
export const isolationRule =
  'Pass: every live pod is; of a workload without live pods, the template with its labels. ' +
  'Warn (CompliantByMutation): the live pods are, their template is not. ' +
  'Fail: one is not, and every policy API of the cluster was read. ' +
  "Fail (HostNetworkBypass): a pod is on its node's network, where NetworkPolicies have no defined effect. " +
  'Unknown (PartialEvidence): one is not isolated by what was read, and the cluster has another policy API that is not read; or what is not known decides (notes). ' +
  'Unknown, with its reason: workloads or policies could not be read. ' +
  'NotApplicable (NoWorkloads): the namespace runs nothing, or only what has finished.';

export const isolationNotes: readonly string[] = [
  'Isolation is what makes a policy restrict anything. What the policies then allow is the matter of RD-2.3.4.',
  'Read are: NetworkPolicy (networking.k8s.io/v1); NetworkPolicy and GlobalNetworkPolicy of Calico (projectcalico.org/v3 and crd.projectcalico.org/v1, of which one object counts once) with their tiers; CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy (cilium.io/v2); AdminNetworkPolicy and BaselineAdminNetworkPolicy (policy.networking.k8s.io/v1alpha1); ClusterNetworkPolicy (v1alpha2). Not read are Antrea, OVN-Kubernetes and those of cloud providers: where the cluster has one of them, only a pod that is isolated by the others can be judged.',
  'Isolation is asked without what is allowed: a policy isolates although rules of its own or of others allow something, or everything (RD-2.3.4).',
  'Calico: a policy isolates in the directions of its types (unset: those that it has rules for; ingress when it has none), unless its tier passes on what nobody decides, or a rule of an earlier policy of the tier passes on all. Policies that are only staged, and those for host endpoints alone (doNotTrack, preDNAT), do not count.',
  'Cilium: a rule isolates in a direction whose section (ingress, ingressDeny) holds an entry, be it {}, or with enableDefaultDeny; enableDefaultDeny: false takes it back. A rule with a nodeSelector is for nodes.',
  'Policies for administrators deny nothing of themselves: a rule isolates that denies every namespace on every port, where no earlier rule of the tier passes all of it on. They know no ingress from outside of the cluster.',
  'Not known may be: labels of a namespace of which no object was read; labels of ServiceAccounts in a scan; whether Cilium counts a label that it leaves out by default; which of two policies for administrators with the same priority comes first. Where they decide, the verdict is Unknown. A policy with a selector or a field that cannot be read makes it Unknown too.',
  'A workload that is scaled to zero is judged by the labels of its template. Finished Jobs and pods are not judged.',
  "Whether the cluster's network plugin enforces NetworkPolicies at all is not asked here.",
  'A scan of manifests without any network policy fails: what is not in the input will not be in the cluster.',
];
