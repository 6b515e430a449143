import { systemClock } from '../base/clock.ts';
import { catalogue } from '../controls/catalogue.generated.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { compareSeverity } from '../domain/verdict.ts';
import { evaluateNamespace } from '../evaluate/evaluate-namespace.ts';
import type { Profile } from '../evaluate/profile.ts';
import { builtInProfile } from '../evaluate/profile.ts';
import type { ReportStatus } from '../evaluate/report.ts';
import { collectManifests } from '../evidence/manifests/collect.ts';
import type { InputError } from '../evidence/manifests/documents.ts';
import { readDocuments } from '../evidence/manifests/documents.ts';
import { readFiles } from '../evidence/manifests/read-files.ts';
import type { ScanEvidence } from '../evidence/manifests/snapshots.ts';
import { snapshotsOf } from '../evidence/manifests/snapshots.ts';
import { rollUps } from './roll-ups.ts';
import { readFalcoFiles, readTrivyFiles } from './scan-inputs.ts';
import type { ScanOptions } from './scan-options.ts';
import { parseScanOptions } from './scan-options.ts';
import type { ScannedReport } from './scan-output.ts';
import { printReports } from './scan-output.ts';
import type { Output } from './text.ts';

/** `plumbline scan`. @returns the exit status */
export async function runScan(args: readonly string[], output: Output): Promise<number> {
  const options = parseScanOptions(args);
  const errors: InputError[] = [];
  const profiles = await loadProfiles(options, errors);
  const snapshots = readSnapshots(options, errors, output);
  const reports = snapshots.flatMap((snapshot) => judge(snapshot, profiles, output));
  printReports(reports, options.format, output);
  const unselected = snapshots.filter((snapshot) => !profiles.some((profile) => selects(profile, snapshot)));
  if (unselected.length > 0) {
    output.err(
      `Left out, since no profile selects them: ${unselected.map(({ namespace }) => namespace.name).join(', ')}.\n`,
    );
  }
  for (const { file, line, message } of errors)
    output.err(`${file}${line === undefined ? '' : `:${line}`}: ${message}\n`);
  const undecided = reports.reduce((sum, { status }) => sum + status.summary.unknown, 0);
  output.err(`${undecided} controls are Unknown: their evidence is not in the input.\n`);
  if (errors.length > 0) return 2;
  return reports.some(({ status }) => breaks(status, options)) ? 1 : 0;
}

async function loadProfiles(options: ScanOptions, errors: InputError[]): Promise<readonly Profile[]> {
  if (options.profile === undefined) return [builtInProfile(catalogue)];
  const { readProfiles } = await import('./scan-profile.ts');
  return readProfiles(options.profile, errors);
}

function readSnapshots(options: ScanOptions, errors: InputError[], output: Output): Snapshot[] {
  const found = readFiles(options.paths);
  errors.push(...found.errors);
  const manifests = found.files.flatMap(({ file, text }) => {
    const documents = readDocuments(file, text);
    errors.push(...documents.errors);
    return documents.manifests;
  });
  const collected = collectManifests(manifests);
  errors.push(...collected.errors);
  const evidence: ScanEvidence = {
    minor: options.minor,
    ...(options.trivyReports.length === 0
      ? {}
      : { trivy: readTrivyFiles(options.trivyReports, errors, output.err) }),
    ...(options.falcoEvents.length === 0 ? {} : { runtime: readFalcoFiles(options.falcoEvents, errors) }),
  };
  return snapshotsOf(collected, evidence);
}

const selects = (profile: Profile, { namespace }: Snapshot) =>
  profile.selects(namespace.name, namespace.labels ?? {});

function judge(snapshot: Snapshot, profiles: readonly Profile[], output: Output): ScannedReport[] {
  return profiles
    .filter((profile) => selects(profile, snapshot))
    .map((profile) => ({
      namespace: snapshot.namespace.name,
      profile: profile.name,
      status: evaluateNamespace({
        snapshot,
        profile,
        now: systemClock.now(),
        bounded: false,
        onError: (control, error) => output.err(`${control} failed to evaluate: ${String(error)}\n`),
      }).status,
    }));
}

function breaks(status: ReportStatus, { failOn, failOnUnknown }: ScanOptions): boolean {
  return (status.controls ?? []).some(({ id, status: verdict, severity }) => {
    if (rollUps.has(id)) return false;
    if (verdict === 'Unknown' && failOnUnknown) return true;
    return verdict === 'Fail' && failOn !== 'none' && compareSeverity(severity, failOn) <= 0;
  });
}
