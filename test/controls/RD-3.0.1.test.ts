import control from '../../src/controls/RD-3.0.1.ts';
import type { Manifest } from '../support/control-cases.ts';
import { commonCases, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const hardened = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};
const app = { name: 'app' };
const withSidecar = (security: object, rest: object = {}, more: object = {}): Manifest => ({
  spec: {
    containers: [app, { name: 'istio-proxy', securityContext: { ...hardened, ...security }, ...more }],
    ...rest,
  },
});
const good = withSidecar({});

describeControl(control, {
  ...commonCases(good, withSidecar({ privileged: true })),
  'does not mind an application that is worse': { given: podOf(good), status: 'Pass' },
  'fails a sidecar of root with capabilities, and says by which rules': {
    given: podOf({
      spec: {
        containers: [app],
        initContainers: [
          {
            name: 'istio-init',
            securityContext: {
              ...hardened,
              runAsNonRoot: false,
              runAsUser: 0,
              capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
            },
          },
        ],
      },
    }),
    status: 'Fail',
    message: '1 of 1 workload has sidecars with high privilege.',
  },
  'fails an init container that stays, whatever its name': {
    given: podOf({
      spec: {
        containers: [app],
        initContainers: [
          {
            name: 'helper',
            restartPolicy: 'Always',
            securityContext: { ...hardened, allowPrivilegeEscalation: true },
          },
        ],
      },
    }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'helper' },
        path: 'spec.initContainers[0].securityContext.allowPrivilegeEscalation',
        observed: 'true',
        message: 'Processes of the container may gain privileges, such as by a setuid file. (RD-2.2.8)',
      },
    ],
  },
  'knows an agent by its image': {
    given: podOf({
      spec: {
        containers: [app, { name: 'logs', image: 'cr.example/fluent/fluent-bit:3', securityContext: {} }],
      },
    }),
    status: 'Fail',
  },
  'fails a hostPath that the sidecar mounts': {
    given: podOf(
      withSidecar(
        {},
        { volumes: [{ name: 'run', hostPath: { path: '/run' } }] },
        { volumeMounts: [{ name: 'run', mountPath: '/run' }] },
      ),
    ),
    status: 'Fail',
  },
  'leaves a hostPath to the application that mounts it': {
    given: podOf(withSidecar({}, { volumes: [{ name: 'run', hostPath: { path: '/run' } }] })),
    status: 'Pass',
  },
  'fails a pod in the network of its node': {
    given: podOf(withSidecar({}, { hostNetwork: true })),
    status: 'Fail',
  },
  'warns of a capability that the application has not': {
    given: podOf(withSidecar({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } })),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'istio-proxy' },
        path: 'spec.containers[1].securityContext.capabilities.add',
        observed: '"NET_BIND_SERVICE"',
        message: 'The sidecar has capabilities that the application has not.',
      },
    ],
  },
  'warns of processes that an agent sees': {
    given: podOf(withSidecar({}, { shareProcessNamespace: true })),
    status: 'Warn',
  },
  'does not apply to a pod of one container': {
    given: templateOf({ spec: { containers: [{ name: 'envoy', securityContext: { privileged: true } }] } }),
    status: 'NotApplicable',
    reason: 'NoSidecars',
  },
  'does not apply to a pod of agents alone': {
    given: templateOf({ spec: { containers: [{ name: 'fluentd' }, { name: 'fluent-bit' }] } }),
    status: 'NotApplicable',
    reason: 'NoSidecars',
  },
  'does not take an ephemeral container for a sidecar': {
    given: podOf({ spec: { containers: [app], ephemeralContainers: [{ name: 'envoy' }] } }),
    status: 'NotApplicable',
    reason: 'NoSidecars',
  },
});
