import control from '../../src/controls/RD-5.G.3.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { UpdateStrategy, Workload } from '../../src/domain/workload.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { input, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const rolled = (strategy: UpdateStrategy, rest: Partial<Workload> = {}) =>
  workload({ template: template({ claims: ['data'] }), replicas: 2, settings: { strategy }, ...rest });
const rolling = { type: 'RollingUpdate' };
const recreate = { type: 'Recreate' };
const running = (one: Workload, overrides: SnapshotOverrides = {}) =>
  input({ workloads: read([one]), ...overrides });
const production = { namespace: { name: 'shop', labels: { 'plumbline.dev/environment': 'production' } } };
const claims = (mode: string) => ({ claims: read([{ name: 'data', accessModes: [mode] }]) });
const gap = { reason: 'EvaluationError', message: 'Broken.' } as const;

describeControl(control, {
  'passes what rolls with two replicas': { given: running(rolled(rolling)), status: 'Pass' },
  'passes an Argo Rollout': {
    given: running(workload({ kind: 'Rollout', template: template() })),
    status: 'Pass',
  },
  'passes an Argo Rollout with a strategy of its own': {
    given: running(rolled({ type: 'blueGreen' }, { kind: 'Rollout', replicas: 1 })),
    status: 'Pass',
  },
  'warns of a Rollout without a strategy, which rolls out nothing': {
    given: running(rolled({ type: '' }, { kind: 'Rollout' })),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Rollout', name: 'app' },
        path: 'spec.strategy',
        observed: 'unset',
        message: 'It has neither a canary nor a blueGreen strategy, without which nothing rolls out.',
      },
    ],
  },
  'fails a canary without steps that takes all at once, in production': {
    given: running(rolled({ type: 'canary', maxUnavailable: '100%' }, { kind: 'Rollout' }), {
      ...production,
      ...claims('ReadWriteMany'),
    }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Rollout', name: 'app' },
        path: 'spec.strategy.canary.maxUnavailable',
        observed: '100%',
        message: 'A rollout stops every pod before new ones start.',
      },
    ],
  },
  'passes a DaemonSet that rolls': {
    given: running(workload({ kind: 'DaemonSet', template: template(), settings: { strategy: rolling } })),
    status: 'Pass',
  },
  'warns of what rolls with one replica': {
    given: running(rolled(rolling, { replicas: 1 })),
    status: 'Warn',
  },
  'lets the autoscaler decide': {
    given: running(rolled(rolling, { replicas: 1 }), {
      autoscalers: read([{ name: 'h', target: { kind: 'Deployment', name: 'app' }, minReplicas: 2 }]),
    }),
    status: 'Pass',
  },
  'warns of OnDelete': {
    given: running(rolled({ type: 'OnDelete' }, { kind: 'StatefulSet' })),
    status: 'Warn',
  },
  'warns of Recreate outside production': {
    given: running(rolled(recreate)),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'spec.strategy.type',
        observed: 'Recreate',
        message: 'A rollout stops every pod before new ones start.',
      },
    ],
  },
  'fails Recreate in production': {
    given: running(rolled(recreate), { ...production, ...claims('ReadWriteMany') }),
    status: 'Fail',
    message: '1 of 1 workload is rolled out with an interruption.',
  },
  'fails a rollout of all at once in production': {
    given: running(rolled({ ...rolling, maxUnavailable: '100%' }), {
      ...production,
      ...claims('ReadWriteMany'),
    }),
    status: 'Fail',
  },
  'fails as many at once as there are': {
    given: running(rolled({ ...rolling, maxUnavailable: 2 }), { ...production, ...claims('ReadWriteMany') }),
    status: 'Fail',
  },
  'passes fewer at once': {
    given: running(rolled({ ...rolling, maxUnavailable: 1 }), { ...production }),
    status: 'Pass',
  },
  'only warns where one node alone may mount the claim': {
    given: running(rolled(recreate), { ...production, ...claims('ReadWriteOnce') }),
    status: 'Warn',
  },
  'does not know of claims that were not read': {
    given: running(rolled(recreate), {
      ...production,
      claims: unread('Forbidden', 'They may not be listed.'),
    }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'does not know of a claim that is not among those that were read': {
    given: running(rolled(recreate), { ...production, claims: { available: true, items: [], gap } }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'does not know whether it is production': {
    given: running(rolled(recreate), { namespace: { name: 'shop' }, ...claims('ReadWriteMany') }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know how many replicas there are while the autoscalers cannot be read': {
    given: running(rolled(rolling), { autoscalers: unread('Forbidden', 'They may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not apply to a Job': {
    given: running(workload({ kind: 'Job', template: template(), settings: {} })),
    status: 'NotApplicable',
    reason: 'NoSubjects',
  },
  'does not apply to what is scaled to none': {
    given: running(rolled(recreate, { replicas: 0 })),
    status: 'NotApplicable',
    reason: 'NoSubjects',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
