import { readFileSync, writeFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { ApiClient, type ApiClientOptions } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import type { RequestReport } from '../../src/kube/request-label.ts';
import { Store } from '../../src/kube/store.ts';
import { Watcher, type WatcherOptions, type WatchEvent, type WatchStatus } from '../../src/kube/watcher.ts';

/** Waits until `what` holds. Its own limit is long: a machine under load is no failure. */
export async function eventually(
  what: () => boolean | Promise<boolean>,
  meaning: string,
  limitMs = 20_000,
): Promise<void> {
  const until = systemClock.monotonic() + limitMs;
  while (!(await what())) {
    if (systemClock.monotonic() > until) throw new Error(`did not come true: ${meaning}`);
    await sleep(systemClock, 20);
  }
}

/** The same identity and cluster, at another port of loopback. */
export function kubeconfigAt(kubeconfig: string, port: number): string {
  const path = `${kubeconfig}.${port}`;
  writeFileSync(path, readFileSync(kubeconfig, 'utf8').replace(/(https:\/\/[\w.-]+):\d+/, `$1:${port}`));
  return path;
}

export interface CountedClient {
  readonly client: ApiClient;
  readonly requests: RequestReport[];
}

export function clientFor(kubeconfig: string, options: Partial<ApiClientOptions> = {}): CountedClient {
  const requests: RequestReport[] = [];
  const client = new ApiClient({
    config: loadKubeConfig({ kubeconfig }),
    clock: systemClock,
    onRequest: (report) => requests.push(report),
    ...options,
  });
  return { client, requests };
}

/** A kubeconfig for a server of the test's own, without TLS. */
export function plainConfig(port: number): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'loopback', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'nobody' },
  );
  return config;
}

export interface Running<T> {
  readonly store: Store<T>;
  readonly watcher: Watcher<T>;
  readonly events: WatchEvent[];
  readonly phases: WatchStatus['phase'][];
  /** Objects that joined or left `unreadable()`. */
  readonly readability: string[];
  readonly signal: AbortSignal;
  readonly stop: () => Promise<void>;
}

/** Runs a watcher into a store of its own. */
export function runWatcher<T>(
  options: Omit<WatcherOptions<T>, 'sink' | 'clock'> & { clock?: WatcherOptions<T>['clock'] },
): Running<T> {
  const store = new Store<T>();
  const events: WatchEvent[] = [];
  const phases: WatchStatus['phase'][] = [];
  const readability: string[] = [];
  const watcher = new Watcher<T>({
    clock: systemClock,
    ...options,
    sink: store,
    onEvent: (event) => events.push(event),
    onState: (status) => phases.push(status.phase),
    onReadability: (namespace, name) => readability.push(`${namespace}/${name}`),
  });
  const abort = new AbortController();
  const done = watcher.run(abort.signal);
  const stop = async () => {
    abort.abort();
    await done;
  };
  return { store, watcher, events, phases, readability, signal: abort.signal, stop };
}

/** What a store holds, `namespace/name` to value. */
export function contents<T>(store: Store<T>): Record<string, T> {
  const all = [...store.all()].map(({ namespace, name, value }) => [`${namespace}/${name}`, value] as const);
  return Object.fromEntries(all);
}
