import control from '../../src/controls/RD-2.2.19.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Finding } from '../../src/domain/verdict.ts';
import type { AdmissionObject } from '../support/admission-objects.ts';
import { admission, itemsOf, kyvernoRule } from '../support/admission-objects.ts';
import type { ControlCase } from '../support/control-cases.ts';
import { describeControl } from '../support/control-cases.ts';
import { input } from '../support/builders.ts';

const {
  binding,
  cel,
  clusterPolicy,
  config,
  constraint,
  exception,
  gatekeeperWebhook,
  kyvernoWebhook,
  native,
} = admission;

const given = (objects: readonly AdmissionObject[], labels: Record<string, string> = {}) =>
  input({ namespace: { name: 'shop', labels }, admission: read(itemsOf(objects)) });
const passing = (objects: readonly AdmissionObject[]): ControlCase => ({
  given: given(objects),
  status: 'Pass',
  message: 'Nothing exempts namespace shop from a policy for pods.',
});
const asked = (
  objects: readonly AdmissionObject[],
  kind: string,
  name: string,
  message: string,
): ControlCase => ({
  given: given(objects),
  status: 'Manual',
  reason: 'NotAttested',
  message:
    'To be answered by a person: is the exemption from policies that applies here justified? Nobody has attested it.',
  findings: [{ subject: { kind, name }, message }],
});
const label = 'admission.gatekeeper.sh/ignore';
const labelled: Finding = {
  subject: { kind: 'Namespace', name: 'shop' },
  path: `metadata.labels[${label}]`,
  observed: 'yes',
  message: 'Gatekeeper is not asked about it.',
};
const excludes = 'It excludes the namespace.';
const selecting = (expression: object) => ({
  match: { namespaceSelector: { matchExpressions: [expression] } },
});
const kyverno = (rule: object, spec: object = {}) => clusterPolicy({ ...spec, rules: [kyvernoRule(rule)] });
const exceptions = [{ policyName: 'labels', ruleNames: ['check'] }];
const forShop = { any: [{ resources: { kinds: ['Pod'], namespaces: ['shop'] } }] };

describeControl(control, {
  'passes policies that except nobody': passing([
    gatekeeperWebhook(),
    constraint(),
    kyvernoWebhook(),
    kyverno({}),
    native(),
    binding(),
  ]),
  'asks about a PolicyException for the namespace, wherever it stands': asked(
    [kyverno({}), exception({ exceptions, match: forShop })],
    'PolicyException',
    'legacy',
    'It exempts from labels, for the whole namespace.',
  ),
  'asks about one for some objects': asked(
    [
      kyverno({}),
      exception({ exceptions, match: { any: [{ resources: { namespaces: ['shop'], names: ['old-*'] } }] } }),
    ],
    'PolicyException',
    'legacy',
    'It exempts from labels, for some objects or under conditions.',
  ),
  'asks about one that says in expressions what it is for': asked(
    [
      kyverno({}),
      cel('PolicyException', {
        policyRefs: ['a', 'b', 'c', 'd'].map((name) => ({ name, kind: 'ValidatingPolicy' })),
        matchConditions: [{ name: 'one', expression: 'object.metadata.name == "x"' }],
      }),
    ],
    'PolicyException',
    'cel',
    'It exempts from a, b, c and others, for some objects or under conditions.',
  ),
  'passes over one for another namespace that stands in this one': passing([
    kyverno({}),
    exception({ exceptions, match: { any: [{ resources: { namespaces: ['other'] } }] } }, 'shop'),
  ]),
  "asks about Gatekeeper's Config": asked(
    [constraint(), config([{ excludedNamespaces: ['s*'], processes: ['webhook'] }])],
    'Config',
    'config',
    'It exempts from every constraint, for the whole namespace.',
  ),
  'asks about an exclusion from the audit alone': asked(
    [constraint(), config([{ excludedNamespaces: ['shop'], processes: ['audit'] }])],
    'Config',
    'config',
    'It exempts from the audit of every constraint, for the whole namespace.',
  ),
  'passes over what the Config excludes from neither': passing([
    constraint(),
    config([{ excludedNamespaces: ['shop'], processes: ['sync', 'mutation-webhook'] }]),
  ]),
  'asks about a constraint that excludes the namespace by name': asked(
    [constraint({ match: { excludedNamespaces: ['shop'] } })],
    'K8sAllowedRepos',
    'repos',
    excludes,
  ),
  'asks about a constraint that excludes it by a label': asked(
    [constraint(selecting({ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['shop'] }))],
    'K8sAllowedRepos',
    'repos',
    excludes,
  ),
  'passes a constraint that is meant for others': passing([
    constraint(selecting({ key: 'team', operator: 'In', values: ['blue'] })),
    constraint({ match: { namespaces: ['other'] } }, {}, 'others'),
  ]),
  'passes over rules for other objects': passing([
    constraint({ match: { excludedNamespaces: ['shop'], kinds: [{ kinds: ['Service'] }] } }),
  ]),
  'asks about a policy that excludes the namespace': asked(
    [kyverno({ exclude: { resources: { namespaces: ['shop'] } } })],
    'ClusterPolicy',
    'labels',
    excludes,
  ),
  'asks about a policy that excludes some of its objects': asked(
    [
      kyverno({
        exclude: { all: [{ resources: { namespaces: ['shop'] } }, { resources: { selector: {} } }] },
      }),
    ],
    'ClusterPolicy',
    'labels',
    'It excludes some objects of the namespace.',
  ),
  'passes over who is excluded everywhere': passing([
    kyverno({ exclude: { any: [{ clusterRoles: ['cluster-admin'] }] } }),
  ]),
  'asks about a policy that is softer here': asked(
    [
      kyverno(
        {},
        {
          validationFailureAction: 'Enforce',
          validationFailureActionOverrides: [{ action: 'Audit', namespaces: ['shop'] }],
        },
      ),
    ],
    'ClusterPolicy',
    'labels',
    'It denies elsewhere, and only tells here.',
  ),
  'asks about a webhook that leaves the namespace out': asked(
    [
      kyvernoWebhook({
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['shop'] }],
        },
      }),
    ],
    'ValidatingWebhookConfiguration',
    'kyverno-resource-validating-webhook-cfg',
    'Kyverno is not asked about the namespace: its webhook leaves it out.',
  ),
  'asks about the label that Gatekeeper passes over, once': {
    given: given([gatekeeperWebhook(), constraint()], { [label]: 'yes' }),
    status: 'Manual',
    reason: 'NotAttested',
    findings: [labelled],
  },
  'asks about a variant of pod security by name': asked(
    [constraint({}, {}, 'psp-shop-privileged', 'K8sPSPPrivilegedContainer')],
    'K8sPSPPrivilegedContainer',
    'psp-shop-privileged',
    'It is a looser rule for this namespace by name.',
  ),
  'asks about several at once': {
    given: given([constraint({ match: { excludedNamespaces: ['shop'] } }), gatekeeperWebhook()], {
      [label]: 'yes',
    }),
    status: 'Manual',
    reason: 'NotAttested',
    message: /: are the 2 exemptions from policies that apply here justified\?/,
    findings: [{ subject: { kind: 'K8sAllowedRepos', name: 'repos' }, message: excludes }, labelled],
  },
  'does not apply where there is no policy': {
    given: given([], { [label]: 'yes' }),
    status: 'NotApplicable',
    reason: 'NoPolicyEngine',
  },
  'does not know while they cannot be read': {
    given: input({ admission: unread('Forbidden', 'They may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not know without the labels of the namespace': {
    given: input({ namespace: { name: 'shop' } }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
});
