import { didYouMean } from '../base/closest.ts';
import type { Control } from '../domain/control.ts';
import type { FieldError } from '../domain/field-error.ts';
import type { Profile, ProfileResult, ProfileSpec } from './profile.ts';
import { builtInProfileName, resolveProfile } from './profile.ts';

/** The spec of a profile as it was read, or what is wrong with its shape. */
export type ProfileSource =
  | { readonly ok: true; readonly value: ProfileSpec }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

export type ProfileProblem =
  'InvalidSpec' | 'ParentNotFound' | 'ParentNotReady' | 'ExtendsCycle' | 'ExtendsTooDeep';

export type ResolvedProfile =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly reason: ProfileProblem; readonly errors: readonly FieldError[] };

/** So that a profile of which nothing changed, in itself or above it, stays the same object. */
export type ProfileMemory = WeakMap<
  ProfileSource,
  { readonly parent: Profile | undefined; readonly result: ProfileResult }
>;

/** How many profiles may stand above one. More than a few nobody can follow. */
export const deepestChain = 5;

const builtIn: ProfileSource = { ok: true, value: {} };

/**
 * Each of the profiles with what it inherits. The built-in profile can be extended where none of its name is given.
 * A profile is refused when one above it is, so that no verdict ever rests on half a chain.
 */
export function resolveProfiles(
  sources: ReadonlyMap<string, ProfileSource>,
  catalogue: readonly Control[],
  memory: ProfileMemory = new WeakMap(),
): ReadonlyMap<string, ResolvedProfile> {
  const results = new Map<string, ResolvedProfile>();
  const sourceOf = (name: string) => sources.get(name) ?? (name === builtInProfileName ? builtIn : undefined);
  const resolve = (name: string, source: ProfileSource): ResolvedProfile => {
    const before = results.get(name);
    if (before !== undefined) return before;
    const { above, broken } = climb(name, sourceOf, [...sources.keys()]);
    // Only a chain without a cycle is followed.
    const parents =
      broken === undefined ? above.map((one) => ({ ...one, result: resolve(one.name, one.source) })) : [];
    const parent = parents[0]?.result;
    const own = read(name, source, parent?.ok === true ? parent.profile : undefined);
    const unready = broken ?? blame(name, parents);
    const result = combine(own, unready);
    results.set(name, result);
    return result;
  };
  const read = (name: string, source: ProfileSource, parent: Profile | undefined): ProfileResult => {
    if (!source.ok) return source;
    const known = memory.get(source);
    if (known !== undefined && known.parent === parent) return known.result;
    const result = resolveProfile(name, source.value, catalogue, parent);
    memory.set(source, { parent, result });
    return result;
  };
  for (const [name, source] of sources) resolve(name, source);
  return results;
}

interface Unready {
  readonly reason: ProfileProblem;
  readonly message: string;
}

function combine(own: ProfileResult, unready: Unready | undefined): ResolvedProfile {
  const above = unready === undefined ? [] : [{ field: 'spec.extends', message: unready.message }];
  if (!own.ok) return { ok: false, reason: 'InvalidSpec', errors: [...own.errors, ...above] };
  if (unready === undefined) return own;
  return { ok: false, reason: unready.reason, errors: above };
}

interface Ancestor {
  readonly name: string;
  readonly source: ProfileSource;
}

/** The profiles above one, nearest first, as far as they can be followed. */
function climb(
  name: string,
  sourceOf: (name: string) => ProfileSource | undefined,
  names: readonly string[],
): { readonly above: readonly Ancestor[]; readonly broken?: Unready } {
  const above: Ancestor[] = [];
  const seen = [name];
  let source = sourceOf(name);
  while (source?.ok === true && source.value.extends !== undefined) {
    const parent = source.value.extends;
    const chain = show([...seen, parent]);
    const direct = seen.length === 1;
    source = sourceOf(parent);
    if (source === undefined) {
      const message = `${chain}there is no profile ${parent}${didYouMean(parent, [builtInProfileName, ...names])}`;
      return { above, broken: { reason: direct ? 'ParentNotFound' : 'ParentNotReady', message } };
    }
    if (seen.includes(parent)) {
      const message = `${chain}a profile cannot extend itself`;
      return { above, broken: { reason: parent === name ? 'ExtendsCycle' : 'ParentNotReady', message } };
    }
    if (seen.length > deepestChain) {
      const message = `${chain}at most ${deepestChain} profiles may stand above one`;
      return { above, broken: { reason: 'ExtendsTooDeep', message } };
    }
    above.push({ name: parent, source });
    seen.push(parent);
  }
  return { above };
}

/** Of the profiles above, the nearest that is wrong in itself. */
function blame(
  name: string,
  parents: readonly { readonly name: string; readonly result: ResolvedProfile }[],
): Unready | undefined {
  const index = parents.findIndex(({ result }) => !result.ok && result.reason === 'InvalidSpec');
  const culprit = parents[index];
  if (culprit === undefined || culprit.result.ok) return undefined;
  const chain = show([name, ...parents.slice(0, index + 1).map((one) => one.name)]);
  const [first] = culprit.result.errors;
  const why = first === undefined ? '' : ` (${first.field}: ${first.message})`;
  return { reason: 'ParentNotReady', message: `${chain}${culprit.name} is not ready${why}` };
}

const show = (chain: readonly string[]) => `${chain.join(' -> ')}: `;
