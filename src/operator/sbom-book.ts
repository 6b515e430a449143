import type { Sbom } from '../domain/sbom.ts';
import type { SbomContent } from '../evidence/trivy/project-sbom.ts';

/** What a body said, or why it cannot be read. */
export type SbomReading = SbomContent | { readonly problem: string };

interface Held {
  /** Of the report: the one that was asked for, and the one that came. */
  readonly versions: readonly string[];
  readonly image: string;
  /** Read, and not taken for one of the same image. */
  readonly read: boolean;
}

interface Entry {
  readonly reading: SbomReading;
  readonly holders: Set<string>;
}

/**
 * What the bodies of SbomReports say, once for each image: by its digest, or by the report where it names none. An image is
 * forgotten with the last report that is of it.
 */
export class SbomBook {
  readonly #reports = new Map<string, Held>();
  readonly #images = new Map<string, Entry>();

  get images(): number {
    return this.#images.size;
  }

  /**
   * @param key of the report
   * @param versions the one that was asked for and the one that came: until the watch has told of the newer one, it counts as both
   */
  read(key: string, versions: readonly string[], reading: SbomReading): void {
    const digest = 'image' in reading ? reading.image.digest : undefined;
    this.#hold(key, { versions, image: digest ?? `report ${key}`, read: true }, reading);
  }

  /**
   * Takes a report for one of an image that is known, without reading it.
   * @returns whether the image is known, and all of it that is sought
   */
  assume(key: string, resourceVersion: string, digest: string, sought: ReadonlySet<string>): boolean {
    const entry = this.#images.get(digest);
    if (entry === undefined || !isWhole(entry.reading, sought)) return false;
    this.#hold(key, { versions: [resourceVersion], image: digest, read: false }, entry.reading);
    return true;
  }

  /** What is known of the report's image, of whatever version. */
  contentOf(key: string): Partial<Pick<Sbom, 'image' | 'composition' | 'problem'>> {
    const held = this.#reports.get(key);
    return held === undefined ? {} : (this.#images.get(held.image)?.reading ?? {});
  }

  /**
   * Whether this version of the report needs no reading.
   * @param digest of the image that runs: what a report was taken for on the strength of another says nothing of a third
   */
  isCurrent(
    key: string,
    resourceVersion: string,
    digest: string | undefined,
    sought: ReadonlySet<string>,
  ): boolean {
    const held = this.#reports.get(key);
    if (held?.versions.includes(resourceVersion) !== true) return false;
    if (!held.read && digest !== undefined && digest !== held.image) return false;
    const entry = this.#images.get(held.image);
    return entry !== undefined && isWhole(entry.reading, sought);
  }

  /** Whether the report itself gave what is known of its image: rewritten, it is to be read again. */
  gave(key: string): boolean {
    return this.#reports.get(key)?.read === true;
  }

  /** Versions mean nothing any more: the server was restored from a backup. What is known stands until it is read again. */
  distrust(): void {
    for (const [key, held] of this.#reports) this.#reports.set(key, { ...held, versions: [] });
  }

  forget(key: string): void {
    const held = this.#reports.get(key);
    if (held === undefined) return;
    this.#reports.delete(key);
    const entry = this.#images.get(held.image);
    entry?.holders.delete(key);
    if (entry?.holders.size === 0) this.#images.delete(held.image);
  }

  #hold(key: string, held: Held, reading: SbomReading): void {
    if (this.#reports.get(key)?.image !== held.image) this.forget(key);
    this.#reports.set(key, held);
    const holders = this.#images.get(held.image)?.holders ?? new Set<string>();
    this.#images.set(held.image, { reading, holders: holders.add(key) });
  }
}

const isWhole = (reading: SbomReading, sought: ReadonlySet<string>): boolean =>
  'problem' in reading || includesAll(reading.composition.sought, sought);

const includesAll = (known: ReadonlySet<string> | undefined, wanted: ReadonlySet<string>): boolean =>
  known === undefined || known === wanted || [...wanted].every((name) => known.has(name));
