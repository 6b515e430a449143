import type { AdmissionAction, AdmissionRule } from '../../domain/admission.ts';
import type { NamespaceScope, NamespaceTest } from '../../domain/namespace-scope.ts';
import { isNarrow } from '../../domain/namespace-scope.ts';
import { matchesGlob } from '../../domain/glob.ts';
import type { Json } from '../fields.ts';
import { booleanField, objectField, objectsField, stringField, stringsField } from '../fields.ts';
import type { AdmissionEvidence } from './admission-evidence.ts';
import type { Opened } from './admission-fields.ts';
import { ignoresFailure, open, ownNamespace, selectorTest } from './admission-fields.ts';

/** A ClusterPolicy or Policy of `kyverno.io`: one rule for each of its rules that validates or verifies images. */
export const projectKyvernoPolicy =
  (kind: string) =>
  (object: unknown): AdmissionEvidence | undefined => {
    const opened = open(object);
    const { spec } = opened;
    const items = objectsField(spec, 'rules', 'spec').flatMap((rule, index): AdmissionRule[] => {
      const at = `spec.rules[${index}]`;
      const validate = objectField(rule, 'validate', at);
      const images = objectsField(rule, 'verifyImages', at);
      if (validate === undefined && images.length === 0) return [];
      return [projectRule(opened, kind, rule, at, validate, images)];
    });
    return items.length === 0 ? undefined : { items };
  };

function projectRule(
  opened: Opened,
  kind: string,
  rule: Json,
  at: string,
  validate: Json | undefined,
  images: readonly Json[],
): AdmissionRule {
  const { name, spec } = opened;
  const matched = matchOf(objectField(rule, 'match', at) ?? {}, `${at}.match`);
  const own = ownNamespace(opened);
  const webhook = objectField(spec, 'webhookConfiguration', 'spec') ?? {};
  const written = [
    validate && stringField(validate, 'failureAction', `${at}.validate`),
    ...images.map((each) => stringField(each, 'failureAction', `${at}.verifyImages`)),
    stringField(spec, 'validationFailureAction', 'spec'),
  ].find((each) => each !== undefined);
  const asked = booleanField(spec, 'admission', 'spec') !== false;
  const overrides = asked ? overridesOf(spec, validate, at) : [];
  const except = exceptOf(objectField(rule, 'exclude', at) ?? {}, `${at}.exclude`);
  return {
    is: 'rule',
    engine: 'Kyverno',
    kind,
    name,
    rule: stringField(rule, 'name', at) ?? '',
    forPods: matched.forPods,
    action: asked ? toAction(written) : 'observe',
    where: matched.where.map((scope) => [...own, ...scope]),
    ...(overrides.length === 0 ? {} : { overrides }),
    ...(except.length === 0 ? {} : { except }),
    ...ignoresFailure(spec, 'spec'),
    ...ignoresFailure(webhook, 'spec.webhookConfiguration'),
    ...(images.some(demandsScan) ? { gate: true } : {}),
    ...(matched.wholly && validate !== undefined && demandsRestricted(rule, validate, at)
      ? { restricted: true }
      : {}),
  };
}

/** By Kubernetes' own library, which Kyverno has in it: what is written by hand may be anything. */
function demandsRestricted(rule: Json, validate: Json, at: string): boolean {
  const path = `${at}.validate.podSecurity`;
  const standard = objectField(validate, 'podSecurity', `${at}.validate`);
  if (standard === undefined || stringField(standard, 'level', path) !== 'restricted') return false;
  const conditions = [rule['preconditions'], rule['celPreconditions'], rule['exclude']];
  return (
    (stringField(standard, 'version', path) || 'latest') === 'latest' &&
    objectsField(standard, 'exclude', path).length === 0 &&
    conditions.every((each) => (each ?? null) === null)
  );
}

/** It is written in either case. */
const toAction = (text: string | undefined): AdmissionAction =>
  text?.toLowerCase() === 'enforce' ? 'deny' : 'observe';

function overridesOf(spec: Json, validate: Json | undefined, at: string) {
  const own =
    validate === undefined ? [] : objectsField(validate, 'failureActionOverrides', `${at}.validate`);
  const shared = objectsField(spec, 'validationFailureActionOverrides', 'spec');
  return [...own, ...shared].map((each) => ({
    action: toAction(stringField(each, 'action', `${at}.validate`)),
    where: [scopeOf(each, `${at}.validate`)],
  }));
}

function scopeOf(from: Json, path: string): NamespaceTest {
  const names = stringsField(from, 'namespaces', path);
  return { ...(names.length === 0 ? {} : { names }), ...selectorTest(from, path) };
}

interface Matched {
  readonly where: readonly NamespaceScope[];
  readonly forPods: boolean;
  /** For all pods of the namespaces that it is for. */
  readonly wholly: boolean;
}

/** `match` has `any`, or `all`, or (the old way) its `resources` itself. */
function matchOf(match: Json, at: string): Matched {
  const any = filtersOf(match, 'any', at).filter((each) => each.forPods);
  const all = filtersOf(match, 'all', at);
  const old = filterOf(match, at);
  const wholly = (filters: readonly Filter[]) => !filters.some((each) => each.partly);
  if (any.length > 0) return { where: any.map(({ test }) => [test]), forPods: true, wholly: wholly(any) };
  if (all.length > 0)
    return {
      where: [all.map(({ test }) => test)],
      forPods: all.every((each) => each.forPods),
      wholly: wholly(all),
    };
  return {
    where: [[old.test]],
    forPods: match['resources'] !== undefined && old.forPods,
    wholly: wholly([old]),
  };
}

/** Those that name namespaces; without one it is no namespace that is left out. */
function exceptOf(exclude: Json, at: string): NonNullable<AdmissionRule['except']> {
  const any = filtersOf(exclude, 'any', at);
  const all = filtersOf(exclude, 'all', at);
  const old = exclude['resources'] === undefined ? [] : [filterOf(exclude, at)];
  const together = all.length === 0 ? [] : [all];
  return [...any.map((each) => [each]), ...together, ...old.map((each) => [each])]
    .filter((filters) => filters.every((each) => each.forPods))
    .map((filters) => ({
      where: filters.map(({ test }) => test),
      ...(filters.some((each) => each.partly) ? { partly: true as const } : {}),
    }))
    .filter(({ where }) => isNarrow(where));
}

interface Filter {
  readonly test: NamespaceTest;
  readonly forPods: boolean;
  /** It is for a part of the pods, or for what some users do. */
  readonly partly: boolean;
}

export const filtersOf = (from: Json, key: 'any' | 'all', at: string): Filter[] =>
  objectsField(from, key, at).map((each, index) => filterOf(each, `${at}.${key}[${index}]`));

const narrowing = ['name', 'names', 'selector', 'annotations'] as const;
const people = ['subjects', 'roles', 'clusterRoles'] as const;

function filterOf(filter: Json, at: string): Filter {
  const path = `${at}.resources`;
  const resources = objectField(filter, 'resources', at) ?? {};
  const kinds = stringsField(resources, 'kinds', path);
  const operations = stringsField(resources, 'operations', path);
  return {
    test: scopeOf(resources, path),
    forPods:
      (kinds.length === 0 || kinds.some(isPod)) && (operations.length === 0 || operations.includes('CREATE')),
    partly: narrowing.some((key) => resources[key] !== undefined) || people.some((key) => filter[key]),
  };
}

/** `Pod`, `v1/Pod`, `*`; what follows a kind is a subresource, and `Namespace/*` are those of another kind. */
function isPod(kind: string): boolean {
  const parts = kind.split('/');
  const at = parts.findIndex((part) => /^[A-Z]/.test(part));
  if (at >= 0) return at === parts.length - 1 && matchesGlob(parts[at] ?? '', 'Pod');
  return parts.every((part) => part === '*' || part === 'v1') && parts.at(-1) === '*';
}

/** `cosign.sigstore.dev/attestation/vuln/v1` and the like. */
export const isScanType = (type: unknown): boolean => typeof type === 'string' && /vuln|\/scan\b/i.test(type);

const demandsScan = (image: Json): boolean =>
  objectsField(image, 'attestations', 'verifyImages').some(
    (each) => isScanType(each['type']) || isScanType(each['predicateType']),
  );
