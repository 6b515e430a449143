import type { Labels } from './workload.ts';

/**
 * Which pods a policy selects, whatever language it was written in. A test that needs labels which are not known has no
 * answer, and neither has one whose answer lies in the settings of the network plugin.
 */
export type PodTest =
  | { readonly all: readonly PodTest[] }
  | { readonly any: readonly PodTest[] }
  | { readonly not: PodTest }
  | PodCondition;

interface PodCondition {
  readonly of: LabelOwner;
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values?: readonly string[];
}

/**
 * Whose labels are asked for. A name is known where labels may not be, and is a label `name` of its own; of `unknowable`
 * ones nothing that is read here tells.
 */
export type LabelOwner =
  'pod' | 'namespace' | 'namespaceName' | 'serviceAccount' | 'serviceAccountName' | 'unknowable';

export type LabelOperator =
  'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'StartsWith' | 'EndsWith' | 'Contains';

/** The labels by which policies select a pod, by their owner; absent where they are not known. */
export type PodIdentity = Partial<Readonly<Record<LabelOwner, Labels>>>;

export const everyPod: PodTest = { all: [] };
export const noPod: PodTest = { any: [] };

/** @returns undefined where what is not known decides */
export function holds(test: PodTest, pod: PodIdentity): boolean | undefined {
  if ('all' in test) return combine(test.all, pod, false);
  if ('any' in test) return combine(test.any, pod, true);
  if ('not' in test) {
    const inner = holds(test.not, pod);
    return inner === undefined ? undefined : !inner;
  }
  return holdsCondition(test, pod);
}

/** One part that has the deciding answer decides, whatever is not known of the others. */
function combine(tests: readonly PodTest[], pod: PodIdentity, deciding: boolean): boolean | undefined {
  let answer: boolean | undefined = !deciding;
  for (const test of tests) {
    const part = holds(test, pod);
    if (part === deciding) return deciding;
    if (part === undefined) answer = undefined;
  }
  return answer;
}

/** As Kubernetes, Calico and Cilium decide it alike: the negative operators hold where the key is not. */
function holdsCondition(condition: PodCondition, pod: PodIdentity): boolean | undefined {
  const { of, key, operator, values = [] } = condition;
  const labels = pod[of];
  if (labels === undefined) return undefined;
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'StartsWith':
      return value !== undefined && values.some((part) => value.startsWith(part));
    case 'EndsWith':
      return value !== undefined && values.some((part) => value.endsWith(part));
    case 'Contains':
      return value !== undefined && values.some((part) => value.includes(part));
  }
}
