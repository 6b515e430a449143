import type { EvaluationInput } from '../../domain/control.ts';
import { Interner } from '../../domain/interner.ts';
import type { Container, PodSpec } from '../../domain/pod-spec.ts';
import { containerPath } from '../../domain/pod-spec.ts';
import type { Parameters } from '../../domain/parameters.ts';
import type { Severity } from '../../domain/verdict.ts';

/** What a rule about pod specifications may depend on besides the specification. */
export interface SpecContext {
  /** Kubernetes 1.`minor`: the Pod Security Standards differ from version to version. */
  readonly minor: number;
  readonly level: 'baseline' | 'restricted';
  readonly parameters: Parameters;
}

/** One thing in a pod specification that a rule speaks of. It fails, unless `weight` says less. */
export interface Issue {
  /** Name of the container; absent when the pod itself is meant. */
  readonly container?: string;
  /** Seen from the pod: `spec.containers[0].securityContext.privileged`. */
  readonly path: string;
  /** The value as written, or `unset`. */
  readonly observed?: string;
  readonly message: string;
  /** When it differs from the control's. */
  readonly severity?: Severity;
  /** `warn`: met, but only just. `note`: met, and the verdict's message should say why; `message` is then a noun. */
  readonly weight?: 'warn' | 'note';
  /** CamelCase, for a verdict that such a warning or note decides. */
  readonly reason?: string;
}

/** Why a rule does not speak of a specification at all. */
export interface Exemption {
  readonly reason: string;
  /** A clause: "Windows pods have no such setting". */
  readonly exempt: string;
}

export type Examined = readonly Issue[] | Exemption;

/**
 * A rule about one pod specification. Pure, and a constant of its module: what it says is remembered for each
 * specification for as long as that is in use.
 */
export type SpecCheck = (spec: PodSpec, context: SpecContext) => Examined;

export const isExemption = (result: Examined): result is Exemption => !Array.isArray(result);

export const contextOf = ({ snapshot, parameters }: EvaluationInput): SpecContext => ({
  minor: snapshot.cluster.minor,
  level: 'restricted',
  parameters,
});

/** What the rules have said in one context. */
interface Memory {
  /** Where each rule's results stand. */
  readonly places: Map<SpecCheck, number>;
  /** One list for each specification, and not one map for each rule: there are hundreds of rules times specifications. */
  readonly results: WeakMap<PodSpec, (Examined | undefined)[]>;
}

/** By the profile's parameters (one object for as long as the profile stays), by version and level. */
const remembered = new WeakMap<Parameters, Map<string, Memory>>();
/** Thousands of specifications break the same rules in the same places: what is said of them is held once. */
const saidBefore = new Interner<Examined>(300);
const none: readonly Issue[] = Object.freeze([]);
const noContainers: Exemption = { reason: 'NoContainers', exempt: 'no container is in the specification' };

/** `check` in one context, worked out once for each specification however many pods share it. */
export function examiner(check: SpecCheck, context: SpecContext): (spec: PodSpec) => Examined {
  const { places, results } = memoryOf(context);
  const place = places.get(check) ?? places.size;
  places.set(check, place);
  return (spec) => {
    const all = results.get(spec) ?? [];
    if (all.length === 0) results.set(spec, all);
    return (all[place] ??= examine(check, spec, context));
  };
}

function examine(check: SpecCheck, spec: PodSpec, context: SpecContext): Examined {
  const found = check(spec, context);
  if (isExemption(found) || found.length > 0) return saidBefore.intern(found);
  // A patch or a half-written manifest: having nothing to judge must not pass.
  return spec.containers.length === 0 ? noContainers : none;
}

function memoryOf({ minor, level, parameters }: SpecContext): Memory {
  const byVersion = remembered.get(parameters) ?? new Map<string, Memory>();
  remembered.set(parameters, byVersion);
  const key = `${level} 1.${minor}`;
  const memory = byVersion.get(key) ?? { places: new Map(), results: new WeakMap() };
  byVersion.set(key, memory);
  return memory;
}

/** An issue of one container; `field` is its path below the container. */
export function containerIssue(
  container: Container,
  field: string,
  issue: Omit<Issue, 'container' | 'path'>,
): Issue {
  return { container: container.name, path: `${containerPath(container)}.${field}`, ...issue };
}

export const quote = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(', ');
