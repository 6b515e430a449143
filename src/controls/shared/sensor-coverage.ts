import type { EvaluationInput } from '../../domain/control.ts';
import type { MetricsGap, MetricsState, SensorNode } from '../../domain/sensors.ts';

/**
 * `alive`: ready, and heard within runtime.blindSensorAfter. `unheard`: ready, and never heard. `recent`: without a ready
 * sensor for less than the grace. `unseen`: nobody knows. `skewed`: without one since a time in the future.
 */
export type SensorCoverage =
  'alive' | 'silent' | 'unheard' | 'recent' | 'bare' | 'uncoverable' | 'unseen' | 'skewed';

/** A node that runs live pods of the namespace. */
export interface WatchedNode {
  readonly name: string;
  /** One of these pods. */
  readonly example: string;
  readonly is: SensorCoverage;
  /** When time alone makes it something else, milliseconds since the epoch. */
  readonly until?: number;
  /** What is known of it. */
  readonly known?: SensorNode;
}

/** @param nodes by name, each with a pod of the namespace */
export function watchNodes(
  nodes: ReadonlyMap<string, string>,
  known: readonly SensorNode[],
  input: EvaluationInput,
): readonly WatchedNode[] {
  const found = new Map(known.map((node) => [node.name, node]));
  const sensors = input.parameters['runtime.sensors'];
  const none = input.snapshot.sensorsPresent?.every((name) => !sensors.includes(name)) ?? false;
  return [...nodes].map(([name, example]) => {
    const node = found.get(name);
    if (node === undefined) return { name, example, is: 'unseen' };
    return { name, example, known: node, ...coverageOf(node, none, input) };
  });
}

function coverageOf(
  node: SensorNode,
  none: boolean,
  { parameters, now }: EvaluationInput,
): Pick<WatchedNode, 'is' | 'until'> {
  if (node.uncoverable !== undefined) return { is: 'uncoverable' };
  const sensors = node.pods.filter(({ sensor }) => parameters['runtime.sensors'].includes(sensor));
  const ready = sensors.filter((each) => each.ready);
  if (ready.length > 0) {
    // What was heard of the node was Falco's.
    const signs = ready.some(({ sensor }) => sensor === 'falco') ? node.signs : 'never';
    return { is: signs === 'heard' ? 'alive' : signs === 'silent' ? 'silent' : 'unheard' };
  }
  // Where there is none at all, none is late.
  if (none && sensors.length === 0) return { is: 'bare' };
  const since = Math.max(...[node, ...sensors].map((each) => each.since ?? -Infinity));
  const skewed = since - parameters['platform.maxClockSkew'];
  if (skewed > now) return { is: 'skewed', until: skewed };
  const until = since + parameters['runtime.uncoveredGrace'];
  return now >= until ? { is: 'bare' } : { is: 'recent', until };
}

/** `node-a since 2026-01-01T00:00:00Z, node-b, and 3 more`: a few of them, the others by number. */
export function listNodes(
  nodes: readonly { readonly name: string; readonly since?: number | undefined }[],
): string {
  const shown = nodes
    .slice(0, 3)
    .map(({ name, since }) => (since === undefined ? name : `${name} since ${moment(since)}`));
  const more = nodes.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** What is not read of the metrics that a profile asks for. @param read what is known; absent is not read */
export const metricsGap = (read: MetricsState | undefined): MetricsGap | undefined =>
  read === 'read' ? undefined : (read ?? { of: 'falco' });

/** `falco: node-a since 2026-01-01T00:00:00Z (the connection is refused), node-b`: the causes of the first few. */
export function listGaps(nodes: readonly { readonly name: string; readonly gap: MetricsGap }[]): string {
  const bySource = Map.groupBy(nodes, ({ gap }) => gap.of);
  return [...bySource].map(([of, found]) => `${of}: ${listNodes(found.map(withCause))}`).join('; ');
}

function withCause({ name, gap: { since, why } }: { readonly name: string; readonly gap: MetricsGap }) {
  const when = since === undefined ? 'never' : `since ${moment(since)}`;
  return { name: `${name} ${when}${why === undefined ? '' : ` (${why})`}` };
}

/** To the second. @param at milliseconds since the epoch */
export const moment = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
