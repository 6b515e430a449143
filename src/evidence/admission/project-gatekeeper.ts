import type { AdmissionAction, AdmissionExemption, AdmissionRule } from '../../domain/admission.ts';
import type { NamespaceScope } from '../../domain/namespace-scope.ts';
import type { ConstraintAudit, ConstraintViolation } from '../../domain/policy-audit.ts';
import { cleanText } from '../../base/clean-text.ts';
import type { Json } from '../fields.ts';
import { integerField, objectField, objectsField, stringField, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import { readTime } from '../times.ts';
import type { AdmissionEvidence } from './admission-evidence.ts';
import { open, selectorTest } from './admission-fields.ts';

const mostViolations = 500;
const maxText = 256;

/** An object of a kind of `constraints.gatekeeper.sh`. */
export function projectConstraint(object: unknown): AdmissionEvidence {
  const { name, spec, from } = open(object);
  const kind = stringField(from, 'kind', '') ?? '';
  const match = objectField(spec, 'match', 'spec') ?? {};
  const where: NamespaceScope = [scopeOf(match)];
  const action = actionAt(spec, 'validation.gatekeeper.sh');
  const audited = actionAt(spec, 'audit.gatekeeper.sh');
  const forPods = isForPods(match);
  const rule: AdmissionRule = {
    is: 'rule',
    engine: 'Gatekeeper',
    kind,
    name,
    forPods,
    action: action ?? 'observe',
    where: [where],
  };
  return {
    ...(action === undefined && audited === undefined ? {} : { items: [rule] }),
    ...(audited === undefined ? {} : { audit: readAudit(from, { kind, name, where }, audited) }),
  };
}

const scopeOf = (match: Json) => {
  const names = stringsField(match, 'namespaces', 'spec.match');
  const notNames = stringsField(match, 'excludedNamespaces', 'spec.match');
  return {
    ...(names.length === 0 ? {} : { names }),
    ...(notNames.length === 0 ? {} : { notNames }),
    ...selectorTest(match, 'spec.match'),
  };
};

/** Without `kinds` it is for all of them. */
function isForPods(match: Json): boolean {
  if (stringField(match, 'scope', 'spec.match') === 'Cluster') return false;
  const kinds = objectsField(match, 'kinds', 'spec.match');
  return (
    kinds.length === 0 ||
    kinds.some((each, index) => {
      const at = `spec.match.kinds[${index}]`;
      const groups = stringsField(each, 'apiGroups', at);
      const names = stringsField(each, 'kinds', at);
      return (
        (groups.length === 0 || groups.includes('') || groups.includes('*')) &&
        (names.length === 0 || names.includes('Pod') || names.includes('*'))
      );
    })
  );
}

const toAction = (text: string): AdmissionAction => (text === 'deny' ? 'deny' : 'observe');

/** @returns undefined where a scoped constraint leaves this point of enforcement out */
function actionAt(spec: Json, point: string): AdmissionAction | undefined {
  const action = stringField(spec, 'enforcementAction', 'spec') ?? 'deny';
  if (action !== 'scoped') return toAction(action);
  const scoped = objectsField(spec, 'scopedEnforcementActions', 'spec').filter((each, index) =>
    objectsField(each, 'enforcementPoints', `spec.scopedEnforcementActions[${index}]`).some(
      (one) => one['name'] === point || one['name'] === '*',
    ),
  );
  const actions = scoped.map((each) => toAction(stringField(each, 'action', 'spec') ?? ''));
  return actions.includes('deny') ? 'deny' : actions[0];
}

function readAudit(
  from: Json,
  head: Pick<ConstraintAudit, 'kind' | 'name' | 'where'>,
  action: AdmissionAction,
): ConstraintAudit {
  const status = objectField(from, 'status', '') ?? {};
  const path = 'status.violations';
  const listed = objectsField(status, 'violations', 'status');
  const total = integerField(status, 'totalViolations', 'status') ?? 0;
  const violations = listed.slice(0, mostViolations).flatMap((each): ConstraintViolation[] => {
    const namespace = stringField(each, 'namespace', path);
    if (namespace === undefined || namespace === '') return [];
    const own = stringField(each, 'enforcementAction', path);
    return [
      {
        namespace,
        subject: {
          kind: stringField(each, 'kind', path) ?? '',
          name: stringField(each, 'name', path) ?? '',
        },
        action: own === undefined || own === 'scoped' ? action : toAction(own),
        message: cleanText(stringField(each, 'message', path) ?? '', maxText),
      },
    ];
  });
  return {
    ...head,
    ...present({ auditedAt: readTime(stringField(status, 'auditTimestamp', 'status')) }),
    ...(total > Math.min(listed.length, mostViolations) ? { cutOff: true } : {}),
    violations,
  };
}

/** Gatekeeper's own `Config`. Of other names than `config` it reads none. */
export function projectGatekeeperConfig(object: unknown): AdmissionEvidence | undefined {
  const { name, namespace, spec } = open(object);
  if (name !== 'config') return undefined;
  const items = objectsField(spec, 'match', 'spec').flatMap((each, index): AdmissionExemption[] => {
    const at = `spec.match[${index}]`;
    const names = stringsField(each, 'excludedNamespaces', at);
    const processes = stringsField(each, 'processes', at);
    const all = processes.includes('*');
    const admission = all || processes.includes('webhook');
    const audit = all || processes.includes('audit');
    if (names.length === 0 || (!admission && !audit)) return [];
    return [
      {
        is: 'exemption',
        engine: 'Gatekeeper',
        kind: 'Config',
        name,
        ...present({ namespace }),
        where: [[{ names }]],
        stops: admission && audit ? 'all' : admission ? 'admission' : 'audit',
        policies: ['every constraint'],
      },
    ];
  });
  return items.length === 0 ? undefined : { items };
}
