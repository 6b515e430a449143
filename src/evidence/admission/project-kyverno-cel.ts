import type { AdmissionExemption, AdmissionRule } from '../../domain/admission.ts';
import type { Json } from '../fields.ts';
import { booleanField, objectField, objectsField, stringField, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import type { AdmissionEvidence } from './admission-evidence.ts';
import { coverPods, ignoresFailure, open, ownNamespace, selectorTest, textsOr } from './admission-fields.ts';
import { filtersOf, isScanType } from './project-kyverno.ts';

/** A policy of `policies.kyverno.io`, namespaced or not. */
export const projectCelPolicy =
  (kind: string) =>
  (object: unknown): AdmissionEvidence => {
    const opened = open(object);
    const { name, spec } = opened;
    const constraints = objectField(spec, 'matchConstraints', 'spec') ?? {};
    const evaluation = objectField(spec, 'evaluation', 'spec') ?? {};
    const admission = objectField(evaluation, 'admission', 'spec.evaluation') ?? {};
    const asked = booleanField(admission, 'enabled', 'spec.evaluation.admission') !== false;
    const actions = textsOr(spec, 'validationActions', 'spec', ['Deny']);
    const rule: AdmissionRule = {
      is: 'rule',
      engine: 'Kyverno',
      kind,
      name,
      cel: true,
      forPods: coverPods(constraints, 'resourceRules', 'spec.matchConstraints'),
      action: asked && actions.includes('Deny') ? 'deny' : 'observe',
      where: [[...ownNamespace(opened), selectorTest(constraints, 'spec.matchConstraints')]],
      ...ignoresFailure(spec, 'spec'),
      ...(demandsScan(spec) ? { gate: true } : {}),
    };
    return { items: [rule] };
  };

const demandsScan = (spec: Json): boolean =>
  objectsField(spec, 'attestations', 'spec').some((each) =>
    [
      objectField(each, 'intoto', 'spec.attestations'),
      objectField(each, 'referrer', 'spec.attestations'),
    ].some((one) => isScanType(one?.['type'])),
  );

/** Of `kyverno.io`: it names namespaces, or is for all of them, wherever it stands. */
export function projectException(object: unknown): AdmissionEvidence {
  const { name, namespace, spec } = open(object);
  const match = objectField(spec, 'match', 'spec') ?? {};
  const any = filtersOf(match, 'any', 'spec.match');
  const all = filtersOf(match, 'all', 'spec.match');
  const where = any.length > 0 ? any.map(({ test }) => [test]) : [all.map(({ test }) => test)];
  const policies = objectsField(spec, 'exceptions', 'spec').map((each, index) =>
    String(stringField(each, 'policyName', `spec.exceptions[${index}]`)),
  );
  return exemption({
    name,
    where,
    policies,
    ...present({ namespace }),
    ...([...any, ...all].some(({ partly }) => partly) || spec['conditions'] !== undefined
      ? { conditional: true }
      : {}),
  });
}

/** Of `policies.kyverno.io`: what it is for stands in expressions alone. */
export function projectCelException(object: unknown): AdmissionEvidence {
  const { name, namespace, spec } = open(object);
  const references = objectsField(spec, 'policyRefs', 'spec');
  return exemption({
    name,
    where: [[]],
    policies: references.map((each, index) => String(stringField(each, 'name', `spec.policyRefs[${index}]`))),
    ...present({ namespace }),
    ...(objectsField(spec, 'matchConditions', 'spec').length > 0 ||
    stringsField(spec, 'images', 'spec').length > 0
      ? { conditional: true }
      : {}),
  });
}

const exemption = (
  fields: Pick<AdmissionExemption, 'name' | 'where' | 'policies'> & Partial<AdmissionExemption>,
): AdmissionEvidence => ({
  items: [{ is: 'exemption', engine: 'Kyverno', kind: 'PolicyException', ...fields }],
});
