import type { BaseControl } from '../domain/control.ts';
import type { PodSpec } from '../domain/pod-spec.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import type { Exemption, Issue, SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

const noSecrets: Exemption = { reason: 'NoSecrets', exempt: 'it uses no Secret' };

export const check: SpecCheck = (spec, { parameters }) => {
  const found = fromEnvironment(spec);
  if (found.length === 0)
    return spec.volumes.some(({ secret }) => secret === true) || spec.containers.length === 0
      ? []
      : noSecrets;
  if (parameters['secrets.fromEnvironment'] === 'Fail') return found;
  return found.map((issue) => ({ ...issue, weight: 'warn' as const, reason: 'SecretsInEnvironment' }));
};

const fromEnvironment = ({ containers }: PodSpec): readonly Issue[] =>
  containers.flatMap((container) =>
    (container.plainText?.secretEnv ?? []).map(({ path, secret }) =>
      containerIssue(container, path, {
        observed: `Secret ${secret}`,
        message: 'It comes through the environment, and not as a file.',
      }),
    ),
  );

const control: BaseControl = {
  id: 'RD-5.H.7.5',
  title: 'Secrets are injected the standard way (files preferred over environment)',
  requirement: '§5, Container hardening: do not hard-code configuration or secrets',
  severity: 'low',
  scope: 'container',
  rationale:
    'The environment of a process is inherited by every program that it starts, stands in crash reports and debug pages, and keeps its value until the container restarts. A file is read by whom it is meant for, may be read by one user alone, and follows the Secret when that is rotated.',
  rule:
    'Pass: Secrets come as files only: a volume of type secret, a projected volume with a Secret in it, or one of the Secrets Store CSI driver. ' +
    'Warn (SecretsInEnvironment): one comes through the environment (secretKeyRef, or envFrom with secretRef), unless secrets.fromEnvironment makes that a Fail, as the Kubernetes STIG does. ' +
    `NotApplicable (NoSecrets): no Secret is used. ${commonRule}`,
  notes: [
    'The reference design allows environment variables, arguments and files; the Kubernetes STIG forbids the environment. secrets.fromEnvironment decides.',
    "The token of the pod's own service account and the credentials to pull images are none of the Secrets that are meant.",
    'A Secret that is mounted whole where a single key is needed shows more than it must: name the key under items. What a program needs is not visible here, so that is not judged.',
    'What fills a Secret (SealedSecret, ExternalSecret) is not read.',
  ],
  remediation:
    'Mount the Secret as a volume, and let the program read the file; most take its path where they take the value (PASSWORD_FILE).',
  evidence: ['workloads'],
  parameters: ['secrets.fromEnvironment'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['IA-5(1) (STIG mapping)', 'AC-3'],
    nist800190: ['4.1.4'],
    cis: ['5.4.1'],
    nsaCisa: ['Secrets'],
    stig: ['V-242415 CNTR-K8-001160', 'V-274882 CNTR-K8-001162 (encryption at rest, control plane)'],
    kubescape: ['C-0207', 'C-0255'],
    other: ['kube-linter read-secret-from-env-var', 'kyverno disallow-secrets-from-env-vars'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'takes Secrets through the environment',
      many: 'take Secrets through the environment',
      pass: 'Secrets come as files only',
      warn: { one: 'takes Secrets through the environment', many: 'take Secrets through the environment' },
    }),
};
export default control;
