import type { Clock } from '../base/clock.ts';
import type { Logger } from '../telemetry/log.ts';
import type { VerdictSeries } from '../telemetry/verdict-series.ts';
import type { AdmissionKeeper } from './admission-keeper.ts';
import type { ClusterFactsKeeper } from './cluster-facts.ts';
import type { ClusterVerdicts } from './cluster-verdicts.ts';
import type { ClusterState } from './cluster-state.ts';
import type { ExploitedKeeper } from './exploited-keeper.ts';
import { gatherSnapshot, hasScans } from './gather.ts';
import { alternativesDecided } from './gather-policies.ts';
import type { MeshKeeper } from './mesh-keeper.ts';
import { NamespaceMemories } from './namespace-memories.ts';
import type { ProfileBook } from './profile-book.ts';
import type { ProprietaryKeeper } from './proprietary-keeper.ts';
import type { ReconcileContext } from './reconcile-namespace.ts';
import type { ReportStates } from './report-states.ts';
import type { RuntimeDesk } from './runtime-desk.ts';
import type { SbomKeeper } from './sbom-keeper.ts';
import type { SignKeeper } from './sign-keeper.ts';
import type { ScanEvidenceKeeper } from './scan-evidence.ts';

export interface ContextParts {
  readonly state: ClusterState;
  readonly facts: ClusterFactsKeeper;
  readonly admission: AdmissionKeeper;
  readonly mesh: MeshKeeper;
  readonly exploited: ExploitedKeeper;
  readonly proprietary: ProprietaryKeeper;
  readonly book: ProfileBook;
  readonly reports: ReconcileContext['reports'];
  readonly scans: ScanEvidenceKeeper;
  readonly sboms: SbomKeeper;
  readonly runtime: RuntimeDesk;
  readonly cluster: ClusterVerdicts;
  readonly signs: SignKeeper;
  readonly verdicts: VerdictSeries;
  readonly states: ReportStates;
  readonly wakeLater: ReconcileContext['wakeLater'];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random?: (() => number) | undefined;
  /** Aborts when no more work is begun. */
  readonly signal: AbortSignal;
}

/** Puts together what a reconcile of a namespace works with. */
export function createReconcileContext(parts: ContextParts): ReconcileContext {
  const { state, book, reports, verdicts, states, wakeLater, clock, logger, random = Math.random } = parts;
  const { facts, admission, mesh, exploited, proprietary, scans, sboms, runtime } = parts;
  const { cluster, signs, signal } = parts;
  const memories = new NamespaceMemories();
  let alternatives: Promise<void> | undefined;
  let heard: Promise<void> | undefined;
  const settled = async () => {
    await (alternatives ??= alternativesDecided(state, clock, signal));
    await (heard ??= signs.decided(signal));
    return !signal.aborted;
  };
  const gathering = {
    state,
    admission,
    mesh,
    exploited,
    proprietary,
    // Nothing is judged before they are known.
    facts: () => facts.facts ?? { minor: 0, unreadPolicyApis: [], live: true },
    deletedVulnerabilityScans: scans.vulnerabilities,
    deletedSecretScans: scans.secrets,
    sboms,
    runtime: (namespace: string) => runtime.evidence(namespace),
    signs,
    scannerSettings: (scannerNamespace: string, namespace: string) =>
      scans.settings(scannerNamespace, namespace),
  };
  return {
    state,
    book,
    reports,
    cluster: (profile, namespace, now) => ({
      evaluation: cluster.of(profile, now),
      patienceMs: cluster.patience(profile.name, namespace, now),
    }),
    verdicts,
    states,
    wakeLater,
    clock,
    logger,
    random,
    settled,
    prepare: async ({ parameters }, namespace) => {
      await settled();
      await admission.decided(signal);
      await mesh.decided(signal);
      await exploited.decided(parameters, signal);
      await proprietary.decided(signal);
      if (hasScans(state)) await scans.decided(parameters['vulnerabilities.scannerNamespace'], signal);
      await sboms.decided(namespace, signal);
      return !signal.aborted;
    },
    snapshot: (namespace, { parameters }, now, { sources }) =>
      gatherSnapshot(gathering, namespace, parameters, now, sources),
    memories,
  };
}
