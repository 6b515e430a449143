import control from '../../src/controls/RD-5.G.1.3.ts';
import type { GitOpsApp, GitOpsOrigin } from '../../src/domain/gitops.ts';
import type { Source } from '../../src/domain/snapshot.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { app, input, pod, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const running = { workloads: read([workload({ pods: [pod()] })]) };
const given = (gitOps: Source<GitOpsApp>) => input({ ...running, gitOps });
const project: GitOpsOrigin = {
  path: 'spec.source',
  by: 'AppProject argocd/default',
  signature: 'verified',
};
const repository: GitOpsOrigin = {
  path: 'spec.sourceRef',
  by: 'GitRepository flux-system/shop',
  signature: 'verified',
};
const argo = (...origins: Partial<GitOpsOrigin>[]) =>
  app({ origins: origins.map((each) => ({ ...project, ...each })) });
const flux = (origin: Partial<GitOpsOrigin>) =>
  app({
    ...{ kind: 'Kustomization', namespace: 'flux-system', name: 'apps' },
    origins: [{ ...repository, ...origin }],
  });

describeControl(control, {
  'passes where every tool verifies what it deploys': {
    given: given(read([argo({}), flux({})])),
    status: 'Pass',
    message: 'The signature of all that is deployed is verified (2 GitOps objects).',
  },
  'warns of a repository of Flux that is not verified': {
    given: given(read([argo({}), flux({ signature: 'off' })])),
    status: 'Warn',
    message: '1 object deploys what is not verified, or not fixed.',
    findings: [
      {
        subject: { kind: 'Kustomization', name: 'flux-system/apps' },
        path: 'spec.sourceRef',
        observed: 'GitRepository flux-system/shop',
        message:
          'Nobody verifies who has signed what it deploys: GitRepository flux-system/shop has no spec.verify.',
      },
    ],
  },
  'warns of one of several sources of an Application whose project demands no signature of it': {
    given: given(read([argo({}, { path: 'spec.sources[1]', signature: 'off' })])),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Application', name: 'argocd/shop' },
        path: 'spec.sources[1]',
        observed: 'AppProject argocd/default',
        message:
          'Nobody verifies who has signed what it deploys: AppProject argocd/default demands no signature of it.',
      },
    ],
  },
  'warns of a signature that is not good': {
    given: given(read([flux({ signature: 'refused' })])),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Kustomization', name: 'flux-system/apps' },
        path: 'spec.sourceRef',
        observed: 'GitRepository flux-system/shop',
        message:
          'The signature of what it should deploy is not good, by the condition SourceVerified of GitRepository flux-system/shop.',
      },
    ],
  },
  'warns of HEAD, however signed': {
    given: given(read([argo({ head: true })])),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Application', name: 'argocd/shop' },
        path: 'spec.source.targetRevision',
        observed: 'HEAD',
        message: 'It follows whatever the repository calls its main branch.',
      },
    ],
  },
  'asks a person of what a tool cannot verify, also where another source is not verified': {
    given: given(read([argo({ signature: 'never' }), flux({ signature: 'off' })])),
    status: 'Manual',
    reason: 'NotAttested',
    message: /^To be answered by a person: does what Application argocd\/shop deploys come from /,
    findings: [
      {
        subject: { kind: 'Kustomization', name: 'flux-system/apps' },
        path: 'spec.sourceRef',
        observed: 'GitRepository flux-system/shop',
        message:
          'Nobody verifies who has signed what it deploys: GitRepository flux-system/shop has no spec.verify.',
      },
    ],
  },
  'asks a person of an object that names no source that is known': {
    given: given(read([argo()])),
    status: 'Manual',
    reason: 'NotAttested',
  },
  'does not know of a signature that Flux has not spoken of yet': {
    given: given(read([flux({ signature: 'unproven' }), argo({ signature: 'never' })])),
    status: 'Unknown',
    reason: 'NoEvidence',
    message:
      'Whether what Kustomization flux-system/apps deploys is signed is not known: GitRepository flux-system/shop demands it, and its condition SourceVerified does not say so yet.',
  },
  'does not know of a signature where Argo CD could not compare': {
    given: given(read([argo({ signature: 'unproven' })])),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: /AppProject argocd\/default demands it, and Argo CD has not compared it without an error\.$/,
  },
  'does not know while what decides cannot be read': {
    given: given(
      read([flux({ signature: { reason: 'Forbidden', message: 'GitRepositories may not be listed.' } })]),
    ),
    status: 'Unknown',
    reason: 'Forbidden',
    message:
      'Whether what Kustomization flux-system/apps deploys is signed is not known: GitRepositories may not be listed.',
  },
  'does not apply without GitOps': {
    given: given(read([])),
    status: 'NotApplicable',
    reason: 'NoGitOps',
    message: 'Nothing deploys into namespace shop from a repository.',
  },
  'is Unknown while GitOps objects cannot be read': {
    given: given(unread('Forbidden', 'Applications may not be listed.')),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'is Unknown while the workloads cannot be read, which may name HelmReleases': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
