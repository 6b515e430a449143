import control from '../../src/controls/RD-5.H.8.3.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Service } from '../../src/domain/surroundings.ts';
import { input, pod, workload } from '../support/builders.ts';
import type { Manifest } from '../support/control-cases.ts';
import { commonCases, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const starting = (...command: string[]): Manifest => ({ spec: { containers: [{ name: 'app', command }] } });
const onPort = (containerPort: number): Manifest => ({
  spec: { containers: [{ name: 'app', ports: [{ containerPort }] }] },
});
const led = (service: Partial<Service>) =>
  input({
    workloads: read([workload({ pods: [pod({ labels: { app: 'web', tier: 'front' } })] })]),
    services: read([{ name: 'svc', ports: [{ port: 80, targetPort: 22 }], ...service }]),
  });

describeControl(control, {
  ...commonCases(starting('node'), starting('/usr/sbin/sshd', '-D')),
  'fails a daemon in a script': { given: templateOf(starting('sh', '-c', 'keys; sshd -D&')), status: 'Fail' },
  'passes a word that only begins like it': {
    given: templateOf(starting('cat', '/etc/sshd_config')),
    status: 'Pass',
  },
  'warns of a port': {
    given: podOf(onPort(22)),
    status: 'Warn',
    message: '1 of 1 workload has a port of remote administration.',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].ports[0].containerPort',
        observed: '22/TCP',
        message: 'The port is one of remote administration.',
      },
    ],
  },
  'passes a port that the profile does not name': {
    given: podOf(onPort(22), { parameters: { 'workloads.remoteAdminPorts': [23] } }),
    status: 'Pass',
  },
  'warns of a Service that leads to one': {
    given: led({ selector: { app: 'web' } }),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        observed: '22',
        message: 'Service svc leads to a port of remote administration.',
        ref: 'svc',
      },
    ],
  },
  'passes a Service of other pods': { given: led({ selector: { app: 'db' } }), status: 'Pass' },
  'passes a Service that selects nothing': { given: led({}), status: 'Pass' },
  'does not pass while the Services cannot be read': {
    given: input({
      workloads: read([workload({ pods: [pod()] })]),
      services: unread('Forbidden', 'Services may not be listed.'),
    }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
