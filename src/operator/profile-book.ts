import type { ComplianceProfileStatus } from '../api/compliance-profile.ts';
import { parseProfileSpec } from '../api/parse-profile.ts';
import { cleanText } from '../base/clean-text.ts';
import type { Control } from '../domain/control.ts';
import type { Labels } from '../domain/workload.ts';
import { keepTimes } from '../evaluate/conditions.ts';
import { timestamp } from '../evaluate/timestamp.ts';
import type { FieldError } from '../domain/field-error.ts';
import type { Profile } from '../evaluate/profile.ts';
import { builtInProfile, builtInProfileName, resolveProfile } from '../evaluate/profile.ts';

/** What is kept of a ComplianceProfile object. */
export interface ProfileObject {
  readonly generation: number;
  readonly spec: unknown;
  readonly status: ComplianceProfileStatus | undefined;
}

interface Entry {
  /** The last version that was understood: an edit that is not changes no verdict. */
  readonly profile: Profile | undefined;
  readonly generation: number;
  readonly errors: readonly FieldError[];
}

/**
 * The profiles that hold. The built-in one is there unless a ComplianceProfile of its name is; a profile that is not
 * understood keeps its last good version, and without one its reports stay as they are.
 */
export class ProfileBook {
  readonly #catalogue: readonly Control[];
  readonly #builtIn: Profile;
  readonly #entries = new Map<string, Entry>();

  constructor(catalogue: readonly Control[]) {
    this.#catalogue = catalogue;
    this.#builtIn = builtInProfile(catalogue);
  }

  set(name: string, object: ProfileObject): void {
    const before = this.#entries.get(name);
    if (before?.generation === object.generation) return;
    const result = understand(name, object.spec, this.#catalogue);
    this.#entries.set(name, {
      profile: result.ok ? result.profile : before?.profile,
      generation: object.generation,
      errors: result.ok ? [] : result.errors,
    });
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  /** Every profile that can be evaluated. */
  active(): readonly Profile[] {
    const own = [...this.#entries.values()].flatMap(({ profile }) =>
      profile === undefined ? [] : [profile],
    );
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
    if (entry === undefined) return undefined;
    const since = keepTimes(previous?.conditions, timestamp(now));
    return {
      observedGeneration: entry.generation,
      selectedNamespaces,
      conditions: [
        since(
          entry.errors.length === 0
            ? { type: 'Ready', status: 'True', reason: 'InUse', message: 'The profile is in use.' }
            : {
                type: 'Ready',
                status: 'False',
                reason: 'InvalidSpec',
                message: cleanText(`${describe(entry.errors)}${fallback(entry)}`, 512),
              },
        ),
      ],
    };
  }
}

const fallback = ({ profile }: Entry) =>
  profile === undefined ? ' It changes no verdict.' : ' Its last valid version stays in use.';

const describe = (errors: readonly FieldError[]) =>
  errors.map(({ field, message }) => `${field}: ${message}${message.endsWith('?') ? '' : '.'}`).join(' ');

function understand(name: string, spec: unknown, catalogue: readonly Control[]) {
  const shape = parseProfileSpec(spec);
  return shape.ok ? resolveProfile(name, shape.value, catalogue) : shape;
}
