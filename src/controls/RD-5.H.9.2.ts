import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { soonest, unknown } from '../domain/verdict.ts';
import { liveSpecs } from '../domain/workload.ts';
import type { Held, SbomCoverage } from './shared/cover-sboms.ts';
import {
  countSubjects,
  coverContainers,
  judgeSbomGaps,
  listNames,
  packagesOf,
  sbomFinding,
  sbomNotes,
  sbomRule,
  someContainers,
  soughtFor,
} from './shared/cover-sboms.ts';
import { count, sortFindings } from './shared/findings.ts';
import { eventFinding, eventsOfRules, leavesAt } from './shared/runtime-window.ts';
import { isVerdict } from './shared/scan-verdict.ts';
import { endOfStatement, statementOf } from './shared/stated.ts';

const annotation = 'plumbline.dev/setuid-free-until';

/** Of Falco's rule sets, incubating. */
const rules: readonly string[] = ['Set Setuid or Setgid bit', 'Non sudo setuid'];

interface Judged {
  readonly coverage: SbomCoverage;
  readonly held: readonly Held[];
  /** Until when it is attested; absent where it is not, or no longer. */
  readonly attested?: number;
  readonly escalates: boolean;
}

function evaluate(input: EvaluationInput): Verdict {
  const covered = coverContainers(input);
  if (isVerdict(covered)) return covered;
  const judged = covered.map((coverage) => judge(coverage, input));
  const events = eventsOfRules(input, rules);
  const verdict = decide(input, judged, events);
  const window = input.parameters['runtime.alertWindow'];
  const until = [
    ...judged.map(({ attested }) => attested),
    ...events.map((event) => leavesAt(event, window)),
  ].reduce<number | undefined>(soonest, undefined);
  return until === undefined ? verdict : { ...verdict, validUntil: until };
}

function judge(coverage: SbomCoverage, { parameters, now }: EvaluationInput): Judged {
  const entries = parameters['images.setuidPackages'];
  const until = endOfStatement(statementOf(coverage.running.workload, 'setuidFreeUntil'));
  return {
    coverage: soughtFor(coverage, entries),
    held: packagesOf(coverage, entries),
    ...(until === undefined || until <= now ? {} : { attested: until }),
    escalates: mayEscalate(coverage),
  };
}

/** As RD-2.2.8 asks it, of one container. */
function mayEscalate({ running: { workload, container, image } }: SbomCoverage): boolean {
  const live = [...liveSpecs(workload).keys()];
  const specs = live.length > 0 ? live : workload.template === undefined ? [] : [workload.template.spec];
  return specs
    .flatMap(({ containers }) => containers)
    .filter((each) => each.name === container && each.image === image)
    .some(({ security }) => security.allowPrivilegeEscalation !== false);
}

function decide(
  input: EvaluationInput,
  judged: readonly Judged[],
  events: readonly RuntimeFinding[],
): Verdict {
  const open = judged.filter(({ attested }) => attested === undefined);
  const all = judged.map(({ coverage }) => coverage);
  const some = (found: readonly Judged[]) =>
    someContainers(countSubjects(found.map(({ coverage }) => coverage)), all, 'has', 'have');
  const holding = open.filter(({ held }) => held.length > 0);
  const failing = holding.filter(({ escalates }) => escalates);
  if (failing.length + events.length > 0) {
    const sentences = [
      ...(events.length === 0
        ? []
        : [`Falco saw setuid bits set or used (${count(events.length, 'rule')}).`]),
      ...(failing.length === 0
        ? []
        : [`${some(failing)} packages with setuid files, and may gain privileges by them.`]),
    ];
    const findings = [...events.map(eventFinding), ...failing.map(findingOf)];
    return { status: 'Fail', message: sentences.join(' '), findings: sortFindings(findings) };
  }
  const { runtime, sboms } = input.snapshot;
  // That there are none at all need not be said of each container.
  if (!sboms.available && open.length === judged.length) return unknown(sboms.reason, sboms.message);
  const gaps = judgeSbomGaps(
    open.map(({ coverage }) => coverage),
    input,
  );
  if (gaps !== undefined) return gaps;
  if (!runtime.available) return unknown(runtime.reason, runtime.message);
  const silent = open.filter(({ held }) => held.length === 0);
  if (silent.length > 0) {
    const message = `To be answered by a person: were setuid and setgid flags removed? ${some(silent)} no package that is known to ship such files, and no attestation.`;
    return { status: 'Manual', reason: 'NotAttested', message, findings: [] };
  }
  if (holding.length > 0) {
    const message = `${some(holding)} packages with setuid files, and cannot gain privileges by them.`;
    return {
      status: 'Warn',
      reason: 'SetuidPackages',
      message,
      findings: sortFindings(holding.map(findingOf)),
    };
  }
  return {
    status: 'Pass',
    message: 'Every workload attests that its images have no setuid file.',
    findings: [],
  };
}

const findingOf = ({ coverage, held }: Judged): Finding =>
  sbomFinding(coverage, `It has ${listNames(held)}, with setuid or setgid files.`, held[0]?.report);

const control: BaseControl = {
  id: 'RD-5.H.9.2',
  title: 'setuid/setgid binaries are removed',
  requirement:
    '§5: consider removing setuid and setgid flags from binaries, in addition to requiring allowPrivilegeEscalation to be false',
  severity: 'low',
  scope: 'container',
  rationale:
    'A setuid file makes root of a plain user wherever no_new_privs is forgotten. What is not there needs no second lock.',
  rule:
    `Nothing in a cluster shows the modes of files, so the SBOM of each image is held against images.setuidPackages, and the pipeline may attest by the annotation ${annotation} (a day, such as 2027-06-30, or a time) that it found none. ` +
    'Fail: within runtime.alertWindow Falco saw a setuid bit set, or another user become root; or a container has such a package, nobody attests, and it may gain privileges (RD-2.2.8). ' +
    'Warn (SetuidPackages): it has such a package, and cannot gain privileges. Manual (NotAttested): it has none, and nobody attests. Pass: every workload has an attestation that has not ended. ' +
    `${sbomRule} All of this of containers without an attestation. Unknown also where nothing fails and no Falco event can be read.`,
  notes: [
    'The annotation is read of the pods or their template, else of their controller, and speaks of all images of the workload. Whoever sets it must be trusted; to be able to say it, search the image: find / -xdev -perm /6000 -type f.',
    'An attestation without a day, or with one that has passed, is none.',
    'That a package is there is a guess at the files in it, by the names that distributions use: an image that took away the flags and kept the package needs the attestation.',
    'The rules of Falco are "Set Setuid or Setgid bit" and "Non sudo setuid".',
    ...sbomNotes,
  ],
  remediation:
    'In the Dockerfile: RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} +, and attest it by the annotation.',
  evidence: ['workloads', 'sbomreports', 'falco'],
  alsoReads: ['scannersettings'],
  parameters: ['images.setuidPackages', 'runtime.alertWindow', 'vulnerabilities.scannerNamespace'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Manual', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'CM-7'],
    nist800190: ['4.1.2'],
    other: ['DISA Container Hardening Process Guide Table 2-3 1j (secondary)'],
  },
  evaluate,
};
export default control;
