import type { LabelOwner, PodTest } from '../../domain/pod-test.ts';
import type { Json } from '../fields.ts';
import {
  objectField,
  objectsField,
  ShapeError,
  stringField,
  stringMapField,
  stringsField,
} from '../fields.ts';
import { refuseOthers } from './policy-fields.ts';
import { present } from '../present.ts';

/** Whose label a key of a selector means, where a language has keys for labels of others than the pod. */
export type ReadKey = (key: string) => { readonly of: LabelOwner; readonly key: string };

export const podKey: ReadKey = (key) => ({ of: 'pod', key });

/** Kubernetes gives every namespace the label with its name. */
export const namespaceKey: ReadKey = (key) =>
  key === 'kubernetes.io/metadata.name' ? { of: 'namespaceName', key: 'name' } : { of: 'namespace', key };

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/**
 * The `metav1.LabelSelector` in a field; undefined where there is none. The empty one selects everything.
 * @throws ShapeError for what the API server refuses too: it selects nobody knows whom
 */
export function labelSelectorField(
  from: Json,
  field: string,
  path: string,
  read: ReadKey,
): PodTest | undefined {
  const selector = objectField(from, field, path);
  return selector && projectLabelSelector(selector, `${path}.${field}`, read);
}

export function projectLabelSelector(selector: Json, path: string, read: ReadKey): PodTest {
  refuseOthers(selector, ['matchLabels', 'matchExpressions'], path);
  const labels = Object.entries(stringMapField(selector, 'matchLabels', path) ?? {}).map(
    ([key, value]): PodTest => ({ ...read(key), operator: 'In', values: [value] }),
  );
  const expressions = objectsField(selector, 'matchExpressions', path).map((expression, index) =>
    projectExpression(expression, `${path}.matchExpressions[${index}]`, read),
  );
  return { all: [...labels, ...expressions] };
}

function projectExpression(expression: Json, path: string, read: ReadKey): PodTest {
  const key = stringField(expression, 'key', path);
  if (key === undefined) throw new ShapeError(`${path}.key`, 'a string', undefined);
  const written = stringField(expression, 'operator', path);
  const operator = operators.find((known) => known === written);
  if (operator === undefined)
    throw new ShapeError(`${path}.operator`, `one of ${operators.join(', ')}`, written);
  const values = stringsField(expression, 'values', path);
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues !== values.length > 0) {
    throw new ShapeError(
      `${path}.values`,
      takesValues ? `values for ${operator}` : `no values for ${operator}`,
      values,
    );
  }
  return present({ ...read(key), operator, values: takesValues ? values : undefined });
}

/** Whether a selector leaves nobody out. Every namespace and every pod's account has a name: to ask for one is to ask for nothing. */
export function selectsEverything(test: PodTest): boolean {
  if ('all' in test) return test.all.every(selectsEverything);
  if ('any' in test) return test.any.some(selectsEverything);
  if ('not' in test) return false;
  return (test.of === 'namespaceName' || test.of === 'serviceAccountName') && test.operator === 'Exists';
}
