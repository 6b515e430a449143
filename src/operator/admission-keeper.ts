import type { Clock } from '../base/clock.ts';
import type { AdmissionItem } from '../domain/admission.ts';
import type { PolicyAudit } from '../domain/policy-audit.ts';
import type { Gap, Source } from '../domain/snapshot.ts';
import { read, unread } from '../domain/snapshot.ts';
import type { AdmissionEvidence } from '../evidence/admission/admission-evidence.ts';
import type { AdmissionKind } from '../evidence/admission/admission-kinds.ts';
import {
  admissionKinds,
  itemsFrom,
  servedKinds,
  webhookConfigurations,
} from '../evidence/admission/admission-kinds.ts';
import type { ApiClient } from '../kube/client.ts';
import type { DiscoveredResource, Discovery } from '../kube/discovery.ts';
import type { WatchedKind } from './admission-gaps.ts';
import { gapIn, silenceOf } from './admission-gaps.ts';
import { concernedBy } from './admission-wake.ts';
import { ServedKinds } from './served-kinds.ts';
import { WebhookEndpoints } from './webhook-endpoints.ts';
import type { AnyWatched, WatchedHooks, Witness } from './watched.ts';
import { distrustAll, valuesOf } from './watched.ts';
import { WatchSet } from './watch-set.ts';
import { withPatience } from './with-patience.ts';

type Tells = AdmissionKind['tells'][number];

interface KindEntry {
  readonly kind: AdmissionKind;
  readonly resource: DiscoveredResource;
}

export interface AdmissionKeeperOptions {
  readonly client: Pick<ApiClient, 'request' | 'stream'>;
  readonly clock: Clock;
  readonly hooks: WatchedHooks;
  readonly signal: AbortSignal;
  /** Of one namespace, or of all. */
  readonly onChange: (namespace?: string) => void;
  /** The least time after which any profile calls an audit stale, milliseconds. */
  readonly auditMaxAge: () => number;
}

/**
 * Knows who is asked before an object is stored, and what was found of those that are there. Its kinds are not watched
 * unless the server serves them: most clusters have few of them, and those of Gatekeeper's constraints have names that
 * nobody knows before.
 */
export class AdmissionKeeper {
  readonly #options: AdmissionKeeperOptions;
  readonly #watches: WatchSet<AdmissionEvidence>;
  readonly #endpoints: WebhookEndpoints;
  readonly #served = new ServedKinds<KindEntry>((group) => groups.has(group));
  #decided: Promise<void> | undefined;
  /** What concerns every namespace, until it changes. */
  #common: readonly AdmissionItem[] | undefined;

  constructor(options: AdmissionKeeperOptions) {
    this.#options = options;
    const { clock, client, signal } = options;
    const hooks: WatchedHooks = {
      ...options.hooks,
      onAvailability: () => this.#changed(),
      onReadability: (watched, namespace) =>
        this.#changed(this.#isOfNamespaceOnly(watched) ? namespace : undefined),
    };
    this.#watches = new WatchSet<AdmissionEvidence>({
      ...{ client, clock, signal, hooks },
      onChange: (key, change) => {
        const kind = this.#served.kinds.get(key)?.kind;
        if (kind === undefined) return;
        if (kind.plural === webhookConfigurations) this.#followWebhooks();
        // What a first list brings is judged when the list is complete.
        if (change.initial) this.#common = undefined;
        else this.#tell(concernedBy(change, kind.ownOnly, clock.now() - options.auditMaxAge()));
      },
    });
    this.#endpoints = new WebhookEndpoints({ client, clock, signal, hooks, onChange: () => this.#changed() });
  }

  /** Takes in what the server serves. What it cannot say at the moment stays as it was. */
  serve(discovery: Discovery): void {
    const changed = this.#served.take(discovery, servedKinds(discovery.resources));
    const wanted = [...this.#served.kinds].map(
      ([key, { kind, resource }]) => [key, { resource, project: kind.project, required: false }] as const,
    );
    const others = this.#watches.set(new Map(wanted));
    if (others) this.#decided = undefined;
    if (others || changed) this.#changed();
    if (others) this.#followWebhooks();
  }

  /** Resolves when it is known of every kind what it holds, or when the time is up. */
  async decided(signal: AbortSignal): Promise<void> {
    await (this.#decided ??= this.#decide(signal));
  }

  /** Whoever is asked about what is stored in the namespace. */
  admission(namespace: string): Source<AdmissionItem> {
    this.#common ??= this.#endpoints.judge(itemsFrom(this.#evidence('admission', false, '')));
    const own = itemsFrom(this.#evidence('admission', true, namespace));
    const items = own.length === 0 ? this.#common : [...this.#common, ...own];
    return read(items, this.#gap('admission', namespace));
  }

  /** What was found of the namespace's objects; unread where nothing looks for it. */
  audits(namespace: string, others: readonly AnyWatched[]): Source<PolicyAudit> {
    if (this.watched('audit').length === 0 && others.every(({ absent }) => absent)) return noAudits;
    const constraints = this.#evidence('audit', false, '').flatMap(({ audit }): PolicyAudit[] => {
      if (audit === undefined) return [];
      const violations = audit.violations.filter((each) => each.namespace === namespace);
      return [{ is: 'constraint', ...audit, violations }];
    });
    const reports = this.#evidence('audit', true, namespace).flatMap(({ report }) => report ?? []);
    return read([...constraints, ...reports], this.#gap('audit', namespace));
  }

  /** Those that are there, for what they tell; without an argument all, and what stands behind webhooks. */
  watched(tells?: Tells): readonly AnyWatched[] {
    const all = this.#of((kind) => tells === undefined || kind.tells.includes(tells)).map(
      ({ watched }) => watched,
    );
    return [...all, ...(tells === 'audit' ? [] : this.#endpoints.watched)].filter(({ absent }) => !absent);
  }

  /** Looks at once for what was forbidden. */
  poke(): void {
    for (const { watcher } of this.watched()) watcher.poke();
  }

  /** Reads everything again: the server was restored from a backup. @param known whose watch has found that out */
  distrust(known?: Witness): void {
    distrustAll(this.watched(), known);
  }

  async #decide(signal: AbortSignal): Promise<void> {
    await withPatience(this.#options.clock, signal, async () => {
      await this.#watches.decided();
      // Which Services are asked for stands in what was just read.
      await Promise.all(this.#endpoints.watched.map(({ decided }) => decided));
    });
  }

  #tell(namespaces: ReadonlySet<string | undefined>): void {
    for (const namespace of namespaces) this.#changed(namespace);
  }

  #followWebhooks(): void {
    this.#endpoints.follow(itemsFrom(this.#evidence('admission', false, '')));
  }

  #changed(namespace?: string): void {
    if (namespace === undefined) this.#common = undefined;
    this.#options.onChange(namespace);
  }

  #isOfNamespaceOnly(watched: AnyWatched): boolean {
    return this.#of((kind) => kind.ownOnly).some((each) => each.watched === watched);
  }

  #of(wanted: (kind: AdmissionKind) => boolean): WatchedKind[] {
    return [...this.#served.kinds].flatMap(([key, { kind }]) => {
      const watched = this.#watches.get(key);
      return watched === undefined || !wanted(kind) ? [] : [{ watched, kind }];
    });
  }

  #evidence(tells: Tells, ownOnly: boolean, namespace: string): AdmissionEvidence[] {
    return this.#of((kind) => kind.ownOnly === ownOnly && kind.tells.includes(tells)).flatMap(
      ({ watched }) =>
        ownOnly ? valuesOf(watched, namespace) : [...watched.store.all()].map(({ value }) => value),
    );
  }

  #gap(tells: Tells, namespace: string): Gap | undefined {
    const kinds = this.#of((kind) => kind.tells.includes(tells));
    return gapIn(kinds, namespace) ?? silenceOf(this.#served.silent, tells);
  }
}

const groups: ReadonlySet<string> = new Set(admissionKinds.map(({ group }) => group));

const noAudits = unread(
  'NoEvidence',
  'Nothing in this cluster looks for violations: there are no constraints, no policy reports and no ConfigAuditReports.',
);
