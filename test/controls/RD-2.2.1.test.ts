import control from '../../src/controls/RD-2.2.1.ts';
import type { EvaluationInput } from '../../src/domain/control.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import type { Gap } from '../../src/domain/snapshot.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { input, pod, workload } from '../support/builders.ts';
import type { AdmissionObject } from '../support/admission-objects.ts';
import { admission, itemsOf, kyvernoRule } from '../support/admission-objects.ts';
import { describeControl } from '../support/control-cases.ts';

const label = (name: string) => `pod-security.kubernetes.io/${name}`;

/** Labels by their last part. */
function namespace(labels: Record<string, string>, parameters: Partial<Parameters> = {}, minor = 37) {
  const full = Object.fromEntries(Object.entries(labels).map(([name, value]) => [label(name), value]));
  return input({ namespace: { name: 'shop', labels: full }, cluster: { minor } }, parameters);
}

const { clusterPolicy, exception, kyvernoWebhook } = admission;
const standard = (rule: object = {}, podSecurity: object = {}, spec: object = {}) =>
  clusterPolicy(
    {
      validationFailureAction: 'Enforce',
      rules: [kyvernoRule(rule, { podSecurity: { level: 'restricted', version: 'latest', ...podSecurity } })],
      ...spec,
    },
    'standard',
  );

/** A namespace that Kyverno guards. */
function guarded(
  objects: readonly AdmissionObject[],
  labels: Record<string, string> = {},
  { ready = true, gap }: { readonly ready?: boolean; readonly gap?: Gap } = {},
): EvaluationInput {
  const { snapshot, ...rest } = namespace(labels);
  return { ...rest, snapshot: { ...snapshot, admission: read(itemsOf(objects, ready), gap) } };
}

const subject = { kind: 'Namespace', name: 'shop' };
const none = { namespaces: [], usernames: [], runtimeClasses: [] };

describeControl(control, {
  'passes Restricted without a version': {
    given: namespace({ enforce: 'restricted' }),
    status: 'Pass',
    message:
      'Namespace shop enforces Restricted (enforce=restricted). Whether the API server exempts users or runtime classes is not known.',
  },
  'passes Restricted at the latest version': {
    given: namespace({ enforce: 'restricted', 'enforce-version': 'latest' }),
    status: 'Pass',
  },
  'passes a version as old as the profile allows': {
    given: namespace({ enforce: 'restricted', 'enforce-version': 'v1.34' }),
    status: 'Pass',
  },
  'passes a version newer than the server, which counts as the latest': {
    given: namespace({ enforce: 'restricted', 'enforce-version': 'v1.99' }),
    status: 'Pass',
  },
  'warns of a version older than the profile allows': {
    given: namespace({ enforce: 'restricted', 'enforce-version': 'v1.33' }),
    status: 'Warn',
    reason: 'PinnedVersion',
    message: 'Namespace shop enforces Restricted as of 1.33, more than 3 versions behind the server (1.37).',
    findings: [
      {
        subject,
        path: 'metadata.labels[pod-security.kubernetes.io/enforce-version]',
        observed: 'v1.33',
        message:
          'The namespace enforces Restricted as of 1.33, more than 3 versions behind the server (1.37).',
      },
    ],
  },
  'passes the same version where the profile allows it': {
    given: namespace(
      { enforce: 'restricted', 'enforce-version': 'v1.33' },
      { 'podSecurity.maxPinnedVersionLag': 4 },
    ),
    status: 'Pass',
  },
  'warns of a version that cannot be parsed, which the API server takes for the latest': {
    given: namespace({ enforce: 'restricted', 'enforce-version': '1.30' }),
    status: 'Warn',
    reason: 'InvalidLabel',
    findings: [
      {
        subject,
        path: 'metadata.labels[pod-security.kubernetes.io/enforce-version]',
        observed: '1.30',
        message:
          'The namespace enforces Restricted only because its enforce-version "1.30" is unknown, which the API server takes for the latest.',
      },
    ],
  },
  'warns of a version with a leading zero, which is none': {
    given: namespace({ enforce: 'restricted', 'enforce-version': 'v1.030' }),
    status: 'Warn',
    reason: 'InvalidLabel',
  },
  'warns of a level that cannot be parsed, which the API server takes for Restricted': {
    given: namespace({ enforce: 'Restricted' }),
    status: 'Warn',
    reason: 'InvalidLabel',
    message:
      'Namespace shop enforces Restricted only because its enforce level "Restricted" is unknown, which the API server takes for Restricted.',
  },
  'warns of Baseline that audits Restricted': {
    given: namespace({ enforce: 'baseline', audit: 'restricted' }),
    status: 'Warn',
    reason: 'BaselineEnforced',
  },
  'warns of Baseline that warns of Restricted': {
    given: namespace({ enforce: 'baseline', warn: 'restricted' }),
    status: 'Warn',
    reason: 'BaselineEnforced',
  },
  'warns of Baseline where the cluster audits Restricted by default': {
    given: namespace(
      { enforce: 'baseline' },
      { 'podSecurity.clusterDefault': { enforce: 'privileged', audit: 'restricted' } },
    ),
    status: 'Warn',
    reason: 'BaselineEnforced',
  },
  'fails Baseline alone': {
    given: namespace({ enforce: 'baseline' }),
    status: 'Fail',
    message: 'Namespace shop enforces only Baseline: enforce=baseline.',
  },
  'fails Baseline whose audit level cannot be parsed, which the API server takes for Privileged': {
    given: namespace({ enforce: 'baseline', audit: 'strict' }),
    status: 'Fail',
  },
  'fails Privileged, whatever it audits': {
    given: namespace({ enforce: 'privileged', audit: 'restricted', warn: 'restricted' }),
    status: 'Fail',
  },
  'fails a namespace without labels, also one without workloads': {
    given: namespace({}),
    status: 'Fail',
    message:
      "Namespace shop enforces no Pod Security Standard: no enforce label, and the cluster's default is privileged.",
    findings: [
      {
        subject,
        path: 'metadata.labels[pod-security.kubernetes.io/enforce]',
        observed: 'unset',
        message:
          "The namespace enforces no Pod Security Standard: no enforce label, and the cluster's default is privileged.",
      },
    ],
  },
  'passes a namespace without labels where Restricted is the default of the cluster': {
    given: namespace({}, { 'podSecurity.clusterDefault': { enforce: 'restricted' } }),
    status: 'Pass',
    message: /cluster's default is restricted/,
  },
  'fails Privileged where Restricted is the default of the cluster': {
    given: namespace({ enforce: 'privileged' }, { 'podSecurity.clusterDefault': { enforce: 'restricted' } }),
    status: 'Fail',
  },
  'warns of a namespace without labels that Kyverno holds to Restricted': {
    given: guarded([kyvernoWebhook(), standard()]),
    status: 'Warn',
    reason: 'PolicyEngine',
    message:
      "Namespace shop is held to Restricted by ClusterPolicy standard alone: no enforce label, and the cluster's default is privileged.",
  },
  'warns of Baseline where Kyverno holds the namespace to Restricted': {
    given: guarded([kyvernoWebhook(), standard({}, { version: undefined })], { enforce: 'baseline' }),
    status: 'Warn',
    reason: 'PolicyEngine',
  },
  'fails a label that asks for Privileged, whatever Kyverno does': {
    given: guarded([kyvernoWebhook(), standard()], { enforce: 'privileged' }),
    status: 'Fail',
  },
  'passes Restricted, whatever Kyverno does': {
    given: guarded([kyvernoWebhook(), standard()], { enforce: 'restricted' }),
    status: 'Pass',
  },
  ...Object.fromEntries(
    Object.entries({
      'only audits': standard({}, {}, { validationFailureAction: 'Audit' }),
      'is skipped when Kyverno fails': standard({}, {}, { failurePolicy: 'Ignore' }),
      'demands Baseline': standard({}, { level: 'baseline' }),
      'demands an older version': standard({}, { version: 'v1.29' }),
      'leaves out a part of the standard': standard({}, { exclude: [{ controlName: 'Capabilities' }] }),
      'has preconditions': standard({ preconditions: { all: [] } }),
      'has exclusions': standard({ exclude: { any: [{ clusterRoles: ['cluster-admin'] }] } }),
      'is for some pods': standard({
        match: { any: [{ resources: { kinds: ['Pod'], selector: { matchLabels: { a: 'b' } } } }] },
      }),
      'is for other namespaces': standard({
        match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['other'] } }] },
      }),
      'is written by hand': clusterPolicy({ validationFailureAction: 'Enforce', rules: [kyvernoRule()] }),
    }).map(([what, policy]) => [
      `fails where the rule of Kyverno ${what}`,
      { given: guarded([kyvernoWebhook(), policy]), status: 'Fail' as const },
    ]),
  ),
  'fails where nobody answers for Kyverno': {
    given: guarded([kyvernoWebhook(), standard()], {}, { ready: false }),
    status: 'Fail',
  },
  'fails where a PolicyException holds in the namespace': {
    given: guarded([
      kyvernoWebhook(),
      standard(),
      exception({
        exceptions: [{ policyName: 'standard', ruleNames: ['check'] }],
        match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['shop'] } }] },
      }),
    ]),
    status: 'Fail',
  },
  'fails where not all policies could be read': {
    given: guarded(
      [kyvernoWebhook(), standard()],
      {},
      { gap: { reason: 'Forbidden', message: 'PolicyExceptions may not be listed.' } },
    ),
    status: 'Fail',
  },
  'fails a namespace that is exempt, whatever its labels': {
    given: namespace(
      { enforce: 'restricted' },
      { 'podSecurity.admissionExemptions': { ...none, namespaces: ['shop'] } },
    ),
    status: 'Fail',
    reason: 'Exempted',
    message: 'Namespace shop is exempt from Pod Security Admission, so its labels have no effect.',
  },
  'names exempt users and runtime classes': {
    given: namespace(
      { enforce: 'restricted' },
      {
        'podSecurity.admissionExemptions': {
          namespaces: ['other'],
          usernames: ['deployer'],
          runtimeClasses: ['kata'],
        },
      },
    ),
    status: 'Pass',
    message:
      'Namespace shop enforces Restricted (enforce=restricted). Exempt are: user deployer, runtime class kata.',
  },
  'has nothing to add where nothing is exempt': {
    given: namespace({ enforce: 'restricted' }, { 'podSecurity.admissionExemptions': none }),
    status: 'Pass',
    message: 'Namespace shop enforces Restricted (enforce=restricted).',
  },
  'needs no workloads to be read': {
    given: input({
      namespace: { name: 'shop', labels: { [label('enforce')]: 'restricted' } },
      workloads: unread('Forbidden', 'Pods may not be listed.'),
    }),
    status: 'Pass',
  },
  'is Unknown in a scan without the Namespace object': {
    given: input({
      namespace: { name: 'shop' },
      cluster: { live: false },
      workloads: read([workload({ pods: [pod()] })]),
    }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: 'The input has no Namespace object shop, so its labels are not known.',
  },
});
