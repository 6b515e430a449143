import type { BaseControl } from '../domain/control.ts';
import { isolationRule, isolationNotes } from './shared/isolation-texts.ts';
import { judgeIsolation } from './shared/judge-isolation.ts';

const control: BaseControl = {
  id: 'RD-2.3.1',
  title: 'Every pod is isolated for ingress',
  requirement: '§2: requiring microsegmentation via Network Policies',
  severity: 'high',
  scope: 'pod',
  rationale:
    'Without isolation every pod of the cluster, and whatever has broken into one, can reach every port of this one.',
  rule:
    'A pod is isolated for ingress when a NetworkPolicy of its namespace selects its labels and has the type Ingress (a policy without policyTypes has it), or when a policy of another API that is read does the same. ' +
    isolationRule,
  notes: [
    'An empty podSelector selects every pod of the namespace. NotIn and DoesNotExist select pods that lack the key; a pod without labels is selected by these and by the empty selector only.',
    ...isolationNotes,
  ],
  remediation:
    'Apply a policy with podSelector: {} and policyTypes: [Ingress], which denies all ingress, then allow what is needed by further policies; take pods off the host network.',
  evidence: ['workloads', 'networkpolicies'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SC-7', 'SC-7(5)', 'AC-4'],
    nist800190: ['4.3.3', '4.4.2'],
    cis: ['5.3.2'],
    nsaCisa: ['Network separation and hardening › Network policies'],
    srg: ['SRG-APP-000038-CTR-000105 (V-233029)', 'SRG-APP-000039-CTR-000110 (V-233030)'],
    trivy: ['KSV-0038 (selector usage)'],
    kubescape: ['C-0030', 'C-0260', 'C-0206', 'C-0054'],
    other: [
      'kube-linter non-isolated-pod',
      'polaris missingNetworkPolicy',
      'kyverno require-netpol',
      'gatekeeper K8sRequireNetworkPolicy',
    ],
  },
  evaluate: (input) => judgeIsolation(input, 'Ingress'),
};
export default control;
