import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { settingsOf } from './shared/pod-security.ts';
import type { SpecCheck } from './shared/spec-check.ts';

export const check: SpecCheck = (spec) =>
  settingsOf(spec, 'windows')
    .filter(({ value }) => value.hostProcess === true)
    .map(({ container, path }) => ({
      ...(container && { container: container.name }),
      path: `${path}.hostProcess`,
      observed: 'true',
      message: `The ${container ? 'container runs' : "pod's containers run"} as processes of the Windows node.`,
    }));

const control: BaseControl = {
  id: 'RD-2.2.15',
  title: 'No Windows HostProcess containers',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'critical',
  scope: 'container',
  rationale:
    'A HostProcess container is a process of the Windows node, with its file system, network and accounts.',
  rule: `Pass: windowsOptions.hostProcess is unset or false at pod and container level. Fail: it is true at one. ${commonRule}`,
  notes: ['It is judged whatever operating system the pod declares.'],
  remediation: 'Remove hostProcess, and run as a normal Windows container.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6'],
    nist800190: ['4.4.3'],
    cis: ['5.2.11 (v1.11)', '5.2.10 (v1.12)'],
    pss: ['HostProcess [windowsHostProcess]'],
    trivy: ['KSV-0103'],
    kubescape: ['C-0202'],
    other: ['kyverno disallow-host-process'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'runs HostProcess containers',
      many: 'run HostProcess containers',
      pass: 'No container is a HostProcess container',
    }),
};
export default control;
