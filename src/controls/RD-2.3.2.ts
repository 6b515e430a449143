import type { BaseControl } from '../domain/control.ts';
import { isolationRule, isolationNotes } from './shared/isolation-texts.ts';
import { judgeIsolation } from './shared/judge-isolation.ts';

const control: BaseControl = {
  id: 'RD-2.3.2',
  title: 'Every pod is isolated for egress',
  requirement: '§2: requiring microsegmentation via Network Policies',
  severity: 'high',
  scope: 'pod',
  rationale:
    'Whoever takes over a pod that may talk to everything can send data out, fetch tools, and try every other service of the cluster and of the networks around it.',
  rule:
    'A pod is isolated for egress when a NetworkPolicy of its namespace selects its labels and has the type Egress (a policy without policyTypes has it only with at least one egress rule), or when a policy of another API that is read does the same. ' +
    'Warn (ClusterOnly): what is denied is egress to other pods only, as by a rule of an AdminNetworkPolicy for every namespace. ' +
    isolationRule,
  notes: [
    'egress: [] in a policy without policyTypes isolates nothing, although it looks as if it denied all: write policyTypes: [Ingress, Egress].',
    'To deny all egress, a policy for administrators denies every namespace and the networks 0.0.0.0/0 and ::/0; these two alone hold the pods too.',
    'An empty podSelector selects every pod of the namespace. NotIn and DoesNotExist select pods that lack the key.',
    ...isolationNotes,
  ],
  remediation:
    'Add Egress to policyTypes, then allow DNS (kube-dns, and node-local-dns at 169.254.20.10 where it runs) and the destinations that are needed; take pods off the host network.',
  evidence: ['workloads', 'networkpolicies'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SC-7', 'SC-7(5)', 'AC-4', 'SC-7(21)'],
    nist800190: ['4.4.2'],
    cis: ['5.3.2'],
    nsaCisa: ['Network separation and hardening › Network policies'],
    srg: ['SRG-APP-000038-CTR-000105 (V-233029)', 'SRG-APP-000039-CTR-000110 (V-233030)'],
    kubescape: ['C-0030'],
    other: [
      'kube-linter non-isolated-pod',
      'polaris missingNetworkPolicy',
      'kyverno require-netpol',
      'gatekeeper K8sRequireNetworkPolicy',
    ],
  },
  evaluate: (input) => judgeIsolation(input, 'Egress'),
};
export default control;
