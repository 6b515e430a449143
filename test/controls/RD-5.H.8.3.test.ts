import control from '../../src/controls/RD-5.H.8.3.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Service } from '../../src/domain/surroundings.ts';
import type { Sbom } from '../../src/domain/sbom.ts';
import { container, input, pod, podSpec, workload } from '../support/builders.ts';
import type { Manifest } from '../support/control-cases.ts';
import { at, named, sbomOf } from '../support/sbom-cases.ts';
import { commonCases, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const starting = (...command: string[]): Manifest => ({ spec: { containers: [{ name: 'app', command }] } });
const onPort = (containerPort: number): Manifest => ({
  spec: { containers: [{ name: 'app', ports: [{ containerPort }] }] },
});
const listening = (...sboms: Sbom[]) =>
  at(sboms, {
    workloads: read([
      workload({
        pods: [
          pod({
            spec: podSpec({
              containers: [container({ ports: [{ index: 0, protocol: 'TCP', containerPort: 22 }] })],
            }),
          }),
        ],
      }),
    ]),
  });
const port = {
  subject: { kind: 'Deployment', name: 'app', container: 'app' },
  example: 'app-0',
  path: 'spec.containers[0].ports[0].containerPort',
  observed: '22/TCP',
  message: 'The port is one of remote administration.',
};
const image = {
  subject: { kind: 'Deployment', name: 'app', container: 'app' },
  example: 'app-0',
  observed: 'registry.example/app:1.0.0',
};
const led = (service: Partial<Service>) =>
  input({
    workloads: read([workload({ pods: [pod({ labels: { app: 'web', tier: 'front' } })] })]),
    services: read([{ name: 'svc', ports: [{ port: 80, targetPort: 22 }], ...service }]),
    sboms: read([sbomOf()]),
  });

describeControl(control, {
  ...commonCases(starting('node'), starting('/usr/sbin/sshd', '-D')),
  'fails a daemon in a script': { given: templateOf(starting('sh', '-c', 'keys; sshd -D&')), status: 'Fail' },
  'passes a word that only begins like it': {
    given: templateOf(starting('cat', '/etc/sshd_config')),
    status: 'Pass',
  },
  'warns of a port behind which no such service is installed': {
    given: listening(sbomOf()),
    status: 'Warn',
    message: '1 of 1 workload has a port of remote administration.',
    findings: [port],
  },
  'fails a port behind which one is': {
    given: listening(sbomOf(named('openssh-server'))),
    status: 'Fail',
    message: '1 of 1 container has a service for remote administration and a port for it.',
    findings: [
      { ...image, message: 'It has openssh-server, and a port for it.', ref: sbomOf().name ?? '' },
      port,
    ],
  },
  'does not know of a port without an SBOM what is behind it': {
    given: listening(),
    status: 'Unknown',
    reason: 'NoEvidence',
    findings: [{ ...image, message: 'There is no SBOM of it.' }],
  },
  'does not know it while the service was not looked for': {
    given: listening(sbomOf({ sought: new Set(['bash']) })),
    status: 'Unknown',
    reason: 'NoEvidence',
    findings: [{ ...image, message: 'Its SBOM is still being read.', ref: sbomOf().name ?? '' }],
  },
  'passes the package without a port': {
    given: at([sbomOf(named('openssh-server'))]),
    status: 'Pass',
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
