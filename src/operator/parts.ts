import type { Clock } from '../base/clock.ts';
import { AccessReviews } from '../kube/access-reviews.ts';
import { ApiClient } from '../kube/client.ts';
import { WriteBudget } from '../kube/write-budget.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { AdmissionKeeper } from './admission-keeper.ts';
import { ClusterFactsKeeper } from './cluster-facts.ts';
import { ClusterState } from './cluster-state.ts';
import type { EvidenceState } from './evidence-state.ts';
import { evidenceStates } from './evidence-state.ts';
import { EventRecorder } from './event-recorder.ts';
import { ExploitedKeeper } from './exploited-keeper.ts';
import { Leadership } from './leadership.ts';
import type { RuntimeMemo } from './memos.ts';
import { MetricsKeeper } from './metrics-keeper.ts';
import { MeshKeeper } from './mesh-keeper.ts';
import { NewestEvidence } from './newest-evidence.ts';
import type { OperatorOptions } from './operator-options.ts';
import { OutageLog } from './outage-log.ts';
import { ProfileBook } from './profile-book.ts';
import { ProprietaryKeeper } from './proprietary-keeper.ts';
import { wakeForReadability } from './readability-wake.ts';
import { RuntimeDesk } from './runtime-desk.ts';
import { SbomKeeper } from './sbom-keeper.ts';
import { ScanEvidenceKeeper } from './scan-evidence.ts';
import { SignKeeper } from './sign-keeper.ts';
import type { StatusWriter } from './status-writer.ts';
import type { Term } from './term.ts';
import { policyDelayMs } from './wake.ts';
import { watchHooks } from './watch-hooks.ts';
import type { AnyWatched, Witness } from './watched.ts';
import { createRuntimeWriter } from './writers.ts';

/** What every replica is made of. Who leads has a Term beside it. */
export interface Parts {
  readonly metrics: Metrics;
  readonly outages: OutageLog;
  readonly client: ApiClient;
  /** One of its own: a renewal must not wait in line behind a thousand reports. */
  readonly leaseClient: ApiClient;
  /** And another: who asks for metrics must not wait either, when there is much to do. */
  readonly reviewClient: ApiClient;
  /** Who may read metrics. */
  readonly reviews: AccessReviews;
  readonly leadership: Leadership;
  readonly budget: WriteBudget;
  readonly state: ClusterState;
  readonly newest: NewestEvidence;
  readonly book: ProfileBook;
  readonly facts: ClusterFactsKeeper;
  readonly admission: AdmissionKeeper;
  readonly mesh: MeshKeeper;
  readonly exploited: ExploitedKeeper;
  readonly proprietary: ProprietaryKeeper;
  readonly scans: ScanEvidenceKeeper;
  readonly sboms: SbomKeeper;
  readonly recorder: EventRecorder;
  readonly signs: SignKeeper;
  readonly metricsKeeper: MetricsKeeper;
  readonly clock: Clock;
  readonly runtimeWriter: StatusWriter<RuntimeMemo>;
  readonly runtime: RuntimeDesk;
}

/** What the parts ask the operator, and tell it. */
export interface PartsContext extends Pick<
  OperatorOptions,
  'settings' | 'kubeConfig' | 'clock' | 'logger' | 'catalogue' | 'intervals' | 'random'
> {
  /** Ends what watches. */
  readonly watching: AbortSignal;
  /** Gives up what is being written. */
  readonly writing: AbortSignal;
  readonly term: () => Term | undefined;
  /** Whether all that is required was read. */
  readonly ready: () => boolean;
  /** Something can be read by now, or no longer. */
  readonly onAvailability: () => void;
  /** @param known whose watch saw it; undefined when a write did */
  readonly onRolledBack: (known?: Witness) => void;
  /** This replica leads from now on. */
  readonly onLead: () => void;
  /** Another may. */
  readonly onFollow: () => void;
}

type WatchingPart = 'admission' | 'mesh' | 'exploited' | 'proprietary' | 'scans' | 'signs';

/** Everything that is watched, whoever watches it. */
export const watchedBy = ({
  state,
  admission,
  mesh,
  proprietary,
  signs,
  exploited,
  scans,
}: Pick<Parts, 'state' | WatchingPart>): readonly AnyWatched[] => [
  ...state.all,
  ...admission.watched(),
  ...mesh.watched,
  ...proprietary.watched(),
  ...exploited.watched,
  ...scans.watched,
  ...signs.watched,
];

export const evidenceOf = ({ state, admission, runtime, newest, clock, ...parts }: Parts): EvidenceState[] =>
  evidenceStates(state, admission, parts, runtime, newest, clock.now());

export function createParts(context: PartsContext): Parts {
  const { clock, logger, settings, intervals, term } = context;
  const metrics = new Metrics({ chunks: (format) => term()?.metrics(format) ?? nothing() });
  const outages = new OutageLog(clock, logger);
  const client = connect(context, metrics, outages);
  const leaseClient = connect(context, metrics, outages);
  const reviewClient = connect(context, metrics, outages);
  const reviews = new AccessReviews(reviewClient, clock, { path: '/metrics', verb: 'get' });
  const leadership = new Leadership({
    settings,
    client: leaseClient,
    clock,
    logger,
    times: intervals?.lease,
    onStarted: context.onLead,
    onStopped: context.onFollow,
  });
  const common = { client, clock, logger };
  const hooks = watchHooks({
    logger,
    metrics,
    outages,
    ready: context.ready,
    onAvailability: context.onAvailability,
    onReadability: (...object) => {
      const woken = term();
      if (woken !== undefined) wakeForReadability(state, woken, ...object);
    },
    onRolledBack: context.onRolledBack,
  });
  const watching = { hooks, signal: context.watching };
  const book = new ProfileBook(context.catalogue);
  const recorder = new EventRecorder({
    ...common,
    metrics,
    instance: settings.podName,
    leading: () => term()?.active ?? false,
  });
  const state: ClusterState = new ClusterState(client, clock, hooks, (kind, object) =>
    recorder.see(kind, object),
  );
  const interval = intervals?.write;
  const budget = new WriteBudget({ clock, ...(interval === undefined ? {} : { intervalMs: interval }) });
  const wake = (namespace: string | undefined) =>
    namespace === undefined ? term()?.wakeEach(policyDelayMs) : term()?.wake(namespace);
  const admission: AdmissionKeeper = new AdmissionKeeper({
    ...common,
    ...watching,
    onChange: wake,
    auditMaxAge: () => Math.min(...book.active().map(({ parameters }) => parameters['policies.auditMaxAge'])),
  });
  const mesh: MeshKeeper = new MeshKeeper({ ...common, ...watching, onChange: wake });
  const exploited = new ExploitedKeeper({ ...common, ...watching, onChange: () => term()?.wakeAll() });
  const proprietary: ProprietaryKeeper = new ProprietaryKeeper({ ...common, ...watching, onChange: wake });
  const facts = new ClusterFactsKeeper({
    ...common,
    onChange: context.onAvailability,
    onDiscovery: (discovery) => {
      admission.serve(discovery);
      mesh.serve(discovery);
      proprietary.serve(discovery);
    },
  });
  const scans = new ScanEvidenceKeeper({ ...common, ...watching, state, onChange: () => term()?.wakeAll() });
  const sboms = new SbomKeeper({
    ...common,
    state,
    signal: context.watching,
    onRead: (namespace) => term()?.wake(namespace, 'normal'),
    onRefusal: () => term()?.wakeAll(),
  });
  const { lease, podName } = settings;
  const signs: SignKeeper = new SignKeeper({
    ...common,
    hooks,
    state,
    home: lease === undefined ? undefined : { namespace: lease.namespace, replica: podName },
    blindAfter: () => book.active().map(({ parameters }) => parameters['runtime.blindSensorAfter']),
    scraping: () => book.active().some(({ parameters }) => parameters['runtime.scrapeFalcoMetrics']),
    everyMs: intervals?.signs,
    leading: () => term()?.active ?? false,
    onChange: (namespaces) => {
      // A node begins or ceases to be heard, or events were lost.
      term()?.wakeCluster(policyDelayMs);
      if (namespaces === undefined) term()?.wakeEach(policyDelayMs);
      else for (const namespace of namespaces) term()?.wake(namespace, 'low');
    },
  });
  const metricsKeeper = new MetricsKeeper({
    clock,
    sensors: state.sensors,
    signs,
    wanted: () => signs.metrics.asked && (term()?.active ?? false),
    everyMs: intervals?.metrics,
    random: context.random,
  });
  const runtimeWriter = createRuntimeWriter({
    ...common,
    state,
    budget,
    onRolledBack: () => context.onRolledBack(),
    signal: context.writing,
  });
  const runtime = new RuntimeDesk({
    ...common,
    settings: settings.intake,
    state,
    writer: runtimeWriter,
    metrics,
    replica: leadership.identity,
    podName: settings.podName,
    leading: () => term()?.active ?? false,
    onChange: (namespace, priority) => term()?.wake(namespace, priority),
    onReceived: (event, now) => signs.receive(event, now),
    heardElsewhere: () => signs.heard,
    onDropped: () => signs.lose(),
  });
  signs.countBy(() => runtime.losses());
  const newest = new NewestEvidence(state);
  return {
    ...{ metrics, outages, client, leaseClient, reviewClient, reviews, leadership, budget, state },
    ...{ newest, book, facts, admission, mesh, exploited, proprietary, scans, sboms, recorder },
    ...{ signs, metricsKeeper, clock, runtimeWriter, runtime },
  };
}

function connect(
  { kubeConfig: config, clock }: PartsContext,
  metrics: Metrics,
  outages: OutageLog,
): ApiClient {
  return new ApiClient({
    config,
    clock,
    onRequest: ({ verb, resource, code }) => {
      metrics.increment('plumbline_api_requests_total', { verb, resource, code });
      outages.answered(code);
    },
  });
}

function* nothing(): Generator<string> {}
