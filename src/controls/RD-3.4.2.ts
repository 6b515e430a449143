import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { PolicyAudit } from '../domain/policy-audit.ts';
import type { Verdict } from '../domain/verdict.ts';
import { pass, unknown, unknownReasons } from '../domain/verdict.ts';
import type { AuditLimits } from './shared/audit-currency.ts';
import { currentUntil, doubtOf, standingAudits, unauditedRevision } from './shared/audit-currency.ts';
import { count, sortFindings } from './shared/findings.ts';
import type { Violation } from './shared/violations.ts';
import { distinct, graveFrom, rootsOf, violationsOf } from './shared/violations.ts';

function evaluate(input: EvaluationInput): Verdict {
  const { snapshot, parameters, now } = input;
  const { policyAudits, admission, workloads, namespace } = snapshot;
  if (!policyAudits.available) return unknown(policyAudits.reason, policyAudits.message);
  const { name, labels = {} } = namespace;
  const here = { name, labels };
  const items = admission.available ? admission.items : [];
  const running = workloads.available ? workloads.items : [];
  const audits = standingAudits(policyAudits.items, items, here, running);
  const rootOf = rootsOf(running);
  const isGrave = graveFrom(parameters['policies.failSeverity'], items, here);
  const violations = distinct(audits.flatMap((audit) => violationsOf(audit, rootOf, isGrave)));
  const limits: AuditLimits = {
    now,
    maxSkew: parameters['platform.maxClockSkew'],
    auditMaxAge: parameters['policies.auditMaxAge'],
    configAuditMaxAge: parameters['policies.configAuditMaxAge'],
  };
  const verdict =
    failing(violations) ?? unread(input) ?? doubtful(input, audits, limits) ?? settled(violations, audits);
  const validUntil = currentUntil(audits, limits);
  return validUntil === undefined ? verdict : { ...verdict, validUntil };
}

const of = (violations: readonly Violation[], wanted: 'Fail' | 'Warn') =>
  violations.filter(({ status }) => status === wanted).map(({ finding }) => finding);

function failing(violations: readonly Violation[]): Verdict | undefined {
  const findings = of(violations, 'Fail');
  if (findings.length === 0) return undefined;
  const lesser = violations.length - findings.length;
  const rest = lesser === 0 ? '' : `, beside ${count(lesser, 'lesser violation')}`;
  return {
    status: 'Fail',
    message: `${count(findings.length, 'violation')} of policies ${findings.length === 1 ? 'is' : 'are'} outstanding${rest}.`,
    findings: sortFindings(findings),
  };
}

/** What is missing might fail. */
function unread({ snapshot }: EvaluationInput): Verdict | undefined {
  const { admission, workloads, policyAudits, namespace } = snapshot;
  for (const source of [policyAudits, admission, workloads]) {
    const gap = source.available ? source.gap : source;
    if (gap !== undefined) return unknown(gap.reason, gap.message);
  }
  return namespace.labels === undefined
    ? unknown('NoEvidence', `The labels of namespace ${namespace.name} are not known.`)
    : undefined;
}

function doubtful(
  { snapshot }: EvaluationInput,
  audits: readonly PolicyAudit[],
  limits: AuditLimits,
): Verdict | undefined {
  const { policyAudits, workloads } = snapshot;
  const all = policyAudits.available ? policyAudits.items : [];
  const former = unauditedRevision(all, workloads.available ? workloads.items : []);
  const doubts = [...audits.flatMap((audit) => doubtOf(audit, limits) ?? []), ...(former ? [former] : [])];
  const reason = unknownReasons.find((each) => doubts.some((doubt) => doubt.reason === each));
  const first = doubts.find((doubt) => doubt.reason === reason);
  if (reason !== undefined && first !== undefined) return unknown(reason, first.message);
  if (audits.length > 0) return undefined;
  return unknown(
    'NoEvidence',
    'Nothing has looked for violations in this namespace: no constraint covers it, and no report is in it.',
  );
}

const auditors: Readonly<Record<PolicyAudit['is'], string>> = {
  constraint: "Gatekeeper's audit",
  report: 'policy reports',
  configaudit: 'configuration audits',
};

/** No numbers of reports: they change with every pod. */
function settled(violations: readonly Violation[], audits: readonly PolicyAudit[]): Verdict {
  const findings = of(violations, 'Warn');
  if (findings.length > 0) {
    const one = findings.length === 1;
    return {
      status: 'Warn',
      message: `${count(findings.length, 'violation')} of policies that only tell, or of low severity, ${one ? 'is' : 'are'} outstanding.`,
      findings: sortFindings(findings),
    };
  }
  const kinds = [...new Set(audits.map(({ is }) => auditors[is]))].toSorted();
  return pass(`No violation is outstanding, by ${kinds.join(' and ')}.`);
}

const control: BaseControl = {
  id: 'RD-3.4.2',
  title: 'No outstanding policy violations in the namespace',
  requirement: '§3 Table 1: Container Policy Enforcement',
  severity: 'medium',
  scope: 'namespace',
  rationale:
    'Admission judges what is new. What was there before the policy, or came while the engine was down, breaks it until somebody looks.',
  rule: "What Gatekeeper's audit, PolicyReports (of both APIs) and Trivy Operator's ConfigAuditReports say of the namespace. Fail: a violation of a policy that denies, or a result fail of policies.failSeverity or worse. Warn: other violations, failed ConfigAuditReport checks among them. Pass: none, and every source that is there is current. Unknown (NoEvidence): nothing has looked at the namespace. Unknown (StaleEvidence): a constraint's audit is older than policies.auditMaxAge or has never run, or a ConfigAuditReport is of a former revision of its owner or older than policies.configAuditMaxAge. Of a former revision is that of a ReplicaSet that its Deployment no longer uses, and that of a StatefulSet or DaemonSet if it was made more than half a minute before the ControllerRevision with which the present pod specification came. Unknown (NoEvidence) too: a StatefulSet or DaemonSet has no ControllerRevision. Unknown (PartialEvidence): a constraint has more violations than it lists and lists none of the namespace, or a report more than is read. Unknown (EvaluationError): a policy could not be evaluated, or a stamp lies in the future. Unknown: one of them could not be read.",
  notes: [
    'A result without a severity is below every severity; when its policy denies here, it fails all the same.',
    "Results of Falco and Trivy in policy reports are passed over, being read elsewhere, and so are Plumbline's own.",
    'Policy reports carry no date by which they could be called stale: whoever writes them renews them on a change.',
    'Pods and ReplicaSets are told of as their top-level owner, once for each policy.',
    'Trivy Operator renews the ConfigAuditReport of a StatefulSet or DaemonSet when its pod specification changes, and not when only labels or annotations of its template do: a restart by kubectl makes a revision that needs no new report. That is seen as far back as revisions are kept (spec.revisionHistoryLimit).',
    'Going back to a former template is dated by the last write of its ControllerRevision. So is being adopted, by a StatefulSet or DaemonSet that was made anew over what an earlier one left behind: a report that was left behind too is then called former.',
    'Within half a minute before a change, and until its controller has seen the change, the report of a former revision counts as of the present one: the controller, the scanner and their clocks are not in step.',
    'Whether a ConfigAuditReport of anything but a ReplicaSet, StatefulSet or DaemonSet is of what its owner is now cannot be seen; Trivy Operator renews it on a change.',
    'Exceptions are not read by this version, so that a violation that somebody has accepted stays one.',
  ],
  remediation:
    'Mend what the findings name; each refers to the constraint, policy or report that tells more. Where that is not wanted, change the policy. A ConfigAuditReport that stays one of a former revision is made anew when it is deleted.',
  evidence: ['policyaudits', 'admissionpolicies', 'workloads'],
  parameters: [
    'policies.failSeverity',
    'policies.auditMaxAge',
    'policies.configAuditMaxAge',
    'platform.maxClockSkew',
  ],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown'],
  references: {
    nist80053: ['CM-6(1)', 'CA-7'],
    nist800190: ['4.4.3'],
    cis: ['5.2.1'],
  },
  evaluate,
};
export default control;
