import type { z } from 'zod';
import { severities, statuses } from '../domain/verdict.ts';
import { limits } from './resources.ts';
import {
  choice,
  count,
  flag,
  keyedList,
  list,
  part,
  reason,
  struct,
  text,
  timestamp,
  word,
} from './schema.ts';

/** What ComplianceReport and ComplianceSummary have in common: controls with their findings, evidence, conditions. */

const finding = part(
  {
    subject: part(
      {
        kind: word('Kind of the object that the finding is about, normally a top-level owner.'),
        name: word('Its name.'),
        container: text('The container in it.').exactOptional(),
      },
      'What the finding is about.',
    ),
    example: text(
      'The name of one live pod that shows it, where the template of the subject does not.',
    ).exactOptional(),
    path: text(
      'Field path in the subject: in the container, where one is named and the field is its own; else in the object.',
    ).exactOptional(),
    observed: text('What was found there. Never a secret value.').exactOptional(),
    message: text('What is wrong, in a sentence.'),
    severity: choice(
      severities,
      'Severity of this finding, where it differs from that of its control.',
    ).exactOptional(),
    ref: text('An id elsewhere: a report, a rule, a policy.').exactOptional(),
  },
  'One thing that breaks or weakens the rule.',
);

const controlResult = part(
  {
    id: word(
      'Catalogue id, such as RD-2.2.7. `plumbline explain ID` tells what it checks, why, and how to fix it.',
      64,
    ),
    title: text('What the control demands.'),
    severity: choice(severities, 'How much it matters.'),
    status: choice(
      statuses,
      'The verdict. Pass: every subject in scope was evaluated on current evidence and meets the rule. Warn: the rule is met ' +
        'or only advised, but fragile. Fail: at least one subject breaks it. Unknown: evidence is missing or unusable. ' +
        'Manual: only people can decide. NotApplicable: no subject is in scope. Excepted: an approved exception covers every finding.',
    ),
    reason: reason(
      'Why, in one CamelCase word. Always there on Unknown: NoEvidence, StaleEvidence, PartialEvidence, HiddenFindings, ' +
        'Forbidden or EvaluationError.',
    ).exactOptional(),
    message: text('The verdict in a sentence.'),
    inherited: flag(
      'True for a control of the cluster, copied from the ComplianceSummary without its findings. It is not counted here.',
    ).exactOptional(),
    findingsTotal: count(
      'How many findings there are. More than are listed: the list was cut to bound the object.',
    ),
    findings: list(finding, limits.findingsPerControl, 'The findings, worst first.'),
    lastTransitionTime: timestamp('When the status last changed.'),
  },
  'What was found for one control.',
);

export const controlResults = (description: string) => list(controlResult, limits.controls, description);

const evidenceFields = {
  source: word('The kind of evidence, such as workloads, vulnerabilityreports or falco.', 64),
  available: flag('Whether it could be read in full. What needs it is Unknown while it is false.'),
  reason: reason('Why it is not available, in one CamelCase word.').exactOptional(),
  message: text('Why it is not available, in a sentence.').exactOptional(),
};
const evidenceDescription = 'One source of evidence.';

export const evidence = list(
  part(evidenceFields, evidenceDescription),
  limits.evidence,
  'The sources of evidence, and whether they could be read.',
);

/** Only the Summary tells how new evidence is: in a report it would be a write whenever any arrives. */
export const datedEvidence = list(
  part(
    {
      ...evidenceFields,
      newestTimestamp: timestamp('When the newest piece of this evidence came to be.').exactOptional(),
    },
    evidenceDescription,
  ),
  limits.evidence,
  'The sources of evidence over all namespaces, and whether they could be read.',
);

const condition = struct(
  {
    type: word('Type of the condition.', 316),
    status: choice(['True', 'False', 'Unknown'], 'True, False or Unknown.'),
    observedGeneration: count('The metadata.generation that the condition was decided on.').exactOptional(),
    lastTransitionTime: timestamp('When the status of the condition last changed.'),
    reason: reason('Why, in one CamelCase word.'),
    message: text('Why, in a sentence.', 4096),
  },
  'One aspect of the state of this object.',
);

export const conditions = (description: string) =>
  keyedList(condition, 'type', limits.conditions, description);

export type ControlResult = z.infer<typeof controlResult>;
export type Condition = z.infer<typeof condition>;
