import control from '../../src/controls/RD-2.2.4.ts';
import type { BoundClaim, Source } from '../../src/domain/snapshot.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import { input, pod, podSpec, template, workload } from '../support/builders.ts';
import { commonCases, describeControl, podOf, podWith, templateOf } from '../support/control-cases.ts';

const hostPath = (path: string) => ({ volumes: [{ name: 'host', hostPath: { path } }] });
const subject = { kind: 'Deployment', name: 'app' };

const claiming = workload({ template: template({ claims: ['data'] }) });
const running = workload({
  pods: [pod({ claims: ['data'] }), pod({ name: 'app-1', claims: ['data', 'logs'] })],
});
const onNode: BoundClaim = { claim: 'data', volume: 'pv-1', hostPath: '/srv/data' };

const given = (subjects: Workload[], volumes: Source<BoundClaim>, live = true) =>
  input({ workloads: read(subjects), volumes, cluster: { live } });

/** Finding severity by path on the node. */
const severities: Record<string, 'critical' | 'high'> = {
  '/': 'critical',
  '/etc': 'critical',
  '/etc/kubernetes/': 'critical',
  '/proc': 'critical',
  '/sys/fs/cgroup': 'critical',
  '/var/lib/kubelet': 'critical',
  '/var/lib': 'critical',
  '/var/run/docker.sock': 'critical',
  '/run/containerd/containerd.sock': 'critical',
  '/var/run/crio/crio.sock': 'critical',
  '/var/run': 'critical',
  '/srv/../etc': 'critical',
  '//etc//': 'critical',
  '/etcetera': 'high',
  '/var/log': 'high',
  '/srv/data': 'high',
};

describeControl(control, {
  ...commonCases(podWith({}), podWith({}, hostPath('/srv'))),
  ...Object.fromEntries(
    Object.entries(severities).map(([path, severity]) => [
      `fails ${path} with severity ${severity}`,
      {
        given: templateOf(podWith({}, hostPath(path))),
        status: 'Fail' as const,
        findings: [
          {
            subject,
            path: 'spec.template.spec.volumes[0].hostPath',
            observed: path,
            message: `Volume "host" is the node's ${path}; no container mounts it.`,
            severity,
          },
        ],
      },
    ]),
  ),
  'names who mounts it, and does not excuse a read-only mount': {
    given: podOf({
      spec: {
        ...hostPath('/srv'),
        initContainers: [{ name: 'init', volumeMounts: [{ name: 'other', mountPath: '/x' }] }],
        containers: [
          { name: 'reader', volumeMounts: [{ name: 'host', mountPath: '/srv', readOnly: true }] },
          { name: 'writer', volumeMounts: [{ name: 'host', mountPath: '/srv' }] },
        ],
      },
    }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0' },
        path: 'spec.volumes[0].hostPath',
        observed: '/srv',
        message: `Volume "host" is the node's /srv; mounted by reader (read-only), writer.`,
        severity: 'high',
      },
    ],
  },
  'passes claims that are bound to network storage': {
    given: given([running], read([{ claim: 'data', volume: 'pv-1' }])),
    status: 'Pass',
    message: 'No pod has a hostPath volume (1 workload).',
  },
  'passes a claim that is not bound': { given: given([running], read([])), status: 'Pass' },
  'warns of a claim of live pods that is bound to a hostPath volume': {
    given: given([running], read([onNode])),
    status: 'Warn',
    reason: 'NodeVolume',
    message:
      'No pod has a hostPath volume of its own. 1 of 1 workload uses a claim that is bound to a directory of a node.',
    findings: [
      {
        subject,
        example: 'app-0',
        observed: 'hostPath /srv/data',
        message: 'Claim data is bound to volume pv-1, which is a directory of a node.',
        severity: 'medium',
        ref: 'PersistentVolume/pv-1',
      },
    ],
  },
  'warns of a claim that is bound to a local volume, and names a pod that has it': {
    given: given([running], read([{ claim: 'logs', volume: 'pv-2', local: '/mnt/ssd' }])),
    status: 'Warn',
    reason: 'NodeVolume',
    findings: [
      {
        subject,
        example: 'app-1',
        observed: 'local /mnt/ssd',
        message: 'Claim logs is bound to volume pv-2, which is a directory of a node.',
        severity: 'medium',
        ref: 'PersistentVolume/pv-2',
      },
    ],
  },
  'warns of a claim of a template without live pods': {
    given: given([claiming], read([onNode])),
    status: 'Warn',
    reason: 'NodeVolume',
  },
  'says both when another workload complies only by mutation': {
    given: given(
      [
        running,
        workload({
          name: 'other',
          pods: [pod()],
          template: template({
            spec: podSpec({ volumes: [{ index: 0, name: 'host', sources: ['hostPath'], hostPath: '/srv' }] }),
          }),
        }),
      ],
      read([onNode]),
    ),
    status: 'Warn',
    reason: 'CompliantByMutation',
    message:
      '1 of 2 workloads complies only in its live pods: its template uses hostPath volumes. 1 of 2 workloads uses a claim that is bound to a directory of a node.',
  },
  'is Unknown in a cluster when claims are named and volumes cannot be read': {
    given: given(
      [running, workload({ name: 'other', pods: [pod()] })],
      unread('Forbidden', 'PersistentVolumes may not be listed.'),
    ),
    status: 'Unknown',
    reason: 'Forbidden',
    message:
      '1 of 2 workloads names a volume claim, and what is behind them could not be read: PersistentVolumes may not be listed.',
  },
  'passes in a cluster when nobody names a claim, whether volumes can be read or not': {
    given: given([workload({ pods: [pod()] })], unread('Forbidden', 'PersistentVolumes may not be listed.')),
    status: 'Pass',
  },
  'fails a hostPath whether volumes can be read or not': {
    given: input({
      workloads: read([
        workload({
          template: template({
            claims: ['data'],
            spec: podSpec({ volumes: [{ index: 0, name: 'host', sources: ['hostPath'], hostPath: '/srv' }] }),
          }),
        }),
      ]),
      volumes: unread('Forbidden', 'PersistentVolumes may not be listed.'),
    }),
    status: 'Fail',
  },
  'does not know in a scan what is behind a claim whose volume is not in the input': {
    given: given([claiming], read([]), false),
    status: 'Unknown',
    reason: 'PartialEvidence',
    message: 'No pod has a hostPath volume. 1 of 1 workload names a claim whose volume was not in the input.',
    findings: [{ subject, observed: 'data', message: 'What claim data is bound to was not in the input.' }],
  },
  'nor where only the volume of this claim is missing': {
    given: given([claiming], read([{ claim: 'other', volume: 'pv-9', hostPath: '/srv' }]), false),
    status: 'Unknown',
    reason: 'PartialEvidence',
    findings: [{ subject, observed: 'data', message: 'What claim data is bound to was not in the input.' }],
  },
  'nor where another claim is bound to a directory of a node, which it tells': {
    given: given([workload({ template: template({ claims: ['data', 'logs'] }) })], read([onNode]), false),
    status: 'Unknown',
    reason: 'PartialEvidence',
    message:
      'No pod has a hostPath volume of its own. 1 of 1 workload uses a claim that is bound to a directory of a node. 1 of 1 workload names a claim whose volume was not in the input.',
    findings: [
      {
        subject,
        observed: 'hostPath /srv/data',
        message: 'Claim data is bound to volume pv-1, which is a directory of a node.',
        severity: 'medium',
        ref: 'PersistentVolume/pv-1',
      },
      { subject, observed: 'logs', message: 'What claim logs is bound to was not in the input.' },
    ],
  },
  'passes in a scan that has the volumes, of which none is on a node': {
    given: given([claiming], read([{ claim: 'data', volume: 'pv-1' }]), false),
    status: 'Pass',
  },
  'warns in a scan that has the volumes': {
    given: given([claiming], read([onNode]), false),
    status: 'Warn',
    reason: 'NodeVolume',
  },
});
