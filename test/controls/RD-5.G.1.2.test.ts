import { expect } from 'chai';
import control from '../../src/controls/RD-5.G.1.2.ts';
import type { GitOpsApp } from '../../src/domain/gitops.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import { app, input, now, pod, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const day = 86_400_000;
const changed = (manager: string, at: number, managers = ['argocd-controller', manager]): Workload =>
  workload({
    template: template(),
    provenance: { deployer: { managers, claims: [] }, changes: [{ manager, at }] },
  });
const applied = changed('argocd-controller', 0, ['argocd-controller']);
const given = (apps: GitOpsApp[], workloads: Workload[] = [applied]) =>
  input({ gitOps: read(apps), workloads: read(workloads) });
const outOfSync = (since?: number) =>
  app(
    {
      ...{ state: 'differs', observed: 'OutOfSync, Healthy' },
      ...(since === undefined ? {} : { troubledSince: since }),
    },
    { automated: false, selfHeal: false, prune: false },
  );
const suspended = (suspendedSince: number) =>
  app(
    { ...{ kind: 'Kustomization', state: 'suspended', observed: 'suspended', suspendedSince } },
    { suspended: true },
  );
const subject = { kind: 'Application', name: 'argocd/shop' };

describeControl(control, {
  'passes what heals and prunes by itself, with workloads that nobody has changed since': {
    given: given([app()]),
    status: 'Pass',
    message: 'What is changed in the cluster is changed back by itself (1 GitOps object).',
  },
  'passes a change by hand that was before the last sync': {
    given: given([app()], [changed('kubectl-edit', now - 3_600_000)]),
    status: 'Pass',
  },
  'passes a later change by a client that is not interactive': {
    given: given([app()], [changed('reloader', now - 1)]),
    status: 'Pass',
  },
  'leaves workloads that nothing lists to RD-4.1.1': {
    given: given([app({ workloads: [] })], [changed('kubectl-edit', now - 1)]),
    status: 'Pass',
  },
  'warns of a change by hand after the last sync': {
    given: given([app()], [changed('Lens', now - 3_599_999)]),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'metadata.managedFields',
        observed: 'Lens',
        message: 'It was changed by hand after it was last applied.',
      },
    ],
  },
  'warns of what does not heal or prune': {
    given: given([app({}, { selfHeal: false, prune: false })]),
    status: 'Warn',
    findings: [
      {
        subject,
        path: 'spec.syncPolicy.automated.selfHeal',
        message: 'Not on: spec.syncPolicy.automated.selfHeal, spec.syncPolicy.automated.prune.',
      },
    ],
  },
  'warns of a HelmRelease that does not look for drift': {
    given: given([app({ kind: 'HelmRelease' }, { selfHeal: false })]),
    status: 'Warn',
  },
  'warns of what a person must sync': {
    given: given([app({}, { automated: false })]),
    status: 'Warn',
    message: '1 object is left to drift, or was changed by hand.',
  },
  'warns of what is OutOfSync for as long as that may be': {
    given: given([outOfSync(now - day)]),
    status: 'Warn',
  },
  'warns of what is OutOfSync since nobody knows when': { given: given([outOfSync()]), status: 'Warn' },
  'warns of what is suspended for as long as that may be': {
    given: given([suspended(now - 7 * day)]),
    status: 'Warn',
  },
  'fails what was suspended for longer': {
    given: given([suspended(now - 7 * day - 1)]),
    status: 'Fail',
    message: '1 object was left to drift for too long.',
  },
  'fails what is OutOfSync for longer without automated sync, whatever else cannot be read': {
    given: input({
      gitOps: read([outOfSync(now - day - 1)]),
      workloads: unread('Forbidden', 'Pods may not be listed.'),
    }),
    status: 'Fail',
    findings: [
      {
        subject,
        path: 'spec.syncPolicy.automated',
        observed: 'OutOfSync, Healthy',
        message: 'It is OutOfSync, and a person must sync it.',
      },
    ],
  },
  'does not know who has changed a workload that does not say it': {
    given: given([app()], [workload({ template: template() })]),
    status: 'Unknown',
    reason: 'PartialEvidence',
    message: 'Nothing shows who has changed Deployment app.',
  },
  'does not ask that of a static pod': {
    given: given(
      [app({ workloads: ['Pod/app'] })],
      [workload({ kind: 'Pod', pods: [pod({ mirror: true })] })],
    ),
    status: 'Pass',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ gitOps: read([app()]), workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while GitOps objects cannot be read': {
    given: input({ gitOps: unread('Forbidden', 'Applications may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not apply where nothing deploys from a repository': {
    given: given([]),
    status: 'NotApplicable',
    reason: 'NoGitOps',
  },
});

describe('the time of RD-5.G.1.2', () => {
  const cases: Record<string, [GitOpsApp, number | undefined]> = {
    'is when what is suspended begins to fail': [suspended(now - day), now + 6 * day + 1],
    'is when what is OutOfSync begins to fail': [outOfSync(now), now + day + 1],
    'does not come otherwise': [app(), undefined],
  };
  for (const [what, [one, expected]] of Object.entries(cases)) {
    it(what, () => {
      expect(control.evaluate(given([one])).validUntil).to.equal(expected);
      if (expected === undefined) return;
      const at = (moment: number) => control.evaluate({ ...given([one]), now: moment }).status;
      expect([at(expected - 1), at(expected)]).to.deep.equal(['Warn', 'Fail']);
    });
  }
});
