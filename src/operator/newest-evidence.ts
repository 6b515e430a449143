import type { SourceName } from '../domain/snapshot.ts';
import type { Store } from '../kube/store.ts';
import type { ClusterState } from './cluster-state.ts';

/** Remembers the newest date of each source as it passes: a scrape must not read every report. */
export class NewestEvidence {
  readonly #dates = new Map<SourceName, number>();

  constructor(state: ClusterState) {
    this.#follow('vulnerabilityreports', state.vulnerabilityReports.store);
    this.#follow('exposedsecretreports', state.exposedSecretReports.store);
    this.#follow('sbomreports', state.sbomReports.store);
    this.#follow('configauditreports', state.configAuditReports.store);
  }

  /** Milliseconds since the epoch. */
  get(source: SourceName): number | undefined {
    return this.#dates.get(source);
  }

  #follow(source: SourceName, store: Pick<Store<{ readonly updatedAt?: number }>, 'subscribe'>): void {
    store.subscribe((change) => {
      const date = change.type === 'set' ? change.value.updatedAt : undefined;
      if (date !== undefined && date > (this.get(source) ?? 0)) this.#dates.set(source, date);
    });
  }
}
