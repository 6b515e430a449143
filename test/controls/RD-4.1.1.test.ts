import control from '../../src/controls/RD-4.1.1.ts';
import type { DeployerClaim } from '../../src/domain/provenance.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { app, input, pod, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const by = (managers: string[], claims: DeployerClaim[] = [], more: Partial<Workload> = {}) =>
  workload({ template: template(), provenance: { deployer: { managers, claims }, changes: [] }, ...more });
const running = (workloads: Workload[], overrides: SnapshotOverrides = {}) =>
  input({ workloads: read(workloads), ...overrides });
const listed = { gitOps: read([app()]) };
const gap = { reason: 'Forbidden', message: 'Applications may not be listed.' } as const;
const tracked: DeployerClaim = { kind: 'Application', name: 'shop' };
const subject = { kind: 'Deployment', name: 'app' };

describeControl(control, {
  'passes what an Application lists': { given: running([by(['argocd-controller'])], listed), status: 'Pass' },
  'passes a custom resource that is listed, of which nothing else is known': {
    given: running([workload({ kind: 'Rollout', name: 'web', pods: [pod()] })], {
      gitOps: read([app({ workloads: ['Rollout/web'] })]),
    }),
    status: 'Pass',
    message: 'Every workload has a GitOps owner (1 workload).',
  },
  'passes what was changed by hand too: that is drift': {
    given: running([by(['argocd-controller', 'kubectl-edit'])], listed),
    status: 'Pass',
  },
  'warns of a Helm release': {
    given: running([by(['Helm'], [{ kind: 'Helm', namespace: 'shop', name: 'app' }])]),
    status: 'Warn',
    findings: [{ subject, observed: 'Helm', message: 'It is deployed from outside the cluster.' }],
  },
  'warns of kubectl apply': {
    given: running([by(['kubectl-client-side-apply', 'kubectl-edit'])]),
    status: 'Warn',
    message: '1 of 1 workload has no GitOps owner.',
  },
  'warns of one that another Application lists under another kind': {
    given: running([by(['argocd-controller'], [tracked])], {
      gitOps: read([app({ workloads: ['StatefulSet/app'] })]),
    }),
    status: 'Warn',
    findings: [
      {
        subject,
        observed: 'Application shop',
        message: 'It names an owner that does not list it, or is not in this cluster.',
      },
    ],
  },
  'names the owner that is missing with its namespace': {
    given: running([by([], [{ kind: 'Kustomization', namespace: 'flux-system', name: 'apps' }])]),
    status: 'Warn',
    findings: [
      {
        subject,
        observed: 'Kustomization flux-system/apps',
        message: 'It names an owner that does not list it, or is not in this cluster.',
      },
    ],
  },
  'fails what interactive clients alone have written, in any spelling of their names': {
    given: running([by(['K9s', 'kubectl-create'])]),
    status: 'Fail',
    findings: [
      {
        subject,
        observed: 'K9s, kubectl-create',
        message: 'Nothing but interactive clients has written it.',
      },
    ],
  },
  'fails it also where an Application lists it or may not be read': {
    given: running([by(['kubectl-create'])], { gitOps: { available: true, items: [app()], gap } }),
    status: 'Fail',
  },
  'lets a profile say which clients are interactive': {
    given: input(
      { workloads: read([by(['kubectl-client-side-apply'])]) },
      { 'gitops.interactiveManagers': ['kubectl-client-side-apply'] },
    ),
    status: 'Fail',
  },
  'does not know of what nothing shows': {
    given: running([workload({ template: template() })]),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: 'Nothing shows how Deployment app is deployed.',
  },
  'does not call pushed what an Application may list that was not read': {
    given: running([by(['Helm'])], { gitOps: { available: true, items: [], gap } }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'Applications may not be listed.',
  },
  'is Unknown while no GitOps object can be read': {
    given: running([by(['argocd-controller'])], { gitOps: unread('Forbidden', gap.message) }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not apply to static pods': {
    given: running([workload({ kind: 'Pod', pods: [pod({ mirror: true })] })]),
    status: 'NotApplicable',
    reason: 'StaticPods',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
});
