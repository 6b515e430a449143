import { apiVersion, complianceSummaries } from '../api/resources.ts';
import { sourceNames } from '../domain/snapshot.ts';
import type { SourceState } from '../evaluate/summarize.ts';
import { summarize } from '../evaluate/summarize.ts';
import type { Scanned, ScannedState } from './scanned.ts';

/** The ComplianceSummary of each profile that has judged a namespace. */
export function summariesOf({ states, clusters, runtime, now }: Scanned): object[] {
  return [...Map.groupBy(states, ({ profile }) => profile)].map(([profile, own]) => ({
    apiVersion,
    kind: complianceSummaries.kind,
    metadata: { name: profile },
    spec: { profile },
    status: summarize({
      states: own.map(({ state }) => state),
      evidence: sourcesOf(own),
      cluster: clusters.get(profile),
      ...runtime,
      now,
    }),
  }));
}

/** A source is there when it could be read in full for every namespace. */
function sourcesOf(states: readonly ScannedState[]): SourceState[] {
  const rows = states.flatMap(({ evidence }) => evidence);
  return sourceNames.flatMap((source) => {
    const own = rows.filter((row) => row.source === source);
    const worst = own.find(({ available }) => !available) ?? own[0];
    return worst === undefined ? [] : [{ ...worst, source }];
  });
}
