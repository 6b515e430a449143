import control from '../../src/controls/RD-2.3.4.ts';
import type { NetworkPolicy } from '../../src/domain/network-policy.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { input, pod, template, workload } from '../support/builders.ts';
import type { ControlCase } from '../support/control-cases.ts';
import { describeControl } from '../support/control-cases.ts';
import { denyAll, policy, selecting } from '../support/policies.ts';

const web = workload({ name: 'web', pods: [pod({ labels: { app: 'web' } })] });
const given = (policies: NetworkPolicy[], more: SnapshotOverrides = {}) =>
  input({ networkPolicies: read(policies), workloads: read([web]), ...more });
const cilium = { cluster: { unreadPolicyApis: ['cilium.io'] } };
const forbidden = unread('Forbidden', 'It may not be listed.');

const ingress = (...rules: unknown[]) => given([policy('p', { policyTypes: ['Ingress'], ingress: rules })]);
const egress = (...rules: unknown[]) => given([policy('p', { policyTypes: ['Egress'], egress: rules })]);
const blocks = (...cidrs: string[]) => cidrs.map((cidr) => ({ ipBlock: { cidr } }));
const except = (cidr: string, ...holes: string[]) => [{ ipBlock: { cidr, except: holes } }];
const https = [{ port: 443 }];
const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

const finding = (path: string, observed: string, name = 'p') => ({
  subject: { kind: 'NetworkPolicy', name },
  path,
  observed,
  message: `The policy allows ${path.includes('ingress') ? 'ingress' : 'egress'} ${observed}.`,
});
const fails = (of: ControlCase['given'], path: string, observed: string): ControlCase => ({
  given: of,
  status: 'Fail',
  message: '1 of 1 selecting policy allows everything in a direction.',
  findings: [finding(path, observed)],
});
const warns = (of: ControlCase['given'], path: string, observed: string, reason?: string): ControlCase => ({
  given: of,
  status: 'Warn',
  ...(reason === undefined ? {} : { reason }),
  message: '1 of 1 selecting policy allows more than it should, though not everything.',
  findings: [finding(path, observed)],
});
const passes = (of: ControlCase['given']): ControlCase => ({
  given: of,
  status: 'Pass',
  message: 'No policy allows everything (1 policy).',
});

describeControl(control, {
  'fails ingress from anybody': fails(ingress({}), 'spec.ingress[0]', 'from anybody on every port'),
  'fails egress to anybody': fails(egress({}), 'spec.egress[0]', 'to anybody on every port'),
  'fails the one rule of several that allows everything': fails(
    ingress({ from: [{ podSelector: selecting('db') }] }, {}),
    'spec.ingress[1]',
    'from anybody on every port',
  ),
  'fails every namespace': fails(
    ingress({ from: [{ namespaceSelector: {} }] }),
    'spec.ingress[0]',
    'from every namespace on every port',
  ),
  'fails every namespace with every pod': fails(
    egress({ to: [{ namespaceSelector: {}, podSelector: {} }] }),
    'spec.egress[0]',
    'to every namespace on every port',
  ),
  'fails every namespace that has a name, which is every namespace': fails(
    egress({
      to: [
        {
          namespaceSelector: {
            matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'Exists' }],
          },
        },
      ],
    }),
    'spec.egress[0]',
    'to every namespace on every port',
  ),
  'fails one open peer among narrow ones': fails(
    ingress({ from: [{ podSelector: selecting('db') }, { namespaceSelector: {} }] }),
    'spec.ingress[0]',
    'from every namespace on every port',
  ),
  'fails egress to every IPv4 address': fails(
    egress({ to: blocks('0.0.0.0/0') }),
    'spec.egress[0]',
    'to every address on every port',
  ),
  'fails egress to every IPv6 address': fails(
    egress({ to: blocks('::/0') }),
    'spec.egress[0]',
    'to every address on every port',
  ),
  'fails ingress from every address on every port, whoever stands before the pods': fails(
    ingress({ from: blocks('0.0.0.0/0', '::/0') }),
    'spec.ingress[0]',
    'from every address on every port',
  ),
  'fails two blocks that are everything together': fails(
    egress({ to: blocks('0.0.0.0/1', '128.0.0.0/1') }),
    'spec.egress[0]',
    'to every address on every port',
  ),
  'fails an exception that leaves out next to nothing': fails(
    egress({ to: except('0.0.0.0/0', '169.254.169.254/32') }),
    'spec.egress[0]',
    'to every address on every port',
  ),
  'fails an exception that another block undoes': fails(
    egress({
      to: [
        ...except('0.0.0.0/0', ...privateNetworks),
        ...blocks('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'),
      ],
    }),
    'spec.egress[0]',
    'to every address on every port',
  ),
  'fails every port of TCP and UDP like no ports': fails(
    ingress({ ports: [{ protocol: 'TCP' }, { protocol: 'UDP', port: 1, endPort: 65535 }] }),
    'spec.ingress[0]',
    'from anybody on every port',
  ),
  'fails ranges that are every port together': fails(
    egress({ ports: [{ port: 1024, endPort: 65535 }, { port: 1, endPort: 1023 }, { protocol: 'UDP' }] }),
    'spec.egress[0]',
    'to anybody on every port',
  ),
  'fails the allow-all beside the default deny': {
    given: given([denyAll, policy('allow-all', { ingress: [{}] })]),
    status: 'Fail',
    message: '1 of 2 selecting policies allows everything in a direction.',
    findings: [finding('spec.ingress[0]', 'from anybody on every port', 'allow-all')],
  },
  'fails a policy in an empty namespace that will select every pod': {
    given: given([policy('p', { ingress: [{}] })], { workloads: read([]) }),
    status: 'Fail',
  },
  'fails a policy that selects a template without pods': {
    given: given([policy('p', { podSelector: selecting('web'), ingress: [{}] })], {
      workloads: read([workload({ template: template({ labels: { app: 'web' } }) })]),
    }),
    status: 'Fail',
  },
  'fails whatever other policy APIs there are': {
    given: given([policy('p', { ingress: [{}] })], cilium),
    status: 'Fail',
  },
  'fails two halves in two rules, at the list of rules': {
    given: egress({ to: blocks('0.0.0.0/1') }, { to: blocks('128.0.0.0/1') }),
    status: 'Fail',
    findings: [finding('spec.egress', 'to every address on every port')],
  },

  'warns of ingress from anybody on some ports': warns(
    ingress({ ports: [{ port: 80 }, { port: 'metrics' }, { protocol: 'UDP', port: 5000, endPort: 5010 }] }),
    'spec.ingress[0]',
    'from anybody on TCP 80, TCP metrics, UDP 5000-5010',
  ),
  'warns of egress to anybody on every port of one protocol': warns(
    egress({ ports: [{}] }),
    'spec.egress[0]',
    'to anybody on every TCP port',
  ),
  'warns of every namespace on some ports': warns(
    egress({ to: [{ namespaceSelector: {} }], ports: https }),
    'spec.egress[0]',
    'to every namespace on TCP 443',
  ),
  'warns of every address on some ports': warns(
    egress({ to: blocks('0.0.0.0/0'), ports: https }),
    'spec.egress[0]',
    'to every address on TCP 443',
  ),
  'warns of the whole namespace on every port': warns(
    ingress({ from: [{ podSelector: {} }] }),
    'spec.ingress[0]',
    'from every pod of the namespace on every port',
  ),
  'warns of egress to the internet alone': warns(
    egress({ to: except('0.0.0.0/0', ...privateNetworks) }),
    'spec.egress[0]',
    'to every address outside private networks on every port',
  ),
  'warns of egress to the internet and some private networks': warns(
    egress({ to: except('0.0.0.0/0', '10.0.0.0/8') }),
    'spec.egress[0]',
    'to every address outside private networks on every port',
  ),
  'warns of egress to the internet of IPv6 alone': warns(
    egress({ to: blocks('2000::/3') }),
    'spec.egress[0]',
    'to every address outside private networks on every port',
  ),
  'warns of ingress from the internet on some ports': warns(
    ingress({ from: blocks('0.0.0.0/0'), ports: https }),
    'spec.ingress[0]',
    'from every address on TCP 443',
    'Exposed',
  ),
  'warns of ingress from the internet without private networks on some ports': warns(
    ingress({ from: except('0.0.0.0/0', ...privateNetworks), ports: https }),
    'spec.ingress[0]',
    'from every address outside private networks on TCP 443',
    'Exposed',
  ),

  'passes a default deny': passes(given([denyAll])),
  'passes chosen pods on every port': passes(ingress({ from: [{ podSelector: selecting('db') }] })),
  'passes chosen pods of every namespace': passes(
    egress({ to: [{ namespaceSelector: {}, podSelector: selecting('kube-dns') }], ports: [{ port: 53 }] }),
  ),
  'passes chosen namespaces': passes(ingress({ from: [{ namespaceSelector: selecting('team') }] })),
  'passes the whole namespace on some ports': passes(ingress({ from: [{ podSelector: {} }], ports: https })),
  'passes egress to the internet alone on some ports': passes(
    egress({ to: except('0.0.0.0/0', ...privateNetworks), ports: https }),
  ),
  'passes a block that is small': passes(egress({ to: blocks('203.0.113.0/24', '2001:db8::/32') })),
  'passes a rule in a direction that the policy does not have': passes(
    given([policy('p', { policyTypes: ['Ingress'], egress: [{}] })]),
  ),
  'passes when the policy that allows everything selects nothing': {
    given: given([denyAll, policy('other', { podSelector: selecting('db'), ingress: [{}] })]),
    status: 'Pass',
    message: 'No policy allows everything (1 policy).',
  },
  'passes while the workloads cannot be read, when no policy allows everything whomever it selects': {
    given: given([denyAll, policy('web', { podSelector: selecting('web') })], { workloads: forbidden }),
    status: 'Pass',
    message: 'No policy allows everything (2 policies).',
  },

  'does not apply where no policy is': {
    given: given([]),
    status: 'NotApplicable',
    reason: 'NoPolicies',
    message: 'No network policy selects a pod of namespace shop.',
  },
  'does not apply where no policy selects a pod': {
    given: given([policy('db', { podSelector: selecting('db'), ingress: [{}] })]),
    status: 'NotApplicable',
    reason: 'NoPolicies',
  },
  'is Unknown instead of passing where another policy API may allow everything': {
    given: given([denyAll], cilium),
    status: 'Unknown',
    reason: 'PartialEvidence',
    message: 'Policies of cilium.io exist in this cluster and are not read.',
  },
  'is Unknown where only another policy API is': {
    given: given([], cilium),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'is Unknown instead of warning where another policy API may allow everything': {
    given: given([policy('p', { ingress: [{ ports: https }] })], cilium),
    status: 'Unknown',
    reason: 'PartialEvidence',
    findings: [finding('spec.ingress[0]', 'from anybody on TCP 443')],
  },
  'is Unknown while the policies cannot be read': {
    given: given([], { networkPolicies: forbidden }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown when it depends on workloads that cannot be read': {
    given: given([policy('web', { podSelector: selecting('web'), ingress: [{}] })], { workloads: forbidden }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown when a block cannot be read': {
    given: egress({ to: blocks('10.0.0.0') }),
    status: 'Unknown',
    reason: 'EvaluationError',
    message: 'NetworkPolicy p has the block "10.0.0.0", which cannot be read.',
  },
  'fails a rule beside a block that cannot be read': {
    given: egress({ to: blocks('10.0.0.0') }, {}),
    status: 'Fail',
  },
});
