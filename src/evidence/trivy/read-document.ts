import type { ConfigAudit, SecretScan, VulnerabilityScan } from '../../domain/scan-report.ts';
import type { Sbom } from '../../domain/sbom.ts';
import type { Json } from '../fields.ts';
import { stringMapField } from '../fields.ts';
import { isClusterJson, readClusterJson } from './command-line-cluster.ts';
import { isTrivyJson, readTrivyJson } from './command-line.ts';
import {
  projectConfigAuditReport,
  projectExposedSecretReport,
  projectVulnerabilityReport,
} from './project-report.ts';
import { projectSbomReport } from './project-sbom.ts';
import { isSettingsConfigMap } from './settings.ts';

/** Scans that have no namespace are the command line's: they hold wherever their image runs. */
type Scoped<T> = T & { readonly namespace?: string };

export interface TrivyReports {
  readonly vulnerabilities: readonly Scoped<VulnerabilityScan>[];
  readonly secrets: readonly Scoped<SecretScan>[];
  readonly configAudits: readonly Scoped<ConfigAudit>[];
  readonly sboms: readonly Scoped<Sbom>[];
  /** ConfigMaps of Trivy Operator, which tell what it leaves out. */
  readonly settings: readonly Json[];
  /** Sentences on what the document does not show. */
  readonly notes: readonly string[];
}

export const nothing: TrivyReports = {
  vulnerabilities: [],
  secrets: [],
  configAudits: [],
  sboms: [],
  settings: [],
  notes: [],
};
const list = <T>(item: T | undefined): readonly T[] => (item === undefined ? [] : [item]);

const readers: Readonly<Record<string, (object: Json) => Partial<TrivyReports>>> = {
  VulnerabilityReport: (object) => ({ vulnerabilities: list(projectVulnerabilityReport(object)) }),
  ExposedSecretReport: (object) => ({ secrets: list(projectExposedSecretReport(object)) }),
  ConfigAuditReport: (object) => ({ configAudits: list(projectConfigAuditReport(object)) }),
  SbomReport: (object) => ({ sboms: list(projectSbomReport(object)) }),
};

/**
 * Reads one document: a report of Trivy Operator, one of its ConfigMaps, or what `trivy image` or `trivy k8s` wrote with
 * `--format json`. Other kinds of Trivy Operator (compliance, RBAC, cluster reports) and CycloneDX files are known and hold nothing that is read.
 * @param name of the file, for findings of the command line
 * @returns undefined when the document is nothing of Trivy's
 * @throws ShapeError
 */
export function readTrivyDocument(document: Json, name: string): TrivyReports | undefined {
  if (isClusterJson(document)) return { ...nothing, ...readClusterJson(document, name) };
  if (isTrivyJson(document)) return { ...nothing, ...readTrivyJson(document, name) };
  if (document['bomFormat'] === 'CycloneDX') return nothing;
  if (document['apiVersion'] === 'v1' && document['kind'] === 'ConfigMap') return settingsIn(document);
  // The API server leaves the version out of the items of a typed list.
  const group = document['apiVersion'] ?? 'aquasecurity.github.io/v1alpha1';
  const kind = document['kind'];
  if (typeof group !== 'string' || !group.startsWith('aquasecurity.github.io/')) return undefined;
  if (typeof kind !== 'string') return undefined;
  if (Object.hasOwn(readers, kind)) return { ...nothing, ...readers[kind]?.(document) };
  return document['apiVersion'] === undefined ? undefined : nothing;
}

function settingsIn(configMap: Json): TrivyReports | undefined {
  if (!isSettingsConfigMap(configMap)) return undefined;
  // A value that is no text makes none of it usable.
  stringMapField(configMap, 'data', '');
  return { ...nothing, settings: [configMap] };
}
