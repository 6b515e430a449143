import type { ReportState } from '../api/resources.ts';

/** The state of each report as it was last judged, for the summaries; and which reports there should be. */
export class ReportStates {
  readonly #byNamespace = new Map<string, Map<string, ReportState>>();

  get(namespace: string, profile: string): ReportState | undefined {
    return this.#byNamespace.get(namespace)?.get(profile);
  }

  set(namespace: string, profile: string, state: ReportState): void {
    const profiles = this.#byNamespace.get(namespace) ?? new Map<string, ReportState>();
    this.#byNamespace.set(namespace, profiles.set(profile, state));
  }

  delete(namespace: string, profile: string): void {
    const profiles = this.#byNamespace.get(namespace);
    profiles?.delete(profile);
    if (profiles?.size === 0) this.#byNamespace.delete(namespace);
  }

  profilesIn(namespace: string): readonly string[] {
    return [...(this.#byNamespace.get(namespace)?.keys() ?? [])];
  }
}
