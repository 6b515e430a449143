import control from '../../src/controls/RD-3.4.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { AdmissionObject } from '../support/admission-objects.ts';
import { admission, itemsOf, kyvernoRule } from '../support/admission-objects.ts';
import type { ControlCase } from '../support/control-cases.ts';
import { describeControl } from '../support/control-cases.ts';
import { input } from '../support/builders.ts';

const { binding, cel, clusterPolicy, config, constraint, gatekeeperWebhook, kyvernoWebhook, native, policy } =
  admission;

interface Around {
  readonly ready?: boolean | 'unknown';
  readonly labels?: Record<string, string>;
}

const given = (objects: readonly AdmissionObject[], { ready = true, labels = {} }: Around = {}) =>
  input({ namespace: { name: 'shop', labels }, admission: read(itemsOf(objects, ready)) });

const enforced = clusterPolicy({ validationFailureAction: 'Enforce', rules: [kyvernoRule()] });
const notNamed = (...names: string[]) => ({
  namespaceSelector: {
    matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: names }],
  },
});

const of = (
  status: ControlCase['status'],
  objects: readonly AdmissionObject[],
  more: Partial<ControlCase> = {},
  around: Around = {},
): ControlCase => ({ given: given(objects, around), status, ...more });

describeControl(control, {
  'passes a constraint that denies, and names what only tells beside it': of(
    'Pass',
    [gatekeeperWebhook(), constraint(), constraint({ enforcementAction: 'warn' }, {}, 'tags', 'K8sTags')],
    { message: 'Enforced for pods: K8sAllowedRepos repos; not enforced: K8sTags tags.' },
  ),
  'passes a policy of Kyverno': of('Pass', [kyvernoWebhook(), enforced]),
  'passes a rule that enforces by itself': of('Pass', [
    kyvernoWebhook(),
    clusterPolicy({ rules: [kyvernoRule({}, { failureAction: 'Enforce' })] }),
  ]),
  'passes a policy of the namespace': of('Pass', [
    kyvernoWebhook(),
    policy({ validationFailureAction: 'enforce', rules: [kyvernoRule()] }, 'shop'),
  ]),
  'passes a ValidatingPolicy, which denies unless it says otherwise': of('Pass', [
    kyvernoWebhook({ name: 'vpol.validate.kyverno.svc-fail' }),
    cel('ValidatingPolicy', { matchConstraints: { resourceRules: [podRule()] } }),
  ]),
  'passes a bound ValidatingAdmissionPolicy, which no webhook stands behind': of(
    'Pass',
    [native(), binding()],
    { message: 'Enforced for pods: ValidatingAdmissionPolicyBinding binding.' },
  ),
  'passes a scoped constraint that denies at admission': of('Pass', [
    gatekeeperWebhook(),
    constraint({
      enforcementAction: 'scoped',
      scopedEnforcementActions: [
        { action: 'deny', enforcementPoints: [{ name: 'validation.gatekeeper.sh' }] },
        { action: 'warn', enforcementPoints: [{ name: 'audit.gatekeeper.sh' }] },
      ],
    }),
  ]),
  'passes a namespace that an override makes enforced': of('Pass', [
    kyvernoWebhook(),
    clusterPolicy({
      validationFailureActionOverrides: [{ action: 'Enforce', namespaces: ['sh*'] }],
      rules: [kyvernoRule()],
    }),
  ]),
  'names five rules and counts the others': of(
    'Pass',
    [gatekeeperWebhook(), ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => constraint({}, {}, name))],
    { message: /K8sAllowedRepos e and 2 more\.$/ },
  ),
  'warns of policies that only audit': of(
    'Warn',
    [kyvernoWebhook(), clusterPolicy({ rules: [kyvernoRule()] })],
    {
      message: '1 rule for pods cannot be relied on, and no other denies anything: ClusterPolicy labels.',
      findings: [
        {
          subject: { kind: 'ClusterPolicy', name: 'labels' },
          message: 'It does not hold in this namespace for sure: it does not deny.',
        },
      ],
    },
  ),
  'warns of a webhook that fails open': of('Warn', [
    gatekeeperWebhook({ failurePolicy: 'Ignore' }),
    constraint(),
  ]),
  'warns of a policy that fails open': of('Warn', [
    kyvernoWebhook({}, 'fail'),
    clusterPolicy({
      ...{ validationFailureAction: 'Enforce', rules: [kyvernoRule()] },
      webhookConfiguration: { failurePolicy: 'Ignore' },
    }),
  ]),
  'warns of a binding that audits': of('Warn', [native(), binding({ validationActions: ['Warn', 'Audit'] })]),
  'warns of an override that softens it here': of('Warn', [
    kyvernoWebhook(),
    clusterPolicy({
      ...{ validationFailureAction: 'Enforce', rules: [kyvernoRule()] },
      validationFailureActionOverrides: [{ action: 'Audit', namespaces: ['shop'] }],
    }),
  ]),
  'warns where Pod Security Admission stands alone': of(
    'Warn',
    [],
    { reason: 'PodSecurityOnly' },
    { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  ),
  'fails without any policy': of('Fail', [], {
    message: 'No policy engine holds a rule for the pods of namespace shop.',
  }),
  'fails with a weaker Pod Security level alone': of(
    'Fail',
    [],
    {},
    { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
  ),
  'fails with an engine that has no rules': of('Fail', [gatekeeperWebhook()]),
  'fails with rules for other objects': of('Fail', [
    gatekeeperWebhook(),
    constraint({ match: { kinds: [{ apiGroups: [''], kinds: ['Service'] }] } }),
    kyvernoWebhook(),
    clusterPolicy({
      ...{ validationFailureAction: 'Enforce' },
      rules: [kyvernoRule({ match: { any: [{ resources: { kinds: ['Namespace/*', 'Pod/exec'] } }] } })],
    }),
    native({ matchConstraints: { resourceRules: [{ ...podRule(), operations: ['UPDATE'] }] } }),
    binding(),
  ]),
  'fails with a policy that nothing binds': of('Fail', [native()]),
  'fails with rules for other namespaces': of('Fail', [
    gatekeeperWebhook(),
    constraint({ match: { namespaces: ['other'] } }),
    kyvernoWebhook(),
    policy({ validationFailureAction: 'Enforce', rules: [kyvernoRule()] }, 'other'),
    native(),
    binding({ matchResources: { namespaceSelector: { matchLabels: { team: 'blue' } } } }),
  ]),
  'fails where a constraint excludes the namespace': of('Fail', [
    gatekeeperWebhook(),
    constraint({ match: { excludedNamespaces: ['sh*'] } }),
  ]),
  'fails where a policy excludes the namespace': of('Fail', [
    kyvernoWebhook(),
    clusterPolicy({
      ...{ validationFailureAction: 'Enforce' },
      rules: [kyvernoRule({ exclude: { any: [{ resources: { namespaces: ['shop'] } }] } })],
    }),
  ]),
  'passes where a policy excludes some of its pods': of('Pass', [
    kyvernoWebhook(),
    clusterPolicy({
      ...{ validationFailureAction: 'Enforce' },
      rules: [kyvernoRule({ exclude: { any: [{ resources: { namespaces: ['shop'], names: ['x'] } }] } })],
    }),
  ]),
  "fails where Gatekeeper's Config excludes the namespace": of(
    'Fail',
    [gatekeeperWebhook(), constraint(), config([{ excludedNamespaces: ['shop'], processes: ['*'] }])],
    {
      findings: [
        {
          subject: { kind: 'K8sAllowedRepos', name: 'repos' },
          message: 'It does not hold in this namespace for sure: Config config excludes the namespace.',
        },
      ],
    },
  ),
  'passes where the Config excludes it from the audit, or has another name than Gatekeeper reads': of(
    'Pass',
    [
      gatekeeperWebhook(),
      constraint(),
      config([{ excludedNamespaces: ['shop'], processes: ['audit'] }]),
      config([{ excludedNamespaces: ['shop'], processes: ['*'] }], 'other'),
    ],
  ),
  'fails where the namespace bears the label by which the webhook passes over it': of(
    'Fail',
    [gatekeeperWebhook(), constraint()],
    { message: /^1 rule for pods would deny, and nobody asks for it here/ },
    { labels: { 'admission.gatekeeper.sh/ignore': 'true' } },
  ),
  'fails where the webhook leaves it out by name': of('Fail', [kyvernoWebhook(notNamed('shop')), enforced]),
  'fails where nothing is ready behind the webhook': of(
    'Fail',
    [gatekeeperWebhook(), constraint()],
    {
      findings: [
        {
          subject: { kind: 'K8sAllowedRepos', name: 'repos' },
          message:
            'It does not hold in this namespace for sure: validation.gatekeeper.sh has no ready endpoint.',
        },
      ],
    },
    { ready: false },
  ),
  'fails where no webhook asks the engine': of('Fail', [constraint()]),
  'fails where the webhook is for other objects': of('Fail', [
    kyvernoWebhook({ rules: [{ ...podRule(), resources: ['services'] }] }),
    enforced,
  ]),
  'passes a policy that has a webhook of its own': of('Pass', [
    kyvernoWebhook({}, 'fail-finegrained-labels'),
    enforced,
  ]),
  'fails where the only webhook is that of another policy': of('Fail', [
    kyvernoWebhook({}, 'fail-finegrained-other'),
    enforced,
  ]),
  "fails where Kyverno's webhook is that of its other policies": of('Fail', [
    kyvernoWebhook({ name: 'vpol.validate.kyverno.svc-fail' }),
    enforced,
  ]),
  'fails a ValidatingPolicy that only the webhook of other policies is for': of('Fail', [
    kyvernoWebhook(),
    cel('ValidatingPolicy', { matchConstraints: { resourceRules: [podRule()] } }),
  ]),
  'does not take the webhook of one engine for that of another': of('Fail', [kyvernoWebhook(), constraint()]),
  'does not know of a webhook whose endpoints are not known': of(
    'Unknown',
    [gatekeeperWebhook(), constraint()],
    { reason: 'NoEvidence' },
    { ready: 'unknown' },
  ),
  'does not know of a webhook outside the cluster': of(
    'Unknown',
    [gatekeeperWebhook({ clientConfig: { url: 'https://policies.example/' } }), constraint()],
    { reason: 'NoEvidence' },
  ),
  'does not know what Kubewarden demands': of(
    'Unknown',
    [kyvernoWebhook({ name: 'clusterwide-psp.kubewarden.admission' })],
    { reason: 'PartialEvidence' },
  ),
  'does not know while a kind may not be read': {
    given: input({
      admission: {
        available: true,
        items: [],
        gap: { reason: 'Forbidden', message: 'It may not be listed.' },
      },
    }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'It may not be listed.',
  },
  'does not know without any of them': {
    given: input({ admission: unread('NoEvidence', 'None was read.') }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know without the labels of the namespace': {
    given: input({ namespace: { name: 'shop' } }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
});

function podRule() {
  return { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
}
