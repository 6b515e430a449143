/**
 * Grafana's classic dashboard JSON, as far as ours use it. A builder of our own, since a generic one brings hundreds of files for six kinds of
 * panel, and writes the schema version of the newest Grafana, which an older one may misread.
 */
export interface Dashboard {
  readonly id: null;
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly schemaVersion: 39;
  readonly version: 1;
  readonly editable: false;
  readonly graphTooltip: 1;
  readonly timezone: 'browser';
  readonly time: { readonly from: string; readonly to: 'now' };
  readonly refresh: string;
  readonly links: readonly DashboardLink[];
  readonly annotations: { readonly list: readonly [] };
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly PlacedPanel[];
}

export interface DashboardLink {
  readonly type: 'dashboards' | 'link';
  readonly title: string;
  readonly tags: readonly string[];
  readonly url: string;
  readonly icon: string;
  readonly tooltip: string;
  readonly asDropdown: boolean;
  readonly includeVars: boolean;
  readonly keepTime: boolean;
  readonly targetBlank: boolean;
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly type: 'datasource' | 'query' | 'constant';
  /** 0 shows it, 2 hides it. */
  readonly hide: 0 | 2;
  readonly query: string | { readonly query: string; readonly refId: string };
  readonly current?: { readonly selected: boolean; readonly text: string; readonly value: string };
  readonly [field: string]: unknown;
}

export interface Source {
  readonly type: 'prometheus';
  // Grafana puts in what was chosen.
  readonly uid: '${datasource}';
}

export interface Target {
  readonly refId: string;
  readonly datasource: Source;
  readonly editorMode: 'code';
  readonly expr: string;
  readonly legendFormat?: string;
  readonly format: 'time_series' | 'table';
  readonly instant: boolean;
  readonly range: boolean;
}

export interface Step {
  readonly color: string;
  readonly value: number | null;
}

export type Mapping =
  | {
      readonly type: 'value';
      readonly options: Readonly<
        Record<string, { readonly text?: string; readonly color?: string; readonly index: number }>
      >;
    }
  | { readonly type: 'special'; readonly options: { readonly match: string; readonly result: object } };

export interface DataLink {
  readonly title: string;
  readonly url: string;
  readonly targetBlank?: boolean;
}

export interface FieldDefaults {
  readonly unit: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly color: { readonly mode: string; readonly fixedColor?: string };
  readonly thresholds: { readonly mode: 'absolute'; readonly steps: readonly Step[] };
  readonly mappings: readonly Mapping[];
  readonly links?: readonly DataLink[];
  readonly custom?: Readonly<Record<string, unknown>>;
  readonly noValue?: string;
}

export interface Override {
  readonly matcher: { readonly id: 'byName' | 'byRegexp'; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

export interface Panel {
  readonly type: 'row' | 'stat' | 'table' | 'timeseries' | 'bargauge' | 'state-timeline';
  readonly title: string;
  /** What question it answers, and what to mind. */
  readonly description?: string;
  readonly datasource?: Source;
  readonly fieldConfig?: { readonly defaults: FieldDefaults; readonly overrides: readonly Override[] };
  readonly options?: Readonly<Record<string, unknown>>;
  readonly targets?: readonly Target[];
  readonly transformations?: readonly { readonly id: string; readonly options: object }[];
  readonly links?: readonly DataLink[];
  readonly collapsed?: false;
  readonly panels?: readonly [];
}

export interface PlacedPanel extends Panel {
  readonly id: number;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}
