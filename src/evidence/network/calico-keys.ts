import type { ReadKey } from './label-tests.ts';
import { namespaceKey, podKey } from './label-tests.ts';

/** Labels that Calico adds to those of a pod, beside those of its namespace and its account under a prefix. */
export const calicoPodKey: ReadKey = (key) => {
  if (key === 'projectcalico.org/namespace') return { of: 'namespaceName', key: 'name' };
  if (key === 'projectcalico.org/serviceaccount') return { of: 'serviceAccountName', key: 'name' };
  if (key.startsWith('pcns.')) return calicoNamespaceKey(key.slice('pcns.'.length));
  if (key.startsWith('pcsa.')) return accountKey(key.slice('pcsa.'.length));
  return podKey(key);
};

export const calicoNamespaceKey: ReadKey = (key) =>
  key === 'projectcalico.org/name' ? { of: 'namespaceName', key: 'name' } : namespaceKey(key);

export const accountKey: ReadKey = (key) =>
  key === 'projectcalico.org/name'
    ? { of: 'serviceAccountName', key: 'name' }
    : { of: 'serviceAccount', key };

/** Every pod that Calico knows comes from Kubernetes. */
export const calicoConstants = { 'projectcalico.org/orchestrator': 'k8s' };
