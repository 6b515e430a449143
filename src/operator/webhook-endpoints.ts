import type { Clock } from '../base/clock.ts';
import type { AdmissionItem } from '../domain/admission.ts';
import { projectEndpoints } from '../evidence/admission/project-endpoints.ts';
import type { ApiClient } from '../kube/client.ts';
import { resources } from './resources.ts';
import type { AnyWatched, Watched, WatchedHooks } from './watched.ts';
import { WatchSet } from './watch-set.ts';

type Slice = ReturnType<typeof projectEndpoints>;

/**
 * Whether anything answers behind the webhooks of policy engines. It watches the EndpointSlices of those few Services
 * alone: of all that a cluster has, they would be thousands that change with every rollout; and what pods are ready is not
 * held of any.
 */
export class WebhookEndpoints {
  readonly #watches: WatchSet<Slice>;
  readonly #onChange: () => void;

  constructor(options: {
    readonly client: Pick<ApiClient, 'request' | 'stream'>;
    readonly clock: Clock;
    readonly hooks: WatchedHooks;
    readonly signal: AbortSignal;
    readonly onChange: () => void;
  }) {
    const { onChange, ...rest } = options;
    this.#onChange = onChange;
    this.#watches = new WatchSet<Slice>({
      ...rest,
      onChange: (_service, change) => {
        const before = change.old?.ready === true;
        const after = change.type === 'set' && change.value.ready;
        if (before !== after) onChange();
      },
    });
  }

  get watched(): readonly AnyWatched[] {
    return this.#watches.all;
  }

  /** Watches what stands behind the webhooks among these, and nothing else any more. */
  follow(items: readonly AdmissionItem[]): void {
    const services = items.flatMap((item) => (item.is === 'webhook' ? (item.service ?? []) : []));
    const wanted = new Map(services.map((service) => [service, optionsFor(service)] as const));
    if (this.#watches.set(wanted)) this.#onChange();
  }

  /** The same with what is known of the webhooks' Services. */
  judge(items: readonly AdmissionItem[]): AdmissionItem[] {
    return items.map((item) => {
      if (item.is !== 'webhook' || item.service === undefined) return item;
      const watched = this.#watches.get(item.service);
      const ready = watched?.available === true ? isReady(watched) : undefined;
      return ready === undefined ? item : { ...item, ready };
    });
  }
}

/** @returns undefined when nothing that can be read is ready, and something cannot be read */
function isReady({ store, watcher }: Watched<Slice>): boolean | undefined {
  if ([...store.all()].some(({ value }) => value.ready)) return true;
  return watcher.unreadable().length > 0 ? undefined : false;
}

function optionsFor(service: string) {
  const [namespace = '', name = ''] = service.split('/');
  return {
    resource: resources.endpointSlices,
    namespace,
    labelSelector: `kubernetes.io/service-name=${name}`,
    project: projectEndpoints,
    required: false,
  };
}
