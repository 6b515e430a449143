import type { Literal, PackedLiterals } from '../../domain/literal.ts';
import { packLiterals, unpackLiterals } from '../../domain/literal.ts';
import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';
import { SecretMemo } from './secret-memo.ts';
import { literalsOfVariable, projectPlainText } from './project-container.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

const known = new SecretMemo<PackedLiterals | undefined>(10_000);

/**
 * What the annotations of an object have in plain text, of all that may be a secret; undefined when nothing is. Of
 * values that differ from pod to pod, such as addresses and times, nothing is kept, so that the pods of a template still
 * share one specification: those have harmless forms, and of others only what by itself is like a secret is kept, or what
 * stands with a name.
 */
export function projectAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
): PackedLiterals | undefined {
  const entries = Object.entries(annotations ?? {});
  if (entries.length === 0) return undefined;
  return known.get(JSON.stringify(entries), () => {
    const literals = entries
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([key, value]) => literalsOfAnnotation(key, value));
    return literals.length === 0 ? undefined : packLiterals(literals);
  });
}

function literalsOfAnnotation(key: string, value: string): readonly Literal[] {
  const path = `metadata.annotations[${key}]`;
  const applied = key === lastApplied ? appliedLiterals(value, path) : undefined;
  return applied ?? literalsOfVariable(key, value, path).filter(isTelling).map(withoutVariance);
}

/** Of annotations only what is like a secret by its form or its characters; plain words there are descriptions. */
const isTelling = ({ format, texture }: Literal): boolean => format !== '' || texture !== 'words';

/** Lengths are kept in steps, and entropies. */
const [lengthStep, entropyStep] = [8, 0.5];

/** What tells two like values apart would tell two pods apart; no placeholder is a whole annotation. */
const withoutVariance = (literal: Literal): Literal =>
  literal.format !== ''
    ? literal
    : {
        ...literal,
        length: Math.floor(literal.length / lengthStep) * lengthStep,
        entropy: Math.floor(literal.entropy / entropyStep) * entropyStep,
        marks: [],
        line: 0,
      };

/** The containers of the manifest that was applied; undefined when it is none that runs pods, or cannot be read. */
function appliedLiterals(value: string, path: string): readonly Literal[] | undefined {
  const spec = podSpecOf(parse(value));
  if (spec === undefined) return undefined;
  return ['initContainers', 'containers'].flatMap((list) => {
    const containers = spec[list];
    if (!Array.isArray(containers)) return [];
    return containers.filter(isObject).flatMap((container) => {
      const text = attempt(() => projectPlainText(container, list));
      const literals = [...unpackLiterals(text?.env), ...unpackLiterals(text?.commands)];
      return literals.map((literal) => ({ ...literal, path }));
    });
  });
}

function podSpecOf(object: unknown): Json | undefined {
  if (!isObject(object) || !isObject(object['spec'])) return undefined;
  let spec = object['spec'];
  if (isObject(spec['jobTemplate']) && isObject(spec['jobTemplate']['spec']))
    spec = spec['jobTemplate']['spec'];
  if (isObject(spec['template']))
    return isObject(spec['template']['spec']) ? spec['template']['spec'] : undefined;
  return Array.isArray(spec['containers']) ? spec : undefined;
}

const parse = (text: string): unknown => attempt(() => JSON.parse(text) as unknown);

/** An annotation may hold anything; what is no manifest is looked through as text. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
