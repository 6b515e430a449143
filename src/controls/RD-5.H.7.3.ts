import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { ConfigMapText } from '../domain/literal.ts';
import type { Parameters } from '../domain/parameters.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, pass, unknown } from '../domain/verdict.ts';
import { sortFindings } from './shared/findings.ts';
import type { LiteralIssue } from './shared/literal-issues.ts';
import { literalIssues, scoreNotes, scoreParameters, scoreRule } from './shared/literal-issues.ts';

/** Kubernetes and OpenShift put them into every namespace, and write them again when somebody changes them. */
const published: ReadonlySet<string> = new Set(['kube-root-ca.crt', 'openshift-service-ca.crt']);

function evaluate({ snapshot, parameters }: EvaluationInput): Verdict {
  const { configMaps, namespace } = snapshot;
  if (!configMaps.available) return unknown(configMaps.reason, configMaps.message);
  const own = configMaps.items.filter(({ name }) => !published.has(name));
  if (own.length === 0)
    return notApplicable('NoConfigMaps', `Namespace ${namespace.name} has no ConfigMaps.`);
  const judged = own.map((map) => ({ map, issues: issuesOf(map, parameters) }));
  const failing = judged.filter(({ issues }) => issues.some(({ weight }) => weight === undefined));
  if (failing.length > 0) {
    const some = `${failing.length} of ${countMaps(own.length)} ${failing.length === 1 ? 'has' : 'have'}`;
    const findings = findingsOf(failing, ({ weight }) => weight === undefined);
    return { status: 'Fail', message: `${some} secrets in plain sight.`, findings };
  }
  const warning = judged.filter(({ issues }) => issues.length > 0);
  const findings = findingsOf(warning, () => true);
  const unread = own.filter((map) => isCut(map, parameters)).map(({ name }) => name);
  if (unread.length > 0) {
    const which = `${unread.length} of ${countMaps(own.length)} ${unread.length === 1 ? 'is' : 'are'} longer`;
    const message = `${which} than what is read of one, such as ${unread.toSorted()[0]}.`;
    return unknown('PartialEvidence', message, findings);
  }
  if (warning.length > 0) {
    const some = `${warning.length} of ${countMaps(own.length)} ${warning.length === 1 ? 'has' : 'have'}`;
    const message = `${some} values that may be secrets.`;
    return { status: 'Warn', reason: 'PossibleSecrets', message, findings };
  }
  return pass(`No ConfigMap has a secret in plain sight (${countMaps(own.length)}).`);
}

const countMaps = (count: number): string => `${count} ConfigMap${count === 1 ? '' : 's'}`;

const remembered = new WeakMap<Parameters, WeakMap<ConfigMapText, readonly LiteralIssue[]>>();

/** Worked out once for each ConfigMap, for as long as neither it nor the profile changes. */
function issuesOf(map: ConfigMapText, parameters: Parameters): readonly LiteralIssue[] {
  const known = remembered.get(parameters) ?? new WeakMap<ConfigMapText, readonly LiteralIssue[]>();
  remembered.set(parameters, known);
  const issues =
    known.get(map) ?? literalIssues(map.literals, parameters, (_, index) => isRead(map, index, parameters));
  known.set(map, issues);
  return issues;
}

function isRead({ places }: ConfigMapText, index: number, parameters: Parameters): boolean {
  const [line, byte] = places[index] ?? [0, 0];
  return line < parameters['secrets.configMapMaxLines'] && byte < parameters['secrets.configMapMaxBytes'];
}

const isCut = ({ cut, lines, bytes }: ConfigMapText, parameters: Parameters): boolean =>
  cut || lines > parameters['secrets.configMapMaxLines'] || bytes > parameters['secrets.configMapMaxBytes'];

const findingsOf = (
  judged: readonly { readonly map: ConfigMapText; readonly issues: readonly LiteralIssue[] }[],
  counts: (issue: LiteralIssue) => boolean,
): readonly Finding[] =>
  sortFindings(
    judged.flatMap(({ map: { name }, issues }) =>
      issues.filter(counts).map(({ path, observed, message }) => ({
        subject: { kind: 'ConfigMap', name },
        path,
        observed,
        message,
      })),
    ),
  );

const control: BaseControl = {
  id: 'RD-5.H.7.3',
  title: 'No secrets in ConfigMaps',
  requirement: '§5, Container hardening: do not hard-code configuration or secrets',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'A ConfigMap is meant to be read: the role view shows it, while it hides Secrets, and no encryption at rest is asked for it. Whoever may look at a namespace has every password in it.',
  rule:
    'Judged are data, and binaryData as far as it is text: each key with its value, in values of several lines each pair of name and value (name=value, name: value, JSON, XML), and secrets of known forms wherever they stand, such as private keys, credentials of registries and kubeconfig files. ' +
    `${scoreRule} ` +
    'Fail: a value scores secrets.failScore or more. Warn (PossibleSecrets): one scores secrets.warnScore or more. Pass: all score less. ' +
    'Unknown (PartialEvidence): a ConfigMap is longer than secrets.configMapMaxBytes or secrets.configMapMaxLines, and what was read does not fail. Unknown: ConfigMaps could not be read; Unknown (Forbidden) where the operator is not allowed to. ' +
    'NotApplicable (NoConfigMaps): the namespace has none but those that Kubernetes puts into each (kube-root-ca.crt).',
  notes: [
    'Certificates and public keys are passed over, and so are values with {{ }} in them, which are templates. A private key among certificates is found.',
    'What kubectl noted as last applied and is no longer in the data is judged too: it can still be read there.',
    'The operator has a right of its own to read ConfigMaps (config/rbac); where it is taken away, this control is Unknown, those that read the ConfigMaps of Falco (RD-3.5.2, RD-3.5.3) are too where these matter, and RD-5.H.4.2 does not see that one is missing. Nothing else changes.',
    ...scoreNotes,
  ],
  remediation:
    'Move the value, or the whole file, to a Secret, mount that in its place, and rotate the value: it has been read.',
  evidence: ['configmaps'],
  parameters: [...scoreParameters, 'secrets.configMapMaxBytes', 'secrets.configMapMaxLines'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['IA-5', 'SC-28'],
    nist800190: ['4.1.4'],
    cis: ['5.4.2'],
    stig: ['V-274883'],
    trivy: ['KSV-0109', 'KSV-01010'],
    kubescape: ['C-0012 (rule-credentials-configmap)'],
    other: ['polaris sensitiveConfigmapContent'],
  },
  evaluate,
};
export default control;
