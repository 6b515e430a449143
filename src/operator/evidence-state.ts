import { cleanText } from '../base/clean-text.ts';
import type { SourceName } from '../domain/snapshot.ts';
import type { UnknownReason } from '../domain/verdict.ts';
import type { AdmissionKeeper } from './admission-keeper.ts';
import type { ClusterState } from './cluster-state.ts';
import type { ExploitedKeeper } from './exploited-keeper.ts';
import { noRuntimeYet } from './gather.ts';
import type { MeshKeeper } from './mesh-keeper.ts';
import type { NewestEvidence } from './newest-evidence.ts';
import type { ProprietaryKeeper } from './proprietary-keeper.ts';
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
}

/** @returns every source, in the order in which reports list them */
export function evidenceStates(
  state: ClusterState,
  admission: Pick<AdmissionKeeper, 'watched' | 'audits'>,
  { mesh, exploited, proprietary }: EvidenceKeepers,
  runtime: RuntimeState,
  newest: Pick<NewestEvidence, 'get'>,
): EvidenceState[] {
  const states = [
    combine('workloads', [state.pods, ...state.owners]),
    combine('networkpolicies', [
      state.networkPolicies,
      ...present(state.otherPolicies.map(({ watched }) => watched)),
    ]),
    combine('volumes', [state.claims, state.volumes]),
    combine('vulnerabilityreports', [state.vulnerabilityReports]),
    combine('exposedsecretreports', [state.exposedSecretReports]),
    combine('sbomreports', [state.sbomReports]),
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
    combine('falcorules', [state.falcoRules]),
    combine('admissionpolicies', admission.watched('admission')),
    ofAudits(state, admission),
    combine('gitops', present(state.gitOps)),
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
  { configAuditReports }: ClusterState,
  admission: Pick<AdmissionKeeper, 'watched' | 'audits'>,
): EvidenceState {
  const none = admission.audits('', [configAuditReports]);
  if (!none.available) return { source: 'policyaudits', ...none };
  const own = configAuditReports.absent ? [] : [configAuditReports];
  return combine('policyaudits', [...admission.watched('audit'), ...own]);
}

/** By all profiles together: what one of them does not ask for is missing for another. */
function ofProprietary(proprietary: Pick<ProprietaryKeeper, 'objects'>): EvidenceState {
  const source = 'proprietaryapis';
  const all = proprietary.objects('');
  const gap = all.available ? all.gap : all;
  if (gap === undefined) return { source, available: true };
  return { source, available: false, reason: gap.reason, message: gap.message };
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
