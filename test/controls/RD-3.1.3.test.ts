import control from '../../src/controls/RD-3.1.3.ts';
import type { LogNamespace } from '../../src/domain/log-readers.ts';
import type { Right } from '../../src/domain/rights.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { input } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';
import { logReader } from '../support/log-readers.ts';
import { clusterRight, named, right } from '../support/rights.ts';

const logging: LogNamespace = { name: 'logging', readers: [] };
const given = (rights: Right[], logNamespaces: readonly LogNamespace[] = [logging]) =>
  input({ rights: read(rights), logNamespaces });
const there = { namespace: 'logging' };

describeControl(control, {
  'passes where nothing reaches the pipeline': {
    given: given([
      right(['everything', 'changePipeline', 'escalate']),
      clusterRight(['readSecrets', 'makePods']),
    ]),
    status: 'Pass',
    message: 'No ServiceAccount of the namespace may alter the log pipeline (logging).',
  },
  'fails a role in the namespace of the pipeline': {
    given: given([right(['changePipeline', 'forwardPorts', 'write'], there)]),
    status: 'Fail',
    message: 'ServiceAccounts of the namespace may alter the log pipeline (logging).',
    findings: [
      {
        subject: { kind: 'ServiceAccount', name: 'web' },
        observed: 'Role web',
        ref: 'RoleBinding logging/binding',
        message:
          'It may change pods, workloads or configuration and forward ports of pods in namespace logging.',
      },
    ],
  },
  'fails one that names the object': {
    given: given([right([], { ...there, ...named('changePipeline') })]),
    status: 'Fail',
  },
  'fails cluster-admin through a group': {
    given: given([clusterRight(['everything', 'changePipeline'], { accounts: [], everyone: true })]),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Namespace', name: 'shop' },
        observed: 'ClusterRole web',
        ref: 'ClusterRoleBinding binding',
        message: 'Every ServiceAccount may do everything in the whole cluster.',
      },
    ],
  },
  'fails who may get there by other means': {
    given: given([clusterRight(['impersonate'])]),
    status: 'Fail',
  },
  'fails logs of pods, and kubelets in the whole cluster': {
    given: given([right(['changeLogs'], { ...there, accounts: ['web'] }), clusterRight(['proxyNodes'])]),
    status: 'Fail',
  },
  'does not mind kubelets in a namespace, where they are nothing': {
    given: given([right(['proxyNodes'], there)]),
    status: 'Pass',
  },
  'does not mind a wildcard of another API group': {
    given: given([clusterRight(['wildcard', 'write'])]),
    status: 'Pass',
  },
  'fails a role where a collector runs': {
    given: given(
      [right(['changePipeline'], { namespace: 'agents' })],
      [{ name: 'agents', readers: [logReader()] }],
    ),
    status: 'Fail',
  },
  'does not take for the pipeline where something else reads logs': {
    given: given(
      [right(['changePipeline'], { namespace: 'agents' })],
      [{ name: 'agents', readers: [logReader({ name: 'shipper', hostPath: '/var/log/pods' })] }],
    ),
    status: 'NotApplicable',
    reason: 'NoLogPipeline',
  },
  'lets the pipeline alter itself, and judges it by the others': {
    given: given([right(['changePipeline'])], [{ name: 'shop', readers: [logReader()] }, logging]),
    status: 'Pass',
  },
  'does not apply to the only namespace of the pipeline': {
    given: given([clusterRight(['everything'])], [{ name: 'shop', readers: [logReader()] }]),
    status: 'NotApplicable',
    reason: 'NoLogPipeline',
  },
  'takes the namespaces of the profile in manifests': {
    given: input({ cluster: { live: false }, rights: read([right(['enterPods'], there)]) }),
    status: 'Fail',
    message: /^ServiceAccounts of the namespace may alter the log pipeline \(fluentd and 3 others\)\.$/,
  },
  'is Unknown while roles cannot be read': {
    given: input({ rights: unread('Forbidden', 'Roles may not be listed.'), logNamespaces: [logging] }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while the namespaces of the pipeline are not known': {
    given: input({ rights: read([clusterRight(['everything'])]) }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
});
