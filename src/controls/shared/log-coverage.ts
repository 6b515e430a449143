import type { EvaluationInput } from '../../domain/control.ts';
import type { LogNode } from '../../domain/log-readers.ts';
import { collectorKind } from './log-collectors.ts';

/**
 * `doubtful`: a pod that is of no known collector reads the logs. `recent`: without a collector for less than the grace.
 * `unseen`: nobody knows. `skewed`: without one since a time in the future.
 */
export type Coverage = 'covered' | 'doubtful' | 'recent' | 'bare' | 'unseen' | 'skewed';

/** A node that runs live pods of the namespace. */
export interface CoveredNode {
  readonly name: string;
  /** One of these pods. */
  readonly example: string;
  readonly is: Coverage;
  /** When time alone makes it something else, milliseconds since the epoch. */
  readonly until?: number;
}

/** @param known of the nodes, those of which it is known what reads their logs */
export function coverNodes(
  nodes: ReadonlyMap<string, string>,
  known: readonly LogNode[],
  input: EvaluationInput,
): readonly CoveredNode[] {
  const found = new Map(known.map((node) => [node.name, node]));
  const none = hasNoCollector(input);
  return [...nodes].map(([name, example]) => {
    const node = found.get(name);
    const coverage = node === undefined ? { is: 'unseen' as const } : coverageOf(node, none, input);
    return { name, example, ...coverage };
  });
}

/** In the whole cluster, as far as that is known. */
const hasNoCollector = ({ snapshot, parameters }: EvaluationInput): boolean =>
  snapshot.logNamespaces?.every(({ readers }) =>
    readers.every((reader) => collectorKind(reader, parameters['logs.collectors']) === undefined),
  ) ?? false;

function coverageOf(
  node: LogNode,
  none: boolean,
  { parameters, now }: EvaluationInput,
): Pick<CoveredNode, 'is' | 'until'> {
  const collectors = node.readers.flatMap((reader) => {
    const kind = collectorKind(reader, parameters['logs.collectors']);
    return kind === undefined ? [] : [{ ...reader, kind }];
  });
  // Where there is none at all, none is late.
  if (none && collectors.length === 0) return { is: 'bare' };
  const ready = collectors.filter((collector) => collector.ready);
  if (ready.some(({ kind }) => kind === 'known')) return { is: 'covered' };
  if (ready.length > 0) return { is: 'doubtful' };
  // Of a node that was there before anybody looked, and of which nothing tells when it had one, it may be long ago.
  const since = Math.max(...[node, ...collectors].map((each) => each.since ?? -Infinity));
  const skewed = since - parameters['platform.maxClockSkew'];
  if (skewed > now) return { is: 'skewed', until: skewed };
  const until = since + parameters['logs.uncoveredGrace'];
  return now >= until ? { is: 'bare' } : { is: 'recent', until };
}
