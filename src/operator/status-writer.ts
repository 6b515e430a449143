import { hash as digest } from 'node:crypto';
import { stableText } from '../base/stable-text.ts';
import type { Clock } from '../base/clock.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Fence, Target, Written, Writing } from '../kube/apply.ts';
import { applyStatus, createObject, deleteObject, readObject } from '../kube/apply.ts';
import { AlreadyExistsError, ApiError, ConflictError, NotFoundError, TerminalError } from '../kube/errors.ts';
import { isOlder } from '../kube/frame.ts';
import type { ObjectRef, Resource } from '../kube/resource.ts';
import type { Store, Stored } from '../kube/store.ts';
import type { WriteBudget } from '../kube/write-budget.ts';
import type { Logger } from '../telemetry/log.ts';
import { RollbackSigns } from './rollback-signs.ts';

/** What is kept of an object that Plumbline writes: enough to see a difference and to decide the next write. */
export interface OwnObject<Memo> {
  /** Hash of the status as the server has it. */
  readonly hash: string;
  readonly memo: Memo;
}

/** Equal for equal statuses, whatever the order of their keys. */
export const statusHash = (status: unknown): string => digest('sha256', stableText(status ?? null), 'base64');

/** Between the hash of what is an object's own and that of what it inherits; no hash has one in it. */
export const inheritedMark = '.';

/** Of the hash of a status, what belongs to what is its own. */
const ownPart = (hash: string): string | undefined => hash.split(inheritedMark)[0];

export type WriteOutcome =
  | { readonly result: 'unchanged' }
  /** `overtaken`: somebody changed the object right after, so that it is to be looked at again. */
  | { readonly result: 'written'; readonly overtaken: boolean }
  | { readonly result: 'deferred'; readonly retryAfterMs: number }
  /** Nothing differs but what it inherits, and that has time. */
  | { readonly result: 'waiting'; readonly retryAfterMs: number };

/** Reason of a TerminalError that was told once for all objects of the kind. */
export const definitionDiffers = 'DefinitionDiffers';

const remedy = 'kubectl apply --server-side -k config/crds';

export interface StatusWriterOptions<Memo> {
  readonly client: Pick<ApiClient, 'request'>;
  readonly clock: Clock;
  readonly resource: Resource;
  readonly kind: string;
  readonly store: Store<OwnObject<Memo>>;
  readonly remember: (status: unknown) => Memo;
  /** Default: `statusHash`. The same as that of what the store holds. */
  readonly hash?: (status: unknown) => string;
  readonly budget?: WriteBudget;
  readonly logger: Logger;
  /** A write met an object that is older than the store has it: the server was restored from a backup. */
  readonly onRolledBack?: () => void;
  /** Gives up what is under way. */
  readonly signal?: AbortSignal;
}

type Known<Memo> = Fence & OwnObject<Memo>;

/** The watch shows what was created long before this; if it does not, the object was deleted while nobody looked. */
const longestEchoMs = 60_000;

/**
 * Writes the statuses of one own kind. Each write carries the version that it was decided on; a conflict is thrown, so
 * that the caller decides again on what is there now.
 */
export class StatusWriter<Memo> {
  readonly #options: StatusWriterOptions<Memo>;
  readonly #writing: Writing;
  /** What was written and has not come back by the watch yet. */
  readonly #ahead = new Map<string, Known<Memo> & { readonly at: number }>();
  readonly #underWay = new Map<string, { gone: boolean }>();
  /** Where the server keeps something else than it was sent: the hashes of both, so that the same is not sent for ever. */
  readonly #changed = new Map<string, { readonly sent: string; readonly kept: string }>();
  /** Objects of which the server has asked to wait with the next write: until when, monotonic milliseconds. */
  readonly #notBefore = new Map<string, number>();
  readonly #signs: RollbackSigns;
  #said = false;
  #refusal: string | undefined;

  constructor(options: StatusWriterOptions<Memo>) {
    this.#options = options;
    const { client, clock, signal } = options;
    this.#signs = new RollbackSigns(clock);
    this.#writing = { client, clock, ...(signal === undefined ? {} : { signal }) };
  }

  /** Why nothing can be written, in a sentence: the definition that is installed does not know what we write. */
  get problem(): string | undefined {
    return this.#refusal;
  }

  /** What the next evaluation needs of the object as it is, by the watch or by our own last write. */
  current(ref: ObjectRef): Memo | undefined {
    return this.#known(ref)?.memo;
  }

  /**
   * Whether the watch shows a version that we wrote ourselves: no news. The watch may be faster than the answer to the
   * write, so what it shows during one is taken for its echo; `write` says if it was not.
   */
  isOwnEcho(ref: ObjectRef, resourceVersion: string): boolean {
    const key = keyOf(ref);
    return this.#underWay.has(key) || this.#ahead.get(key)?.resourceVersion === resourceVersion;
  }

  /** Milliseconds for which a write of the object would be put off anyhow: what is costly to decide need not be decided yet. */
  putOffMs(ref: ObjectRef): number {
    return Math.max(this.#askedToWaitMs(keyOf(ref)), this.#options.budget?.waitOf(keyOf(ref)) ?? 0);
  }

  /** Somebody else has written or deleted the object: it is put right at once. */
  excuse(ref: ObjectRef): void {
    this.#options.budget?.excuse(keyOf(ref));
  }

  /**
   * Makes the object when it is not there, and brings its status up to date. Never called for one object twice at once.
   * @param options.overBudget write even what the budget would put off, since there is no later
   * @param options.inheritedAfterMs so long a change of inherited controls alone waits
   * @throws ConflictError, TerminalError, ApiError, ConnectionError
   */
  async write(
    ref: ObjectRef,
    spec: object | undefined,
    status: object,
    options: { readonly overBudget?: boolean; readonly inheritedAfterMs?: number } = {},
  ): Promise<WriteOutcome> {
    const key = keyOf(ref);
    const known = this.#known(ref);
    const hash = this.#hash(status);
    if (known !== undefined && this.#isKept(key, hash, known.hash)) return { result: 'unchanged' };
    const { inheritedAfterMs = 0 } = options;
    if (known !== undefined && inheritedAfterMs > 0 && ownPart(hash) === ownPart(known.hash))
      return { result: 'waiting', retryAfterMs: inheritedAfterMs };
    if (options.overBudget !== true) {
      const retryAfterMs = this.#askedToWaitMs(key);
      if (retryAfterMs > 0) return { result: 'deferred', retryAfterMs };
    }
    const admission = this.#options.budget?.admit(key, Buffer.byteLength(JSON.stringify(status)));
    if (admission?.ok === false && options.overBudget !== true)
      return { result: 'deferred', retryAfterMs: admission.retryAfterMs };
    this.#underWay.set(key, { gone: false });
    try {
      const fence = known ?? (await this.#create(ref, spec));
      const written = await applyStatus(this.#writing, this.#target(ref), fence, status);
      this.#signs.forget(key);
      const kept = this.#note(ref, written);
      this.#refusal = undefined;
      this.#compare(key, hash, kept);
      return { result: 'written', overtaken: this.#isOvertaken(ref, written) };
    } catch (error) {
      this.#obey(key, error);
      if (isOutdated(error)) {
        // What was known is no longer so; the watch is about to say what is.
        const ahead = this.#ahead.get(key);
        this.#ahead.delete(key);
        this.#options.budget?.failed(key);
        await this.#compareWithServer(ref, ahead);
      }
      throw isUndeclared(error) ? this.#refused(error) : error;
    } finally {
      this.#underWay.delete(key);
    }
  }

  /**
   * Takes the object away, if it is still the one that we know.
   * @returns milliseconds that the server has asked to wait with it, if it has
   * @throws as write
   */
  async delete(ref: ObjectRef): Promise<number | undefined> {
    const key = keyOf(ref);
    const known = this.#known(ref);
    const waitMs = this.#askedToWaitMs(key);
    if (known !== undefined && waitMs > 0) return waitMs;
    try {
      if (known !== undefined) await deleteObject(this.#writing, this.#target(ref), known);
    } catch (error) {
      this.#obey(key, error);
      throw error;
    }
    this.forget(ref);
    return undefined;
  }

  /** What was written may never have been: the server was restored from a backup. */
  distrust(): void {
    this.#ahead.clear();
    this.#changed.clear();
  }

  /** The object is gone. */
  forget(ref: ObjectRef): void {
    const key = keyOf(ref);
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) underWay.gone = true;
    this.#ahead.delete(key);
    this.#changed.delete(key);
    this.#notBefore.delete(key);
    this.#signs.forget(key);
  }

  /**
   * The queue comes back when the server has said. But whatever else happens in the namespace brings the object back too,
   * and to write sooner is not for an event to decide.
   */
  #obey(key: string, error: unknown): void {
    if (!(error instanceof ApiError) || error.retryAfterMs === undefined) return;
    this.#notBefore.set(key, this.#options.clock.monotonic() + error.retryAfterMs);
  }

  #askedToWaitMs(key: string): number {
    const leftMs = (this.#notBefore.get(key) ?? 0) - this.#options.clock.monotonic();
    if (leftMs > 0) return leftMs;
    this.#notBefore.delete(key);
    return 0;
  }

  /**
   * The watch has nothing to say if the server was restored from a backup and its versions have since passed those of the watch.
   * @param ahead what the server has acknowledged and the watch had not shown
   */
  async #compareWithServer(ref: ObjectRef, ahead: Fence | undefined): Promise<void> {
    const stored = this.#stored(ref);
    let found: Written | undefined;
    try {
      found = await readObject(this.#writing, this.#target(ref));
    } catch (error) {
      if (!(error instanceof NotFoundError)) return;
    }
    // What the watch has shown meanwhile it has perhaps read anew, and knows by itself.
    if (this.#stored(ref) !== stored) return;
    const isUndone =
      found !== undefined && ahead !== undefined && isOlder(found.resourceVersion, ahead.resourceVersion);
    const isSign = stored !== undefined && this.#signs.show(keyOf(ref), stored, found);
    if (isUndone || isSign) this.#options.onRolledBack?.();
  }

  async #create(ref: ObjectRef, spec: object | undefined): Promise<Written> {
    const created = await createObject(this.#writing, this.#target(ref), spec === undefined ? {} : { spec });
    this.#note(ref, created);
    return created;
  }

  /** @returns the hash of what the server has */
  #note(ref: ObjectRef, { uid, resourceVersion, object: { status } }: Written): string {
    const hash = this.#hash(status);
    // The answer to the write may come after the watch has shown that somebody deleted what was written.
    if (this.#underWay.get(keyOf(ref))?.gone === true) return hash;
    const memo = this.#options.remember(status);
    const at = this.#options.clock.monotonic();
    this.#ahead.set(keyOf(ref), { uid, resourceVersion, hash, memo, at });
    return hash;
  }

  #hash(status: unknown): string {
    return (this.#options.hash ?? statusHash)(status);
  }

  #isKept(key: string, sent: string, kept: string): boolean {
    const changed = this.#changed.get(key);
    return sent === kept || (changed?.sent === sent && changed.kept === kept);
  }

  #isOvertaken(ref: ObjectRef, written: Written): boolean {
    const stored = this.#stored(ref);
    return stored !== undefined && isOlder(written.resourceVersion, stored.resourceVersion);
  }

  /** The definition of an earlier version: it does not have a field that we write. */
  #refused(error: TerminalError): TerminalError {
    const problem = `the CustomResourceDefinition of ${this.#options.kind} is not the one of this version`;
    this.#refusal = `${problem} (${error.message}); install it: ${remedy}`;
    this.#say(error.message);
    return new TerminalError(definitionDiffers, this.#refusal, { cause: error });
  }

  /** That of a later version fills in what it has a default for. */
  #compare(key: string, sent: string, kept: string): void {
    if (sent === kept) return void this.#changed.delete(key);
    this.#changed.set(key, { sent, kept });
    this.#say('it keeps something else than was sent');
  }

  #say(problem: string): void {
    if (this.#said) return;
    this.#said = true;
    this.#options.logger.error('the installed CustomResourceDefinition is not the one of this version', {
      kind: this.#options.kind,
      problem,
      remedy,
    });
  }

  /** The store's version, unless our own last write is newer and has not come back yet. */
  #known(ref: ObjectRef): Known<Memo> | undefined {
    const key = keyOf(ref);
    const stored = this.#stored(ref);
    const ahead = this.#ahead.get(key);
    if (ahead !== undefined && this.#isAhead(ahead, stored)) return ahead;
    this.#ahead.delete(key);
    return stored === undefined ? undefined : { ...stored, ...stored.value };
  }

  #isAhead(ahead: Fence & { readonly at: number }, stored: Fence | undefined): boolean {
    // What was created and deleted between two lists is shown by neither.
    if (stored === undefined) return this.#options.clock.monotonic() - ahead.at < longestEchoMs;
    return stored.uid === ahead.uid && isOlder(stored.resourceVersion, ahead.resourceVersion);
  }

  #stored(ref: ObjectRef): Stored<OwnObject<Memo>> | undefined {
    return this.#options.store.get(ref.namespace, ref.name);
  }

  #target(ref: ObjectRef): Target {
    const { resource, kind } = this.#options;
    return { resource, kind, namespace: ref.namespace, name: ref.name };
  }
}

const isOutdated = (error: unknown): boolean =>
  error instanceof ConflictError || error instanceof NotFoundError || error instanceof AlreadyExistsError;

const isUndeclared = (error: unknown): error is TerminalError =>
  error instanceof TerminalError && error.message.includes('field not declared in schema');

const keyOf = ({ namespace, name }: ObjectRef) => `${namespace}/${name}`;
