import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { selects } from '../domain/label-selector.ts';
import { parseSelector } from '../domain/parse-selector.ts';
import type { VulnerabilityScan } from '../domain/scan-report.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Vulnerability } from '../domain/vulnerability.ts';
import { gapOfFamily, gapOfListing } from './shared/fixable.ts';
import { gapOfSeverities } from './shared/hidden-findings.ts';
import { containers, judgeVulnerabilities, vulnerabilities } from './shared/judge-vulnerabilities.ts';
import type { Gap } from './shared/scan-gap.ts';
import type { Course, Step } from './shared/vulnerability-course.ts';
import { always, fromTheFuture, iso, publicationOf } from './shared/vulnerability-course.ts';
import { countSubjects } from './shared/vulnerability-entries.ts';

function evaluate(input: EvaluationInput): Verdict {
  const late = lateStep(input);
  return judgeVulnerabilities(input, {
    courseOf: coursesOfUnfixed(input, late),
    hides: 'hidesVulnerabilities',
    mayHide: (scan) => gapOfUnfixed(scan) ?? gapOfSeverities(scan, ['critical']),
    gapOf: (scan) => gapOfListing(scan) ?? gapOfFamily(scan),
    fails: (entries) =>
      `${vulnerabilities(entries.length)} without a fix, critical and public for longer than vulnerabilities.unfixedAcceptWithin, ` +
      `in ${containers(countSubjects(entries))} of a production namespace: nobody has accepted ${entries.length === 1 ? 'it' : 'them'}.`,
    warns: (entries) => ({
      reason: 'NotAccepted',
      message: `${vulnerabilities(entries.length)} without a fix, critical, in ${containers(countSubjects(entries))}: nobody has accepted ${entries.length === 1 ? 'it' : 'them'}.`,
    }),
    passes: 'No critical vulnerability is without a fix.',
  });
}

type Late = Pick<Step<Vulnerability>, 'grade' | 'reason'> & { readonly message: string };

/** What one that has waited too long comes to here: it depends on whether this is a production namespace. */
function lateStep({ snapshot, parameters }: EvaluationInput): Late | undefined {
  const production = parseSelector(parameters['platform.productionNamespaces']);
  const { labels } = snapshot.namespace;
  if (labels === undefined) {
    const message = "The namespace's labels are not known, which say whether it is production.";
    return { grade: 'open', reason: 'NoEvidence', message };
  }
  if (production === undefined || !selects(production, labels)) return undefined;
  return { grade: 'fail', message: 'Nobody has accepted it.' };
}

function coursesOfUnfixed(
  { parameters }: EvaluationInput,
  late: Late | undefined,
): (vulnerability: Vulnerability) => Course<Vulnerability> {
  const undated = always<Vulnerability>('warn', () => 'has no fix; since when it is public is not known.');
  const message = (of: Vulnerability) => `has no fix, and is public since ${iso(publicationOf(of))}.`;
  const allowed = parameters['vulnerabilities.unfixedAcceptWithin'];
  const skew = parameters['platform.maxClockSkew'];
  return ({ fixedVersion, severity, publishedAt }) => {
    if (fixedVersion !== undefined || severity !== 'critical') return [];
    if (publishedAt === undefined) return undated;
    return [
      fromTheFuture,
      { from: publishedAt - skew, grade: 'warn', message },
      ...(late === undefined
        ? []
        : [
            {
              ...late,
              from: publishedAt + allowed + 1,
              message: (of: Vulnerability) => `${message(of)} ${late.message}`,
            },
          ]),
    ];
  };
}

function gapOfUnfixed({ name, unfixedMayBeHidden }: VulnerabilityScan): Gap | undefined {
  if (unfixedMayBeHidden === undefined) return undefined;
  const message = 'Its file lists none without a fix, and does not say whether those were left out.';
  return { reason: 'HiddenFindings', message, ref: name };
}

const control: BaseControl = {
  id: 'RD-5.H.10.2',
  title: 'Unfixed Critical vulnerabilities are accepted explicitly',
  requirement: '§5, Container hardening: scan, and keep unacceptable vulnerabilities out of production',
  severity: 'medium',
  scope: 'container',
  rationale:
    'Where there is no fix, updating is no answer. Somebody has to look at what the vulnerability means here, and either mitigate it or say for how long it is accepted; else it is only forgotten.',
  rule:
    'For each container of each workload the vulnerability report is sought as RD-2.4.1 seeks it. ' +
    'Warn (NotAccepted): a report lists a critical vulnerability without a fix. Fail: one does so in a production namespace (platform.productionNamespaces), and it has been public for longer than vulnerabilities.unfixedAcceptWithin. ' +
    'Pass: every container has a current report, and none lists any. ' +
    "Unknown (HiddenFindings): the scanner's settings leave out what has no fix, or findings of any kind, or are not all known. Unknown (NoEvidence): a container has no report; or one has waited too long, and the labels of the namespace are not known. " +
    'Unknown (StaleEvidence, PartialEvidence, EvaluationError, Forbidden): as RD-5.H.10.1. NotApplicable (NoWorkloads): nothing runs.',
  notes: [
    'There is no way yet to accept one: each of them warns or fails.',
    'Which namespaces are production is said by platform.productionNamespaces, a selector of their labels.',
    'trivy.ignoreUnfixed leaves out just what is asked for here, and Trivy Operator only asks whether the key is there: "false" sets it too. RD-5.H.10.1 does not mind it.',
    'A file of the Trivy command line that lists no vulnerability without a fix looks like one made with --ignore-unfixed, and is Unknown (HiddenFindings). So is one that lists nothing critical, which --severity may have left out. `plumbline scan --trivy-unfiltered` says that neither was given.',
    'Distributions call few vulnerabilities without a fix critical: most are graded lower once somebody has looked.',
  ],
  remediation:
    'Find out whether the vulnerable code is reached. Remove the package if it is not needed; else mitigate (a NetworkPolicy, no token of a service account, a read-only file system), or move to an image without it.',
  evidence: ['workloads', 'vulnerabilityreports'],
  alsoReads: ['scannersettings'],
  parameters: [
    'vulnerabilities.unfixedAcceptWithin',
    'platform.productionNamespaces',
    'vulnerabilities.reportMaxAge',
    'vulnerabilities.rescanGrace',
    'vulnerabilities.scannerNamespace',
    'platform.maxClockSkew',
  ],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: { nist80053: ['RA-5', 'CA-7'], nist800190: ['4.1.1'] },
  evaluate,
};
export default control;
