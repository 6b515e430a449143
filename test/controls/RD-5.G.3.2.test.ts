import control from '../../src/controls/RD-5.G.3.2.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { DisruptionBudget } from '../../src/domain/surroundings.ts';
import type { Workload } from '../../src/domain/workload.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { container, containerProcess, input, podSpec, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const serving = (handlers: string[], rest: Partial<Workload> = {}) => {
  const app = container({
    ports: [{ index: 0, protocol: 'TCP', containerPort: 80 }],
    process: containerProcess({ handlers }),
  });
  return workload({
    replicas: 2,
    template: template({ labels: { app: 'web' }, spec: podSpec({ containers: [app] }) }),
    ...rest,
  });
};
const ready = (rest: Partial<Workload> = {}) => serving(['readinessProbe'], rest);
const budget = (amounts: Partial<DisruptionBudget>) => ({
  disruptionBudgets: read([{ name: 'pdb', selector: { matchLabels: { app: 'web' } }, ...amounts }]),
});
const one = budget({ maxUnavailable: 1 });
const running = (subject: Workload, overrides: SnapshotOverrides = one) =>
  input({ workloads: read([subject]), ...overrides });
const warning = (overrides: SnapshotOverrides) => ({
  given: running(ready(), overrides),
  status: 'Warn' as const,
});

describeControl(control, {
  'passes a probe, two replicas and a budget': { given: running(ready()), status: 'Pass' },
  'asks a DaemonSet for its probe alone': {
    given: running(ready({ kind: 'DaemonSet' }), {}),
    status: 'Pass',
  },
  'warns of a missing probe': {
    given: running(serving([])),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        path: 'spec.template.spec.containers[0].readinessProbe',
        observed: 'unset',
        message: 'Traffic comes before the container says that it is ready.',
      },
    ],
  },
  'warns of a single replica': { given: running(ready({ replicas: 1 })), status: 'Warn' },
  'warns of a missing budget': warning({}),
  'warns of a budget of other pods': warning(
    budget({ selector: { matchLabels: { app: 'db' } }, maxUnavailable: 1 }),
  ),
  'warns of a budget that lets no pod go': {
    ...warning(budget({ maxUnavailable: 0 })),
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        ref: 'pdb',
        message: 'PodDisruptionBudget pdb lets no pod go, so that nodes cannot be drained.',
      },
    ],
  },
  'warns of a budget that wants all pods': warning(budget({ minAvailable: 2 })),
  'warns of a budget that wants all pods by a percentage, rounded up': warning(
    budget({ minAvailable: '51%' }),
  ),
  'passes a budget that wants half of them': {
    given: running(ready(), budget({ minAvailable: '50%' })),
    status: 'Pass',
  },
  'does not apply to containers without ports': {
    given: running(workload({ template: template(), replicas: 2 })),
    status: 'NotApplicable',
    reason: 'NoSubjects',
  },
  'does not apply to a Job': {
    given: running(ready({ kind: 'Job' })),
    status: 'NotApplicable',
    reason: 'NoSubjects',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the budgets cannot be read': {
    given: running(ready(), { disruptionBudgets: unread('Forbidden', 'They may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
