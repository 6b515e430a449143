import { createHash } from 'node:crypto';
import { stableText } from '../base/stable-text.ts';
import type { Clock } from '../base/clock.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Fence, Target, Written, Writing } from '../kube/apply.ts';
import { applyStatus, createObject, deleteObject } from '../kube/apply.ts';
import { AlreadyExistsError, ConflictError, NotFoundError } from '../kube/errors.ts';
import { isOlder } from '../kube/frame.ts';
import type { ObjectRef, Resource } from '../kube/resource.ts';
import type { Store } from '../kube/store.ts';
import type { WriteBudget } from '../kube/write-budget.ts';
import type { Logger } from '../telemetry/log.ts';

/** What is kept of an object that Plumbline writes: enough to see a difference and to decide the next write. */
export interface OwnObject<Memo> {
  /** Hash of the status as the server has it. */
  readonly hash: string;
  readonly memo: Memo;
}

/** Equal for equal statuses, whatever the order of their keys. */
export const statusHash = (status: unknown): string =>
  createHash('sha256').update(stableText(status)).digest('base64');

export type WriteOutcome =
  | { readonly result: 'written' | 'unchanged' }
  | { readonly result: 'deferred'; readonly retryAfterMs: number };

export interface StatusWriterOptions<Memo> {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly resource: Resource;
  readonly kind: string;
  readonly store: Store<OwnObject<Memo>>;
  readonly remember: (status: unknown) => Memo;
  readonly budget?: WriteBudget;
  readonly logger: Logger;
}

type Known<Memo> = Fence & OwnObject<Memo>;

/**
 * Writes the statuses of one own kind. Each write carries the version that it was decided on; a conflict is thrown, so
 * that the caller decides again on what is there now.
 */
export class StatusWriter<Memo> {
  readonly #options: StatusWriterOptions<Memo>;
  readonly #writing: Writing;
  /** What was written and has not come back by the watch yet. */
  readonly #ahead = new Map<string, Known<Memo>>();
  #saidThatItDiffers = false;

  constructor(options: StatusWriterOptions<Memo>) {
    this.#options = options;
    this.#writing = { client: options.client, clock: options.clock };
  }

  /** What the next evaluation needs of the object as it is, by the watch or by our own last write. */
  current(ref: ObjectRef): Memo | undefined {
    return this.#known(ref)?.memo;
  }

  /** Whether the watch shows a version that we wrote ourselves: no news. */
  isOwnEcho(ref: ObjectRef, resourceVersion: string): boolean {
    return this.#ahead.get(keyOf(ref))?.resourceVersion === resourceVersion;
  }

  /**
   * Makes the object when it is not there, and brings its status up to date.
   * @param options.overBudget write even what the budget would put off, since there is no later
   * @throws ConflictError, TerminalError, ApiError, ConnectionError
   */
  async write(
    ref: ObjectRef,
    spec: object | undefined,
    status: object,
    options: { readonly overBudget?: boolean } = {},
  ): Promise<WriteOutcome> {
    const known = this.#known(ref);
    const hash = statusHash(status);
    if (known?.hash === hash) return { result: 'unchanged' };
    const admission = this.#options.budget?.admit(keyOf(ref), Buffer.byteLength(JSON.stringify(status)));
    if (admission?.ok === false && options.overBudget !== true)
      return { result: 'deferred', retryAfterMs: admission.retryAfterMs };
    try {
      const fence = known ?? (await this.#create(ref, spec));
      const written = await applyStatus(this.#writing, this.#target(ref), fence, status);
      this.#note(ref, written, hash, status);
      this.#compare(hash, written.object['status']);
      return { result: 'written' };
    } catch (error) {
      if (
        error instanceof ConflictError ||
        error instanceof NotFoundError ||
        error instanceof AlreadyExistsError
      ) {
        this.#ahead.delete(keyOf(ref));
      }
      throw error;
    }
  }

  /** Takes the object away, if it is still the one that we know. */
  async delete(ref: ObjectRef): Promise<void> {
    const known = this.#known(ref);
    if (known !== undefined) await deleteObject(this.#writing, this.#target(ref), known);
    this.forget(ref);
  }

  forget(ref: ObjectRef): void {
    this.#ahead.delete(keyOf(ref));
  }

  #create(ref: ObjectRef, spec: object | undefined): Promise<Written> {
    return createObject(this.#writing, this.#target(ref), spec === undefined ? {} : { spec });
  }

  #note(ref: ObjectRef, { uid, resourceVersion }: Fence, hash: string, status: unknown): void {
    this.#ahead.set(keyOf(ref), { uid, resourceVersion, hash, memo: this.#options.remember(status) });
  }

  /** A definition of another version drops fields that it does not know, without a word. */
  #compare(sent: string, kept: unknown): void {
    if (this.#saidThatItDiffers || statusHash(kept ?? null) === sent) return;
    this.#saidThatItDiffers = true;
    this.#options.logger.error(
      'the installed CustomResourceDefinition is not the one of this version: fields were dropped',
      {
        kind: this.#options.kind,
        remedy: 'kubectl apply --server-side -k config/crds',
      },
    );
  }

  /** The store's version, unless our own last write is newer and has not come back yet. */
  #known(ref: ObjectRef): Known<Memo> | undefined {
    const stored = this.#options.store.get(ref.namespace, ref.name);
    const ahead = this.#ahead.get(keyOf(ref));
    if (ahead === undefined) return stored === undefined ? undefined : { ...stored, ...stored.value };
    if (stored === undefined) return ahead;
    if (stored.uid === ahead.uid && isOlder(stored.resourceVersion, ahead.resourceVersion)) return ahead;
    this.#ahead.delete(keyOf(ref));
    return { ...stored, ...stored.value };
  }

  #target(ref: ObjectRef): Target {
    const { resource, kind } = this.#options;
    return { resource, kind, namespace: ref.namespace, name: ref.name };
  }
}

const keyOf = ({ namespace, name }: ObjectRef) => `${namespace}/${name}`;
