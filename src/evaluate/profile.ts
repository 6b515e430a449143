import type { Control } from '../domain/control.ts';
import type { FieldError } from '../domain/field-error.ts';
import { readControls } from './profile-controls.ts';
import { readSelection } from './profile-selection.ts';
import type { Profile, ProfileSpec } from './profile-spec.ts';
import { readParameters } from './read-parameters.ts';

export type { Profile, ProfileSpec };

export type ProfileResult =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

export const builtInProfileName = 'reference-design';

/** The profile that holds where the cluster has none of that name. */
export function builtInProfile(catalogue: readonly Control[]): Profile {
  const result = resolveProfile(builtInProfileName, {}, catalogue);
  if (!result.ok) throw new TypeError(JSON.stringify(result.errors));
  return result.profile;
}

/**
 * Reads a profile's spec against the catalogue; every error names its field.
 * @param parent the profile that it extends; without one, what it leaves out is as the reference design has it
 */
export function resolveProfile(
  name: string,
  spec: ProfileSpec,
  catalogue: readonly Control[],
  parent?: Profile,
): ProfileResult {
  const errors: FieldError[] = [];
  const unread = new Set(parent?.unused.parameters);
  const { controls, disabled, unbuilt } = readControls(spec.controls ?? [], catalogue, parent, errors);
  const parameters = readParameters(spec.parameters ?? {}, errors, { base: parent?.parameters, unread });
  const selects = readSelection(spec, parent, errors);
  if (errors.length > 0) return { ok: false, errors };
  const unused = { parameters: [...unread].sort(), controls: unbuilt };
  return { ok: true, profile: { name, controls, disabled, parameters, selects, unused } };
}
