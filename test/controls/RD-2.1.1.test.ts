import control from '../../src/controls/RD-2.1.1.ts';
import { commonCases, describeControl, podOf, podWith, templateOf } from '../support/control-cases.ts';

const nonRoot = podWith({ runAsNonRoot: true });
const root = podWith({ runAsUser: 0 });
const inUserNamespace = podWith({}, { hostUsers: false });
const windows = { os: { name: 'windows' } };

const app = { kind: 'Deployment', name: 'app', container: 'app' };
const open = 'Neither a user nor runAsNonRoot keeps it from root.';
const template = 'spec.template.spec.containers[0].securityContext';

describeControl(control, {
  'fails a user that cannot be, and does not call it root': {
    given: templateOf(podWith({ runAsUser: -1 })),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        path: 'spec.template.spec.containers[0].securityContext.runAsUser',
        observed: '-1',
        message: 'The container is told to run as a user that cannot be: a UID is 0 or more.',
      },
    ],
  },
  ...commonCases(nonRoot, root),
  'fails when neither field is set': {
    given: templateOf(podWith({})),
    status: 'Fail',
    message: '1 of 1 workload may run containers as root.',
    findings: [{ subject: app, path: `${template}.runAsNonRoot`, observed: 'unset', message: open }],
  },
  'fails when runAsNonRoot is false and there is no user': {
    given: templateOf(podWith({ runAsNonRoot: false }, { securityContext: { runAsNonRoot: true } })),
    status: 'Fail',
    findings: [{ subject: app, path: `${template}.runAsNonRoot`, observed: 'false', message: open }],
  },
  'passes a user above 0 with runAsNonRoot false': {
    given: templateOf(podWith({ runAsUser: 1000, runAsNonRoot: false })),
    status: 'Pass',
  },
  'fails user 0 with runAsNonRoot true': {
    given: templateOf(podWith({ runAsUser: 0, runAsNonRoot: true })),
    status: 'Fail',
    findings: [
      {
        subject: app,
        path: `${template}.runAsUser`,
        observed: '0',
        message: 'The container is told to run as UID 0.',
      },
    ],
  },
  'passes a user 0 of the pod that every container overrides': {
    given: templateOf(podWith({ runAsUser: 1000 }, { securityContext: { runAsUser: 0 } })),
    status: 'Pass',
  },
  'fails an inherited user 0, and names the pod as its place': {
    given: podOf(podWith({ runAsNonRoot: true }, { securityContext: { runAsUser: 0 } })),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.securityContext.runAsUser',
        observed: '0',
        message: 'The container is told to run as UID 0.',
      },
    ],
  },
  'judges init and ephemeral containers, each for itself': {
    given: podOf({
      spec: {
        initContainers: [{ name: 'init' }],
        containers: [{ name: 'app', securityContext: { runAsUser: 1000 } }],
        ephemeralContainers: [{ name: 'debug' }],
      },
    }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'debug' },
        path: 'spec.ephemeralContainers[0].securityContext.runAsNonRoot',
        observed: 'unset',
        message: open,
      },
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'init' },
        path: 'spec.initContainers[0].securityContext.runAsNonRoot',
        observed: 'unset',
        message: open,
      },
    ],
  },
  'passes root in a user namespace, and says so': {
    given: templateOf(inUserNamespace, { minor: 35 }),
    status: 'Pass',
    reason: 'UserNamespace',
    message:
      'No container may run as root (1 workload). Noted: root that exists only inside a user namespace (hostUsers: false) in 1 workload.',
  },
  'has nothing to note about a user namespace that excuses nothing': {
    given: templateOf(podWith({ runAsNonRoot: true }, { hostUsers: false })),
    status: 'Pass',
    message: 'No container may run as root (1 workload).',
  },
  'fails root in a user namespace on a server below 1.35': {
    given: templateOf(inUserNamespace, { minor: 34 }),
    status: 'Fail',
  },
  'fails root in a user namespace where the profile is strict': {
    given: templateOf(inUserNamespace, { minor: 37, parameters: { 'podSecurity.userNamespaces': 'strict' } }),
    status: 'Fail',
  },
  'passes a Windows pod with a plain account': {
    given: templateOf(podWith({ windowsOptions: { runAsUserName: 'ContainerUser' } }, windows)),
    status: 'Pass',
  },
  'passes a Windows pod with runAsNonRoot, and ignores a runAsUser there': {
    given: templateOf(podWith({ runAsNonRoot: true, runAsUser: 0 }, windows)),
    status: 'Pass',
  },
  'fails a Windows pod that says nothing': {
    given: templateOf(podWith({}, windows)),
    status: 'Fail',
    findings: [
      {
        subject: app,
        path: `${template}.runAsNonRoot`,
        observed: 'unset',
        message: 'Neither a user nor runAsNonRoot keeps it from being an administrator.',
      },
    ],
  },
  'fails the administrator of a Windows pod, in any case': {
    given: templateOf(podWith({ windowsOptions: { runAsUserName: 'containeradministrator' } }, windows)),
    status: 'Fail',
  },
  'fails an inherited system account of a Windows pod, whatever runAsNonRoot says': {
    given: templateOf(
      podWith(
        { runAsNonRoot: true, windowsOptions: {} },
        { ...windows, securityContext: { windowsOptions: { runAsUserName: 'NT AUTHORITY\\SYSTEM' } } },
      ),
    ),
    status: 'Fail',
    findings: [
      {
        subject: app,
        path: 'spec.template.spec.securityContext.windowsOptions.runAsUserName',
        observed: 'NT AUTHORITY\\SYSTEM',
        message: 'The container is told to run as an administrator.',
      },
    ],
  },
  'takes a pod with a Windows node selector and no os for Linux': {
    given: templateOf(
      podWith(
        { windowsOptions: { runAsUserName: 'ContainerUser' } },
        { nodeSelector: { 'kubernetes.io/os': 'windows' } },
      ),
    ),
    status: 'Fail',
  },
  'takes an unknown os for Linux': {
    given: templateOf(
      podWith({ windowsOptions: { runAsUserName: 'ContainerUser' } }, { os: { name: 'Windows' } }),
    ),
    status: 'Fail',
  },
});
