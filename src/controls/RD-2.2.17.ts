import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { relaxedInUserNamespace, restrictedOnly, settingsOf } from './shared/pod-security.ts';
import type { SpecCheck } from './shared/spec-check.ts';

export const check: SpecCheck = restrictedOnly(
  relaxedInUserNamespace((spec) =>
    settingsOf(spec, 'runAsUser')
      .filter(({ value }) => value === 0)
      .map(({ container, path }) => ({
        ...(container && { container: container.name }),
        path,
        observed: '0',
        message: `The ${container ? 'container' : 'pod'} sets UID 0.`,
      })),
  ),
);

const control: BaseControl = {
  id: 'RD-2.2.17',
  title: 'runAsUser is not 0',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'high',
  scope: 'container',
  rationale:
    'A 0 at pod level is inherited by every container that somebody adds later, sidecars and debuggers too.',
  rule: `Pass: neither the pod nor any container sets runAsUser to 0. Fail: one does. ${commonRule}`,
  notes: [
    'A 0 at pod level fails, also when every container overrides it; RD-2.1.2 judges what the containers really get.',
    'hostUsers: false passes with the reason UserNamespace on servers of 1.35 and later; podSecurity.userNamespaces: strict takes that away.',
  ],
  remediation: 'Remove runAsUser: 0 from the pod and its containers.',
  evidence: ['workloads'],
  parameters: ['podSecurity.userNamespaces'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6'],
    nist800190: ['4.1.2'],
    cis: ['5.2.7'],
    pss: ['Running as Non-root user [runAsUser], since 1.23'],
    trivy: ['KSV-0105'],
    kubescape: ['C-0013'],
    other: ['kyverno require-run-as-non-root-user'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'sets UID 0',
      many: 'set UID 0',
      pass: 'No pod and no container sets UID 0',
    }),
};
export default control;
