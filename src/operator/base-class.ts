import operatorModule from '@dot-i/k8s-operator';
import type { ResourceEvent } from '@dot-i/k8s-operator';
import { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../base/clock.ts';
import { present } from '../evidence/present.ts';
import type { ApiClient } from '../kube/client.ts';
import type { RawObject } from '../kube/frame.ts';
import type { Resource } from '../kube/resource.ts';
import { resourceName } from '../kube/resource.ts';
import type { Change } from '../kube/store.ts';
import { Store } from '../kube/store.ts';
import { Watcher } from '../kube/watcher.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Witness } from './watched.ts';

/** All that has to do with the class that the operator extends, and with what it must be kept from (docs/adr/0003). */

// The package is CommonJS that was an ES module: its default export, the class, lies one level deeper.
export const { default: Operator } = operatorModule;
const { ResourceEventType, ResourceMetaImpl } = operatorModule;

/**
 * The constructor of the base class looks for a kubeconfig by itself and throws what it meets there, although the one
 * that is used was found and checked before: a file of KUBECONFIG's list that does not exist, which kubectl passes over,
 * or a broken ~/.kube/config that nobody asked for. So the next search finds an empty configuration.
 * @returns `value`, so that this can stand in the arguments of `super`
 */
export function loadsNothing<T>(value: T): T {
  const prototype: Pick<KubeConfig, 'loadFromDefault'> = KubeConfig.prototype;
  const { loadFromDefault } = prototype;
  prototype.loadFromDefault = function (this: KubeConfig) {
    prototype.loadFromDefault = loadFromDefault;
    this.loadFromClusterAndUser(
      { name: 'none', server: 'https://none.invalid', skipTLSVerify: false },
      { name: 'none' },
    );
  };
  return value;
}

/** The base class logs sentences; ours are constant text with fields. */
export function baseLogger(logger: Logger) {
  const at = (level: keyof Logger) => (detail: string) => logger[level]('operator base class', { detail });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export interface NamesWatch {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly resource: Resource;
  readonly namespace: string | undefined;
  /** The server was restored from a backup. */
  readonly onRolledBack: (witness: Witness) => void;
  /** What it throws is logged, and ends nothing. */
  readonly onEvent: (event: ResourceEvent) => Promise<void>;
}

/** A resource of whose objects nothing is held but the names. */
export interface NamesWatched extends Witness {
  readonly watcher: Watcher<ResourceEvent['object']>;
  readonly store: Pick<Store<unknown>, 'get'>;
}

/** The base class's way to watch, on the engine of kube/. Events carry metadata only: who is woken reads the state. */
export function watchNames(options: NamesWatch): NamesWatched {
  const { client, clock, logger, resource, namespace, onRolledBack, onEvent } = options;
  const { plural } = resource;
  const store = new Store<ResourceEvent['object']>();
  store.subscribe((change) => {
    const object = change.type === 'set' ? change.value : change.old;
    const meta = ResourceMetaImpl.createWithPlural(plural, object);
    onEvent({ meta, object, type: eventType(change) }).catch((error: unknown) =>
      logger.error('an event handler failed', { resource: plural, error }),
    );
  });
  const watcher = new Watcher<ResourceEvent['object']>({
    client,
    clock,
    resource,
    ...present({ namespace }),
    metadataOnly: true,
    project: namesOf,
    sink: store,
    onEvent: ({ type }) => void (type === 'rolled-back' && onRolledBack(watched)),
  });
  const watched: NamesWatched = { name: resourceName(resource), watcher, store, options: { resource } };
  return watched;
}

/** Of an object's metadata only its names: the annotations of one definition can be larger than all our reports. */
function namesOf(object: RawObject): ResourceEvent['object'] {
  const { apiVersion, kind, metadata } = object as ResourceEvent['object'];
  const { name, namespace, uid, resourceVersion } = metadata ?? {};
  return present({ apiVersion, kind, metadata: present({ name, namespace, uid, resourceVersion }) });
}

function eventType(change: Change<unknown>): ResourceEvent['type'] {
  if (change.type === 'delete') return ResourceEventType.Deleted;
  return change.old === undefined ? ResourceEventType.Added : ResourceEventType.Modified;
}
