import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { ClusterFacts } from '../domain/snapshot.ts';
import { unreadPolicyApis } from '../evidence/network/policy-apis.ts';
import { Backoff } from '../kube/backoff.ts';
import type { ApiClient } from '../kube/client.ts';
import { ApiError, ConnectionError, messageOf } from '../kube/errors.ts';
import type { Discovery } from '../kube/discovery.ts';
import { discover } from '../kube/discovery.ts';
import type { Logger } from '../telemetry/log.ts';

/** How often the server is asked anew what it is, beside every change of a CustomResourceDefinition. */
const refreshMs = 10 * 60_000;

/** Refusals since the last answer. */
const worthTelling = 3;

interface Refusal {
  /** What the server asks to wait, if it does. */
  readonly retryAfterMs?: number | undefined;
}

/** Knows what the server is: its version, and which network policy APIs it serves. */
export class ClusterFactsKeeper {
  readonly #client: Pick<ApiClient, 'request'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onChange: () => void;
  readonly #onDiscovery: (discovery: Discovery) => void;
  #facts: ClusterFacts | undefined;
  #problem = 'the API server was not reached yet';
  #failures = 0;
  #wake = new AbortController();

  constructor(options: {
    client: Pick<ApiClient, 'request'>;
    clock: Clock;
    logger: Logger;
    onChange: () => void;
    /** Each time that the server has said what it serves. */
    onDiscovery: (discovery: Discovery) => void;
  }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#onChange = options.onChange;
    this.#onDiscovery = options.onDiscovery;
  }

  get facts(): ClusterFacts | undefined {
    return this.#facts;
  }

  /** Why there are none, in a sentence. */
  get problem(): string {
    return this.#problem;
  }

  /** Asks again soon. */
  refresh(): void {
    this.#wake.abort();
  }

  /** Resolves when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ clock: this.#clock, random: Math.random });
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const refusal = await this.#ask(signal);
      if (refusal !== undefined) {
        // `refresh` ends the wait, unless the server itself has asked to wait.
        const wake = refusal.retryAfterMs === undefined ? this.#wake.signal : undefined;
        await sleep(this.#clock, backoff.next(refusal.retryAfterMs), signal, wake);
        continue;
      }
      await sleep(this.#clock, refreshMs, signal, this.#wake.signal);
      // Several definitions that come together are one question.
      if (!signal.aborted) await sleep(this.#clock, 1_000, signal);
    }
  }

  /** @returns undefined when the server has said it */
  async #ask(signal: AbortSignal): Promise<Refusal | undefined> {
    try {
      this.#take(await discover(this.#client, signal));
      this.#failures = 0;
      return undefined;
    } catch (error) {
      const refusal = { retryAfterMs: error instanceof ApiError ? error.retryAfterMs : undefined };
      if (signal.aborted) return refusal;
      this.#problem = messageOf(error);
      // That the server is out of reach is told for all requests together; and one that starts refuses at first.
      if (!(error instanceof ConnectionError) && ++this.#failures === worthTelling)
        this.#logger.error('the cluster cannot be asked what it is', { error });
      return refusal;
    }
  }

  #take(discovery: Discovery): void {
    const { version, resources, incomplete } = discovery;
    this.#onDiscovery(discovery);
    // Of an aggregated API that is down nothing is known: it may well serve the policies that Calico's does.
    const down = incomplete.map((groupVersion) => ({
      group: groupVersion.split('/')[0] ?? '',
      plural: 'networkpolicies',
    }));
    const facts = {
      minor: version.minor,
      unreadPolicyApis: unreadPolicyApis([...resources, ...down]),
      live: true,
    };
    // The same object for the same facts: every control may read them, and would be judged anew for another one.
    if (isDeepStrictEqual(facts, this.#facts)) return;
    this.#facts = facts;
    this.#logger.info('the cluster said what it is', {
      version: version.gitVersion,
      unreadPolicyApis: facts.unreadPolicyApis,
    });
    this.#onChange();
  }
}
