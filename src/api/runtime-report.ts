import type { z } from 'zod';
import { priorities } from '../domain/runtime.ts';
import { conditions } from './control-result.ts';
import type { Resource, runtimeReports } from './resources.ts';
import { limits } from './resources.ts';
import { choice, count, list, part, text, timestamp, word } from './schema.ts';

const runtimeFinding = part(
  {
    rule: word('The rule of the sensor that fired.'),
    priority: choice(priorities, 'Its priority, as Falco names it.'),
    source: word('Where the events came from: syscall, k8s_audit or a plugin.', 128),
    subject: part(
      {
        kind: word('Kind of the top-level owner.'),
        name: word('Its name.'),
        container: text('The container in it.').exactOptional(),
      },
      'What the events are about.',
    ),
    example: text('The name of one pod that it was seen in.').exactOptional(),
    count: count('All events.'),
    firstSeen: timestamp('When the first event happened, by the clock of the sensor.'),
    lastSeen: timestamp('When the last one happened.'),
    hours: list(
      part(
        {
          hour: timestamp('The full hour that it begins at.'),
          alerts: count('Events in it; repeats of the same rule, pod and container count once.'),
        },
        'One hour.',
      ),
      limits.runtimeHours,
      'Events per hour, oldest first, for as long as they may count.',
    ),
    sample: text('The text of one event, redacted and cut.', 1024),
  },
  'The events of one rule about one subject, added up.',
);

export const runtimeReportStatus = part(
  {
    findings: list(runtimeFinding, limits.runtimeFindings, 'What was seen, worst and newest first.'),
    findingsTotal: count('How many findings there are.'),
    total: count('All events of the namespace that the findings were made of.'),
    dropped: count(
      'Events of the namespace that could not be kept: there were too many findings, or the object grew too large.',
    ),
    lastSeen: timestamp('When the last event happened.').exactOptional(),
    worst: choice(priorities, 'The worst priority among the findings.').exactOptional(),
    replicas: list(
      part(
        {
          name: word('Of one process of the operator.'),
          sequence: count('Sequence number of the last of its events that is in this report.'),
          lastAdded: timestamp('When it added the last one.'),
        },
        'One replica of the operator.',
      ),
      limits.runtimeReplicas,
      'Up to which event each replica has added what it took, so that none is added twice. One that has added nothing for a week is left out.',
    ).exactOptional(),
    recent: list(
      part(
        {
          since: timestamp('When the ten minutes began in which they were added.'),
          events: word('The first eleven characters of the hash of each, newest first.', 6144),
        },
        'Events that were added at about the same time.',
      ),
      limits.runtimeSpans,
      'By what the last events that were added are known, the newest first and 512 at most: a copy that another replica took is not added again.',
    ).exactOptional(),
    conditions: conditions('Truncated (not every finding is listed).').exactOptional(),
  },
  'Runtime events of the namespace, added up.',
);

export type RuntimeReportStatus = z.infer<typeof runtimeReportStatus>;
export type RuntimeReport = Resource<typeof runtimeReports.kind, RuntimeReportStatus>;
