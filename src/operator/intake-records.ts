import type { Clock } from '../base/clock.ts';
import { asObject, stringMapField } from '../evidence/fields.ts';
import type { IntakeRecord } from '../evidence/falco/signs-text.ts';
import { parseRecord } from '../evidence/falco/signs-text.ts';
import { applyObject, deleteObject } from '../kube/apply.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Logger } from '../telemetry/log.ts';
import { resources } from './resources.ts';
import type { AnyWatched, WatchedHooks } from './watched.ts';
import { Watched } from './watched.ts';
import { withPatience } from './with-patience.ts';

const minute = 60_000;

/** A replica that has said nothing for so long is gone, or cannot be heard: what it counted is no longer counted. */
const staleMs = 3 * minute;

const label = 'plumbline.dev/intake';

export interface IntakeRecordsOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hooks: WatchedHooks;
  readonly home: { readonly namespace: string; readonly replica: string };
  /** Another replica, or an earlier process, says what it knows. */
  readonly onRecord: (record: IntakeRecord) => void;
}

/** The ConfigMaps `plumbline-intake-<replica>`, in the operator's own namespace, in which replicas tell each other what they heard. */
export class IntakeRecords {
  readonly #options: IntakeRecordsOptions;
  readonly #watch: Watched<IntakeRecord>;
  readonly #own: string;
  /** When this process wrote last, by what it wrote: that needs no telling. */
  #written: string | undefined;
  #failed = false;
  /** Replicas that were told to be stale. */
  readonly #told = new Set<string>();

  constructor(options: IntakeRecordsOptions) {
    this.#options = options;
    const { client, clock, hooks, home, onRecord } = options;
    this.#own = nameOf(home.replica);
    this.#watch = new Watched<IntakeRecord>(
      client,
      clock,
      {
        resource: resources.configMaps,
        namespace: home.namespace,
        labelSelector: `${label}=true`,
        project: (object) => parseRecord(stringMapField(asObject(object, ''), 'data', '') ?? {}),
        required: false,
      },
      hooks,
    );
    this.#watch.store.subscribe((change) => {
      if (change.type !== 'set' || change.value === change.old) return;
      const isEcho = change.name === this.#own && new Date(change.value.at).toISOString() === this.#written;
      if (!isEcho) onRecord(change.value);
    });
  }

  get watched(): readonly AnyWatched[] {
    return [this.#watch];
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#watch.watcher.run(signal);
  }

  async decided(signal: AbortSignal): Promise<void> {
    await withPatience(this.#options.clock, signal, () => this.#watch.decided);
  }

  /** What the other replicas say that are alive. */
  others(): readonly IntakeRecord[] {
    const { clock, logger } = this.#options;
    const now = clock.now();
    const alive: IntakeRecord[] = [];
    for (const { name, value } of this.#watch.store.all()) {
      if (name === this.#own) continue;
      if (now - value.at <= staleMs) {
        alive.push(value);
        this.#told.delete(name);
      } else if (!this.#told.has(name)) {
        this.#told.add(name);
        const last = new Date(value.at).toISOString();
        logger.info('a replica tells no more what it hears', { record: name, last });
      }
    }
    return alive;
  }

  /** @param options.tidy take away what others have written last before this moment */
  async write(
    data: Readonly<Record<string, string>>,
    { signal, tidy }: { readonly signal: AbortSignal | undefined; readonly tidy: number | undefined },
  ): Promise<void> {
    const { client, clock, logger } = this.#options;
    const writing = { client, clock, ...(signal === undefined ? {} : { signal }) };
    this.#written = data['at'];
    try {
      const content = {
        metadata: { labels: { [label]: 'true', 'app.kubernetes.io/name': 'plumbline' } },
        data,
      };
      await applyObject(writing, this.#target(this.#own), undefined, content);
      for (const stored of tidy === undefined ? [] : [...this.#watch.store.all()])
        if (stored.name !== this.#own && stored.value.at < (tidy ?? 0))
          await deleteObject(writing, this.#target(stored.name), stored);
      this.#failed = false;
    } catch (error) {
      // It comes again in a minute; of several failures the first is told.
      if (signal?.aborted === true || this.#failed) return;
      this.#failed = true;
      logger.warn('what this replica hears of sensors could not be told to the others', { error });
    }
  }

  #target(name: string) {
    const { namespace } = this.#options.home;
    return { resource: resources.configMaps, kind: 'ConfigMap', namespace, name };
  }
}

/** A replica that is named after a machine may have capitals. */
const nameOf = (replica: string): string =>
  `plumbline-intake-${replica.toLowerCase().replaceAll(/[^-a-z0-9.]/g, '-')}`
    .slice(0, 253)
    .replace(/[-.]+$/, '');
