import { didYouMean } from '../base/closest.ts';
import type { Control } from '../domain/control.ts';
import { designControls, isDesignControl } from '../domain/design-controls.ts';
import type { FieldError } from '../domain/field-error.ts';
import type { ControlEntry, Profile } from './profile-spec.ts';

const beyond = 'It goes beyond the reference design, and no profile switches it on.';

/**
 * Which controls a profile holds, and with which severities. What it says of a control replaces all that its parent says of
 * that control. Extended controls are off until `disabled: false` switches them on.
 */
export function readControls(
  entries: readonly ControlEntry[],
  catalogue: readonly Control[],
  parent: Profile | undefined,
  errors: FieldError[],
) {
  const known = new Map(catalogue.map((control) => [control.id, control]));
  const standard = catalogue.filter(({ extended }) => extended !== true);
  const controls = new Map((parent?.controls ?? standard).map((control) => [control.id, control]));
  const disabled = new Map<string, string>(
    parent?.disabled ?? catalogue.flatMap(({ id, extended }) => (extended === true ? [[id, beyond]] : [])),
  );
  const unbuilt = new Set(parent?.unused.controls);
  const seen = new Set<string>();
  entries.forEach((entry, index) => {
    const { id, disabled: isDisabled, severity, rationale = '' } = entry;
    const problem = seen.has(id)
      ? { field: 'id', message: `${id} stands there twice` }
      : problemOf(entry, known);
    seen.add(id);
    if (problem !== undefined) {
      errors.push({ field: `spec.controls[${index}].${problem.field}`, message: problem.message });
      return;
    }
    const control = known.get(id);
    controls.delete(id);
    disabled.delete(id);
    if (control === undefined) unbuilt.add(id);
    if (isDisabled === true) disabled.set(id, rationale);
    else if (control?.extended === true && isDisabled !== false) disabled.set(id, beyond);
    else if (control !== undefined)
      controls.set(id, severity === undefined ? control : { ...control, severity });
  });
  return {
    controls: catalogue.flatMap(({ id }) => controls.get(id) ?? []),
    disabled,
    unbuilt: [...unbuilt],
  };
}

function problemOf(
  { id, disabled, severity, rationale }: ControlEntry,
  known: ReadonlyMap<string, Control>,
): FieldError | undefined {
  if (!known.has(id) && !isDesignControl(id)) {
    const guess = didYouMean(id, [...known.keys(), ...designControls]);
    return { field: 'id', message: `no control ${JSON.stringify(id)}${guess}` };
  }
  if (disabled === true && severity !== undefined)
    return { field: 'severity', message: `${id} is disabled, so it has no severity` };
  if ((rationale ?? '').trim() !== '') return undefined;
  if (disabled === true) return { field: 'rationale', message: `say why ${id} is disabled` };
  if (severity !== undefined)
    return { field: 'rationale', message: `say why ${id} is given another severity` };
  return undefined;
}
