import type { GitOpsApp } from '../../domain/gitops.ts';
import type { DeployerClaim } from '../../domain/provenance.ts';
import type { Source } from '../../domain/snapshot.ts';
import type { UnknownReason } from '../../domain/verdict.ts';
import type { Workload } from '../../domain/workload.ts';

/** How a workload came to be what it is, as far as anything shows it. */
export type Deployment =
  | { readonly by: 'gitops' }
  /** Nobody but interactive clients has written it. */
  | { readonly by: 'hand'; readonly managers: readonly string[] }
  /** It names an owner that does not list it, or is not there. */
  | { readonly by: 'orphan'; readonly owner: string }
  /** From outside, by a pipeline or a person with a client that both use. */
  | { readonly by: 'push'; readonly client: string }
  | { readonly by: 'unseen'; readonly reason: UnknownReason; readonly why: string };

/** Field managers as a person writes them: the client that calls itself `Lens` is `lens`. */
export const isInteractive = (manager: string, interactive: readonly string[]): boolean =>
  interactive.some((each) => each.toLowerCase() === manager.toLowerCase());

/** A static pod is a file on its node. */
export const isStatic = ({ kind, pods }: Workload): boolean =>
  kind === 'Pod' && pods.length > 0 && pods.every(({ mirror }) => mirror);

export const appsOf = ({ kind, name }: Workload, gitOps: Source<GitOpsApp>): readonly GitOpsApp[] =>
  gitOps.available ? gitOps.items.filter(({ workloads }) => workloads.includes(`${kind}/${name}`)) : [];

export function deploymentOf(
  workload: Workload,
  gitOps: Source<GitOpsApp>,
  interactive: readonly string[],
): Deployment {
  const { managers = [], claims = [] } = workload.provenance?.deployer ?? {};
  if (managers.length > 0 && managers.every((manager) => isInteractive(manager, interactive)))
    return { by: 'hand', managers };
  if (appsOf(workload, gitOps).length > 0) return { by: 'gitops' };
  // The one that lists it may be what was not read.
  const gap = gitOps.available ? gitOps.gap : gitOps;
  if (gap !== undefined) return { by: 'unseen', reason: gap.reason, why: gap.message };
  const claim = claims.find(({ kind }) => kind !== 'Helm');
  if (claim !== undefined) return { by: 'orphan', owner: describeClaim(claim) };
  const release = claims[0];
  if (release !== undefined) return { by: 'push', client: 'Helm' };
  const client = managers.find((manager) => !isInteractive(manager, interactive));
  if (client !== undefined) return { by: 'push', client };
  const why = `Nothing shows how ${workload.kind} ${workload.name} is deployed.`;
  return { by: 'unseen', reason: 'NoEvidence', why };
}

const describeClaim = ({ kind, namespace, name }: DeployerClaim): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

export const nameApp = ({ namespace, name }: Pick<GitOpsApp, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`;
