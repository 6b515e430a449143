import type { AdmissionItem } from '../../domain/admission.ts';
import { exempts } from '../../domain/admission.ts';
import type { LabelledNamespace } from '../../domain/namespace-scope.ts';
import { covers } from '../../domain/namespace-scope.ts';
import type { PolicyAudit } from '../../domain/policy-audit.ts';
import type { Subject, UnknownReason } from '../../domain/verdict.ts';
import type { Workload } from '../../domain/workload.ts';

/** Milliseconds. */
export interface AuditLimits {
  readonly now: number;
  readonly maxSkew: number;
  readonly auditMaxAge: number;
  readonly configAuditMaxAge: number | undefined;
}

export interface Doubt {
  readonly reason: UnknownReason;
  readonly message: string;
}

type Of<K extends PolicyAudit['is']> = Extract<PolicyAudit, { is: K }>;

/**
 * Milliseconds. A change of a template is audited at once, also before its controller has made the revision that dates it, and
 * by another clock.
 */
const revisionSlack = 30_000;

/** Whether it was made before its owner had the pod specification that it has. */
const isFormer = ({ specSince, updatedAt = -Infinity }: Of<'configaudit'>): boolean =>
  typeof specSince === 'number' && updatedAt + revisionSlack < specSince;

/** The audits that look at the namespace, those of former revisions left out. */
export function standingAudits(
  audits: readonly PolicyAudit[],
  items: readonly AdmissionItem[],
  namespace: LabelledNamespace,
  workloads: readonly Workload[],
): PolicyAudit[] {
  const unaudited = items.some(
    (item) =>
      item.is === 'exemption' && (item.stops === 'all' || item.stops === 'audit') && exempts(item, namespace),
  );
  const current = new Set(workloads.flatMap(({ controllers }) => controllers.map(keyOf)));
  return audits.filter((audit) => {
    if (audit.is === 'report') return true;
    if (audit.is === 'constraint')
      return audit.violations.length > 0 || (!unaudited && covers(audit.where, namespace));
    if (isFormer(audit)) return false;
    return audit.owner?.kind !== 'ReplicaSet' || current.has(`ReplicaSet/${audit.owner.name}`);
  });
}

/** Why an audit without violations proves nothing. */
export function doubtOf(audit: PolicyAudit, limits: AuditLimits): Doubt | undefined {
  if (audit.is === 'constraint') return ofConstraint(audit, limits);
  if (audit.is === 'configaudit') return ofConfigAudit(audit, limits);
  const error = audit.results.find(({ result }) => result === 'error');
  if (error !== undefined)
    return { reason: 'EvaluationError', message: `Policy ${error.policy} could not be evaluated.` };
  if (audit.unlisted === 0) return undefined;
  return {
    reason: 'PartialEvidence',
    message: `Policy report ${audit.name} has more results than are read.`,
  };
}

function ofConstraint(
  audit: Of<'constraint'>,
  { now, maxSkew, auditMaxAge }: AuditLimits,
): Doubt | undefined {
  const { kind, name, auditedAt, cutOff, violations } = audit;
  const title = `${kind} ${name}`;
  if (auditedAt === undefined)
    return { reason: 'StaleEvidence', message: `${title} has not been audited yet.` };
  const date = new Date(auditedAt).toISOString().replace('.000Z', 'Z');
  if (auditedAt - now > maxSkew)
    return {
      reason: 'EvaluationError',
      message: `Clock skew: ${title} was audited at ${date}, which is in the future.`,
    };
  if (now - auditedAt > auditMaxAge)
    return {
      reason: 'StaleEvidence',
      message: `${title} was last audited at ${date}, longer ago than policies.auditMaxAge.`,
    };
  if (cutOff === undefined || violations.length > 0) return undefined;
  return {
    reason: 'PartialEvidence',
    message: `${title} has more violations than it lists, and none that it lists is of this namespace.`,
  };
}

function ofConfigAudit(
  { name, owner, updatedAt, specSince }: Of<'configaudit'>,
  { now, maxSkew, configAuditMaxAge }: AuditLimits,
): Doubt | undefined {
  if (updatedAt !== undefined && updatedAt - now > maxSkew)
    return {
      reason: 'EvaluationError',
      message: `Clock skew: ConfigAuditReport ${name} is dated in the future.`,
    };
  if (specSince === 'unknown')
    return {
      reason: 'NoEvidence',
      message: `No ControllerRevision tells whether ConfigAuditReport ${name} is of ${owner?.kind} ${owner?.name} as it is.`,
    };
  if (configAuditMaxAge === undefined || (updatedAt !== undefined && now - updatedAt <= configAuditMaxAge))
    return undefined;
  return {
    reason: 'StaleEvidence',
    message: `ConfigAuditReport ${name} is older than policies.configAuditMaxAge.`,
  };
}

/** When time alone may next change what these say. */
export function currentUntil(audits: readonly PolicyAudit[], limits: AuditLimits): number | undefined {
  const { now, maxSkew, auditMaxAge, configAuditMaxAge } = limits;
  const moments = audits.flatMap((audit) => {
    if (audit.is === 'report') return [];
    const date = audit.is === 'constraint' ? audit.auditedAt : audit.updatedAt;
    const age = audit.is === 'constraint' ? auditMaxAge : configAuditMaxAge;
    if (date === undefined) return [];
    return [date - maxSkew, ...(age === undefined ? [] : [date + age])].filter((moment) => moment >= now);
  });
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** Workloads of which only a former revision was audited. */
export function unauditedRevision(
  audits: readonly PolicyAudit[],
  workloads: readonly Workload[],
): Doubt | undefined {
  const reports = audits.filter((audit) => audit.is === 'configaudit');
  const audited = new Set(
    reports.flatMap((report) => (report.owner === undefined || isFormer(report) ? [] : keyOf(report.owner))),
  );
  const stale = unauditedDeployment(reports, audited, workloads) ?? unauditedOwner(reports, audited);
  if (stale === undefined) return undefined;
  const message = `The ConfigAuditReport of ${stale.kind} ${stale.name} is of a former revision.`;
  return { reason: 'StaleEvidence', message };
}

/** One of whose ReplicaSets former ones alone were audited. */
function unauditedDeployment(
  reports: readonly Of<'configaudit'>[],
  audited: ReadonlySet<string>,
  workloads: readonly Workload[],
): Subject | undefined {
  const former = new Set(
    reports.flatMap(({ owner }) =>
      owner?.kind === 'ReplicaSet' ? [owner.name.replace(/-[a-z0-9]{1,10}$/, '')] : [],
    ),
  );
  return workloads.find(
    ({ kind, name, controllers }) =>
      kind === 'Deployment' &&
      former.has(name) &&
      controllers.some((each) => each.kind === 'ReplicaSet') &&
      !controllers.some((each) => audited.has(keyOf(each))),
  );
}

/** One that keeps its name and uid from revision to revision. */
const unauditedOwner = (
  reports: readonly Of<'configaudit'>[],
  audited: ReadonlySet<string>,
): Subject | undefined =>
  reports
    .filter(isFormer)
    .flatMap(({ owner }) => owner ?? [])
    .find((owner) => !audited.has(keyOf(owner)));

const keyOf = ({ kind, name }: Subject) => `${kind}/${name}`;
