import type { z } from 'zod';
import { statuses } from '../domain/verdict.ts';
import { conditions, controlResults, evidence } from './control-result.ts';
import type { complianceReports, Resource } from './resources.ts';
import { limits, reportStates } from './resources.ts';
import { choice, count, integer, list, part, struct, timestamp, word } from './schema.ts';

export const complianceReportSpec = struct(
  {
    profile: word(
      'The ComplianceProfile that the namespace is held against; the report bears its name.',
      253,
    ),
  },
  'What the report is about. The operator writes it once and never changes it.',
);

const summary = part(
  {
    pass: count('Controls that pass.'),
    warn: count('Controls that warn.'),
    fail: count('Controls that fail.'),
    unknown: count('Controls whose evidence is missing or unusable.'),
    manual: count('Controls that only people can decide.'),
    notApplicable: count('Controls without a subject in scope.'),
    excepted: count('Controls whose findings are all covered by an approved exception.'),
    total: count('All of these.'),
    failBySeverity: part(
      {
        critical: count('Critical controls that fail.'),
        high: count('High controls that fail.'),
        medium: count('Medium controls that fail.'),
        low: count('Low controls that fail.'),
      },
      'Controls that fail, by the severity that the profile gives them.',
    ),
  },
  'How many controls have which status. Inherited controls and those that follow from others are not counted.',
);

const transition = part(
  {
    time: timestamp('When it changed.'),
    control: word('Id of the control.', 64),
    from: choice(statuses, 'The status before.'),
    to: choice(statuses, 'The status since.'),
  },
  'One change of the status of a control.',
);

export const transitions = list(transition, limits.transitions, 'The last changes of status, newest first.');

export const state = choice(
  reportStates,
  'NonCompliant: at least one control fails. Unknown: none fails, but one lacks evidence. Compliant: neither, and at least ' +
    'one passes or warns. NotAssessed: none of these.',
);

export const score = integer(
  '100 x (passing weight + half the warning weight) / (weight of what passes, warns, fails or is unknown), rounded down; weights ' +
    'critical 10, high 5, medium 2, low 1. Absent when there is nothing to weigh.',
  { minimum: 0, maximum: 100 },
).exactOptional();

export const complianceReportStatus = part(
  {
    state,
    score,
    summary,
    conditions: conditions(
      'Ready, EvidenceComplete (no control is Unknown) and Truncated (not every finding is listed).',
    ),
    controls: controlResults(
      'Every control of the profile: those of the namespace, worst first, and then those that it inherits from the cluster.',
    ),
    evidence,
    workloads: part(
      {
        total: count('Workloads in the namespace: top-level owners, and pods without one.'),
        failing: count('Those that at least one finding of a failing control is about.'),
      },
      'The workloads of the namespace.',
    ),
    transitions,
    observedGeneration: count('The metadata.generation that this status belongs to.').exactOptional(),
  },
  'What was found. It changes only when a verdict or a finding does.',
);

type ComplianceReportSpec = z.infer<typeof complianceReportSpec>;
export type ComplianceReportStatus = z.infer<typeof complianceReportStatus>;

export interface ComplianceReport extends Resource<typeof complianceReports.kind, ComplianceReportStatus> {
  readonly spec: ComplianceReportSpec;
}
