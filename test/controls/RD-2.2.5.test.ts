import control from '../../src/controls/RD-2.2.5.ts';
import { commonCases, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const withPorts = (ports: object[], rest: object = {}) => ({
  spec: { containers: [{ name: 'app', ports }], ...rest },
});
const subject = { kind: 'Deployment', name: 'app', container: 'app' };

describeControl(control, {
  ...commonCases(withPorts([{ containerPort: 80 }]), withPorts([{ containerPort: 80, hostPort: 80 }])),
  'passes hostPort 0': { given: templateOf(withPorts([{ containerPort: 80, hostPort: 0 }])), status: 'Pass' },
  'fails with one finding for each container, which names its ports': {
    given: templateOf(
      withPorts([
        { containerPort: 80 },
        { containerPort: 53, hostPort: 53, protocol: 'UDP' },
        { containerPort: 443, hostPort: 8443 },
      ]),
    ),
    status: 'Fail',
    findings: [
      {
        subject,
        path: 'spec.template.spec.containers[0].ports[1].hostPort',
        observed: '53/UDP, 8443/TCP',
        message: 'The container takes 2 ports of the node.',
      },
    ],
  },
  'fails an init container, such as a sidecar': {
    given: templateOf({
      spec: {
        initContainers: [
          { name: 'proxy', restartPolicy: 'Always', ports: [{ containerPort: 1, hostPort: 1 }] },
        ],
        containers: [{ name: 'app' }],
      },
    }),
    status: 'Fail',
    findings: [
      {
        subject: { ...subject, container: 'proxy' },
        path: 'spec.template.spec.initContainers[0].ports[0].hostPort',
        observed: '1/TCP',
        message: 'The container takes a port of the node.',
      },
    ],
  },
  'fails a pod in the host network once, with that as the cause': {
    given: podOf({
      spec: {
        hostNetwork: true,
        containers: [
          { name: 'a', ports: [{ containerPort: 80, hostPort: 80 }] },
          { name: 'b', ports: [{ containerPort: 90, hostPort: 90 }] },
        ],
      },
    }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0' },
        path: 'spec.hostNetwork',
        observed: '80/TCP, 90/TCP',
        message: "The pod is in the node's network, so its ports are ports of the node.",
      },
    ],
  },
  'passes a template in the host network whose ports have no hostPort': {
    given: templateOf(withPorts([{ containerPort: 80 }], { hostNetwork: true })),
    status: 'Pass',
  },
});
