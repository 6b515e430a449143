import { cleanText } from '../base/clean-text.ts';
import type { MetricsGap } from '../domain/sensors.ts';
import type { SourceName } from '../domain/snapshot.ts';
import type { UnknownReason } from '../domain/verdict.ts';
import type { AdmissionKeeper } from './admission-keeper.ts';
import type { ClusterState } from './cluster-state.ts';
import type { ExploitedKeeper } from './exploited-keeper.ts';
import { hasScans, noRuntimeYet, noScanner } from './gather.ts';
import type { MetricsSigns } from './metrics-signs.ts';
import type { MeshKeeper } from './mesh-keeper.ts';
import type { NewestEvidence } from './newest-evidence.ts';
import type { ProprietaryKeeper } from './proprietary-keeper.ts';
import type { ScanEvidenceKeeper } from './scan-evidence.ts';
import type { AnyWatched } from './watched.ts';

/** One source of evidence over the whole cluster. */
export interface EvidenceState {
  readonly source: SourceName;
  readonly available: boolean;
  readonly reason?: UnknownReason;
  readonly message?: string;
  /** Date of the newest evidence, milliseconds since the epoch. */
  readonly newest?: number;
}

/** Whether events arrive, and when the newest happened. */
export interface RuntimeState {
  readonly heard: boolean;
  readonly newest: number | undefined;
  readonly store?: { readonly problem?: string } | undefined;
}

/** What is watched apart from the state of the cluster. */
export interface EvidenceKeepers {
  readonly mesh: Pick<MeshKeeper, 'watched'>;
  readonly exploited: Pick<ExploitedKeeper, 'watched'>;
  readonly proprietary: Pick<ProprietaryKeeper, 'objects'>;
  readonly scans: Pick<ScanEvidenceKeeper, 'state'>;
  readonly signs: { readonly metrics: Pick<MetricsSigns, 'asked' | 'pages'> };
}

/** @returns every source, in the order in which reports list them */
export function evidenceStates(
  state: ClusterState,
  admission: Pick<AdmissionKeeper, 'watched' | 'audits'>,
  { mesh, exploited, proprietary, scans, signs }: EvidenceKeepers,
  runtime: RuntimeState,
  newest: Pick<NewestEvidence, 'get'>,
  now: number,
): EvidenceState[] {
  const states = [
    combine('workloads', [state.pods, ...present(state.owners)]),
    combine('networkpolicies', [
      state.networkPolicies,
      ...present(state.otherPolicies.map(({ watched }) => watched)),
    ]),
    combine('volumes', [state.claims, state.volumes]),
    combine('vulnerabilityreports', [state.vulnerabilityReports]),
    combine('exposedsecretreports', [state.exposedSecretReports]),
    combine('sbomreports', [state.sbomReports]),
    ofSettings(state, scans),
    combine('configauditreports', [state.configAuditReports]),
    ofRuntime(runtime),
    combine('configmaps', [state.configMaps]),
    combine('services', [state.services]),
    combine('serviceaccounts', [state.serviceAccounts]),
    combine('rolebindings', [state.roleBindings, state.clusterRoleBindings]),
    combine('roles', [state.roleBindings, state.clusterRoleBindings, state.roles, state.clusterRoles]),
    combine('limitranges', [state.limitRanges]),
    combine('horizontalpodautoscalers', [state.autoscalers]),
    combine('poddisruptionbudgets', [state.disruptionBudgets]),
    combine('persistentvolumeclaims', [state.claims]),
    combine('logcollectors', [state.pods]),
    combine('sensors', [state.pods]),
    combine('flowsources', [state.pods, state.ciliumSettings, ...present(state.felixSettings)]),
    combine('falcorules', [state.falcoRules]),
    ...ofMetrics(signs.metrics, now),
    combine('admissionpolicies', admission.watched('admission')),
    ofAudits(state, admission),
    combine('gitops', present([...state.gitOps, ...state.gitOpsSources.map(({ watched }) => watched)])),
    combine('servicemesh', mesh.watched),
    combine('knownexploited', exploited.watched),
    combine('ingresses', [state.ingresses]),
    ofProprietary(proprietary),
  ];
  return states.map((each) => {
    const date = each.source === 'falco' ? runtime.newest : newest.get(each.source);
    return date === undefined ? each : { ...each, newest: date };
  });
}

/** An alternative that is not there is no evidence that is missing. */
const present = (alternatives: readonly AnyWatched[]): AnyWatched[] =>
  alternatives.filter(({ absent }) => !absent);

/** Where nothing looks for violations, nobody knows of any. */
function ofAudits(
  { configAuditReports, controllerRevisions }: ClusterState,
  admission: Pick<AdmissionKeeper, 'watched' | 'audits'>,
): EvidenceState {
  const none = admission.audits('', [configAuditReports]);
  if (!none.available) return { source: 'policyaudits', ...none };
  const own = configAuditReports.absent ? [] : [configAuditReports, controllerRevisions];
  return combine('policyaudits', [...admission.watched('audit'), ...own]);
}

/** Where there are no reports, nobody asks what is left out of them. */
const ofSettings = (state: ClusterState, scans: Pick<ScanEvidenceKeeper, 'state'>): EvidenceState => ({
  source: 'scannersettings',
  ...(hasScans(state) ? scans.state() : noScanner),
});

/** By all profiles together: what one of them does not ask for is missing for another. */
function ofProprietary(proprietary: Pick<ProprietaryKeeper, 'objects'>): EvidenceState {
  const source = 'proprietaryapis';
  const all = proprietary.objects('');
  const gap = all.available ? all.gap : all;
  if (gap === undefined) return { source, available: true };
  return { source, available: false, reason: gap.reason, message: gap.message };
}

/** Where no profile asks for metrics they are no evidence that is missing. */
function ofMetrics(metrics: Pick<MetricsSigns, 'asked' | 'pages'>, now: number): EvidenceState[] {
  if (!metrics.asked) return [];
  const source = 'falcometrics';
  const { all, gaps } = metrics.pages(now);
  const [first] = gaps;
  if (first === undefined && all > 0) return [{ source, available: true }];
  const none = 'No pod of Falco is ready whose metrics could be read.';
  const message =
    first === undefined
      ? none
      : `${gaps.length} of ${all} pages of metrics are not read: ${tellGap(...first)}.`;
  return [{ source, available: false, reason: 'NoEvidence', message: cleanText(message, 512) }];
}

function tellGap(key: string, { of, since, why }: MetricsGap): string {
  const when = since === undefined ? 'never yet' : `not since ${new Date(since).toISOString().slice(0, 19)}Z`;
  return `of ${of} ${of === 'falco' ? `on node ${key}` : key} ${when}${why === undefined ? '' : ` (${why})`}`;
}

/** Events that are held in memory alone are evidence too; that they may be lost is said beside it. */
function ofRuntime(runtime: RuntimeState): EvidenceState {
  const { problem } = runtime.store ?? {};
  if (runtime.heard)
    return {
      source: 'falco',
      available: true,
      ...(problem === undefined ? {} : { message: sentence(problem) }),
    };
  return { source: 'falco', available: false, reason: 'NoEvidence', message: noRuntimeYet.message };
}

const sentence = (problem: string) => cleanText(`Events are held in memory alone: ${problem}.`, 512);

function combine(source: SourceName, parts: readonly AnyWatched[]): EvidenceState {
  const missing = parts.find(({ available }) => !available);
  if (missing === undefined) return { source, available: true };
  return {
    source,
    available: false,
    reason: missing.reason ?? 'NoEvidence',
    message: `${missing.problem ?? missing.name}.`,
  };
}
