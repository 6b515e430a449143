import { expect } from 'chai';
import { policyApiOf, unreadPolicyApis } from '../../../src/evidence/network/policy-apis.ts';

const cases: Record<string, [string[], string[]]> = {
  'finds none where only Kubernetes’ own policies are': [
    ['networkpolicies.networking.k8s.io/v1', 'ingresses.networking.k8s.io/v1', 'pods./v1'],
    [],
  ],
  'finds none in what is read': [
    [
      'ciliumnetworkpolicies.cilium.io/v2',
      'ciliumclusterwidenetworkpolicies.cilium.io/v2',
      'networkpolicies.projectcalico.org/v3',
      'globalnetworkpolicies.crd.projectcalico.org/v1',
      'tiers.crd.projectcalico.org/v1',
      'adminnetworkpolicies.policy.networking.k8s.io/v1alpha1',
      'baselineadminnetworkpolicies.policy.networking.k8s.io/v1alpha1',
      'clusternetworkpolicies.policy.networking.k8s.io/v1alpha2',
    ],
    [],
  ],
  'finds what is served in other versions than the one that is read': [
    ['clusternetworkpolicies.policy.networking.k8s.io/v1beta1'],
    ['policy.networking.k8s.io'],
  ],
  'finds nothing where other versions are served beside it': [
    [
      'clusternetworkpolicies.policy.networking.k8s.io/v1beta1',
      'clusternetworkpolicies.policy.networking.k8s.io/v1alpha2',
    ],
    [],
  ],
  'finds an API that is down, which said no version': [
    ['networkpolicies.projectcalico.org/'],
    ['projectcalico.org'],
  ],
  'does not take other resources of these groups for policies': [
    [
      'ciliumendpoints.cilium.io/v2',
      'ciliumlocalredirectpolicies.cilium.io/v2',
      'stagednetworkpolicies.crd.projectcalico.org/v1',
      'stagedglobalnetworkpolicies.projectcalico.org/v3',
      'ippools.crd.projectcalico.org/v1',
    ],
    [],
  ],
  'finds Antrea and those of cloud providers, and sorts': [
    [
      'applicationnetworkpolicies.networking.k8s.aws/v1alpha1',
      'networkpolicies.crd.antrea.io/v1beta1',
      'fqdnnetworkpolicies.networking.gke.io/v1alpha1',
      'ciliumnetworkpolicies.cilium.io/v2',
    ],
    ['crd.antrea.io', 'networking.gke.io', 'networking.k8s.aws'],
  ],
  'does not take a policy of another group for one of those': [
    ['ciliumnetworkpolicies.example.com/v2', 'networkpolicies.example.com/v1'],
    [],
  ],
};

describe('unreadPolicyApis', () => {
  for (const [sentence, [names, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      const resources = names.map((name) => {
        const [dot, slash] = [name.indexOf('.'), name.indexOf('/')];
        const version = name.slice(slash + 1);
        return { plural: name.slice(0, dot), group: name.slice(dot + 1, slash), version };
      });
      expect(unreadPolicyApis(resources)).to.deep.equal(expected);
    });
  }
});

const manifests: Record<string, [string, string, string | undefined]> = {
  'knows a policy of Antrea': ['crd.antrea.io/v1beta1', 'ClusterNetworkPolicy', 'crd.antrea.io'],
  'knows another version of a policy that is read': ['cilium.io/v3', 'CiliumNetworkPolicy', 'cilium.io'],
  'passes over the version that is read': ['cilium.io/v2', 'CiliumNetworkPolicy', undefined],
  'passes over the NetworkPolicy that is read': ['networking.k8s.io/v1', 'NetworkPolicy', undefined],
  'passes over staged policies': ['projectcalico.org/v3', 'StagedNetworkPolicy', undefined],
};

describe('policyApiOf', () => {
  for (const [sentence, [apiVersion, kind, expected]] of Object.entries(manifests)) {
    it(sentence, () => {
      expect(policyApiOf(apiVersion, kind)).to.equal(expected);
    });
  }
});
