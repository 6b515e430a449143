import { expect } from 'chai';
import { policyApiOf, unreadPolicyApis } from '../../../src/evidence/network/policy-apis.ts';

const cases: Record<string, [string[], string[]]> = {
  'finds none where only Kubernetes’ own policies are': [
    ['networkpolicies.networking.k8s.io', 'ingresses.networking.k8s.io', 'pods.'],
    [],
  ],
  'finds Cilium by its policies': [
    [
      'ciliumnodes.cilium.io',
      'ciliumnetworkpolicies.cilium.io',
      'ciliumclusterwidenetworkpolicies.cilium.io',
    ],
    ['cilium.io'],
  ],
  'does not take Cilium’s other resources for policies': [
    ['ciliumendpoints.cilium.io', 'ciliumlocalredirectpolicies.cilium.io', 'ciliumidentities.cilium.io'],
    [],
  ],
  'finds Calico in both of its groups': [
    ['networkpolicies.projectcalico.org', 'globalnetworkpolicies.crd.projectcalico.org'],
    ['crd.projectcalico.org', 'projectcalico.org'],
  ],
  'does not take Calico’s staged policies, which are only tried out, for policies': [
    [
      'stagednetworkpolicies.crd.projectcalico.org',
      'stagedglobalnetworkpolicies.projectcalico.org',
      'stagedkubernetesnetworkpolicies.projectcalico.org',
      'ippools.crd.projectcalico.org',
      'globalnetworksets.crd.projectcalico.org',
    ],
    [],
  ],
  'finds the cluster-wide policies of SIG Network': [
    ['clusternetworkpolicies.policy.networking.k8s.io'],
    ['policy.networking.k8s.io'],
  ],
  'finds their older forms': [
    [
      'adminnetworkpolicies.policy.networking.k8s.io',
      'baselineadminnetworkpolicies.policy.networking.k8s.io',
    ],
    ['policy.networking.k8s.io'],
  ],
  'finds Antrea, and sorts': [
    ['networkpolicies.crd.antrea.io', 'ciliumnetworkpolicies.cilium.io'],
    ['cilium.io', 'crd.antrea.io'],
  ],
  'does not take a policy of another group for one of those': [
    ['ciliumnetworkpolicies.example.com', 'networkpolicies.example.com'],
    [],
  ],
};

describe('unreadPolicyApis', () => {
  for (const [sentence, [names, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      const resources = names.map((name) => {
        const dot = name.indexOf('.');
        return { plural: name.slice(0, dot), group: name.slice(dot + 1) };
      });
      expect(unreadPolicyApis(resources)).to.deep.equal(expected);
    });
  }
});

const manifests: Record<string, [string, string, string | undefined]> = {
  'knows a policy of Cilium': ['cilium.io/v2', 'CiliumNetworkPolicy', 'cilium.io'],
  'knows a policy of Calico by its group': ['projectcalico.org/v3', 'NetworkPolicy', 'projectcalico.org'],
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
