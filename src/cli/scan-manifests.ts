import { systemClock } from '../base/clock.ts';
import { catalogue } from '../controls/catalogue.generated.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { compareSeverity } from '../domain/verdict.ts';
import type { ClusterEvaluation } from '../evaluate/evaluate-cluster.ts';
import { evaluateCluster } from '../evaluate/evaluate-cluster.ts';
import { evaluateNamespace } from '../evaluate/evaluate-namespace.ts';
import type { Profile } from '../evaluate/profile.ts';
import { builtInProfile } from '../evaluate/profile.ts';
import type { ControlResult } from '../evaluate/report.ts';
import { tellUnused } from '../evaluate/tell-unused.ts';
import { ManifestSorter } from '../evidence/manifests/collect.ts';
import type { InputError } from '../evidence/manifests/documents.ts';
import type { ReadAhead } from '../evidence/manifests/read-ahead.ts';
import { clusterSnapshotOf, snapshotsOf } from '../evidence/manifests/snapshots.ts';
import { rollUps } from './roll-ups.ts';
import { readFalcoFiles, readManifests, readTrivyFiles } from './scan-inputs.ts';
import type { ScanOptions } from './scan-options.ts';
import type { Scanned, ScannedReport, ScannedState } from './scanned.ts';
import { scanPrinter } from './scan-output.ts';
import { summariesOf } from './scan-summary.ts';
import type { Output } from './text.ts';
import { count, printable } from './text.ts';

/**
 * Judges what `options` names.
 * @param ahead the thread that reads its manifests already
 * @returns the exit status
 */
export async function scanManifests(
  options: ScanOptions,
  ahead: ReadAhead | undefined,
  { out, err }: Output,
): Promise<number> {
  // What is told stands in the input's own words, and those are foreign.
  const output: Output = { out, err: (text) => err(printable(text)) };
  const errors: InputError[] = [];
  const profiles = await loadProfiles(options, errors, output);
  if (profiles.length === 0) return tell(errors, output);
  const now = systemClock.now();
  const { snapshots, runtime } = await readInput(options, ahead, profiles, errors, output, now);
  const clusters = new Map(
    profiles.map((profile) => [profile.name, judgeCluster(options, profile, now, output)]),
  );
  const printer = scanPrinter(options.format, output);
  const states: ScannedState[] = [];
  let [undecided, broken] = [0, false];
  const tally = (rows: readonly ControlResult[]) => (broken ||= rows.some((row) => breaks(row, options)));
  for (const snapshot of snapshots) {
    for (const report of judge(snapshot, profiles, clusters, now, output)) {
      const { profile, status } = report;
      printer.add(report);
      states.push({ profile, state: status.state, evidence: status.evidence });
      undecided += status.summary.unknown;
      tally(status.controls ?? []);
    }
  }
  const judging = new Set(states.map(({ profile }) => profile));
  const ofCluster = [...clusters].flatMap(([name, { controls }]) => (judging.has(name) ? controls : []));
  undecided += ofCluster.filter(({ status }) => status === 'Unknown').length;
  tally(ofCluster);
  printer.end(summariesOf({ states, clusters, runtime, now }));
  tellLosses(snapshots, profiles, runtime, output);
  const failed = tell(errors, output);
  output.err(`${count(undecided, 'control is', 'controls are')} Unknown${undecided === 0 ? '' : hint}.\n`);
  return failed || (broken ? 1 : 0);
}

const hint = ': what they need is not in the input, or cannot be read';

/** A file of another format may be wrong in each of a million lines. */
const toldOfOneFile = 100;

/** @returns the exit status that the errors alone ask for */
function tell(errors: readonly InputError[], { err }: Output): number {
  for (const [file, all] of Map.groupBy(errors, (error) => error.file)) {
    for (const { line, message } of all.slice(0, toldOfOneFile)) {
      err(`${file}${line === undefined ? '' : `:${line}`}: ${message}\n`);
    }
    const more = all.length - toldOfOneFile;
    if (more > 0) err(`${file}: ${count(more, 'more error')}\n`);
  }
  return errors.length > 0 ? 2 : 0;
}

/** What was in the input and is in no report. */
function tellLosses(
  snapshots: readonly Snapshot[],
  profiles: readonly Profile[],
  { unattributed, dropped }: Scanned['runtime'],
  { err }: Output,
): void {
  const unselected = snapshots.filter((snapshot) => !profiles.some((profile) => selects(profile, snapshot)));
  if (unselected.length > 0) {
    const names = unselected.map(({ namespace }) => namespace.name).join(', ');
    err(`Left out, since no profile selects them: ${names}.\n`);
  }
  if (unattributed > 0)
    err(`${count(unattributed, 'Falco event names', 'Falco events name')} no namespace.\n`);
  if (dropped > 0)
    err(`${count(dropped, 'Falco event is', 'Falco events are')} too old, or too many, to count.\n`);
}

async function loadProfiles(
  options: ScanOptions,
  errors: InputError[],
  { err }: Output,
): Promise<readonly Profile[]> {
  if (options.profiles.length === 0) return [builtInProfile(catalogue)];
  const { readProfiles } = await import('./scan-profile.ts');
  const profiles = readProfiles(options.profiles, errors);
  for (const profile of profiles) {
    const unused = tellUnused(profile);
    if (unused !== '') err(`The profile ${profile.name}: ${unused}\n`);
  }
  return profiles;
}

async function readInput(
  options: ScanOptions,
  ahead: ReadAhead | undefined,
  profiles: readonly Profile[],
  errors: InputError[],
  output: Output,
  now: number,
) {
  const sorter = new ManifestSorter();
  for await (const manifests of readManifests(options.paths, ahead, errors))
    for (const manifest of manifests) sorter.add(manifest);
  const { collected } = sorter;
  errors.push(...collected.errors);
  const { trivyReports, falcoEvents, minor } = options;
  const trivy = trivyReports.length === 0 ? {} : { trivy: readTrivyFiles(options, errors, output.err) };
  const falco = falcoEvents.length === 0 ? undefined : readFalcoFiles(falcoEvents, errors, now);
  const { unattributed = 0, dropped = 0, findings } = falco ?? {};
  return {
    snapshots: snapshotsOf(collected, {
      minor,
      proprietaryApiGroups: profiles.flatMap(({ parameters }) => parameters['platform.proprietaryApiGroups']),
      scannerNamespaces: profiles.map(({ parameters }) => parameters['vulnerabilities.scannerNamespace']),
      ...trivy,
      ...(findings === undefined ? {} : { runtime: findings }),
    }),
    runtime: { unattributed, dropped },
  };
}

const selects = (profile: Profile, { namespace }: Snapshot) =>
  profile.selects(namespace.name, namespace.labels ?? {});

function judge(
  snapshot: Snapshot,
  profiles: readonly Profile[],
  clusters: ReadonlyMap<string, ClusterEvaluation>,
  now: number,
  output: Output,
): ScannedReport[] {
  return profiles
    .filter((profile) => selects(profile, snapshot))
    .map((profile) => ({
      namespace: snapshot.namespace.name,
      profile: profile.name,
      status: evaluateNamespace({
        snapshot,
        profile,
        now,
        bounded: false,
        cluster: clusters.get(profile.name),
        onError: tellFailure(output),
      }).status,
    }));
}

const judgeCluster = ({ minor }: ScanOptions, profile: Profile, now: number, output: Output) =>
  evaluateCluster({
    snapshot: clusterSnapshotOf(minor),
    profile,
    now,
    bounded: false,
    onError: tellFailure(output),
  });

const tellFailure =
  ({ err }: Output) =>
  (control: string, error: unknown) =>
    err(`${control} failed to evaluate: ${String(error)}\n`);

/** Those that a report inherits are asked once, for the cluster. */
function breaks(row: ControlResult, { failOn, failOnUnknown }: ScanOptions): boolean {
  const { id, status, severity, inherited } = row;
  if (rollUps.has(id) || inherited === true) return false;
  if (status === 'Unknown' && failOnUnknown) return true;
  return status === 'Fail' && failOn !== 'none' && compareSeverity(severity, failOn) <= 0;
}
