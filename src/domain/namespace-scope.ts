import { matchesGlob } from './glob.ts';
import type { LabelExpression, LabelSelector } from './label-selector.ts';
import { selects } from './label-selector.ts';
import type { Labels } from './workload.ts';

/** One condition on a namespace; what is absent demands nothing. */
export interface NamespaceTest {
  /** Names, with `*` for any characters. */
  readonly names?: readonly string[];
  readonly notNames?: readonly string[];
  readonly selector?: LabelSelector;
}

/** All of its conditions must hold. The empty one holds for every namespace. */
export type NamespaceScope = readonly NamespaceTest[];

export interface LabelledNamespace {
  readonly name: string;
  readonly labels: Labels;
}

const named = (patterns: readonly string[] | undefined, name: string): boolean =>
  patterns?.some((pattern) => matchesGlob(pattern, name)) === true;

/** The API server gives every namespace its name as a label. */
const labelsOf = ({ name, labels }: LabelledNamespace): Labels => ({
  'kubernetes.io/metadata.name': name,
  ...labels,
});

export const covers = (scope: NamespaceScope, namespace: LabelledNamespace): boolean =>
  scope.every(
    ({ names, notNames, selector }) =>
      (names === undefined || named(names, namespace.name)) &&
      !named(notNames, namespace.name) &&
      (selector === undefined || selects(selector, labelsOf(namespace))),
  );

/** Whether it speaks of particular namespaces at all. */
export const isNarrow = (scope: NamespaceScope): boolean =>
  scope.some(
    ({ names, notNames, selector }) =>
      names !== undefined || notNames !== undefined || selector !== undefined,
  );

/**
 * Whether a scope that would cover the namespace is told to leave it out: by an excluded name, or by what its labels must
 * not be. A scope that is meant for other namespaces leaves out nobody.
 */
export function leavesOut(scope: NamespaceScope, namespace: LabelledNamespace): boolean {
  return !covers(scope, namespace) && covers(scope.map(withoutExclusions), namespace);
}

const isExclusion = ({ operator }: LabelExpression): boolean =>
  operator === 'NotIn' || operator === 'DoesNotExist';

function withoutExclusions({ names, selector }: NamespaceTest): NamespaceTest {
  const kept = selector?.matchExpressions?.filter((expression) => !isExclusion(expression));
  return {
    ...(names === undefined ? {} : { names }),
    ...(selector === undefined
      ? {}
      : {
          selector: {
            ...(selector.matchLabels === undefined ? {} : { matchLabels: selector.matchLabels }),
            ...(kept === undefined ? {} : { matchExpressions: kept }),
          },
        }),
  };
}
