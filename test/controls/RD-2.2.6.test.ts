import control from '../../src/controls/RD-2.2.6.ts';
import { commonCases, describeControl, templateOf } from '../support/control-cases.ts';

const withHandlers = (handlers: object) => ({ spec: { containers: [{ name: 'app', ...handlers }] } });
const probe = (host?: string) => ({ httpGet: { port: 80, ...(host === undefined ? {} : { host }) } });
const subject = { kind: 'Deployment', name: 'app', container: 'app' };
const message = 'A probe or lifecycle hook makes the kubelet connect to a host of its choice.';
const container = 'spec.template.spec.containers[0]';

const handlers: Record<string, object> = {
  'livenessProbe.httpGet': { livenessProbe: { httpGet: { host: 'x' } } },
  'livenessProbe.tcpSocket': { livenessProbe: { tcpSocket: { host: 'x' } } },
  'readinessProbe.httpGet': { readinessProbe: { httpGet: { host: 'x' } } },
  'readinessProbe.tcpSocket': { readinessProbe: { tcpSocket: { host: 'x' } } },
  'startupProbe.httpGet': { startupProbe: { httpGet: { host: 'x' } } },
  'startupProbe.tcpSocket': { startupProbe: { tcpSocket: { host: 'x' } } },
  'lifecycle.postStart.httpGet': { lifecycle: { postStart: { httpGet: { host: 'x' } } } },
  'lifecycle.postStart.tcpSocket': { lifecycle: { postStart: { tcpSocket: { host: 'x' } } } },
  'lifecycle.preStop.httpGet': { lifecycle: { preStop: { httpGet: { host: 'x' } } } },
  'lifecycle.preStop.tcpSocket': { lifecycle: { preStop: { tcpSocket: { host: 'x' } } } },
};

describeControl(control, {
  ...commonCases(
    withHandlers({ livenessProbe: probe() }),
    withHandlers({ livenessProbe: probe('10.0.0.1') }),
  ),
  ...Object.fromEntries(
    Object.entries(handlers).map(([path, given]) => [
      `fails a host in ${path}`,
      {
        given: templateOf(withHandlers(given)),
        status: 'Fail' as const,
        findings: [{ subject, path: `${container}.${path}.host`, observed: 'x', message }],
      },
    ]),
  ),
  'passes an empty host': { given: templateOf(withHandlers({ livenessProbe: probe('') })), status: 'Pass' },
  'fails 127.0.0.1 too': {
    given: templateOf(withHandlers({ livenessProbe: probe('127.0.0.1') })),
    status: 'Fail',
  },
  'fails with one finding for each container, which names the hosts': {
    given: templateOf(
      withHandlers({ livenessProbe: probe('a'), readinessProbe: probe('a'), startupProbe: probe('b') }),
    ),
    status: 'Fail',
    findings: [{ subject, path: `${container}.livenessProbe.httpGet.host`, observed: 'a, b', message }],
  },
  'fails with severity low on a server below 1.34, whose standard has no such rule': {
    given: templateOf(withHandlers({ livenessProbe: probe('a') }), { minor: 33 }),
    status: 'Fail',
    findings: [
      { subject, path: `${container}.livenessProbe.httpGet.host`, observed: 'a', message, severity: 'low' },
    ],
  },
  'fails with the severity of the control from 1.34 on': {
    given: templateOf(withHandlers({ livenessProbe: probe('a') }), { minor: 34 }),
    status: 'Fail',
    findings: [{ subject, path: `${container}.livenessProbe.httpGet.host`, observed: 'a', message }],
  },
});
