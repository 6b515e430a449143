import type { RuntimeFinding } from '../../domain/runtime.ts';
import type { SecretScan, VulnerabilityScan } from '../../domain/scan-report.ts';
import type { Snapshot, Source } from '../../domain/snapshot.ts';
import { read, unread } from '../../domain/snapshot.ts';
import type { TrivyReports } from '../trivy/read-document.ts';
import { boundClaims } from '../volumes/bound-claims.ts';
import { assembleWorkloads } from '../workloads/assemble.ts';
import type { Collected, NamespaceManifests } from './collect.ts';

/** What was given beside the manifests; absent is not the same as empty. */
export interface ScanEvidence {
  readonly trivy?: readonly TrivyReports[];
  readonly runtime?: ReadonlyMap<string, readonly RuntimeFinding[]>;
  /** Kubernetes 1.`minor` that the manifests are meant for. */
  readonly minor: number;
}

/** One snapshot for each namespace that the input speaks of, by name. */
export function snapshotsOf(collected: Collected, evidence: ScanEvidence): Snapshot[] {
  const reports = [...collected.trivy, ...(evidence.trivy ?? [])];
  const given = evidence.trivy !== undefined || collected.trivy.length > 0;
  const names = new Set([...collected.namespaces.keys(), ...(evidence.runtime?.keys() ?? [])]);
  return [...names].sort().map((name) => {
    const own = collected.namespaces.get(name) ?? nothing;
    return {
      namespace: { name, ...(own.labels === undefined ? {} : { labels: own.labels }) },
      cluster: { minor: evidence.minor, unreadPolicyApis: collected.unreadPolicyApis, live: false },
      workloads: withGap(assembleWorkloads(own), own),
      networkPolicies: withGap(own.networkPolicies, own),
      volumes: withGap(boundClaims(own.claims, collected.volumes), own),
      vulnerabilityScans: scans(
        given,
        name,
        reports.flatMap(({ vulnerabilities }) => vulnerabilities),
      ),
      secretScans: scans(
        given,
        name,
        reports.flatMap(({ secrets }) => secrets),
      ),
      runtime:
        evidence.runtime === undefined
          ? unread('NoEvidence', 'No Falco events were given; --falco-events names a file of them.')
          : read(evidence.runtime.get(name) ?? []),
    };
  });
}

const nothing: NamespaceManifests = { pods: [], owners: [], networkPolicies: [], claims: [] };

const withGap = <T>(items: readonly T[], { gap }: NamespaceManifests): Source<T> => ({
  available: true,
  items,
  ...(gap === undefined ? {} : { gap }),
});

/** A report without a namespace speaks of an image, wherever it runs. */
function scans<T extends VulnerabilityScan | SecretScan>(
  given: boolean,
  namespace: string,
  all: readonly (T & { readonly namespace?: string })[],
): Source<T> {
  if (!given)
    return unread('NoEvidence', 'No scan reports were given; --trivy-reports names a folder of them.');
  return read(all.filter((scan) => scan.namespace === undefined || scan.namespace === namespace));
}
