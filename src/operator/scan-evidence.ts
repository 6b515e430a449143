import type { Clock } from '../base/clock.ts';
import type { ImageScan, ScannerSettings, SecretScan, VulnerabilityScan } from '../domain/scan-report.ts';
import type { Gap, Source } from '../domain/snapshot.ts';
import { read, unread } from '../domain/snapshot.ts';
import { RescanMemory } from '../evidence/trivy/rescan-memory.ts';
import { missingSettings, readScannerSettings, settingsConfigMaps } from '../evidence/trivy/settings.ts';
import type { Profile } from '../evaluate/profile.ts';
import type { ApiClient } from '../kube/client.ts';
import type { RawObject } from '../kube/frame.ts';
import type { Store } from '../kube/store.ts';
import type { ClusterState } from './cluster-state.ts';
import { resources } from './resources.ts';
import type { AnyWatched, WatchedHooks, Witness } from './watched.ts';
import { distrustAll, Watched } from './watched.ts';
import { withPatience } from './with-patience.ts';

/** No profile can ask for a longer grace. */
const longestGraceMs = 24 * 3_600_000;

/** What is known of scans beside the reports that are there: those just deleted, and what the scanner is told to hide. */
export class ScanEvidenceKeeper {
  readonly vulnerabilities = new RescanMemory<VulnerabilityScan>({ keepFor: longestGraceMs });
  readonly secrets = new RescanMemory<SecretScan>({ keepFor: longestGraceMs });
  readonly #client: ApiClient;
  readonly #clock: Clock;
  readonly #hooks: WatchedHooks;
  readonly #signal: AbortSignal;
  readonly #onChange: () => void;
  /** The scanner's ConfigMaps, by the namespace that a profile says it runs in. */
  readonly #settings = new Map<string, readonly Watched<RawObject>[]>();
  readonly #decided = new Set<string>();
  /** Those that profiles name. */
  #asked: ReadonlySet<string> = new Set();

  constructor(options: {
    state: ClusterState;
    client: ApiClient;
    clock: Clock;
    hooks: WatchedHooks;
    signal: AbortSignal;
    onChange: () => void;
  }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#hooks = options.hooks;
    this.#signal = options.signal;
    this.#onChange = options.onChange;
    this.#follow(options.state.vulnerabilityReports.store, this.vulnerabilities);
    this.#follow(options.state.exposedSecretReports.store, this.secrets);
    options.state.namespaces.store.subscribe((change) => {
      if (change.type !== 'delete') return;
      this.vulnerabilities.namespaceDeleted(change.name);
      this.secrets.namespaceDeleted(change.name);
    });
  }

  /**
   * Resolves when the scanner's settings are read, or known to be out of reach. To judge before that would call a report
   * complete whose scanner hides findings, and take it back a moment later.
   */
  async decided(scannerNamespace: string, signal: AbortSignal): Promise<void> {
    if (this.#decided.has(scannerNamespace)) return;
    const settings = this.#watched(scannerNamespace);
    await withPatience(this.#clock, signal, () => Promise.all(settings.map(({ decided }) => decided)));
    // Also when the time was up: not every namespace is to wait for it anew.
    this.#decided.add(scannerNamespace);
  }

  /** Reads the settings beforehand, so that who begins to lead need not wait for them. */
  prepare(profiles: readonly Profile[], signal: AbortSignal): void {
    this.#asked = new Set(profiles.map(({ parameters }) => parameters['vulnerabilities.scannerNamespace']));
    for (const scannerNamespace of this.#asked) void this.decided(scannerNamespace, signal);
  }

  /** What the scanner hides in `namespace`. */
  settings(scannerNamespace: string, namespace: string): Source<ScannerSettings> {
    const watched = this.#watched(scannerNamespace);
    const unreadable = watched.find(({ available }) => !available);
    if (unreadable !== undefined) {
      const { reason = 'NoEvidence' } = unreadable;
      const remedy = reason === 'Forbidden' ? '; apply config/trivy' : '';
      return unread(reason, `What the scanner hides is not known: ${unreadable.problem ?? ''}${remedy}.`);
    }
    const objects = watched.flatMap(({ store }) => store.list(scannerNamespace).map(({ value }) => value));
    const settings = readScannerSettings(objects, scannerNamespace, namespace);
    if (settings === undefined) return noSettings(scannerNamespace);
    const [missing] = missingSettings(objects);
    if (missing === undefined) return read([settings]);
    const message = `What the scanner hides is not known: namespace ${scannerNamespace} has no ConfigMap ${missing}.`;
    return read([settings], { reason: 'PartialEvidence', message });
  }

  /** Whether all is known that the profiles ask for. */
  state(): { readonly available: true } | ({ readonly available: false } & Gap) {
    if (this.#asked.size === 0)
      return { available: false, reason: 'NoEvidence', message: 'What the scanner hides was not read yet.' };
    for (const scannerNamespace of this.#asked) {
      const source = this.settings(scannerNamespace, '');
      const gap = source.available ? source.gap : source;
      if (gap !== undefined) return { available: false, reason: gap.reason, message: gap.message };
    }
    return { available: true };
  }

  get watched(): readonly AnyWatched[] {
    return [...this.#settings.values()].flat();
  }

  /** Reads the settings again: the server was restored from a backup. @param known whose watch has found that out */
  distrust(known?: Witness): void {
    distrustAll(this.watched, known);
  }

  #follow<Scan extends ImageScan>(store: Pick<Store<Scan>, 'subscribe'>, memory: RescanMemory<Scan>): void {
    store.subscribe((change) => {
      if (change.type === 'set') memory.reportSeen(change.namespace, change.value.name);
      else memory.reportDeleted(change.namespace, change.old, this.#clock.now());
    });
  }

  #watched(scannerNamespace: string): readonly Watched<RawObject>[] {
    const known = this.#settings.get(scannerNamespace);
    if (known !== undefined) return known;
    const watched = settingsConfigMaps.map((name) => this.#watch(scannerNamespace, name));
    this.#settings.set(scannerNamespace, watched);
    return watched;
  }

  /** One watch for each ConfigMap, since reading is allowed by their names only. */
  #watch(namespace: string, name: string): Watched<RawObject> {
    const options = {
      resource: resources.configMaps,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      project: ({ metadata, data }: RawObject) => ({ metadata, data }),
      required: false,
    };
    const changed = () => this.#onChange();
    const hooks = { ...this.#hooks, onAvailability: changed, onReadability: changed };
    const watched = new Watched<RawObject>(this.#client, this.#clock, options, hooks);
    watched.store.subscribe((change) => {
      if (!change.initial) this.#onChange();
    });
    void watched.watcher.run(this.#signal);
    return watched;
  }
}

const noSettings = (scannerNamespace: string) =>
  unread(
    'NoEvidence',
    `What the scanner hides is not known: namespace ${scannerNamespace} has none of the ConfigMaps of Trivy Operator; ` +
      'say in vulnerabilities.scannerNamespace of the profile where it runs.',
  );
