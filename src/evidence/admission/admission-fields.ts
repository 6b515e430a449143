import type { NamespaceTest } from '../../domain/namespace-scope.ts';
import type { Json } from '../fields.ts';
import { asObject, objectField, objectsField, stringField, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import { projectSelector } from '../surroundings/project-selector.ts';
import { nameOf } from '../volumes/name-of.ts';

/** The functions of this folder throw a ShapeError when a field has another type than the API gives it. */

export interface Opened {
  readonly name: string;
  readonly namespace?: string;
  readonly metadata: Json;
  readonly spec: Json;
  readonly from: Json;
}

export function open(object: unknown): Opened {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  return {
    name: nameOf(metadata),
    ...present({ namespace: stringField(metadata, 'namespace', 'metadata') }),
    metadata,
    spec: objectField(from, 'spec', '') ?? {},
    from,
  };
}

export const ownNamespace = ({ namespace }: Opened): NamespaceTest[] =>
  namespace === undefined ? [] : [{ names: [namespace] }];

/** The `namespaceSelector` in `from`; one that is empty selects all. */
export function selectorTest(from: Json, path: string): NamespaceTest {
  return present({ selector: projectSelector(from, 'namespaceSelector', path) });
}

export const textsOr = (
  from: Json,
  key: string,
  path: string,
  absent: readonly string[],
): readonly string[] => {
  const found = stringsField(from, key, path);
  return found.length === 0 ? absent : found;
};

const hasAny = (texts: readonly string[], ...wanted: readonly string[]) =>
  wanted.some((each) => texts.includes(each));

/** Whether rules of a webhook or of `matchConstraints` speak of pods that are created. */
export function coverPods(from: Json, key: string, path: string): boolean {
  return objectsField(from, key, path).some((rule, index) => {
    const at = `${path}.${key}[${index}]`;
    return (
      stringField(rule, 'scope', at) !== 'Cluster' &&
      hasAny(stringsField(rule, 'operations', at), 'CREATE', '*') &&
      hasAny(stringsField(rule, 'apiGroups', at), '', '*') &&
      hasAny(stringsField(rule, 'apiVersions', at), 'v1', '*') &&
      hasAny(stringsField(rule, 'resources', at), 'pods', '*', '*/*') &&
      stringsField(rule, 'resourceNames', at).length === 0
    );
  });
}

/** The API's default is `Fail`, and Ignore alone lets through. */
export function ignoresFailure(from: Json, path: string): { readonly ignoresFailure?: true } {
  return stringField(from, 'failurePolicy', path) === 'Ignore' ? { ignoresFailure: true } : {};
}
