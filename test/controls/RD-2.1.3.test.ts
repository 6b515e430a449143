import control from '../../src/controls/RD-2.1.3.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { ContainerState, Pod } from '../../src/domain/workload.ts';
import type { Container, PodSpec } from '../../src/domain/pod-spec.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import {
  container,
  input,
  now,
  pod,
  podSpec,
  runtimeFinding,
  template,
  workload,
} from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const podIn = (
  state: ContainerState | undefined,
  security: Container['security'] = {},
  spec: Partial<PodSpec> = {},
) =>
  pod({
    spec: podSpec({ containers: [container({ security })], ...spec }),
    containers: state === undefined ? {} : { app: state },
  });
const running = (pods: Pod[], overrides: SnapshotOverrides = {}) =>
  input({ workloads: read([workload({ template: template(), pods })]), ...overrides });
const started = (uid?: number): ContainerState => ({ started: true, ...(uid === undefined ? {} : { uid }) });
const refused = (why: NonNullable<ContainerState['refused']>): ContainerState => ({
  started: false,
  refused: why,
});

const asRoot = runtimeFinding({ rule: 'Container Run as Root User' });

describeControl(control, {
  'passes a process that is not root': { given: running([podIn(started(1000))]), status: 'Pass' },
  'passes what the kubelet checked, where no user is reported': {
    given: running([podIn(started(), { runAsNonRoot: true })]),
    status: 'Pass',
    reason: 'EnforcedByKubelet',
  },
  'passes a user that was given, where none is reported': {
    given: running([podIn(started(), { runAsUser: 5 })]),
    status: 'Pass',
    reason: 'EnforcedByKubelet',
  },
  'fails a process of root, whatever was declared': {
    given: running([podIn(started(1000)), podIn(started(0), { runAsNonRoot: true })]),
    status: 'Fail',
    message: '1 of 1 workload runs as root.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-0',
        path: 'spec.containers[0]',
        observed: '0',
        message: 'Its first process runs as UID 0.',
      },
    ],
  },
  'fails what was started with runAsUser 0, where no user is reported': {
    given: running([podIn(started(), { runAsUser: 0 })]),
    status: 'Fail',
  },
  'fails an image of root that the kubelet does not start': {
    given: running([podIn(refused('RootImage'), { runAsNonRoot: true })]),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-0',
        path: 'spec.containers[0]',
        message: 'The kubelet does not start it, since its image runs as root.',
      },
    ],
  },
  'warns of an image with a named user': { given: running([podIn(refused('NamedUser'))]), status: 'Warn' },
  'does not know the user of a container of which nothing is reported': {
    given: running([podIn(started())]),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'fails for one root beside one that is not known': {
    given: running([podIn(started()), podIn(started(0))]),
    status: 'Fail',
  },
  'excuses root in a user namespace of its own': {
    given: running([podIn(started(0), {}, { hostUsers: false })]),
    status: 'Pass',
  },
  'does not excuse it on an older server': {
    given: running([podIn(started(0), {}, { hostUsers: false })], { cluster: { minor: 34 } }),
    status: 'Fail',
  },
  'fails where Falco saw a process of root start, whatever the first process is': {
    given: running([podIn(started(1000))], { runtime: read([asRoot]) }),
    status: 'Fail',
    message: 'Falco saw processes of root start within runtime.alertWindow (1 finding).',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-0',
        observed: 'A shell was spawned',
        message: 'Falco saw a process of root start in it, last at 2025-12-31T23:00:00.000000000Z.',
        ref: 'Container Run as Root User',
      },
    ],
  },
  'tells both, what runs as root and what Falco saw': {
    given: running([podIn(started(0))], { runtime: read([asRoot]) }),
    status: 'Fail',
    message:
      '1 of 1 workload runs as root. Falco saw processes of root start within runtime.alertWindow (1 finding).',
  },
  'fails for what Falco saw although the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.'), runtime: read([asRoot]) }),
    status: 'Fail',
  },
  'forgets what Falco saw before the window': {
    given: running([podIn(started(1000))], {
      runtime: read([{ ...asRoot, lastSeen: new Date(now - 25 * 3_600_000).toISOString() }]),
    }),
    status: 'Pass',
  },
  'passes over other rules of Falco, and root in a user namespace of its own': {
    given: running([podIn(started(0), {}, { hostUsers: false })], {
      runtime: read([asRoot, runtimeFinding({ subject: { kind: 'Pod', name: 'other' } })]),
    }),
    status: 'Pass',
  },
  'decides by the status alone where no events can be read': {
    given: running([podIn(started(1000))], { runtime: unread('NoEvidence', 'No event has come.') }),
    status: 'Pass',
  },
  'does not apply to Windows pods': {
    given: running([podIn(started(), {}, { os: 'windows' })]),
    status: 'NotApplicable',
    reason: 'NothingRuns',
  },
  'does not apply to pods that wait to start': {
    given: running([podIn({ started: false })]),
    status: 'NotApplicable',
    reason: 'NothingRuns',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'knows nothing from manifests': {
    given: running([], { cluster: { live: false } }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: 'Manifests do not show what runs; only a cluster does.',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
