import { expect } from 'chai';
import control from '../../src/controls/RD-4.1.2.ts';
import type { GitOpsApp } from '../../src/domain/gitops.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import { app, input, now } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const hour = 3_600_000;
const given = (apps: GitOpsApp[], parameters: Partial<Parameters> = {}) =>
  input({ gitOps: read(apps) }, parameters);
const subject = { kind: 'Application', name: 'argocd/shop' };
const flux = { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' } as const;
const notReady = (troubledSince?: number): GitOpsApp =>
  app({
    ...{ ...flux, state: 'notReady', observed: 'Ready=False (BuildFailed)' },
    ...(troubledSince === undefined ? {} : { troubledSince }),
  });
const degraded = app({ state: 'failed', observed: 'Synced, Degraded' });

describeControl(control, {
  'passes what is in sync and well, and was looked at': {
    given: given([app()]),
    status: 'Pass',
    message: 'All that is deployed is as the repository says (1 GitOps object).',
  },
  'passes a HelmRelease, which is never dated': {
    given: given([{ ...without('reconciledAt'), kind: 'HelmRelease', observed: 'Ready=True' }]),
    status: 'Pass',
  },
  'adds the interval of the object to the time': {
    given: given([app({ ...flux, interval: hour, reconciledAt: now - 1.5 * hour })]),
    status: 'Pass',
  },
  'warns of what is OutOfSync': {
    given: given([app({ state: 'differs', observed: 'OutOfSync, Healthy' })]),
    status: 'Warn',
    message: '1 object is not as the repository says, or is suspended.',
    findings: [
      {
        subject,
        path: 'status',
        observed: 'OutOfSync, Healthy',
        message: 'The cluster is not as the repository says.',
      },
    ],
  },
  'warns of what is on its way': { given: given([app({ state: 'progressing' })]), status: 'Warn' },
  'warns of what is suspended, however long ago anybody looked': {
    given: given([app({ ...flux, state: 'suspended', reconciledAt: 1 }, { suspended: true })]),
    status: 'Warn',
  },
  'warns of what has not been ready for a short time': {
    given: given([notReady(now - hour)]),
    status: 'Warn',
  },
  'warns of what is not ready since nobody knows when': { given: given([notReady()]), status: 'Warn' },
  'fails what has not been ready for longer, also where nobody has looked since': {
    given: given([{ ...notReady(now - hour - 1), reconciledAt: now - 9 * hour }]),
    status: 'Fail',
    message: '1 object could not be deployed, or is not well.',
  },
  'fails what is Degraded, whatever else there is': {
    given: given([
      app({ name: 'other', state: 'unknown' }),
      app({ name: 'late', state: 'differs' }),
      degraded,
    ]),
    status: 'Fail',
    findings: [
      {
        subject,
        path: 'status',
        observed: 'Synced, Degraded',
        message: 'What it has deployed is not well.',
      },
    ],
  },
  'does not fail for what was Degraded too long ago': {
    given: given([{ ...degraded, reconciledAt: now - hour }]),
    status: 'Unknown',
    reason: 'StaleEvidence',
    message: 'Application argocd/shop was last reconciled too long ago.',
  },
  'does not pass what nobody has looked at for too long': {
    given: given([app({ reconciledAt: now - hour })]),
    status: 'Unknown',
    reason: 'StaleEvidence',
  },
  'lets a profile say how long that is': {
    given: given([app({ reconciledAt: now - hour })], { 'gitops.reconciledWithin': 2 * hour }),
    status: 'Pass',
  },
  'does not believe a date in the future': {
    given: given([app({ reconciledAt: now + 300_001 })]),
    status: 'Unknown',
    reason: 'EvaluationError',
  },
  'does not know what its controller does not': {
    given: given([app({ state: 'unknown', observed: 'Unknown, Healthy' })]),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: 'Application argocd/shop does not say whether it is in sync and well.',
  },
  'is Unknown while GitOps objects cannot be read': {
    given: input({ gitOps: unread('Forbidden', 'Applications may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while workloads cannot be read, which may name more': {
    given: input({ gitOps: read([]), workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not apply where nothing deploys from a repository': {
    given: given([]),
    status: 'NotApplicable',
    reason: 'NoGitOps',
  },
});

function without(field: keyof GitOpsApp): GitOpsApp {
  const { [field]: _left, ...rest } = app();
  return rest as GitOpsApp;
}

describe('the time of RD-4.1.2', () => {
  const cases: Record<string, [GitOpsApp[], number | undefined]> = {
    'is when the first of several looks grows stale': [
      [app({ reconciledAt: now - 60_000 }), app({ name: 'b', reconciledAt: now - 120_000 })],
      now - 120_000 + hour,
    ],
    'is when a date no longer lies in the future': [[app({ reconciledAt: now + 400_000 })], now + 100_000],
    'is when what is not ready begins to fail': [[notReady(now - 1)], now + hour],
    'does not come where nothing is dated': [[without('reconciledAt')], undefined],
  };
  for (const [what, [apps, expected]] of Object.entries(cases)) {
    it(what, () => {
      const before = control.evaluate(given(apps));
      expect(before.validUntil).to.equal(expected);
      if (expected === undefined) return;
      const at = (moment: number) => control.evaluate({ ...given(apps), now: moment }).status;
      expect(at(expected - 1)).to.equal(before.status);
      expect(at(expected)).to.not.equal(before.status);
    });
  }
});
