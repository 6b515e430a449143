/** The kinds' names, without their schemas: what whoever reads or writes them needs (this file loads no zod). */
export const group = 'plumbline.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}` as const;

/** `metadata.name` of every RuntimeReport: a namespace has one. */
export const runtimeReportName = 'runtime';

export interface KindName {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortName: string;
  readonly namespaced: boolean;
}

export const complianceReports = {
  kind: 'ComplianceReport',
  plural: 'compliancereports',
  singular: 'compliancereport',
  shortName: 'crep',
  namespaced: true,
} as const satisfies KindName;

export const complianceSummaries = {
  kind: 'ComplianceSummary',
  plural: 'compliancesummaries',
  singular: 'compliancesummary',
  shortName: 'csum',
  namespaced: false,
} as const satisfies KindName;

export const complianceProfiles = {
  kind: 'ComplianceProfile',
  plural: 'complianceprofiles',
  singular: 'complianceprofile',
  shortName: 'cprof',
  namespaced: false,
} as const satisfies KindName;

export const runtimeReports = {
  kind: 'RuntimeReport',
  plural: 'runtimereports',
  singular: 'runtimereport',
  shortName: 'rtrep',
  namespaced: true,
} as const satisfies KindName;

/** The name of its CustomResourceDefinition. */
export const crdName = (name: KindName): string => `${name.plural}.${group}`;

/** What a report says of the namespace as a whole (of the cluster, in a ComplianceSummary). */
export const reportStates = ['Compliant', 'NonCompliant', 'Unknown', 'NotAssessed'] as const;
export type ReportState = (typeof reportStates)[number];

/** How many items the lists of a status hold at most. Bytes bind before most of them: see the design of a report. */
export const limits = {
  /** Characters of one string, unless its field says otherwise. */
  text: 512,
  conditions: 16,
  controls: 256,
  findingsPerControl: 4096,
  evidence: 32,
  transitions: 32,
  runtimeFindings: 1024,
  /** A window of seven days and the hour that has just begun. */
  runtimeHours: 169,
  runtimeReplicas: 32,
  /** What was added in the last hour and some minutes, ten minutes each. */
  runtimeSpans: 8,
} as const;

interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An object of one of the kinds. `status` is absent until the operator has written it. */
export interface Resource<Kind extends string, Status> {
  readonly apiVersion: typeof apiVersion;
  readonly kind: Kind;
  readonly metadata: ObjectMeta;
  readonly status?: Status;
}
