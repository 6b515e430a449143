import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import type { SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

export const check: SpecCheck = (spec, { minor }) =>
  spec.containers.flatMap((container) => {
    const [first] = container.hostOverrides;
    if (first === undefined) return [];
    return containerIssue(container, first.path, {
      observed: [...new Set(container.hostOverrides.map(({ host }) => host))].join(', '),
      message: 'A probe or lifecycle hook makes the kubelet connect to a host of its choice.',
      // The standard has this rule since 1.34.
      ...(minor < 34 && { severity: 'low' }),
    });
  });

const control: BaseControl = {
  id: 'RD-2.2.6',
  title: 'No host override in probes and lifecycle hooks',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'medium',
  scope: 'container',
  rationale:
    "The kubelet connects from the node's network. With a host of the manifest's choice, a probe reaches what the pod itself may not, and tells by its result what is there.",
  rule: `Pass: host is empty in every httpGet and tcpSocket of the liveness, readiness and startup probes and of the postStart and preStop hooks. Fail: one names a host, 127.0.0.1 too. ${commonRule}`,
  notes: [
    'The Pod Security Standards have this rule since Kubernetes 1.34. It is judged on every version; below 1.34 its findings have severity low.',
  ],
  remediation: 'Remove host from the probe or hook, so that it goes to the IP of the pod.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7', 'SC-7'],
    nist800190: ['4.4.2'],
    pss: ['Host Probes / Lifecycle Hooks [hostProbesAndHostLifecycle], since 1.34'],
    other: ['gatekeeper-library host-probes-lifecycle'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'has probes or lifecycle hooks with a host of their own',
      many: 'have probes or lifecycle hooks with a host of their own',
      pass: 'No probe and no lifecycle hook names a host',
    }),
};
export default control;
