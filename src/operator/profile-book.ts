import { closest } from '../base/closest.ts';
import type { ComplianceProfileStatus } from '../api/compliance-profile.ts';
import { parseProfileSpec } from '../api/parse-profile.ts';
import { cleanText } from '../base/clean-text.ts';
import type { Control } from '../domain/control.ts';
import type { Labels } from '../domain/workload.ts';
import { keepTimes } from '../evaluate/conditions.ts';
import { timestamp } from '../evaluate/timestamp.ts';
import type { FieldError } from '../domain/field-error.ts';
import type { Profile } from '../evaluate/profile.ts';
import { builtInProfile, builtInProfileName } from '../evaluate/profile.ts';
import type { ProfileMemory, ProfileSource, ResolvedProfile } from '../evaluate/resolve-profiles.ts';
import { resolveProfiles } from '../evaluate/resolve-profiles.ts';
import { tellUnused } from '../evaluate/tell-unused.ts';

/** What is kept of a ComplianceProfile object. */
export interface ProfileObject {
  readonly generation: number;
  readonly spec: unknown;
  readonly status: ComplianceProfileStatus | undefined;
}

interface Entry {
  readonly generation: number;
  readonly source: ProfileSource;
  /** The last version that was understood, with what it inherited then: what is not understood changes no verdict. */
  inUse: Profile | undefined;
}

/**
 * The profiles that hold. The built-in one is there unless a ComplianceProfile of its name is; a profile that is not
 * understood, or that extends one that is not, keeps its last good version, and without one its reports stay as they are.
 */
export class ProfileBook {
  readonly #catalogue: readonly Control[];
  readonly #builtIn: Profile;
  readonly #entries = new Map<string, Entry>();
  readonly #memory: ProfileMemory = new WeakMap();
  #resolved: ReadonlyMap<string, ResolvedProfile> | undefined;

  constructor(catalogue: readonly Control[]) {
    this.#catalogue = catalogue;
    this.#builtIn = builtInProfile(catalogue);
  }

  /** @param more others of the first list come after it: half a list holds no profile's last good version */
  set(name: string, object: ProfileObject, more = false): void {
    const before = this.#entries.get(name);
    if (before?.generation === object.generation) return;
    this.#entries.set(name, {
      source: parseProfileSpec(object.spec, closest),
      generation: object.generation,
      inUse: before?.inUse,
    });
    this.#resolved = undefined;
    if (!more) this.#resolve();
  }

  delete(name: string): void {
    this.#entries.delete(name);
    this.#resolved = undefined;
    this.#resolve();
  }

  /** Every profile that can be evaluated. */
  active(): readonly Profile[] {
    this.#resolve();
    const own = [...this.#entries.values()].flatMap(({ inUse }) => inUse ?? []);
    return this.#entries.has(builtInProfileName) ? own : [this.#builtIn, ...own];
  }

  get(name: string): Profile | undefined {
    return this.active().find((profile) => profile.name === name);
  }

  selecting(namespace: string, labels: Labels): readonly Profile[] {
    return this.active().filter((profile) => profile.selects(namespace, labels));
  }

  /** Whether reports of this profile belong to someone: one that was never understood may still own them. */
  isKnown(name: string): boolean {
    return name === builtInProfileName || this.#entries.has(name);
  }

  /** The status that a profile's object should have; undefined for a name that has no object. */
  statusOf(
    name: string,
    selectedNamespaces: number,
    previous: ComplianceProfileStatus | undefined,
    now: number,
  ): ComplianceProfileStatus | undefined {
    const entry = this.#entries.get(name);
    const resolved = this.#resolve().get(name);
    if (entry === undefined || resolved === undefined) return undefined;
    const since = keepTimes(previous?.conditions, timestamp(now));
    return {
      observedGeneration: entry.generation,
      selectedNamespaces,
      conditions: [since(readyOf(resolved, entry.inUse))],
    };
  }

  #resolve(): ReadonlyMap<string, ResolvedProfile> {
    if (this.#resolved !== undefined) return this.#resolved;
    const sources = new Map([...this.#entries].map(([name, { source }]) => [name, source]));
    this.#resolved = resolveProfiles(sources, this.#catalogue, this.#memory);
    for (const [name, entry] of this.#entries) {
      const resolved = this.#resolved.get(name);
      if (resolved?.ok === true) entry.inUse = resolved.profile;
    }
    return this.#resolved;
  }
}

function readyOf(resolved: ResolvedProfile, inUse: Profile | undefined) {
  if (!resolved.ok) {
    const end = fallback(inUse);
    // However much is wrong, what holds meanwhile is said.
    const message = `${cleanText(describe(resolved.errors), 512 - end.length - 1)} ${end}`;
    return { type: 'Ready', status: 'False', reason: resolved.reason, message } as const;
  }
  const unused = tellUnused(resolved.profile);
  return {
    type: 'Ready',
    status: 'True',
    reason: unused === '' ? 'InUse' : 'PartlyInUse',
    message: cleanText(`The profile is in use.${unused === '' ? '' : ` ${unused}`}`, 512),
  } as const;
}

const fallback = (inUse: Profile | undefined) =>
  inUse === undefined ? 'It changes no verdict.' : 'Its last valid version stays in use.';

const describe = (errors: readonly FieldError[]) =>
  errors.map(({ field, message }) => `${field}: ${message}${message.endsWith('?') ? '' : '.'}`).join(' ');
