import { expect } from 'chai';
import { ciliumKey } from '../../../src/evidence/network/cilium-keys.ts';

const cases: Record<string, [string, string]> = {
  app: ['pod', 'app'],
  'k8s:app': ['pod', 'app'],
  'any:app': ['pod', 'app'],
  'k8s:app.kubernetes.io/name': ['pod', 'app.kubernetes.io/name'],
  'topology.kubernetes.io/zone': ['pod', 'topology.kubernetes.io/zone'],
  'io.kubernetes.pod.namespace': ['namespaceName', 'name'],
  'k8s:io.kubernetes.pod.namespace': ['namespaceName', 'name'],
  'k8s:io.cilium.k8s.policy.serviceaccount': ['serviceAccountName', 'name'],
  'k8s:io.cilium.k8s.namespace.labels.team': ['namespace', 'team'],
  'io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name': ['namespaceName', 'name'],
  // No pod has labels from elsewhere, and no label of a pod holds a colon.
  'reserved:host': ['pod', 'reserved:host'],
  'container:app': ['pod', 'container:app'],
  // Left out of identities unless Cilium's settings say otherwise.
  'k8s:io.cilium.k8s.policy.cluster': ['unknowable', 'io.cilium.k8s.policy.cluster'],
  'kubernetes.io/os': ['unknowable', 'kubernetes.io/os'],
  'pod-template-hash': ['unknowable', 'pod-template-hash'],
  'beta.kubernetes.io/arch': ['unknowable', 'beta.kubernetes.io/arch'],
  'statefulset.kubernetes.io/pod-name': ['unknowable', 'statefulset.kubernetes.io/pod-name'],
};

describe('a key of a Cilium selector', () => {
  for (const [written, [of, key]] of Object.entries(cases)) {
    it(`${written} is a label of: ${of}`, () => {
      expect(ciliumKey(written)).to.deep.equal({ of, key });
    });
  }
});
