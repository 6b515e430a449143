import type { Vulnerability } from '../../domain/vulnerability.ts';

/**
 * One object for each vulnerability and one list for each image, however many reports repeat them: the parser makes
 * new texts for every report, and a hundred containers of one base image have the same few hundred vulnerabilities.
 * Bounded by forgetting: that costs a few copies and nothing else.
 */
export class SharedVulnerabilities {
  readonly #limits: { readonly vulnerabilities: number; readonly images: number };
  readonly #vulnerabilities = new Map<string, Vulnerability>();
  readonly #lists = new Map<string, WeakRef<readonly Vulnerability[]>>();

  constructor(limits: { vulnerabilities?: number; images?: number } = {}) {
    this.#limits = { vulnerabilities: 50_000, images: 5_000, ...limits };
  }

  /** An equal object that was seen before, else this one, frozen. */
  share(vulnerability: Vulnerability): Vulnerability {
    const key = keyOf(vulnerability);
    const known = this.#vulnerabilities.get(key);
    if (known !== undefined) return known;
    if (this.#vulnerabilities.size >= this.#limits.vulnerabilities) this.#vulnerabilities.clear();
    this.#vulnerabilities.set(key, Object.freeze(vulnerability));
    return vulnerability;
  }

  /** The list that the image had before, if it was the same, else this one, frozen. */
  shareList(image: string, list: readonly Vulnerability[]): readonly Vulnerability[] {
    const known = this.#lists.get(image)?.deref();
    if (known !== undefined && isSame(known, list)) return known;
    if (this.#lists.size >= this.#limits.images) this.#lists.clear();
    this.#lists.set(image, new WeakRef(list));
    return Object.freeze(list);
  }
}

const isSame = (a: readonly Vulnerability[], b: readonly Vulnerability[]): boolean =>
  a.length === b.length && a.every((each, index) => each === b[index]);

/** Parts are divided by a character that none of them has. */
function keyOf(each: Vulnerability): string {
  const {
    id,
    package: name,
    installedVersion,
    fixedVersion,
    severity,
    score,
    publishedAt,
    packageClass,
  } = each;
  const numbers = `${score ?? ''}\n${publishedAt ?? ''}\n${packageClass ?? ''}`;
  return `${id}\n${name}\n${installedVersion}\n${fixedVersion ?? ''}\n${severity}\n${numbers}`;
}
