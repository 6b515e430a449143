import type { z } from 'zod';
import { complianceProfileSpec, complianceProfileStatus } from './compliance-profile.ts';
import { complianceReportSpec, complianceReportStatus } from './compliance-report.ts';
import { complianceSummarySpec, complianceSummaryStatus } from './compliance-summary.ts';
import type { KindName } from './resources.ts';
import {
  complianceProfiles,
  complianceReports,
  complianceSummaries,
  runtimeReportName,
  runtimeReports,
} from './resources.ts';
import { runtimeReportStatus } from './runtime-report.ts';
import type { Rule } from './schema.ts';

/** A column of `kubectl get`. It must be true in a list, so it shows a field and computes nothing. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** Shown with `-o wide` only. */
  readonly wide?: true;
}

/** All that a CustomResourceDefinition says of one kind. */
export interface KindDefinition extends KindName {
  readonly description: string;
  readonly spec?: z.ZodType;
  readonly status: z.ZodType;
  /** Rules over the object as a whole; of its metadata they see `name` alone. */
  readonly rules: readonly Rule[];
  readonly columns: readonly PrinterColumn[];
  /** For `kubectl get --field-selector`; served from Kubernetes 1.31 on, dropped in silence by 1.30. */
  readonly selectableFields?: readonly string[];
}

const namedAfterProfile: Rule = {
  rule: 'self.metadata.name == self.spec.profile',
  message: 'it must bear the name of its profile: metadata.name and spec.profile differ',
};

const state: PrinterColumn = {
  name: 'State',
  type: 'string',
  jsonPath: '.status.state',
  description: 'NonCompliant, Unknown, Compliant or NotAssessed',
};
const score: PrinterColumn = {
  name: 'Score',
  type: 'integer',
  jsonPath: '.status.score',
  description: 'Weighted share of what passes, 0 to 100',
};
const age: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Since when the object exists',
};

const number = (name: string, jsonPath: string, description: string): PrinterColumn => ({
  name,
  type: 'integer',
  jsonPath,
  description,
});
const wide = (column: PrinterColumn): PrinterColumn => ({ ...column, wide: true });
const ready = (field: 'status' | 'reason' | 'message') => `.status.conditions[?(@.type=="Ready")].${field}`;

export const kinds: readonly KindDefinition[] = [
  {
    ...complianceReports,
    description:
      'ComplianceReport says how one namespace stands against one profile: every control with its verdict, the reason and ' +
      'the findings. The operator writes it; nobody else does.',
    spec: complianceReportSpec,
    status: complianceReportStatus,
    rules: [namedAfterProfile],
    columns: [
      state,
      score,
      number('Fail', '.status.summary.fail', 'Controls that fail'),
      number('Unknown', '.status.summary.unknown', 'Controls whose evidence is missing or unusable'),
      number('Manual', '.status.summary.manual', 'Controls that only people can decide'),
      number('Excepted', '.status.summary.excepted', 'Controls that an approved exception covers'),
      wide(number('Pass', '.status.summary.pass', 'Controls that pass')),
      wide(number('Warn', '.status.summary.warn', 'Controls that warn')),
      wide(number('Critical', '.status.summary.failBySeverity.critical', 'Critical controls that fail')),
      wide(number('High', '.status.summary.failBySeverity.high', 'High controls that fail')),
      age,
    ],
    selectableFields: ['.status.state'],
  },
  {
    ...complianceSummaries,
    description:
      'ComplianceSummary says how the cluster stands against one profile: its namespaces, the controls of the cluster ' +
      'itself, and the state of every source of evidence. The operator writes it; nobody else does.',
    spec: complianceSummarySpec,
    status: complianceSummaryStatus,
    rules: [namedAfterProfile],
    columns: [
      state,
      score,
      number('Namespaces', '.status.namespaces.total', 'Namespaces that the profile selects'),
      number('NonCompliant', '.status.namespaces.nonCompliant', 'Those in which a control fails'),
      number('Unknown', '.status.namespaces.unknown', 'Those in which none fails but one lacks evidence'),
      wide(number('Compliant', '.status.namespaces.compliant', 'Those that are compliant')),
      wide(number('NotAssessed', '.status.namespaces.notAssessed', 'Those that were not assessed')),
      {
        name: 'Heartbeat',
        type: 'date',
        jsonPath: '.status.lastHeartbeat',
        description:
          'Since when the operator has not said that it is alive; more than two minutes is too long',
      },
      age,
    ],
  },
  {
    ...complianceProfiles,
    description:
      'ComplianceProfile says what namespaces are held against, and which. One named reference-design replaces the built-in ' +
      'profile; any other stands beside it.',
    spec: complianceProfileSpec,
    status: complianceProfileStatus,
    rules: [
      {
        rule: '!has(self.spec) || !has(self.spec.extends) || self.spec.extends != self.metadata.name',
        message: 'a profile cannot extend itself',
      },
    ],
    columns: [
      { name: 'Ready', type: 'string', jsonPath: ready('status'), description: 'Whether it is in use' },
      { name: 'Reason', type: 'string', jsonPath: ready('reason'), description: 'Why, or why not' },
      {
        name: 'Extends',
        type: 'string',
        jsonPath: '.spec.extends',
        description: 'The profile that it inherits from',
      },
      number('Namespaces', '.status.selectedNamespaces', 'Namespaces that it selects'),
      wide({
        name: 'Message',
        type: 'string',
        jsonPath: ready('message'),
        description: 'The reason in words',
      }),
      age,
    ],
  },
  {
    ...runtimeReports,
    description:
      'RuntimeReport adds up the runtime events (of Falco) of one namespace. The operator writes it; nobody else does.',
    status: runtimeReportStatus,
    rules: [
      {
        rule: `self.metadata.name == '${runtimeReportName}'`,
        message: `a namespace has one RuntimeReport, and its name is ${runtimeReportName}`,
      },
    ],
    columns: [
      {
        name: 'Worst',
        type: 'string',
        jsonPath: '.status.worst',
        description: 'The worst priority that was seen',
      },
      number('Events', '.status.total', 'All events'),
      number('Findings', '.status.findingsTotal', 'Rules and subjects that they are about'),
      wide(number('Dropped', '.status.dropped', 'Events that could not be kept')),
      { name: 'Last-Seen', type: 'date', jsonPath: '.status.lastSeen', description: 'Since the last event' },
      age,
    ],
  },
];
