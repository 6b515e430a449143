import type { EvaluationInput } from '../../domain/control.ts';
import type { Source } from '../../domain/snapshot.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { notApplicable, soonest, unknown } from '../../domain/verdict.ts';
import type { Workload } from '../../domain/workload.ts';
import { noWorkloads, specSubjects } from './judge-specs.ts';
import { unseenInManifests } from './live-pods.ts';

/** Each node with the name of a live pod of the namespace that it runs. */
export function nodesOf(workloads: readonly Workload[]): ReadonlyMap<string, string> {
  const nodes = new Map<string, string>();
  for (const { pods } of workloads)
    for (const { name, node } of pods) if (node !== undefined && !nodes.has(node)) nodes.set(node, name);
  return nodes;
}

/**
 * What holds for every control that is judged over the nodes that run live pods of the namespace.
 * @param known what is known of nodes
 * @param cover how it is with each of these nodes, and until when
 */
export function judgeNodes<Known, Covered extends { readonly until?: number }>(
  input: EvaluationInput,
  known: Source<Known>,
  cover: (
    nodes: ReadonlyMap<string, string>,
    known: readonly Known[],
    input: EvaluationInput,
  ) => readonly Covered[],
  judge: (nodes: readonly Covered[], input: EvaluationInput) => Verdict,
): Verdict {
  const { workloads, namespace } = input.snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  if (specSubjects(workloads.items).length === 0) return noWorkloads(input.snapshot);
  const unseen = unseenInManifests(input.snapshot);
  if (unseen !== undefined) return unseen;
  const nodes = nodesOf(workloads.items);
  if (nodes.size === 0)
    return notApplicable('NoPods', `No pod of namespace ${namespace.name} runs on a node.`);
  if (!known.available) return unknown(known.reason, known.message);
  const covered = cover(nodes, known.items, input);
  const until = covered.reduce<number | undefined>((least, each) => soonest(least, each.until), undefined);
  return { ...judge(covered, input), ...(until === undefined ? {} : { validUntil: until }) };
}
