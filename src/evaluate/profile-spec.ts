import type { Control } from '../domain/control.ts';
import type { LabelSelector } from '../domain/label-selector.ts';
import type { Parameters } from '../domain/parameters.ts';
import type { Severity } from '../domain/verdict.ts';
import type { Labels } from '../domain/workload.ts';

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
