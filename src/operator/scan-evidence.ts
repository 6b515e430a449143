import type { Clock } from '../base/clock.ts';
import type { ImageScan, ScannerSettings, SecretScan } from '../domain/scan-report.ts';
import { RescanMemory } from '../evidence/trivy/rescan-memory.ts';
import { readScannerSettings, settingsConfigMaps } from '../evidence/trivy/settings.ts';
import type { ApiClient } from '../kube/client.ts';
import type { RawObject } from '../kube/frame.ts';
import type { Store } from '../kube/store.ts';
import type { ClusterState } from './cluster-state.ts';
import { resources } from './resources.ts';
import type { WatchedHooks } from './watched.ts';
import { Watched } from './watched.ts';

/** No profile can ask for a longer grace. */
const longestGraceMs = 24 * 3_600_000;

/** What is known of scans beside the reports that are there: those just deleted, and what the scanner is told to hide. */
export class ScanEvidenceKeeper {
  readonly vulnerabilities = new RescanMemory<ImageScan>({ keepFor: longestGraceMs });
  readonly secrets = new RescanMemory<SecretScan>({ keepFor: longestGraceMs });
  readonly #client: ApiClient;
  readonly #clock: Clock;
  readonly #hooks: WatchedHooks;
  readonly #signal: AbortSignal;
  readonly #onChange: () => void;
  /** The scanner's ConfigMaps, by the namespace that a profile says it runs in. */
  readonly #settings = new Map<string, readonly Watched<RawObject>[]>();

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

  /** What the scanner hides in `namespace`; undefined while its ConfigMaps are not there or not readable. */
  settings(scannerNamespace: string, namespace: string): ScannerSettings | undefined {
    const watched = this.#settings.get(scannerNamespace) ?? this.#watch(scannerNamespace);
    const objects = watched.flatMap(({ store }) => store.list(scannerNamespace).map(({ value }) => value));
    return readScannerSettings(objects, namespace);
  }

  #follow<Scan extends ImageScan>(store: Pick<Store<Scan>, 'subscribe'>, memory: RescanMemory<Scan>): void {
    store.subscribe((change) => {
      if (change.type === 'set') memory.reportSeen(change.namespace, change.value.name);
      else memory.reportDeleted(change.namespace, change.old, this.#clock.now());
    });
  }

  /** One watch for each ConfigMap, since reading is allowed by their names only. */
  #watch(scannerNamespace: string): readonly Watched<RawObject>[] {
    const watched = settingsConfigMaps.map(
      (name) =>
        new Watched<RawObject>(
          this.#client,
          this.#clock,
          {
            resource: resources.configMaps,
            namespace: scannerNamespace,
            fieldSelector: `metadata.name=${name}`,
            project: ({ metadata, data }) => ({ metadata, data }),
            required: false,
          },
          this.#hooks,
        ),
    );
    this.#settings.set(scannerNamespace, watched);
    for (const { watcher, store } of watched) {
      store.subscribe(this.#onChange);
      void watcher.run(this.#signal);
    }
    return watched;
  }
}
