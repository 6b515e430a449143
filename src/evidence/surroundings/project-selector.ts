import type { LabelExpression, LabelSelector } from '../../domain/label-selector.ts';
import type { Json } from '../fields.ts';
import { objectField, objectsField, stringField, stringMapField, stringsField } from '../fields.ts';
import { present } from '../present.ts';

/**
 * The `metav1.LabelSelector` in a field, as written; undefined where there is none.
 * @throws ShapeError when a field has another type than the API gives it
 */
export function projectSelector(from: Json, key: string, path: string): LabelSelector | undefined {
  const selector = objectField(from, key, path);
  if (selector === undefined) return undefined;
  const at = `${path}.${key}`;
  const expressions = objectsField(selector, 'matchExpressions', at);
  return present({
    matchLabels: stringMapField(selector, 'matchLabels', at),
    matchExpressions:
      expressions.length === 0
        ? undefined
        : expressions.map((one, index) => projectExpression(one, `${at}.matchExpressions[${index}]`)),
  });
}

function projectExpression(expression: Json, path: string): LabelExpression {
  const values = stringsField(expression, 'values', path);
  return present({
    key: stringField(expression, 'key', path) ?? '',
    operator: stringField(expression, 'operator', path) ?? '',
    values: values.length === 0 ? undefined : values,
  });
}
