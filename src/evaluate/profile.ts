import { didYouMean } from '../base/closest.ts';
import type { Control } from '../domain/control.ts';
import type { LabelSelector } from '../domain/label-selector.ts';
import { selects } from '../domain/label-selector.ts';
import type { Parameters } from '../domain/parameters.ts';
import type { Labels } from '../domain/workload.ts';
import type { FieldError } from '../domain/field-error.ts';
import { readParameters } from './read-parameters.ts';

/** A ComplianceProfile that was understood. */
export interface Profile {
  readonly name: string;
  readonly controls: readonly Control[];
  /** Control id to the reason that it is left out. */
  readonly disabled: ReadonlyMap<string, string>;
  readonly parameters: Parameters;
  readonly selects: (namespace: string, labels: Labels) => boolean;
}

export type ProfileResult =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

export const builtInProfileName = 'reference-design';

/** Namespaces of Kubernetes itself, which no workload team can change. */
export const systemNamespaces: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease'];

/** The spec of a ComplianceProfile as far as its shape was checked. */
export interface ProfileSpec {
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly namespaces?:
    | { readonly include?: readonly string[] | undefined; readonly exclude?: readonly string[] | undefined }
    | undefined;
  readonly controls?:
    | readonly {
        readonly id: string;
        readonly disabled?: boolean | undefined;
        readonly rationale?: string | undefined;
      }[]
    | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** The profile that holds where the cluster has none of that name. */
export function builtInProfile(catalogue: readonly Control[]): Profile {
  const result = resolveProfile(builtInProfileName, {}, catalogue);
  if (!result.ok) throw new TypeError(JSON.stringify(result.errors));
  return result.profile;
}

/** Reads a profile's spec against the catalogue; every error names its field. */
export function resolveProfile(
  name: string,
  spec: ProfileSpec,
  catalogue: readonly Control[],
): ProfileResult {
  const errors: FieldError[] = [];
  const disabled = readDisabled(spec, catalogue, errors);
  const parameters = readParameters(spec.parameters ?? {}, errors);
  if (spec.namespaceSelector !== undefined && spec.namespaces?.include !== undefined) {
    // The API server says so too; a file on disk never met it.
    errors.push({
      field: 'spec.namespaceSelector',
      message: 'namespaceSelector and namespaces.include exclude each other',
    });
  }
  if (errors.length > 0) return { ok: false, errors };
  return {
    ok: true,
    profile: {
      name,
      controls: catalogue.filter((control) => !disabled.has(control.id)),
      disabled,
      parameters,
      selects: selection(spec),
    },
  };
}

function selection(spec: ProfileSpec): Profile['selects'] {
  const include = spec.namespaces?.include;
  const exclude = new Set(spec.namespaces?.exclude ?? []);
  const named = include === undefined ? undefined : new Set(include);
  return (namespace, labels) => {
    if (exclude.has(namespace)) return false;
    if (named !== undefined) return named.has(namespace);
    if (spec.namespaceSelector !== undefined) return selects(spec.namespaceSelector, labels);
    return !systemNamespaces.includes(namespace);
  };
}

const beyond = 'It goes beyond the reference design, and no profile switches it on.';

/** Extended controls are off until `disabled: false` switches them on. */
function readDisabled(
  spec: ProfileSpec,
  catalogue: readonly Control[],
  errors: FieldError[],
): Map<string, string> {
  const known = new Set(catalogue.map((control) => control.id));
  const disabled = new Map<string, string>(
    catalogue.flatMap(({ id, extended }) => (extended === true ? [[id, beyond] as const] : [])),
  );
  (spec.controls ?? []).forEach(({ id, disabled: isDisabled, rationale }, index) => {
    const field = `spec.controls[${index}]`;
    if (!known.has(id)) {
      errors.push({
        field: `${field}.id`,
        message: `no control ${JSON.stringify(id)}${didYouMean(id, [...known])}`,
      });
    } else if (isDisabled === true && (rationale ?? '').trim() === '') {
      errors.push({ field: `${field}.rationale`, message: `say why ${id} is disabled` });
    } else if (isDisabled === true) {
      disabled.set(id, rationale ?? '');
    } else if (isDisabled === false) {
      disabled.delete(id);
    }
  });
  return disabled;
}
