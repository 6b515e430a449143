import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import type { SpecCheck } from './shared/spec-check.ts';

const namespaces = { hostNetwork: 'network', hostPID: 'process', hostIPC: 'IPC' } as const;

export const check: SpecCheck = (spec) =>
  (['hostNetwork', 'hostPID', 'hostIPC'] as const)
    .filter((field) => spec[field] === true)
    .map((field) => ({
      path: `spec.${field}`,
      observed: 'true',
      message: `The pod is in the node's ${namespaces[field]} namespace.`,
    }));

const control: BaseControl = {
  id: 'RD-2.2.3',
  title: 'No host namespaces (network, PID, IPC)',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'critical',
  scope: 'pod',
  rationale:
    "In the node's namespaces a pod sees and signals the node's processes, reads their shared memory, and listens on the node's network past every NetworkPolicy.",
  rule: `Pass: hostNetwork, hostPID and hostIPC are unset or false. Fail: one is true; each is a finding of its own. ${commonRule}`,
  notes: ['shareProcessNamespace, which the containers of one pod share among themselves, is no violation.'],
  remediation:
    'Remove hostNetwork, hostPID and hostIPC. Use a Service for reaching the pod, and shareProcessNamespace for debugging within it.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SC-39', 'SC-4', 'SC-7'],
    nist800190: ['4.4.3', '4.4.2'],
    cis: ['5.2.3', '5.2.4', '5.2.5'],
    nsaCisa: ['Kubernetes Pod security'],
    stig: ['V-242437', 'V-254800', 'V-242414 CNTR-K8-000960 (review)'],
    srg: ['SRG-APP-000243-CTR-000595'],
    pss: ['Host Namespaces [hostNamespaces]'],
    trivy: ['KSV-0008 (IPC)', 'KSV-0009 (network)', 'KSV-0010 (PID)'],
    kubescape: ['C-0038', 'C-0041', 'C-0275', 'C-0276', 'C-0194', 'C-0195', 'C-0196'],
    other: ['kyverno disallow-host-namespaces'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: "runs pods in the node's namespaces",
      many: "run pods in the node's namespaces",
      pass: "No pod is in the node's network, process or IPC namespace",
    }),
};
export default control;
