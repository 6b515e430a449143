import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Vulnerability } from '../domain/vulnerability.ts';
import { fixableParameters, fixableRule } from './shared/fixable.ts';
import { judgeVulnerabilities } from './shared/judge-vulnerabilities.ts';
import type { Course, Step } from './shared/vulnerability-course.ts';

function evaluate(input: EvaluationInput): Verdict {
  const rule = fixableRule(input, "in the operating systems' packages");
  const courseOf = (vulnerability: Vulnerability): Course<Vulnerability> => {
    if (vulnerability.packageClass === 'language') return [];
    const course = rule.courseOf(vulnerability);
    return vulnerability.packageClass === 'os' ? course : course.map(unclassified);
  };
  return judgeVulnerabilities(input, { ...rule, courseOf });
}

/** Where it would warn or fail as a package of the operating system, whether it is one decides. */
const unclassified = (step: Step<Vulnerability>): Step<Vulnerability> =>
  step.grade === 'none'
    ? step
    : {
        ...step,
        grade: 'open',
        reason: 'PartialEvidence',
        message: (of) =>
          `${step.message(of)} The report does not say whether this is a package of the operating system.`,
      };

const control: BaseControl = {
  id: 'RD-5.H.2.2',
  title: 'No overdue fixable Critical/High vulnerability in base-OS packages',
  requirement: '§5, Container hardening: manage the vulnerabilities of the base image',
  severity: 'high',
  scope: 'container',
  rationale:
    'What the operating system of an image brings along is mended by its distribution, mostly on the day of the publication. That the mended package is not in the image shows that nobody rebuilds it.',
  rule:
    "As RD-5.H.10.1, over the packages of the image's operating system alone. " +
    'Fail: a vulnerability with a fix is critical and older than vulnerabilities.criticalFixDue, or high and older than vulnerabilities.highFixDue; or it has a fix and stands in the list that vulnerabilities.knownExploited names, whatever its age and severity. ' +
    'Warn (FixAvailable): one is critical or high and not yet due, or medium and older than vulnerabilities.mediumFixDue. Warn (AgeUnknown): all that there are have no date of publication, or no severity. ' +
    'Pass: every container has a current report, and none lists any of these. ' +
    "Unknown (PartialEvidence): a vulnerability that would fail or warn is of a package of which the report does not say whether it is the operating system's; or a report counts more critical and high ones than it lists, or is of an operating system whose vulnerabilities the scanner does not know. " +
    'Unknown (NoEvidence, StaleEvidence, HiddenFindings, EvaluationError, Forbidden): as RD-5.H.10.1. NotApplicable (NoWorkloads): nothing runs.',
  notes: [
    'Trivy Operator says of a vulnerability whose package it is (class, packageType) only where trivy.additionalVulnerabilityReportFields names these. Else the type of the package URL tells (deb, apk, rpm or alpm is an operating system), or the target, where the operating system stands in brackets.',
    'An image without an operating system has no such packages.',
    'A vulnerability of one package is one finding, however many containers have it.',
    'The severity, the score, the settings that hide and what time alone changes are as in RD-5.H.10.1.',
  ],
  remediation:
    'Rebuild the image on the patched base, and roll it out. If the reports do not tell whose the packages are, set trivy.additionalVulnerabilityReportFields to class,packageType,target.',
  evidence: ['workloads', 'vulnerabilityreports'],
  alsoReads: ['scannersettings', 'knownexploited'],
  parameters: fixableParameters,
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-2', 'RA-5'],
    nist800190: ['4.1.1'],
    srg: ['SRG-APP-000456-CTR-001130 (V-233234)'],
  },
  evaluate,
};
export default control;
