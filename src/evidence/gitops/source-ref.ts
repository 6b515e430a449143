import type { Json } from '../fields.ts';
import { asObject, objectField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';

/** A source as an object names it: one of Flux by its name, one of Argo CD by what it is and the project that rules it. */
export type SourceRef = FluxSourceRef | ArgoSourceRef;

export interface FluxSourceRef extends SourceKey {
  readonly is: 'flux';
  readonly path: string;
}

export interface ArgoSourceRef {
  readonly is: 'argo';
  readonly path: string;
  readonly project: { readonly namespace: string; readonly name: string };
  /** Argo CD verifies signatures of Git alone. */
  readonly git: boolean;
  /** Its address without user and password; projects choose by it. */
  readonly repository: string;
  readonly head?: true;
  /** Argo CD has compared the cluster with it, and had nothing to complain of. */
  readonly compared: boolean;
}

/** Flux's sources and Argo CD's projects. */
export interface SourceKey {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The functions of this file throw a ShapeError when a field has another type than the API gives it. */

export function kustomizationSources(spec: Json, home: string): readonly SourceRef[] {
  const from = objectField(spec, 'sourceRef', 'spec');
  return from === undefined ? [] : [fluxRef(from, 'spec.sourceRef', home)];
}

/** A chart of a HelmRepository is fetched as a HelmChart, which Flux names after the release. */
export function helmReleaseSources(spec: Json, home: string, name: string): readonly SourceRef[] {
  const chartRef = objectField(spec, 'chartRef', 'spec');
  if (chartRef !== undefined) return [fluxRef(chartRef, 'spec.chartRef', home)];
  const chart = objectField(objectField(spec, 'chart', 'spec') ?? {}, 'spec', 'spec.chart') ?? {};
  const from = objectField(chart, 'sourceRef', 'spec.chart.spec');
  if (from === undefined) return [];
  const source = fluxRef(from, 'spec.chart.spec.sourceRef', home);
  if (source.kind !== 'HelmRepository') return [source];
  return [{ ...source, kind: 'HelmChart', name: `${home}-${name}` }];
}

export function fluxRef(from: Json, path: string, home: string): FluxSourceRef {
  const text = (key: string) => stringField(from, key, path) ?? '';
  return { is: 'flux', path, kind: text('kind'), namespace: text('namespace') || home, name: text('name') };
}

export function applicationSources(spec: Json, status: Json, home: string): readonly SourceRef[] {
  const project = {
    namespace: stringField(status, 'controllerNamespace', 'status') || home,
    name: stringField(spec, 'project', 'spec') || 'default',
  };
  const compared = wasCompared(status);
  return sourcesIn(spec).map(({ source, path }) => {
    const text = (key: string) => stringField(source, key, path) ?? '';
    const url = text('repoURL');
    const git = text('chart') === '' && !/^oci:/i.test(url);
    const head = git && ['', 'HEAD'].includes(text('targetRevision')) ? (true as const) : undefined;
    const repository = url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1');
    return present({ is: 'argo' as const, path, project, git, repository, head, compared });
  });
}

/** Several count before the one; of a hydrator, what it reads. */
function sourcesIn(spec: Json): { readonly source: Json; readonly path: string }[] {
  const hydrator = objectField(spec, 'sourceHydrator', 'spec');
  if (hydrator !== undefined) {
    const path = 'spec.sourceHydrator.drySource';
    return [{ source: objectField(hydrator, 'drySource', 'spec.sourceHydrator') ?? {}, path }];
  }
  const several = objectsField(spec, 'sources', 'spec');
  if (several.length > 0)
    return several.map((each, index) => {
      const path = `spec.sources[${index}]`;
      return { source: asObject(each, path), path };
    });
  const one = objectField(spec, 'source', 'spec');
  return one === undefined ? [] : [{ source: one, path: 'spec.source' }];
}

function wasCompared(status: Json): boolean {
  const sync = stringField(objectField(status, 'sync', 'status') ?? {}, 'status', 'status.sync');
  const complaints = objectsField(status, 'conditions', 'status').filter(
    (each) => each['type'] === 'ComparisonError',
  );
  return (sync === 'Synced' || sync === 'OutOfSync') && complaints.length === 0;
}
