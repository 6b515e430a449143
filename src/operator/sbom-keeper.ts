import type { Clock } from '../base/clock.ts';
import { isTurnSpent, nextTurn, sleep } from '../base/clock.ts';
import { indexScans } from '../controls/shared/find-scans.ts';
import { runningContainers } from '../controls/shared/running-images.ts';
import { comparable } from '../controls/shared/same-image.ts';
import { packageParameters, remoteAdminPackages } from '../domain/sbom.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Profile } from '../evaluate/profile.ts';
import type { ClusterState } from './cluster-state.ts';
import { gatherWorkloads } from './gather-workloads.ts';
import type { SbomReaderOptions } from './sbom-reader.ts';
import { SbomReader } from './sbom-reader.ts';
import { patienceMs, withPatience } from './with-patience.ts';

/** Of several reports that come together, what they are of is looked up once. */
const sweepDelayMs = 1_000;

/** Of a report whose body was not read, nothing is known of its image. */
const blank = { registry: '', repository: '' };

/**
 * Knows what the SbomReports of images that run say. Every replica reads them, so that one that begins to lead need not call
 * everything unknown until it has.
 */
export class SbomKeeper {
  readonly #state: ClusterState;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #reader: SbomReader;
  /** Namespaces in which a report came or changed. */
  readonly #stirred = new Set<string>();
  /** Monotonic; undefined while it is not known what runs. */
  #began: number | undefined;
  #sweeping = false;

  constructor(options: SbomReaderOptions & { readonly state: ClusterState }) {
    this.#state = options.state;
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#reader = new SbomReader(options);
    this.#state.sbomReports.store.subscribe((change) => {
      if (change.type === 'delete') this.#reader.forget(change.namespace, change.name);
      else this.#stir([change.namespace]);
    });
  }

  /** Everything that is required was read: from now on it is known what runs. */
  begin(): void {
    this.#began = this.#clock.monotonic();
    void this.#sweep(0);
  }

  /** Looks for the packages that these profiles name, beside those before. */
  seek(profiles: readonly Profile[]): void {
    const named = profiles.flatMap(({ parameters }) => packageParameters.flatMap((path) => parameters[path]));
    const names = [...named, ...remoteAdminPackages];
    if (this.#reader.seek(names)) this.#stir(this.#state.sbomReports.store.namespaces());
  }

  /** Resolves when the reports of the namespace are read; soon after the beginning, for a while, and later at once. */
  async decided(namespace: string, signal: AbortSignal): Promise<void> {
    const left = (this.#began ?? -Infinity) + patienceMs - this.#clock.monotonic();
    if (left <= 0 || signal.aborted) return;
    await withPatience(this.#clock, signal, (waiting) => this.#read(namespace, waiting), left);
  }

  /** The SBOMs of a namespace, as far as they were read; what is missing is asked for. */
  evidence(namespace: string, workloads: Snapshot['workloads']): Snapshot['sboms'] {
    this.#want(namespace, workloads);
    const source = this.#state.sbomReports.evidence(namespace, () =>
      this.#state.sbomReports.store.list(namespace).map(({ name, value }) => {
        const { updatedAt: _when, namespace: _where, ...head } = value;
        return { ...head, image: blank, ...this.#reader.contentOf(namespace, name) };
      }),
    );
    const { refusal } = this.#reader;
    if (!source.available || source.gap !== undefined || refusal === undefined) return source;
    return {
      ...source,
      gap: { reason: 'Forbidden', message: `Reading an SbomReport is refused: ${refusal}.` },
    };
  }

  /** Reads everything again: the server was restored from a backup. */
  distrust(): void {
    this.#reader.distrust();
    this.#stir(this.#state.sbomReports.store.namespaces());
  }

  async #read(namespace: string, signal: AbortSignal): Promise<void> {
    await this.#state.sbomReports.decided;
    this.#want(namespace, gatherWorkloads(this.#state, namespace));
    await this.#reader.settled(namespace, signal);
  }

  /** Asks for the reports of images that run; those of old revisions are nobody's. */
  #want(namespace: string, workloads: Snapshot['workloads']): void {
    const stored = this.#state.sbomReports.store.list(namespace);
    if (stored.length === 0 || !workloads.available) return;
    const index = indexScans(
      stored.map(({ value, resourceVersion }) => ({ ...value, image: blank, resourceVersion })),
      true,
    );
    for (const running of runningContainers(workloads.items)) {
      const [digest] = comparable(running.image, running.digest).digests.toReversed();
      for (const { name, resourceVersion } of index(running).ofAnother)
        this.#reader.want({ namespace, name, resourceVersion, ...(digest === undefined ? {} : { digest }) });
    }
  }

  #stir(namespaces: Iterable<string>): void {
    for (const namespace of namespaces) this.#stirred.add(namespace);
    if (this.#began !== undefined) void this.#sweep(sweepDelayMs);
  }

  async #sweep(delayMs: number): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    await sleep(this.#clock, delayMs, this.#signal);
    for (const namespace of this.#stirred) {
      if (this.#signal.aborted) break;
      this.#stirred.delete(namespace);
      this.#want(namespace, gatherWorkloads(this.#state, namespace));
      if (isTurnSpent()) await nextTurn();
    }
    this.#sweeping = false;
  }
}
