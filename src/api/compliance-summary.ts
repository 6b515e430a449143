import type { z } from 'zod';
import { score, state, transitions } from './compliance-report.ts';
import { conditions, controlResults, datedEvidence } from './control-result.ts';
import { count, part, struct, timestamp, word } from './schema.ts';

export const complianceSummarySpec = struct(
  { profile: word('The ComplianceProfile that is summed up; the summary bears its name.', 253) },
  'What the summary is about. The operator writes it once and never changes it.',
);

export const complianceSummaryStatus = part(
  {
    state,
    score,
    namespaces: part(
      {
        total: count('Namespaces that the profile selects.'),
        compliant: count('Those whose report is Compliant.'),
        nonCompliant: count('Those whose report is NonCompliant.'),
        unknown: count('Those whose report is Unknown.'),
        notAssessed: count('Those whose report is NotAssessed, or has not been made yet.'),
      },
      'The namespaces by the state of their report.',
    ),
    controls: controlResults(
      'The controls of the cluster and its nodes; every report of a namespace inherits them.',
    ),
    transitions: transitions.exactOptional(),
    evidence: datedEvidence,
    runtime: part(
      {
        unattributed: count('Runtime events since the start that could be attributed to no namespace.'),
        dropped: count('Runtime events since the start that were lost.'),
      },
      'Runtime events that are in no RuntimeReport.',
    ),
    conditions: conditions(
      'Ready, EvidenceComplete, ReportsWritten and, where runtime events are kept on disk, RuntimeEventsKept.',
    ),
    lastHeartbeat: timestamp(
      'When the operator last said that it is alive. It does once a minute.',
    ).exactOptional(),
    observedGeneration: count('The metadata.generation that this status belongs to.').exactOptional(),
  },
  'What was found over all namespaces.',
);

export type ComplianceSummaryStatus = z.infer<typeof complianceSummaryStatus>;
