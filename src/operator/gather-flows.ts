import { compareText } from '../domain/compare-text.ts';
import type { FlowNode, FlowSource } from '../domain/flows.ts';
import type { Gap, Source } from '../domain/snapshot.ts';
import { read } from '../domain/snapshot.ts';
import { ciliumConfigMap, felixShowsFlows } from '../evidence/flows/project-flow-settings.ts';
import { present } from '../evidence/present.ts';
import type { ClusterState } from './cluster-state.ts';
import type { KnownAgent } from './flow-book.ts';
import { valuesOf } from './watched.ts';

/** Of each node that runs live pods of the namespace, what shows their flows. */
export function gatherFlows(state: ClusterState, namespace: string): Source<FlowNode> {
  const { pods, flowBook } = state;
  const source = pods.evidence(undefined, () => {
    const nodes = new Set(
      valuesOf(pods, namespace).flatMap(({ state: is, node }) => (is === 'live' ? (node ?? []) : [])),
    );
    return [...nodes].toSorted(compareText).map((name): FlowNode => {
      const sources = new Map<string, FlowSource>();
      for (const known of flowBook.on(name)) {
        const found = sourceOf(known, name, state);
        // One that is ready counts before one that was.
        if (found !== undefined && sources.get(found)?.until === undefined)
          sources.set(found, present({ name: found, until: sources.has(found) ? undefined : known.until }));
      }
      return { name, sources: [...sources.values()].toSorted((a, b) => compareText(a.name, b.name)) };
    });
  });
  return source.available ? read(source.items, source.gap ?? settingsGap(state)) : source;
}

/** What an agent shows, if it is told to. */
function sourceOf(
  { agent, namespace, told }: KnownAgent,
  node: string,
  state: ClusterState,
): string | undefined {
  if (agent === 'calico-accountant') return agent;
  if (agent === 'cilium')
    return state.ciliumSettings.store.get(namespace, ciliumConfigMap)?.value.hubble === true
      ? 'Hubble'
      : undefined;
  const settings = state.felixSettings.flatMap(({ store }) => store.list('').map(({ value }) => value));
  return felixShowsFlows(settings, node, told) ? 'flow logs of Calico' : undefined;
}

/** Settings matter only where an agent goes by them. */
function settingsGap({ flowBook, ciliumSettings, felixSettings }: ClusterState): Gap | undefined {
  const felix = felixSettings.filter(({ absent }) => !absent);
  const asked = [
    ...(flowBook.has('cilium') ? [ciliumSettings] : []),
    ...(flowBook.has('calico') ? felix : []),
  ];
  for (const watched of asked) {
    const source = watched.evidence(undefined, () => []);
    if (!source.available) return { reason: source.reason, message: source.message };
    if (source.gap !== undefined) return source.gap;
  }
  return undefined;
}
