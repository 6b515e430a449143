import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import { fileNotes } from './shared/hidden-findings.ts';
import { fixableParameters, fixableRule } from './shared/fixable.ts';
import { judgeVulnerabilities } from './shared/judge-vulnerabilities.ts';

const evaluate = (input: EvaluationInput): Verdict => judgeVulnerabilities(input, fixableRule(input));

const control: BaseControl = {
  id: 'RD-5.H.10.1',
  title: 'No overdue fixable Critical or High vulnerability',
  requirement: '§5, Container hardening: scan, and keep unacceptable vulnerabilities out of production',
  severity: 'critical',
  scope: 'container',
  rationale:
    'A vulnerability that is public and has a fix is the one that is attacked first: the fix shows what to attack, and only those who did not take it are still open to it.',
  rule:
    'For each container of each workload the vulnerability report is sought as RD-2.4.1 seeks it, and every vulnerability in it that has a fix is held against its age, counted from its publication. ' +
    'Fail: one is critical and older than vulnerabilities.criticalFixDue, or high and older than vulnerabilities.highFixDue; or it has a fix and stands in the list that vulnerabilities.knownExploited names, whatever its age and severity. ' +
    'Warn (FixAvailable): one is critical or high and not yet due, or medium and older than vulnerabilities.mediumFixDue. Warn (AgeUnknown): all that there are have no date of publication, or no severity. ' +
    'Pass: every container has a current report, and none lists any of these. ' +
    "Unknown (NoEvidence, StaleEvidence): a container has no current report, or the list is not there. Unknown (PartialEvidence): a report counts more critical and high ones than it lists, or is of an operating system whose vulnerabilities the scanner does not know. Unknown (HiddenFindings): the scanner's settings leave out findings that may have a fix, or a file of the command line may; where the settings are not known, or not all of them, that is Unknown too. Unknown (EvaluationError): a report or a publication is dated in the future, or an image reference cannot be read. Unknown (Forbidden): the reports, or the list, cannot be read. " +
    'NotApplicable (NoWorkloads): nothing runs.',
  notes: [
    'A vulnerability of one package is one finding, however many containers have it: the finding is of the first of them and names others, and every workload that has it counts as failing.',
    'An overdue vulnerability that a current report shows is Fail, whatever is missing elsewhere.',
    'The severity is the one in the report, which is mostly that of the distribution. With vulnerabilities.judgeByScore the CVSS score decides where there is one: critical from vulnerabilities.criticalScore, high from vulnerabilities.highScore, and what is below is medium at most.',
    'Settings that hide: trivy.severity without CRITICAL or HIGH, trivy.ignoreFile, trivy.ignorePolicy (with its variants for a namespace), and trivy.vulnType or trivy.pkgTypes with one type alone. trivy.ignoreUnfixed hides nothing of what is judged here. Where lesser severities, files or folders are left out, the message of a Pass says so.',
    'The summary of a report is never judged, for it counts those without a fix too. It is held against the list: where it counts more, something was left out.',
    'The verdict changes by time alone, at the moment at which a fix becomes overdue.',
    'The list of vulnerabilities.knownExploited is a ConfigMap that names CVEs in any form: one to a line, or the CSV or JSON of the catalogue of CISA. Where a profile names one that is not there, cannot be read or names no CVE, the control does not pass. A vulnerability of low severity, and with a score below 4 or none, is not kept, and so not found in it.',
    'There are no exceptions yet.',
    ...fileNotes,
  ],
  remediation:
    'Rebuild the image with the fixed version of the package (for packages of the operating system a newer base image mostly has it) and roll it out.',
  evidence: ['workloads', 'vulnerabilityreports'],
  alsoReads: ['scannersettings', 'knownexploited'],
  parameters: fixableParameters,
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-2', 'RA-5', 'RA-5(2)'],
    nist800190: ['4.1.1'],
    nsaCisa: ['Building secure container images', 'Upgrading and application security practices'],
    stig: ['V-242443 (supporting)'],
    srg: ['SRG-APP-000456-CTR-001125 (V-233233)', 'SRG-APP-000456-CTR-001130 (V-233234)'],
    kubescape: ['C-0083', 'C-0084', 'C-0085'],
    other: ['DISA Container Hardening Process Guide §2.6: a new CVE stops the build (secondary)'],
  },
  evaluate,
};
export default control;
