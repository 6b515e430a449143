import control from '../../src/controls/RD-5.H.5.1.ts';
import type { ControlCase, Manifest } from '../support/control-cases.ts';
import { commonCases, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const plain: Manifest = { spec: { containers: [{ name: 'app' }] } };
const mounting = (mountPath: string, source: object, rest: object = {}): Manifest => ({
  spec: {
    containers: [{ name: 'app', volumeMounts: [{ name: 'v', mountPath, ...rest }] }],
    volumes: [{ name: 'v', ...source }],
  },
});
const host = { hostPath: { path: '/var/log' } };
const started = (container: object): Manifest => ({ spec: { containers: [{ name: 'app', ...container }] } });
const beside = (neighbour: object): Manifest => ({ spec: { containers: [{ name: 'app' }, neighbour] } });

const cases: Record<string, ControlCase> = {
  ...commonCases(plain, mounting('/var/log/app', host)),
  'fails a claim at a log path': {
    given: podOf(mounting('/opt/app/logs', { persistentVolumeClaim: { claimName: 'logs' } })),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].volumeMounts[0].mountPath',
        observed: '/opt/app/logs',
        message: 'The container keeps its logs in a volume that is not its own.',
      },
    ],
  },
  'fails a claim of a claim template': {
    given: templateOf({
      spec: { containers: [{ name: 'app', volumeMounts: [{ name: 'data', mountPath: '/logs' }] }] },
    }),
    status: 'Fail',
  },
  'passes a mount that is only read': {
    given: templateOf(mounting('/var/log', host, { readOnly: true })),
    status: 'Pass',
  },
  'passes a mount that is no log path': {
    given: templateOf(mounting('/var/logistics', host)),
    status: 'Pass',
  },
  'passes a file of a ConfigMap': {
    given: templateOf(mounting('/var/log', { configMap: { name: 'c' } })),
    status: 'Pass',
  },
  'warns of a directory of the pod': {
    given: templateOf(mounting('/log', { emptyDir: {} })),
    status: 'Warn',
  },
  'warns of a single file': {
    given: templateOf(mounting('/data/app.log', { emptyDir: {} })),
    status: 'Warn',
  },
  'takes the paths of the profile': {
    given: templateOf(mounting('/log', { emptyDir: {} }), { parameters: { 'logs.paths': ['/other'] } }),
    status: 'Pass',
  },
  'warns of a variable that names a file': {
    given: templateOf(started({ env: [{ name: 'LOG_FILE', value: '/data/x' }] })),
    status: 'Warn',
  },
  'passes a variable that names the standard output': {
    given: templateOf(started({ env: [{ name: 'LOG_FILE', value: '/dev/stdout' }] })),
    status: 'Pass',
  },
  'warns of an option, and does not show the command': {
    given: podOf(started({ args: ['--password=hunter2', '--log-file=/data/x'] })),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].command',
        message: 'An option of the command sends the log to a file.',
      },
    ],
  },
  'passes an option that names the standard output': {
    given: templateOf(started({ args: ['--log-file=/proc/1/fd/1'] })),
    status: 'Pass',
  },
  'warns of a collector in the pod': {
    given: templateOf(beside({ name: 'logs', image: 'cr.example/fluent/fluent-bit:3' })),
    status: 'Warn',
  },
  'passes a collector for the node that is prepared by an init container': {
    given: templateOf({
      spec: { containers: [{ name: 'fluent-bit' }], initContainers: [{ name: 'chown', image: 'busybox:1' }] },
    }),
    status: 'Pass',
  },
  'passes what an init container prepares, and a container that only waits': {
    given: templateOf({
      spec: {
        containers: [{ name: 'app', command: ['sh', '-c', 'serve & tail -f /x/app.log'] }],
        initContainers: [{ name: 'init' }],
      },
    }),
    status: 'Pass',
  },
  'passes a container that waits beside another': {
    given: templateOf(beside({ name: 'tools', command: ['tail', '-f', '/dev/null'] })),
    status: 'Pass',
  },
  'warns of a collector that is a sidecar among the init containers': {
    given: templateOf({
      spec: {
        containers: [{ name: 'app' }],
        initContainers: [{ name: 'logs', image: 'cr.example/fluent/fluent-bit:3', restartPolicy: 'Always' }],
      },
    }),
    status: 'Warn',
  },
  'warns of a container that follows a file': {
    given: templateOf(beside({ name: 'logs', command: ['sh', '-c', 'tail -n+1 -F /x/app.log'] })),
    status: 'Warn',
  },
  'does not judge a collector by its mounts': {
    given: templateOf({
      spec: {
        containers: [{ name: 'fluentd', volumeMounts: [{ name: 'v', mountPath: '/var/log' }] }],
        volumes: [{ name: 'v', ...host }],
      },
    }),
    status: 'Pass',
  },
  'does not pass without the proof that the profile asks for': {
    given: templateOf(plain, { parameters: { 'logs.requireStdoutProof': true } }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
};

describeControl(control, cases);
