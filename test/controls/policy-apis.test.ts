import { expect } from 'chai';
import fc from 'fast-check';
import ingress from '../../src/controls/RD-2.3.1.ts';
import egress from '../../src/controls/RD-2.3.2.ts';
import byDefault from '../../src/controls/RD-2.3.3.ts';
import openness from '../../src/controls/RD-2.3.4.ts';
import { read } from '../../src/domain/snapshot.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { input, pod, podSpec, workload } from '../support/builders.ts';
import type { PolicyObject } from '../support/policy-objects.ts';
import { policies, policySource } from '../support/policy-objects.ts';

const { kubernetes, calico, global, tier, cilium, clusterwide, admin, baseline, cluster } = policies;

/** One pod `app=web` of the account `robot`, in the namespace `shop` of the team `blue`. */
const given = (objects: readonly PolicyObject[], more: SnapshotOverrides = {}) =>
  input({
    namespace: { name: 'shop', labels: { team: 'blue' } },
    serviceAccountLabels: new Map([['robot', { trusted: 'yes' }]]),
    workloads: read([
      workload({ pods: [pod({ labels: { app: 'web' }, spec: podSpec({ serviceAccountName: 'robot' }) })] }),
    ]),
    networkPolicies: policySource(objects),
    ...more,
  });

/** RD-2.3.1 to RD-2.3.4: ingress, egress, default deny, openness. */
const verdicts = (objects: readonly PolicyObject[], more: SnapshotOverrides = {}) =>
  [ingress, egress, byDefault, openness]
    .map((control) => control.evaluate(given(objects, more)))
    .map(({ status, reason }) =>
      status === 'Unknown' || reason === 'ClusterOnly' ? `${status} ${reason}` : status,
    )
    .join(', ');

const exposed = 'Fail, Fail, Fail, NotApplicable';
const isolated = 'Pass, Pass, Pass, Pass';
const narrowly = 'Pass, Pass, Warn, Pass';
const unclear = 'Unknown PartialEvidence, Unknown PartialEvidence, Unknown PartialEvidence, Pass';
const broken =
  'Unknown EvaluationError, Unknown EvaluationError, Unknown EvaluationError, Unknown EvaluationError';

const types = ['Ingress', 'Egress'];
const web = { matchLabels: { app: 'web' } };
const db = { matchLabels: { app: 'db' } };
const all = { namespaces: {} };
const anywhere = [{ networks: ['0.0.0.0/0', '::/0'] }];
const deny = { ingress: [{ action: 'Deny', from: [all] }], egress: [{ action: 'Deny', to: anywhere }] };
const passOn = { ingress: [{ action: 'Pass', from: [all] }], egress: [{ action: 'Pass', to: anywhere }] };
const allowAll = { action: 'Allow' };
const passAll = { action: 'Pass' };
const both = (rule: object) => ({ types, ingress: [rule], egress: [rule] });

const calicoCases: Record<string, [PolicyObject[], string]> = {
  'a policy without a selector isolates every pod of the namespace': [[calico({ types })], isolated],
  'a selector isolates whom it selects': [[calico({ types, selector: "app == 'web'" })], narrowly],
  'a selector isolates nobody else': [[calico({ types, selector: "app == 'db'" })], exposed],
  'unset types are ingress without rules': [[calico({})], 'Pass, Fail, Warn, Pass'],
  'unset types are egress with rules of egress alone': [
    [calico({ egress: [{ action: 'Allow', destination: { selector: "app == 'db'" } }] })],
    'Fail, Pass, Warn, Pass',
  ],
  'unset types are both with rules of both': [
    [calico({ ingress: [{ action: 'Deny' }], egress: [{ action: 'Deny' }] })],
    isolated,
  ],
  'an account isolates its pods': [[calico({ types, serviceAccountSelector: "trusted == 'yes'" })], narrowly],
  'another account isolates them not': [
    [calico({ types, serviceAccountSelector: "trusted == 'no'" })],
    exposed,
  ],
  'the name of an account selects too': [
    [calico({ types, serviceAccountSelector: "projectcalico.org/name == 'robot'" })],
    narrowly,
  ],
  'a policy of the cluster isolates every namespace': [[global({ types })], isolated],
  'a policy of the cluster selects namespaces': [
    [global({ types, namespaceSelector: "team == 'blue'" })],
    isolated,
  ],
  'and leaves the others alone': [[global({ types, namespaceSelector: "team == 'red'" })], exposed],
  'a policy of the cluster leaves out namespaces by name': [
    [global({ types, namespaceSelector: "projectcalico.org/name not in {'shop', 'kube-system'}" })],
    exposed,
  ],
  'a policy for host endpoints alone isolates no pod': [
    [global({ types, doNotTrack: true, applyOnForward: true }), global({ types, preDNAT: true }, 'other')],
    exposed,
  ],
  'a policy for forwarded traffic too is one for pods': [[global({ types, applyOnForward: true })], isolated],
  'a global() policy is for no pod': [[global({ types, selector: 'global()' })], exposed],
  'a staged policy isolates nobody': [[{ ...global({ types }), kind: 'StagedGlobalNetworkPolicy' }], exposed],
  'a rule without peers and ports allows everything': [[calico(both(allowAll))], 'Pass, Pass, Pass, Fail'],
  'a selector all() in a policy of the cluster allows the cluster': [
    [global({ types, ingress: [{ action: 'Allow', source: { selector: 'all()' } }] })],
    'Pass, Pass, Pass, Fail',
  ],
  'a selector all() in a policy of a namespace allows the namespace': [
    [calico({ types, ingress: [{ action: 'Allow', source: { selector: 'all()' } }] })],
    'Pass, Pass, Pass, Warn',
  ],
  'every namespace is the cluster': [
    [calico({ types, ingress: [{ action: 'Allow', source: { namespaceSelector: 'all()' } }] })],
    'Pass, Pass, Pass, Fail',
  ],
  'every address is everything': [
    [calico({ types, egress: [{ action: 'Allow', destination: { nets: ['0.0.0.0/0', '::/0'] } }] })],
    'Pass, Pass, Pass, Fail',
  ],
  'all but private networks is the world': [
    [
      calico({
        types,
        egress: [
          {
            action: 'Allow',
            destination: { notNets: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'] },
          },
        ],
      }),
    ],
    'Pass, Pass, Pass, Warn',
  ],
  'one address is no opening': [
    [calico({ types, egress: [{ action: 'Allow', destination: { nets: ['203.0.113.7'] } }] })],
    isolated,
  ],
  'everybody on a port is a warning': [
    [calico({ types, ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [443] } }] })],
    'Pass, Pass, Pass, Warn',
  ],
  'everybody on the ports of both protocols is everything': [
    [
      calico({
        types,
        ingress: [
          { action: 'Allow', protocol: 'TCP' },
          { action: 'Allow', protocol: 17, destination: { ports: ['1:65535'] } },
        ],
      }),
    ],
    'Pass, Pass, Pass, Warn',
  ],
  'a chosen peer is no opening': [
    [calico({ types, ingress: [{ action: 'Allow', source: { selector: "app == 'db'" } }] })],
    isolated,
  ],
  'Log decides nothing': [[calico(both({ action: 'Log' }))], isolated],
  'Pass leaves what it passes to the next tier, of which there is none': [
    [calico(both(passAll))],
    exposed.replace('NotApplicable', 'Pass'),
  ],
  'Pass before a policy of the tier takes its isolation away': [
    [calico({ ...both(passAll), order: 10 }), calico({ types, order: 20 }, 'later')],
    exposed.replace('NotApplicable', 'Pass'),
  ],
  'Pass before a policy of Kubernetes takes its isolation away': [
    [calico({ ...both(passAll), order: 10 }), kubernetes({ policyTypes: types })],
    exposed.replace('NotApplicable', 'Pass'),
  ],
  'Pass before a policy of Kubernetes for other traffic does not': [
    [
      calico({
        types: ['Ingress'],
        ingress: [{ action: 'Pass', source: { selector: "app == 'db'" } }],
        order: 10,
      }),
      kubernetes({ policyTypes: types }),
    ],
    isolated,
  ],
  'Deny before Pass isolates': [
    [calico({ ...both({ action: 'Deny' }), order: 10 }), calico({ ...both(passAll), order: 20 }, 'later')],
    isolated,
  ],
  'a tier passes to the next, which isolates': [
    [
      tier('security', 100, 'Deny'),
      global({ ...both(passAll), tier: 'security' }, 'security.pass'),
      kubernetes({ policyTypes: types }),
    ],
    isolated,
  ],
  'a tier isolates by itself': [[tier('security', 100), global({ types, tier: 'security' })], isolated],
  'a tier that passes on what nobody decides does not': [
    [tier('security', 100, 'Pass'), global({ types, tier: 'security' })],
    exposed.replace('NotApplicable', 'Pass'),
  ],
  'a rule of such a tier denies all the same': [
    [tier('security', 100, 'Pass'), global({ ...both({ action: 'Deny' }), tier: 'security' })],
    isolated,
  ],
  'a tier that is not there leaves open what its policies do': [
    [global({ types, tier: 'security' })],
    broken.replaceAll('EvaluationError', 'PartialEvidence'),
  ],
  'one object in both groups counts once': [
    [
      calico(both(allowAll), 'open'),
      { ...calico(both(allowAll), 'default.open'), apiVersion: 'crd.projectcalico.org/v1' },
    ],
    'Pass, Pass, Pass, Fail',
  ],
  'a copy of a policy of Kubernetes is passed over': [[calico({ types }, 'knp.default.web')], exposed],
};

const ciliumCases: Record<string, [PolicyObject[], string]> = {
  'the empty selector and an empty rule isolate every pod of the namespace': [
    [cilium({ endpointSelector: {}, ingress: [{}], egress: [{}] })],
    isolated,
  ],
  'sections that are empty or absent isolate nobody': [
    [cilium({ endpointSelector: {}, ingress: [] })],
    exposed.replace('NotApplicable', 'Pass'),
  ],
  'a rule of one direction isolates that one': [
    [cilium({ endpointSelector: {}, ingress: [{}] })],
    'Pass, Fail, Warn, Pass',
  ],
  'a denial isolates as well': [
    [
      cilium({
        endpointSelector: web,
        ingressDeny: [{ fromEntities: ['world'] }],
        egressDeny: [{ toCIDR: ['203.0.113.0/24'] }],
      }),
    ],
    narrowly,
  ],
  'enableDefaultDeny isolates without rules': [
    [cilium({ endpointSelector: {}, enableDefaultDeny: { ingress: true, egress: true } })],
    isolated,
  ],
  'enableDefaultDeny: false takes it back': [
    [
      cilium({
        endpointSelector: {},
        enableDefaultDeny: { ingress: false, egress: false },
        ingress: [{}],
        egress: [{}],
      }),
    ],
    exposed.replace('NotApplicable', 'Pass'),
  ],
  'several rules in one object each select their pods': [
    [
      {
        ...cilium(undefined),
        specs: [
          { endpointSelector: db, ingress: [{}] },
          { endpointSelector: web, egress: [{}] },
        ],
      },
    ],
    'Fail, Pass, Fail, Pass',
  ],
  'a source before a key is read': [
    [
      cilium({
        endpointSelector: {
          matchLabels: { 'k8s:app': 'web' },
          matchExpressions: [{ key: 'any:app', operator: 'Exists' }],
        },
        ingress: [{}],
        egress: [{}],
      }),
    ],
    narrowly,
  ],
  'labels of nodes are those of no pod': [
    [cilium({ endpointSelector: { matchLabels: { 'reserved:host': '' } }, ingress: [{}] })],
    exposed,
  ],
  'a policy for nodes isolates no pod': [
    [clusterwide({ nodeSelector: {}, ingress: [{}], egress: [{}] })],
    exposed,
  ],
  'a policy of the cluster isolates every namespace': [
    [clusterwide({ endpointSelector: {}, ingress: [{}], egress: [{}] })],
    isolated,
  ],
  'a policy of the cluster selects namespaces by name': [
    [
      clusterwide({
        endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'shop' } },
        ingress: [{}],
        egress: [{}],
      }),
    ],
    isolated,
  ],
  'a policy of the cluster selects namespaces by label, and leaves the others alone': [
    [
      clusterwide({
        endpointSelector: { matchLabels: { 'io.cilium.k8s.namespace.labels.team': 'red' } },
        ingress: [{}],
        egress: [{}],
      }),
    ],
    exposed,
  ],
  'a policy of the cluster leaves out system namespaces': [
    [
      clusterwide({
        endpointSelector: {
          matchExpressions: [
            { key: 'io.kubernetes.pod.namespace', operator: 'NotIn', values: ['kube-system'] },
          ],
        },
        ingress: [{}],
        egress: [{}],
      }),
    ],
    isolated,
  ],
  'an account selects pods': [
    [
      cilium({
        endpointSelector: { matchLabels: { 'io.cilium.k8s.policy.serviceaccount': 'robot' } },
        ingress: [{}],
        egress: [{}],
      }),
    ],
    narrowly,
  ],
  'a label that Cilium leaves out by default leaves it open': [
    [
      cilium({
        endpointSelector: { matchLabels: { 'kubernetes.io/os': 'linux' } },
        ingress: [{}],
        egress: [{}],
      }),
    ],
    unclear,
  ],
  'all entities are anybody': [
    [cilium({ endpointSelector: {}, ingress: [{ fromEntities: ['all'] }], egress: [{}] })],
    'Pass, Pass, Pass, Fail',
  ],
  'the cluster and the world are anybody': [
    [cilium({ endpointSelector: {}, ingress: [{}], egress: [{ toEntities: ['world', 'cluster'] }] })],
    'Pass, Pass, Pass, Fail',
  ],
  'the cluster is every namespace': [
    [cilium({ endpointSelector: {}, ingress: [{ fromEntities: ['cluster'] }], egress: [{}] })],
    'Pass, Pass, Pass, Fail',
  ],
  'the world is a warning': [
    [cilium({ endpointSelector: {}, ingress: [{}], egress: [{ toEntities: ['world'] }] })],
    'Pass, Pass, Pass, Warn',
  ],
  'every name is the world': [
    [cilium({ endpointSelector: {}, ingress: [{}], egress: [{ toFQDNs: [{ matchPattern: '*' }] }] })],
    'Pass, Pass, Pass, Warn',
  ],
  'chosen names are no opening': [
    [
      cilium({
        endpointSelector: {},
        ingress: [{}],
        egress: [{ toFQDNs: [{ matchPattern: '*.example.com' }] }],
      }),
    ],
    isolated,
  ],
  'every address is everything': [
    [cilium({ endpointSelector: {}, ingress: [{}], egress: [{ toCIDRSet: [{ cidr: '0.0.0.0/0' }] }] })],
    'Pass, Pass, Pass, Fail',
  ],
  'every endpoint is the namespace': [
    [cilium({ endpointSelector: {}, ingress: [{ fromEndpoints: [{}] }], egress: [{}] })],
    'Pass, Pass, Pass, Warn',
  ],
  'every endpoint of a policy of the cluster is the cluster': [
    [clusterwide({ endpointSelector: {}, ingress: [{ fromEndpoints: [{}] }], egress: [{}] })],
    'Pass, Pass, Pass, Fail',
  ],
  'every endpoint that has a namespace is the cluster': [
    [
      cilium({
        endpointSelector: {},
        ingress: [
          {
            fromEndpoints: [
              { matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' }] },
            ],
          },
        ],
        egress: [{}],
      }),
    ],
    'Pass, Pass, Pass, Fail',
  ],
  'no endpoint is nobody': [
    [cilium({ endpointSelector: {}, ingress: [{ fromEndpoints: [] }], egress: [{}] })],
    isolated,
  ],
  'a port without peers is anybody on it': [
    [
      cilium({
        endpointSelector: {},
        ingress: [{ toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] }],
        egress: [{}],
      }),
    ],
    'Pass, Pass, Pass, Warn',
  ],
  'port 0 is every port': [
    [
      cilium({
        endpointSelector: {},
        ingress: [{ toPorts: [{ ports: [{ port: '0', protocol: 'ANY' }] }] }],
        egress: [{}],
      }),
    ],
    'Pass, Pass, Pass, Fail',
  ],
  'ICMP alone is not every port': [
    [
      cilium({
        endpointSelector: {},
        ingress: [{ fromEntities: ['all'], icmps: [{ fields: [{ type: 8 }] }] }],
        egress: [{}],
      }),
    ],
    'Pass, Pass, Pass, Warn',
  ],
  'what the same policy denies to all is not opened': [
    [
      cilium({
        endpointSelector: {},
        ingress: [{ fromEntities: ['all'] }],
        ingressDeny: [{ fromEntities: ['all'] }],
        egress: [{}],
      }),
    ],
    isolated,
  ],
  'an allowance that isolates nobody is an opening': [
    [
      cilium(
        { endpointSelector: {}, enableDefaultDeny: { egress: false }, egress: [{ toEntities: ['all'] }] },
        'open',
      ),
      kubernetes({ policyTypes: types }),
    ],
    'Pass, Pass, Pass, Fail',
  ],
};

const adminCases: Record<string, [PolicyObject[], string]> = {
  'a baseline that denies everything isolates every namespace': [
    [baseline({ subject: all, ...deny })],
    isolated,
  ],
  'a baseline selects namespaces by label': [
    [baseline({ subject: { namespaces: { matchLabels: { team: 'blue' } } }, ...deny })],
    isolated,
  ],
  'and leaves the others alone': [
    [baseline({ subject: { namespaces: { matchLabels: { team: 'red' } } }, ...deny })],
    exposed,
  ],
  'a baseline selects pods': [
    [baseline({ subject: { pods: { namespaceSelector: {}, podSelector: web } }, ...deny })],
    narrowly,
  ],
  'an administrator denies everything': [[admin({ priority: 5, subject: all, ...deny })], isolated],
  'a denial of some ports isolates nobody': [
    [
      admin({
        priority: 5,
        subject: all,
        ingress: [{ action: 'Deny', from: [all], ports: [{ portNumber: { protocol: 'TCP', port: 80 } }] }],
      }),
    ],
    exposed.replace('NotApplicable', 'Pass'),
  ],
  'a denial of every port of both protocols, in two rules, isolates': [
    [
      admin({
        priority: 5,
        subject: all,
        ...deny,
        ingress: ['TCP', 'UDP'].map((protocol) => ({
          action: 'Deny',
          from: [all],
          ports: [{ portRange: { protocol, start: 1, end: 65535 } }],
        })),
      }),
    ],
    isolated,
  ],
  'a denial of some namespaces isolates nobody': [
    [
      admin({
        priority: 5,
        subject: all,
        ingress: [{ action: 'Deny', from: [{ namespaces: { matchLabels: { team: 'red' } } }] }],
      }),
    ],
    exposed.replace('NotApplicable', 'Pass'),
  ],
  'egress to pods alone is half of it': [
    [baseline({ subject: all, ...deny, egress: [{ action: 'Deny', to: [all] }] })],
    'Pass, Warn ClusterOnly, Warn, Pass',
  ],
  'egress to IPv4 alone is not all': [
    [baseline({ subject: all, ...deny, egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] }] })],
    'Pass, Fail, Warn, Pass',
  ],
  'what is passed on is left to the baseline': [
    [admin({ priority: 5, subject: all, ...passOn }), baseline({ subject: all, ...deny })],
    isolated,
  ],
  'what is passed on before it is denied is not denied': [
    [admin({ priority: 5, subject: all, ...passOn }), admin({ priority: 6, subject: all, ...deny }, 'later')],
    exposed.replace('NotApplicable', 'Pass'),
  ],
  'what is denied before it is passed on is denied': [
    [
      admin({ priority: 6, subject: all, ...passOn }),
      admin({ priority: 5, subject: all, ...deny }, 'earlier'),
    ],
    isolated,
  ],
  'two of one priority that contradict each other leave it open': [
    [admin({ priority: 5, subject: all, ...passOn }), admin({ priority: 5, subject: all, ...deny }, 'other')],
    unclear,
  ],
  'two of one priority that agree do not': [
    [admin({ priority: 5, subject: all, ...deny }), admin({ priority: 5, subject: all, ...deny }, 'other')],
    isolated,
  ],
  'what is passed on does not touch policies of namespaces': [
    [admin({ priority: 5, subject: all, ...passOn }), kubernetes({ policyTypes: types })],
    isolated,
  ],
  'what an administrator allows opens what a namespace denies': [
    [
      admin({ priority: 5, subject: all, ingress: [{ action: 'Allow', from: [all] }] }),
      kubernetes({ policyTypes: types }),
    ],
    'Pass, Pass, Pass, Fail',
  ],
  'what an administrator allows to all addresses opens it too': [
    [
      admin({ priority: 5, subject: all, egress: [{ action: 'Allow', to: anywhere }] }),
      kubernetes({ policyTypes: types }),
    ],
    'Pass, Pass, Pass, Fail',
  ],
  'what is allowed after it was denied opens nothing': [
    [
      admin({
        priority: 5,
        subject: all,
        ...deny,
        ingress: [...deny.ingress, { action: 'Allow', from: [all] }],
      }),
    ],
    isolated,
  ],
  'a policy of tier Baseline is one': [
    [cluster({ tier: 'Baseline', priority: 0, subject: all, ...deny })],
    isolated,
  ],
  'a policy of tier Admin is one': [
    [cluster({ tier: 'Admin', priority: 0, subject: all, ...deny })],
    isolated,
  ],
  'Accept opens': [
    [
      cluster({ tier: 'Admin', priority: 0, subject: all, ingress: [{ action: 'Accept', from: [all] }] }),
      kubernetes({ policyTypes: types }),
    ],
    'Pass, Pass, Pass, Fail',
  ],
  'a protocol is a part': [
    [
      cluster({
        ...{ tier: 'Baseline', priority: 0, subject: all },
        ingress: [{ action: 'Deny', from: [all], protocols: [{ tcp: {} }] }],
      }),
    ],
    exposed.replace('NotApplicable', 'Pass'),
  ],
  'both protocols are the whole': [
    [
      cluster({
        ...{ tier: 'Baseline', priority: 0, subject: all, ...deny },
        ingress: [
          {
            action: 'Deny',
            from: [all],
            protocols: [{ tcp: {} }, { udp: { destinationPort: { range: { start: 1, end: 65535 } } } }],
          },
        ],
      }),
    ],
    isolated,
  ],
};

const tables = { Calico: calicoCases, Cilium: ciliumCases, 'policies for administrators': adminCases };

describe('isolation by other policy APIs', () => {
  for (const [api, cases] of Object.entries(tables)) {
    describe(api, () => {
      for (const [sentence, [objects, expected]] of Object.entries(cases)) {
        it(sentence, () => {
          expect(verdicts(objects)).to.equal(expected);
        });
      }
    });
  }

  it('names the policy of the finding by its kind, where NetworkPolicy is Calico’s', () => {
    const { findings } = openness.evaluate(given([calico(both(allowAll), 'default.open')]));
    expect(findings.map(({ subject, path }) => `${subject.kind} ${subject.name} ${path}`)).to.deep.equal([
      'NetworkPolicy.projectcalico.org open spec.egress[0]',
      'NetworkPolicy.projectcalico.org open spec.ingress[0]',
    ]);
  });

  it('counts an object of both groups of Calico once', () => {
    const twice = [
      calico({ types }, 'a'),
      { ...calico({ types }, 'default.a'), apiVersion: 'crd.projectcalico.org/v1' },
    ];
    expect(openness.evaluate(given(twice)).message).to.equal('No policy allows everything (1 policy).');
  });

  it('says what an undecided pod depends on', () => {
    const unknowable = cilium({
      endpointSelector: { matchLabels: { 'kubernetes.io/os': 'linux' } },
      ingress: [{}],
    });
    const { message, findings } = ingress.evaluate(given([unknowable]));
    expect(message).to.match(/^Whether policies restrict ingress depends on what is not known/);
    expect(findings.map((finding) => finding.message)).to.deep.equal([
      'Whether the pod is isolated cannot be told; it depends on CiliumNetworkPolicy cilium.',
    ]);
  });

  const unknownLabels: Record<string, [PolicyObject, SnapshotOverrides]> = {
    'labels of the namespace': [
      global({ types, namespaceSelector: "team == 'blue'" }),
      { namespace: { name: 'shop' } },
    ],
    'labels of an account': [
      global({ types, serviceAccountSelector: "trusted == 'yes'" }),
      { serviceAccountLabels: new Map() },
    ],
  };
  for (const [what, [policy, more]] of Object.entries(unknownLabels)) {
    it(`does not know without ${what} what selects by them, and passes what another isolates`, () => {
      expect(verdicts([policy], more)).to.equal(unclear);
      expect(verdicts([policy, kubernetes({ policyTypes: types })], more)).to.equal(isolated);
      const open = { ...policy, spec: { ...(policy['spec'] as object), ingress: [allowAll] } };
      expect(openness.evaluate(given([open], more)).status).to.equal('Unknown');
    });
  }
});

/** Policies of every API that select the pod or not, and allow, deny or pass on. */
const anyObject = fc
  .tuple(
    fc.nat({ max: 7 }),
    fc.constantFrom('web', 'db', undefined),
    fc.constantFrom('Allow', 'Deny', 'Pass', undefined),
    fc.nat({ max: 2 }),
  )
  .map(([api, app, action, order]) => ({ api, app, action, order }));

interface Drawn {
  readonly api: number;
  readonly app: string | undefined;
  readonly action: 'Allow' | 'Deny' | 'Pass' | undefined;
  readonly order: number;
}

function objectOf({ api, app, action, order }: Drawn, index: number): PolicyObject {
  const name = `p-${index}`;
  const labels = app === undefined ? {} : { matchLabels: { app } };
  const selector = app === undefined ? 'all()' : `app == '${app}'`;
  const tiered = { types, selector, order, ...(action === undefined ? {} : both({ action })) };
  const subject = { pods: { namespaceSelector: {}, podSelector: labels } };
  const rules = (allow: string) => {
    const word = action === 'Allow' ? allow : api === 6 ? 'Deny' : (action ?? 'Deny');
    return { ingress: [{ action: word, from: [all] }], egress: [{ action: word, to: anywhere }] };
  };
  const sections =
    action === 'Deny'
      ? { ingressDeny: [{ fromEntities: ['all'] }] }
      : { ingress: action === 'Allow' ? [{ fromEntities: ['all'] }] : [{}] };
  const makers: readonly (() => PolicyObject)[] = [
    () =>
      kubernetes(
        { podSelector: labels, policyTypes: types, ...(action === 'Allow' ? { ingress: [{}] } : {}) },
        name,
      ),
    () => calico(tiered, name),
    () => global(tiered, name),
    () => cilium({ endpointSelector: labels, ...sections }, name),
    () => clusterwide({ endpointSelector: labels, ...sections }, name),
    () => admin({ priority: order, subject, ...rules('Allow') }, name),
    () => baseline({ subject, ...rules('Allow') }),
    () =>
      cluster({ tier: order > 1 ? 'Admin' : 'Baseline', priority: order, subject, ...rules('Accept') }, name),
  ];
  return (makers[api] as () => PolicyObject)();
}

describe('isolation by any policies', function () {
  this.timeout(60_000);
  const anyObjects = fc.array(anyObject, { maxLength: 5 }).map((drawn) => drawn.map(objectOf));

  it('does not depend on the order in which they are read', () => {
    fc.assert(
      fc.property(anyObjects, fc.array(fc.nat(9), { minLength: 5, maxLength: 5 }), (objects, ranks) => {
        const shuffled = objects
          .map((object, index) => ({ object, rank: ranks[index] ?? 0 }))
          .sort((a, b) => b.rank - a.rank)
          .map(({ object }) => object);
        expect(verdicts(shuffled)).to.equal(verdicts(objects));
      }),
      { numRuns: 150 },
    );
  });

  it('never passes for an API that can no longer be read', () => {
    const gap = { reason: 'Forbidden', message: 'It may not be listed.' } as const;
    fc.assert(
      fc.property(anyObjects, fc.nat(4), (objects, lost) => {
        const api = objects[lost]?.apiVersion;
        const source = { ...policySource(objects.filter(({ apiVersion }) => apiVersion !== api)), gap };
        for (const control of [ingress, egress, byDefault, openness]) {
          const before = control.evaluate(given(objects)).status;
          const after = control.evaluate(given(objects, { networkPolicies: source })).status;
          // What is evaluated on a gap is Unknown unless it fails (evaluate/): here is what fails.
          if (after === 'Fail' && control === openness) expect(before).to.equal('Fail');
          if (control !== openness) expect(after).not.to.equal('Fail');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('isolates no less for one more policy that only denies, and no more for one that passes all on', () => {
    const passing = global({ ...both(passAll), order: 0 }, 'a-first');
    const denying = kubernetes({ policyTypes: types }, 'z-last');
    fc.assert(
      fc.property(anyObjects, (objects) => {
        for (const control of [ingress, egress]) {
          const status = (these: PolicyObject[]) => control.evaluate(given(these)).status;
          if (status(objects) === 'Pass') expect(status([...objects, denying])).to.equal('Pass');
          if (status(objects) === 'Fail') expect(status([...objects, passing])).to.equal('Fail');
        }
      }),
      { numRuns: 150 },
    );
  });
});
