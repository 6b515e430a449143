import { parseArgs } from 'node:util';
import { newestMinor, oldestMinor } from '../domain/kubernetes-version.ts';
import type { Severity } from '../domain/verdict.ts';
import { severities } from '../domain/verdict.ts';
import { UsageError } from './usage.ts';

export const scanUsage = `Usage: plumbline scan PATH... [options]

Judges manifests on disk (files, folders, - for standard input) by the same controls as the operator; no cluster needed.

  --trivy-reports PATH       reports of Trivy (trivy image --format json) or Trivy Operator,
                             and the ConfigMaps that say what the latter hides; repeatable
  --trivy-unfiltered         the files of trivy were made without --severity and --ignore-unfixed: what they
                             do not list was not found
  --falco-events FILE        Falco events, one JSON object a line; repeatable
  --profile FILE             ComplianceProfiles instead of the built-in one, and what they extend; repeatable
  --format FORMAT            table (default), json or yaml
  --kubernetes-version 1.N   the version that the manifests are meant for (default 1.${newestMinor}, the newest known)
  --fail-on SEVERITY         critical, high (default), medium, low or none
  --fail-on-unknown          a control that cannot be decided counts like one that fails

Exit status: 0 when no control of that severity or a worse one fails, 1 when one does, 2 when an input could not be read,
or there was nothing in it.
A control that follows from others does not count beside them.
`;

export interface ScanOptions {
  readonly paths: readonly string[];
  readonly trivyReports: readonly string[];
  /** What the files of the command line do not list was not there, says the user; they cannot. */
  readonly trivyUnfiltered: boolean;
  readonly falcoEvents: readonly string[];
  readonly profiles: readonly string[];
  readonly format: 'table' | 'json' | 'yaml';
  readonly minor: number;
  readonly failOn: Severity | 'none';
  readonly failOnUnknown: boolean;
}

/** @throws UsageError */
export function parseScanOptions(args: readonly string[]): ScanOptions {
  const { values, positionals } = parse(args);
  if (positionals.length === 0) throw new UsageError('scan needs a file, a folder, or - for standard input');
  return {
    paths: positionals,
    trivyReports: values['trivy-reports'] ?? [],
    trivyUnfiltered: values['trivy-unfiltered'],
    falcoEvents: values['falco-events'] ?? [],
    profiles: values.profile ?? [],
    format: oneOf('--format', values.format, ['table', 'json', 'yaml'] as const),
    minor: parseMinor(values['kubernetes-version']),
    failOn: oneOf('--fail-on', values['fail-on'], [...severities, 'none'] as const),
    failOnUnknown: values['fail-on-unknown'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'trivy-reports': { type: 'string', multiple: true },
        'trivy-unfiltered': { type: 'boolean', default: false },
        'falco-events': { type: 'string', multiple: true },
        profile: { type: 'string', multiple: true },
        format: { type: 'string', default: 'table' },
        'kubernetes-version': { type: 'string', default: `1.${newestMinor}` },
        'fail-on': { type: 'string', default: 'high' },
        'fail-on-unknown': { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new UsageError(`${option} ${value}: expected ${allowed.join(', ')}`);
  return found;
}

function parseMinor(text: string): number {
  const minor = Number(/^v?1\.(\d{1,3})(?:\.\d+)?$/.exec(text)?.[1]);
  if (Number.isNaN(minor) || minor < oldestMinor || minor > newestMinor) {
    throw new UsageError(`--kubernetes-version ${text}: expected 1.${oldestMinor} to 1.${newestMinor}`);
  }
  return minor;
}
