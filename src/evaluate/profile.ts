import type { Control } from '../domain/control.ts';
import type { FieldError } from '../domain/field-error.ts';
import type { LabelSelector } from '../domain/label-selector.ts';
import type { Parameters } from '../domain/parameters.ts';
import type { Severity } from '../domain/verdict.ts';
import type { Labels } from '../domain/workload.ts';
import { readControls } from './profile-controls.ts';
import { readSelection } from './profile-selection.ts';
import { readParameters } from './read-parameters.ts';

/** A ComplianceProfile that was understood. */
export interface Profile {
  readonly name: string;
  /** In the order of the catalogue, with the severities that the profile gives them. */
  readonly controls: readonly Control[];
  /** Control id to the reason that it is left out. */
  readonly disabled: ReadonlyMap<string, string>;
  readonly parameters: Parameters;
  readonly selects: (namespace: string, labels: Labels) => boolean;
  /** What the profile sets and this version does not read: dotted paths and control ids. */
  readonly unused: { readonly parameters: readonly string[]; readonly controls: readonly string[] };
}

export type ProfileResult =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

export const builtInProfileName = 'reference-design';

/** What a profile says of one control. */
export interface ControlEntry {
  readonly id: string;
  readonly disabled?: boolean | undefined;
  readonly severity?: Severity | undefined;
  readonly rationale?: string | undefined;
}

/** The spec of a ComplianceProfile as far as its shape was checked. */
export interface ProfileSpec {
  /** Who else's words hold where this one is silent; `resolveProfiles` looks it up. */
  readonly extends?: string | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly namespaces?:
    | { readonly include?: readonly string[] | undefined; readonly exclude?: readonly string[] | undefined }
    | undefined;
  readonly controls?: readonly ControlEntry[] | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

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
