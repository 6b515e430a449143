import type { BaseControl } from '../domain/control.ts';
import type { Container, ContainerPort, PodSpec } from '../domain/pod-spec.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

const isHostPort = ({ hostPort }: ContainerPort) => hostPort !== undefined && hostPort !== 0;
const describe = (ports: readonly ContainerPort[]) =>
  ports.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`).join(', ');

export const check: SpecCheck = (spec) => {
  const offenders = spec.containers.filter(({ ports }) => ports.some(isHostPort));
  if (offenders.length === 0) return [];
  return spec.hostNetwork === true ? [hostNetworkIssue(offenders)] : offenders.map(containerPortsIssue);
};

/** The API server itself gives every port of such a pod its hostPort: one cause, one finding. */
const hostNetworkIssue = (offenders: PodSpec['containers']): Issue => ({
  path: 'spec.hostNetwork',
  observed: describe(offenders.flatMap(({ ports }) => ports.filter(isHostPort))),
  message: "The pod is in the node's network, so its ports are ports of the node.",
});

function containerPortsIssue(container: Container): Issue {
  const ports = container.ports.filter(isHostPort);
  return containerIssue(container, `ports[${ports[0]?.index ?? 0}].hostPort`, {
    observed: describe(ports),
    message: `The container takes ${ports.length === 1 ? 'a port' : `${ports.length} ports`} of the node.`,
  });
}

const control: BaseControl = {
  id: 'RD-2.2.5',
  title: 'No hostPorts',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'high',
  scope: 'container',
  rationale:
    'A port of the node is reachable past Services and, with many network plugins, past NetworkPolicies; and it binds the pod to nodes where it is free.',
  rule: `Pass: hostPort is unset or 0 for every port. Fail: any other. ${commonRule}`,
  notes: [
    'In a pod with hostNetwork the API server sets hostPort to containerPort: that is one finding, with hostNetwork as its cause.',
    'Ephemeral containers cannot have ports.',
  ],
  remediation: 'Remove hostPort, and expose the pod through a Service, an Ingress or a Gateway.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7', 'SC-7'],
    nist800190: ['4.4.2'],
    cis: ['5.2.13 (v1.11)', '5.2.12 (v1.12)'],
    nsaCisa: ['Network separation and hardening'],
    stig: ['V-242414 CNTR-K8-000960'],
    srg: ['SRG-APP-000142-CTR-000330 (V-233074)'],
    pss: ['Host Ports [hostPorts]'],
    trivy: ['KSV-0024'],
    kubescape: ['C-0044', 'C-0204'],
    other: ['kyverno disallow-host-ports'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'takes ports of the node',
      many: 'take ports of the node',
      pass: 'No container takes a port of the node',
    }),
};
export default control;
