import { expect } from 'chai';
import control from '../../src/controls/RD-3.4.2.ts';
import type { PolicyAudit, SpecSince } from '../../src/domain/policy-audit.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { AdmissionObject } from '../support/admission-objects.ts';
import { admission, auditsOf, itemsOf, kyvernoRule } from '../support/admission-objects.ts';
import { describeControl } from '../support/control-cases.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { input, now, pod, workload } from '../support/builders.ts';

const { clusterPolicy, config, constraint, report } = admission;
const minutes = (n: number) => new Date(now - n * 60_000).toISOString();

const audited = (
  violations: readonly object[] = [],
  { age = 1, total = violations.length, spec = {} }: { age?: number; total?: number; spec?: object } = {},
) =>
  constraint(spec, {
    status: { auditTimestamp: minutes(age), totalViolations: total, violations },
  });
const violation = (more: object = {}) => ({
  ...{ kind: 'Pod', name: 'app-7f9c-x1', namespace: 'shop', enforcementAction: 'deny' },
  ...{ message: 'container <app> has an invalid image repo', ...more },
});
const result = (more: object = {}) => ({
  ...{ policy: 'labels', rule: 'check', result: 'fail', severity: 'medium', message: 'No label.' },
  ...{ source: 'kyverno', resources: [{ kind: 'Deployment', name: 'app' }], ...more },
});

const app = workload({
  controllers: [
    { kind: 'Deployment', name: 'app' },
    { kind: 'ReplicaSet', name: 'app-7f9c' },
  ],
  pods: [pod({ name: 'app-7f9c-x1' }), pod({ name: 'app-7f9c-x2' })],
});
const configAudit = (more: Partial<Extract<PolicyAudit, { is: 'configaudit' }>> = {}): PolicyAudit => ({
  ...{ is: 'configaudit', name: 'replicaset-app-7f9c', owner: { kind: 'ReplicaSet', name: 'app-7f9c' } },
  ...{ updatedAt: now - 3_600_000, failed: 0, ...more },
});

const hour = 3_600_000;
const setOwner = { kind: 'StatefulSet', name: 'db', uid: 'db-1' };
/** Of a StatefulSet, made an hour ago. */
const ofSet = (specSince: SpecSince, more: Parameters<typeof configAudit>[0] = {}) =>
  configAudit({
    name: 'statefulset-db',
    owner: setOwner,
    specSince,
    ...more,
  });

const given = (
  objects: readonly AdmissionObject[],
  audits: readonly PolicyAudit[] = [],
  parameters: Parameters<typeof input>[1] = {},
  overrides: SnapshotOverrides = {},
) =>
  input(
    {
      workloads: read([app]),
      admission: read(itemsOf(objects)),
      policyAudits: read([...auditsOf(objects), ...audits]),
      ...overrides,
    },
    parameters,
  );
const gap = { reason: 'Forbidden', message: 'It may not be listed.' } as const;
const enforced = clusterPolicy({ validationFailureAction: 'Enforce', rules: [kyvernoRule()] });

describeControl(control, {
  'passes what every source finds good': {
    given: given([audited(), report([result({ result: 'pass' })])], [configAudit()]),
    status: 'Pass',
    message:
      "No violation is outstanding, by Gatekeeper's audit and configuration audits and policy reports.",
  },
  'passes the violations of other namespaces': {
    given: given([audited([violation({ namespace: 'other' }), violation({ namespace: undefined })])]),
    status: 'Pass',
  },
  'passes results that were skipped': {
    given: given([report([result({ result: 'skip' })])]),
    status: 'Pass',
  },
  'fails a violation of a constraint that denies, told of the owner': {
    given: given([audited([violation(), violation({ name: 'app-7f9c-x2' })])]),
    status: 'Fail',
    message: '1 violation of policies is outstanding.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        example: 'app-7f9c-x1',
        message: 'container <app> has an invalid image repo',
        ref: 'K8sAllowedRepos/repos',
      },
    ],
  },
  'fails it whatever is missing': {
    given: given([audited([violation()])], [], {}, { admission: unread(gap.reason, gap.message) }),
    status: 'Fail',
  },
  'fails it in an audit that is stale': {
    given: given([audited([violation()], { age: 90 })]),
    status: 'Fail',
  },
  'fails a result of the severity': {
    given: given([report([result({ severity: 'high' })])]),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        message: 'No label.',
        severity: 'high',
        ref: 'labels/check',
      },
    ],
  },
  'fails a lesser one where the profile wants it': {
    given: given([report([result()])], [], { 'policies.failSeverity': 'medium' }),
    status: 'Fail',
  },
  'fails a lesser one of a policy that denies': {
    given: given([enforced, report([result({ severity: undefined })])]),
    status: 'Fail',
  },
  'counts what is lesser beside it': {
    given: given([audited([violation()]), report([result()])], [configAudit({ failed: 2 })]),
    status: 'Fail',
    message: '1 violation of policies is outstanding, beside 2 lesser violations.',
  },
  'warns of a lesser result': {
    given: given([report([result()])]),
    status: 'Warn',
    message: '1 violation of policies that only tell, or of low severity, is outstanding.',
  },
  'warns of a lesser result of another rule than the one that denies': {
    given: given([enforced, report([result({ rule: 'other' })])]),
    status: 'Warn',
  },
  'warns of a result that is a warning': {
    given: given([report([result({ result: 'warn', severity: 'critical' })])]),
    status: 'Warn',
  },
  'warns of a constraint that only tells': {
    given: given([audited([violation({ enforcementAction: 'dryrun' })])]),
    status: 'Warn',
  },
  'warns of failed checks of the configuration': {
    given: given([], [configAudit({ failed: 3 })]),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        message: '3 checks of its configuration fail.',
        ref: 'replicaset-app-7f9c',
      },
    ],
  },
  'does not know by an audit that is stale': {
    given: given([audited([], { age: 31 })]),
    status: 'Unknown',
    reason: 'StaleEvidence',
  },
  'does not know by a constraint that was never audited': {
    given: given([constraint()]),
    status: 'Unknown',
    reason: 'StaleEvidence',
    message: 'K8sAllowedRepos repos has not been audited yet.',
  },
  'does not know by an audit of the future': {
    given: given([audited([], { age: -10 })]),
    status: 'Unknown',
    reason: 'EvaluationError',
    message: /^Clock skew: /,
  },
  'does not know where the list is cut off': {
    given: given([audited([violation({ namespace: 'other' })], { total: 30 })]),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'does not know by a policy that could not be evaluated': {
    given: given([report([result({ result: 'error' })])]),
    status: 'Unknown',
    reason: 'EvaluationError',
    message: 'Policy labels could not be evaluated.',
  },
  'does not know the rest of a report that is too long': {
    given: given([report(Array.from({ length: 21 }, (_, index) => result({ rule: `r-${index}` })))]),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'does not know by the audit of a former revision': {
    given: given([], [configAudit({ name: 'old', owner: { kind: 'ReplicaSet', name: 'app-5d4b' } })]),
    status: 'Unknown',
    reason: 'StaleEvidence',
    message: 'The ConfigAuditReport of Deployment app is of a former revision.',
  },
  'passes when the present one was audited too': {
    given: given(
      [],
      [
        configAudit(),
        configAudit({ name: 'old', owner: { kind: 'ReplicaSet', name: 'app-5d4b' }, failed: 9 }),
      ],
    ),
    status: 'Pass',
  },
  'does not know by the audit of a StatefulSet that was changed since': {
    given: given([], [ofSet(now - 60_000)]),
    status: 'Unknown',
    reason: 'StaleEvidence',
    message: 'The ConfigAuditReport of StatefulSet db is of a former revision.',
  },
  'nor by that of a DaemonSet, whatever else is good': {
    given: given([], [configAudit(), ofSet(now - 60_000, { owner: { kind: 'DaemonSet', name: 'agent' } })]),
    status: 'Unknown',
    reason: 'StaleEvidence',
    message: 'The ConfigAuditReport of DaemonSet agent is of a former revision.',
  },
  'does not warn of what failed in a former revision': {
    given: given([], [configAudit(), ofSet(now - 60_000, { failed: 2 })]),
    status: 'Unknown',
    reason: 'StaleEvidence',
  },
  'does not know by an undated one': {
    given: given(
      [],
      [{ is: 'configaudit', name: 'undated', owner: setOwner, failed: 0, specSince: now - 60_000 }],
    ),
    status: 'Unknown',
    reason: 'StaleEvidence',
  },
  'passes one that was made since': {
    given: given([], [ofSet(now - 2 * hour)]),
    status: 'Pass',
  },
  'passes one that was made a little before the revision that its change brought': {
    given: given([], [ofSet(now - hour + 30_000)]),
    status: 'Pass',
  },
  'but not one from longer before': {
    given: given([], [ofSet(now - hour + 31_000)]),
    status: 'Unknown',
    reason: 'StaleEvidence',
  },
  'passes one of an owner that was never changed, whatever the clocks say': {
    given: given([], [ofSet('ever')]),
    status: 'Pass',
  },
  'warns of what fails in the present revision': {
    given: given([], [ofSet(now - 2 * hour, { failed: 2 })]),
    status: 'Warn',
  },
  'does not know by one of which nothing tells of which revision it is': {
    given: given([], [configAudit(), ofSet('unknown')]),
    status: 'Unknown',
    reason: 'NoEvidence',
    message:
      'No ControllerRevision tells whether ConfigAuditReport statefulset-db is of StatefulSet db as it is.',
  },
  'fails what a policy finds of one whose audit is of a former revision': {
    given: given([audited([violation()])], [ofSet(now - 60_000)]),
    status: 'Fail',
  },
  'does not know by an audit that is older than the profile allows': {
    given: given([], [configAudit()], { 'policies.configAuditMaxAge': 60_000 }),
    status: 'Unknown',
    reason: 'StaleEvidence',
  },
  'does not know by a ConfigAuditReport of the future': {
    given: given([], [configAudit({ updatedAt: now + 3_600_000 })]),
    status: 'Unknown',
    reason: 'EvaluationError',
  },
  'does not know where nothing has looked': {
    given: given([]),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: /^Nothing has looked for violations in this namespace/,
  },
  'does not know by constraints for other namespaces': {
    given: given([audited([], { spec: { match: { excludedNamespaces: ['shop'] } } })]),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know where the audit passes over the namespace': {
    given: given([audited(), config([{ excludedNamespaces: ['shop'], processes: ['audit'] }])]),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not count what is read elsewhere': {
    given: given([
      report([result({ source: 'Falco' }), result({ source: 'Trivy Vulnerability' })], {}),
      report([result({ source: undefined })], { source: 'plumbline' }),
    ]),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know while a part of the audits cannot be read': {
    given: given([], [], {}, { policyAudits: { available: true, items: [], gap } }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not know while the policies cannot be read': {
    given: given([report([result()])], [], {}, { admission: unread(gap.reason, gap.message) }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not know without any audit': {
    given: given([], [], {}, { policyAudits: unread('NoEvidence', 'Nothing looks.') }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know without the labels of the namespace': {
    given: given([audited()], [], {}, { namespace: { name: 'shop' } }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
});

describe('RD-3.4.2 in time', () => {
  const until = (objects: readonly AdmissionObject[], audits: readonly PolicyAudit[] = []) =>
    control.evaluate(given(objects, audits)).validUntil;

  it('is to be judged again when an audit grows stale', () => {
    expect(until([audited([], { age: 10 })])).to.equal(now + 20 * 60_000);
  });

  it('is not changed by time alone without a date that counts', () => {
    expect(until([report([result()])], [configAudit()])).to.equal(undefined);
  });

  it('is to be judged again when a future date has come', () => {
    expect(until([audited([], { age: -10 })])).to.equal(now + 5 * 60_000);
  });
});
