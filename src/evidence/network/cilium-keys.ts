import type { ReadKey } from './label-tests.ts';
import { namespaceKey, podKey } from './label-tests.ts';

const namespaceLabels = 'io.cilium.k8s.namespace.labels.';

/**
 * Labels of pods that Cilium leaves out of their identity unless its settings say otherwise (docs: "Limiting
 * Identity-Relevant Labels"). Whether a selector that asks for one can match depends on these settings.
 */
const leftOut =
  /^(?:io\.kubernetes|io\.cilium\.k8s|kubernetes\.io|k8s\.io|.*beta\.kubernetes\.io|pod-template-(?:generation|hash)|controller-revision-hash|annotation|etcd_node|statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|batch\.kubernetes\.io\/job-completion-index)/;

/**
 * The label that a key of a Cilium selector means. Before a colon stands where the label comes from: those of pods come
 * from `k8s`, which `any` and nothing include; no pod has labels from elsewhere, such as `reserved:host`.
 */
export const ciliumKey: ReadKey = (written) => {
  const [, source = 'any', key = written] = /^([^:]*):(.*)$/.exec(written) ?? [];
  if (source !== 'any' && source !== 'k8s' && source !== '') return podKey(written);
  if (key === 'io.kubernetes.pod.namespace') return { of: 'namespaceName', key: 'name' };
  if (key === 'io.cilium.k8s.policy.serviceaccount') return { of: 'serviceAccountName', key: 'name' };
  if (key.startsWith(namespaceLabels)) return namespaceKey(key.slice(namespaceLabels.length));
  return leftOut.test(key) ? { of: 'unknowable', key } : podKey(key);
};
