import type { Clock } from '../../src/base/clock.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { ApiClient } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { AdmissionKeeper } from '../../src/operator/admission-keeper.ts';
import { ClusterFactsKeeper } from '../../src/operator/cluster-facts.ts';
import { ClusterState } from '../../src/operator/cluster-state.ts';
import { ClusterVerdicts } from '../../src/operator/cluster-verdicts.ts';
import { gatherCluster } from '../../src/operator/gather-cluster.ts';
import { createReconcileContext } from '../../src/operator/reconcile-context.ts';
import { noRuntimeYet } from '../../src/operator/gather.ts';
import { ExploitedKeeper } from '../../src/operator/exploited-keeper.ts';
import { MeshKeeper } from '../../src/operator/mesh-keeper.ts';
import { ProfileBook } from '../../src/operator/profile-book.ts';
import { ProprietaryKeeper } from '../../src/operator/proprietary-keeper.ts';
import { reconcileNamespace } from '../../src/operator/reconcile-namespace.ts';
import { ReportStates } from '../../src/operator/report-states.ts';
import { SbomKeeper } from '../../src/operator/sbom-keeper.ts';
import type { SignKeeper } from '../../src/operator/sign-keeper.ts';
import { ScanEvidenceKeeper } from '../../src/operator/scan-evidence.ts';
import type { RuntimeDesk } from '../../src/operator/runtime-desk.ts';
import { VerdictSeries } from '../../src/telemetry/verdict-series.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { eventually } from '../kube/support.ts';
import { operatorKubeconfig, silentLogger } from '../operator/live.ts';
import { noHooks } from './hooks.ts';

/**
 * Reads the whole cluster anew, with the operator's rights and over a line of its own, and judges every namespace of it
 * once. Writes nothing. No Falco event is known to it.
 * @returns the reports that there should be, `namespace/name` to status
 */
export async function judgeAfresh(
  cluster: ControlPlane,
  clock: Clock,
): Promise<[name: string, status: unknown][]> {
  const stop = new AbortController();
  const { signal } = stop;
  const config = loadKubeConfig({ kubeconfig: await operatorKubeconfig(cluster) });
  const client = new ApiClient({ config, clock });
  const common = { client, clock, logger: silentLogger, signal, onChange: () => undefined };
  const state = new ClusterState(client, clock, noHooks);
  const book = new ProfileBook(catalogue);
  state.profiles.store.subscribe((change) => {
    if (change.type === 'set') book.set(change.name, change.value);
  });
  const scans = new ScanEvidenceKeeper({ ...common, state, hooks: noHooks });
  const admission = new AdmissionKeeper({ ...common, hooks: noHooks, auditMaxAge: () => 0 });
  const mesh = new MeshKeeper({ ...common, hooks: noHooks });
  const exploited = new ExploitedKeeper({ ...common, hooks: noHooks });
  const proprietary = new ProprietaryKeeper({ ...common, hooks: noHooks });
  const sboms = new SbomKeeper({ ...common, state, onRead: () => undefined, onRefusal: () => undefined });
  const facts = new ClusterFactsKeeper({
    ...common,
    onDiscovery: (discovery) => {
      admission.serve(discovery);
      mesh.serve(discovery);
      proprietary.serve(discovery);
    },
  });
  const signs = {
    tell: () => ({ signs: 'never' }),
    lossOf: () => undefined,
    metricsOf: () => undefined,
    delivered: () => undefined,
    decided: () => Promise.resolve(),
  } as unknown as SignKeeper;
  const judged = new Map<string, unknown>();
  const reports = {
    current: () => undefined,
    write: ({ namespace, name }: { namespace: string; name: string }, _spec: unknown, status: object) => {
      judged.set(`${namespace}/${name}`, status);
      return Promise.resolve({ result: 'unchanged' } as const);
    },
    delete: () => Promise.resolve(undefined),
    forget: () => undefined,
  };
  const context = createReconcileContext({
    ...common,
    state,
    facts,
    admission,
    mesh,
    exploited,
    proprietary,
    book,
    scans,
    sboms,
    reports,
    cluster: new ClusterVerdicts({
      snapshot: () => gatherCluster({ facts, state, signs }),
      summary: () => undefined,
      logger: silentLogger,
    }),
    signs,
    runtime: { evidence: () => noRuntimeYet } as unknown as RuntimeDesk,
    verdicts: new VerdictSeries(),
    states: new ReportStates(),
    wakeLater: () => undefined,
  });
  const running = [state.run(signal), facts.run(signal)];
  try {
    await Promise.all(state.all.map(({ decided }) => decided));
    await eventually(() => facts.facts !== undefined, 'the cluster said what it is');
    exploited.follow(book.active());
    sboms.seek(book.active());
    proprietary.follow(
      book.active().flatMap(({ parameters }) => parameters['platform.proprietaryApiGroups']),
    );
    sboms.begin();
    for (const { name } of state.namespaces.store.list('')) await reconcileNamespace(context, name);
  } finally {
    stop.abort();
    await Promise.all(running);
    await client.close();
  }
  return [...judged].sort(([a], [b]) => (a < b ? -1 : 1));
}
