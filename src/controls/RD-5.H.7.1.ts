import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { literalIssues, scoreNotes, scoreParameters, scoreRule } from './shared/literal-issues.ts';
import type { SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

export const check: SpecCheck = ({ containers }, { parameters }) =>
  containers.flatMap((container) =>
    literalIssues(container.plainText?.env, parameters).map(({ path, ...issue }) =>
      containerIssue(container, path, issue),
    ),
  );

const control: BaseControl = {
  id: 'RD-5.H.7.1',
  title: 'No secret values in environment variables',
  requirement: '§5, Container hardening: do not hard-code configuration or secrets',
  severity: 'critical',
  scope: 'container',
  rationale:
    'A password in a manifest is known to everybody who may read pods, to the repository that the manifest comes from and all its copies, to backups and to every tool that shows manifests. It cannot be rotated without a rollout, and outlives the people who knew it.',
  rule:
    `Judged is each variable with a literal value, of containers, init containers and ephemeral containers. ${scoreRule} ` +
    `Fail: a value scores secrets.failScore or more. Warn (PossibleSecrets): one scores secrets.warnScore or more. Pass: all score less. ${commonRule}`,
  notes: [
    ...scoreNotes,
    'Values that come from elsewhere (valueFrom, envFrom) are judged by RD-5.H.7.5. A variable that holds a text of several words or lines is looked through for pairs of name and value.',
  ],
  remediation:
    'Move the value to a Secret, or to an external store that fills one, mount it as a file or refer to it by secretKeyRef, and rotate it: it has been read.',
  evidence: ['workloads'],
  parameters: scoreParameters,
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['IA-5', 'IA-5(7)', 'SC-28'],
    nist800190: ['4.1.4'],
    cis: ['5.4.1', '5.4.2'],
    nsaCisa: ['Secrets'],
    stig: ['V-274883 CNTR-K8-001161'],
    kubescape: ['C-0012', 'C-0259'],
    other: ['polaris sensitiveContainerEnvVar', 'kube-linter env-var-secret', 'gitleaks token formats'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'has secrets in environment variables',
      many: 'have secrets in environment variables',
      pass: 'No environment variable has a secret in plain sight',
      warn: {
        one: 'has environment variables that may hold secrets',
        many: 'have environment variables that may hold secrets',
      },
    }),
};
export default control;
