import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { podResources, podResourcesNote } from './shared/pod-resources.ts';
import type { SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

const warn = { weight: 'warn' } as const;

export const check: SpecCheck = (spec, { minor, parameters }) => {
  if (podResources(spec, minor)?.limits.includes('memory') === true) return [];
  return spec.containers
    .filter(({ kind, resources }) => kind !== 'ephemeralContainer' && !resources.limits.includes('memory'))
    .map((container) => {
      const isZero = container.resources.zero?.includes('limits.memory') === true;
      return containerIssue(container, 'resources.limits.memory', {
        observed: isZero ? '0' : 'unset',
        message: isZero ? 'A memory limit of 0 is none.' : 'The container has no memory limit.',
        ...(parameters['workloads.requireMemoryLimits'] ? {} : warn),
      });
    });
};

const control: BaseControl = {
  id: 'RD-2.7.2',
  title: 'Memory limits are set',
  requirement: '§2: multiple important safeguards (beyond those that are named)',
  severity: 'low',
  scope: 'container',
  rationale:
    'A container without a memory limit that leaks takes the memory of its node, and everything on it goes down.',
  rule: `Of every container and init container. Pass: a memory limit is set, in the container or for the pod as a whole. Warn: one is missing. Fail: one is missing, with workloads.requireMemoryLimits. ${commonRule}`,
  notes: [
    'It goes beyond the reference design: a profile has to switch it on (disabled: false).',
    podResourcesNote,
    'A limit of 0 is none to the kubelet, and to this rule.',
    'CPU limits are contested, and not asked for.',
    'A limit that a LimitRange put into a live pod counts.',
  ],
  remediation: 'Set resources.limits.memory in every container of the template.',
  evidence: ['workloads'],
  parameters: ['workloads.requireMemoryLimits'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SC-5'],
    nist800190: ['4.4.3'],
    nsaCisa: ['Resource policies'],
    srg: ['SRG-APP-000247-CTR-000330'],
    trivy: ['KSV-0018', 'KSV-0011'],
    kubescape: ['C-0271', 'C-0270', 'C-0009'],
  },
  extended: true,
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'has containers without a memory limit',
      many: 'have containers without a memory limit',
      pass: 'Every container has a memory limit',
      warn: { one: 'has containers without a memory limit', many: 'have containers without a memory limit' },
    }),
};
export default control;
