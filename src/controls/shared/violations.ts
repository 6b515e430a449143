import type { AdmissionItem } from '../../domain/admission.ts';
import { actionIn } from '../../domain/admission.ts';
import type { LabelledNamespace } from '../../domain/namespace-scope.ts';
import type { PolicyAudit, PolicyReport, PolicyResult } from '../../domain/policy-audit.ts';
import type { Finding, Severity, Subject } from '../../domain/verdict.ts';
import { compareSeverity } from '../../domain/verdict.ts';
import type { Workload } from '../../domain/workload.ts';

export interface Violation {
  readonly status: 'Fail' | 'Warn';
  readonly finding: Finding;
}

/** An object, as who is to mend it knows it: the top-level owner, with the pod for an example. */
export type RootOf = (subject: Subject) => Pick<Finding, 'subject' | 'example'>;

export function rootsOf(workloads: readonly Workload[]): RootOf {
  let roots: ReadonlyMap<string, Subject> | undefined;
  return ({ kind, name }) => {
    // Most namespaces have no violation.
    const root = (roots ??= mapRoots(workloads)).get(`${kind}/${name}`);
    if (root === undefined || root.kind === 'Pod') return { subject: { kind, name } };
    return { subject: root, ...(kind === 'Pod' ? { example: name } : {}) };
  };
}

function mapRoots(workloads: readonly Workload[]): ReadonlyMap<string, Subject> {
  const roots = new Map<string, Subject>();
  for (const { kind, name, pods, controllers } of workloads) {
    const root = { kind, name };
    for (const each of controllers) roots.set(`${each.kind}/${each.name}`, root);
    for (const pod of pods) roots.set(`Pod/${pod.name}`, root);
  }
  return roots;
}

/** Of one policy and one owner, the first that is found of the worst. */
export function distinct(violations: readonly Violation[]): Violation[] {
  const found = new Map<string, Violation>();
  for (const violation of violations) {
    const { subject, ref } = violation.finding;
    const key = JSON.stringify([subject.kind, subject.name, ref]);
    const known = found.get(key);
    if (known === undefined || (known.status === 'Warn' && violation.status === 'Fail'))
      found.set(key, violation);
  }
  return [...found.values()];
}

export function violationsOf(
  audit: PolicyAudit,
  rootOf: RootOf,
  isGrave: (result: PolicyResult) => boolean,
): Violation[] {
  if (audit.is === 'constraint')
    return audit.violations.map(({ subject, action, message }) => ({
      status: action === 'deny' ? 'Fail' : 'Warn',
      finding: { ...rootOf(subject), message, ref: `${audit.kind}/${audit.name}` },
    }));
  if (audit.is === 'report')
    return audit.results.flatMap((result) => fromResult(audit, result, rootOf, isGrave));
  const { failed, failedChecks = [], owner, name } = audit;
  if (failed === 0) return [];
  const which = failedChecks.length === 0 ? '' : `: ${failedChecks.join(', ')}`;
  const message = `${failed === 1 ? 'One check of its configuration fails' : `${failed} checks of its configuration fail`}${which}.`;
  const where = owner === undefined ? { subject: { kind: 'ConfigAuditReport', name } } : rootOf(owner);
  return [{ status: 'Warn', finding: { ...where, message, ref: name } }];
}

function fromResult(
  { name }: PolicyReport,
  result: PolicyResult,
  rootOf: RootOf,
  isGrave: (result: PolicyResult) => boolean,
): Violation[] {
  if (result.result === 'error') return [];
  const { policy, rule, severity, subject, message } = result;
  const where = subject === undefined ? { subject: { kind: 'PolicyReport', name } } : rootOf(subject);
  const finding: Finding = {
    ...where,
    message: message === '' ? 'It breaks the policy.' : message,
    ...(severity === undefined ? {} : { severity }),
    ref: rule === undefined ? policy : `${policy}/${rule}`,
  };
  return [{ status: result.result === 'fail' && isGrave(result) ? 'Fail' : 'Warn', finding }];
}

/** A failure of the severity or worse, or of a policy that would refuse the object today. */
export const graveFrom =
  (least: Severity, items: readonly AdmissionItem[], namespace: LabelledNamespace) =>
  ({ policy, rule, severity }: PolicyResult): boolean => {
    if (severity !== undefined && compareSeverity(severity, least) <= 0) return true;
    // A policy of a namespace is named with it.
    const name = policy.slice(policy.indexOf('/') + 1);
    return items.some(
      (item) =>
        item.is === 'rule' &&
        item.name === name &&
        (item.rule === undefined || rule === undefined || item.rule === rule) &&
        actionIn(item, namespace) === 'deny',
    );
  };
