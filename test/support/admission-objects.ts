import type { AdmissionItem } from '../../src/domain/admission.ts';
import type { PolicyAudit } from '../../src/domain/policy-audit.ts';
import type { AdmissionEvidence } from '../../src/evidence/admission/admission-evidence.ts';
import { itemsFrom, servedKinds } from '../../src/evidence/admission/admission-kinds.ts';

export interface AdmissionObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  rest: object,
  namespace?: string,
): AdmissionObject => ({
  ...{ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } },
  ...rest,
});

const allObjects = [
  { apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*'] },
];
export const podRules = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] },
];
export const ofPods = { any: [{ resources: { kinds: ['Pod'] } }] };

const webhook = (configuration: string, name: string, namespace: string, service: string, more: object) =>
  object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', configuration, {
    webhooks: [
      {
        ...{ name, failurePolicy: 'Fail', rules: allObjects },
        clientConfig: { caBundle: 'Zm9v', service: { namespace, name: service, path: '/v1/admit' } },
        ...more,
      },
    ],
  });

/** Objects of each API, as the server gives them. */
export const admission = {
  gatekeeperWebhook: (more: object = {}) =>
    webhook(
      'gatekeeper-validating-webhook-configuration',
      'validation.gatekeeper.sh',
      'gatekeeper-system',
      'gatekeeper-webhook-service',
      {
        namespaceSelector: {
          matchExpressions: [{ key: 'admission.gatekeeper.sh/ignore', operator: 'DoesNotExist' }],
        },
        ...more,
      },
    ),
  kyvernoWebhook: (more: object = {}, suffix = 'fail') =>
    webhook(
      'kyverno-resource-validating-webhook-cfg',
      `validate.kyverno.svc-${suffix}`,
      'kyverno',
      'kyverno-svc',
      { rules: podRules, ...more },
    ),
  constraint: (spec: object = {}, rest: object = {}, name = 'repos', kind = 'K8sAllowedRepos') =>
    object('constraints.gatekeeper.sh/v1beta1', kind, name, {
      ...{ spec: { match: { kinds: [{ apiGroups: [''], kinds: ['Pod'] }] }, ...spec } },
      ...rest,
    }),
  config: (match: readonly object[], name = 'config') =>
    object('config.gatekeeper.sh/v1alpha1', 'Config', name, { spec: { match } }, 'gatekeeper-system'),
  clusterPolicy: (spec: object, name = 'labels') => object('kyverno.io/v1', 'ClusterPolicy', name, { spec }),
  policy: (spec: object, namespace: string, name = 'labels') =>
    object('kyverno.io/v1', 'Policy', name, { spec }, namespace),
  exception: (spec: object, namespace = 'policies', name = 'legacy') =>
    object('kyverno.io/v2', 'PolicyException', name, { spec }, namespace),
  cel: (kind: string, spec: object, name = 'cel', namespace?: string) =>
    object('policies.kyverno.io/v1', kind, name, { spec }, namespace),
  native: (spec: object = {}, name = 'native') =>
    object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', name, {
      spec: { matchConstraints: { resourceRules: podRules }, ...spec },
    }),
  binding: (spec: object = {}, name = 'binding') =>
    object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', name, {
      spec: { policyName: 'native', validationActions: ['Deny'], ...spec },
    }),
  report: (results: readonly object[], rest: object = {}) =>
    object('wgpolicyk8s.io/v1alpha2', 'PolicyReport', 'report', { results, ...rest }, 'shop'),
} as const;

/** A rule of a Kyverno policy that judges pods. */
export const kyvernoRule = (more: object = {}, validate: object = {}) => ({
  ...{ name: 'check', match: ofPods, validate: { message: 'No.', pattern: {}, ...validate } },
  ...more,
});

/** What the projection of its kind makes of it. */
export function evidenceOf(given: AdmissionObject): AdmissionEvidence {
  const [group = '', version = ''] = given.apiVersion.split('/');
  const plural = `${given.kind.toLowerCase()}s`.replace(/ys$/, 'ies');
  const served = { group, version, plural, namespaced: false, verbs: ['watch'] };
  const [found] = servedKinds([served]);
  if (found === undefined) throw new Error(`${given.apiVersion} ${given.kind} is not read`);
  return found.kind.project(given) ?? {};
}

/** @param ready what is known of the endpoints behind webhooks */
export const itemsOf = (
  objects: readonly AdmissionObject[],
  ready: boolean | 'unknown' = true,
): AdmissionItem[] =>
  itemsFrom(objects.map(evidenceOf)).map((item) =>
    item.is === 'webhook' && item.service !== undefined && ready !== 'unknown' ? { ...item, ready } : item,
  );

/** Of the namespace `shop`. */
export const auditsOf = (objects: readonly AdmissionObject[]): PolicyAudit[] =>
  objects.map(evidenceOf).flatMap(({ audit, report }): PolicyAudit[] => {
    if (audit === undefined) return report === undefined ? [] : [report];
    const violations = audit.violations.filter(({ namespace }) => namespace === 'shop');
    return [{ is: 'constraint', ...audit, violations }];
  });
