import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { osFamilies } from '../domain/os-families.ts';
import type { VulnerabilityScan } from '../domain/scan-report.ts';
import type { Verdict } from '../domain/verdict.ts';
import { judgeOperatingSystems, nameOs } from './shared/judge-os.ts';
import { endOfSupport } from './shared/os-support.ts';
import type { Course, Step } from './shared/vulnerability-course.ts';
import { always, iso } from './shared/vulnerability-course.ts';

const evaluate = (input: EvaluationInput): Verdict =>
  judgeOperatingSystems(input, {
    courseOf: (scan) => courseOf(scan, input.parameters['images.osEolWarning']),
    reason: 'SupportEnds',
    says: (grade, some) => `${some} ${texts[grade]}.`,
    passes: (total) => `The images of ${total} have an operating system that is supported, or none.`,
  });

const texts = {
  fail: 'whose operating system is no longer supported',
  open: 'of whose operating system it is not known whether it is supported',
  warn: 'whose operating system loses its support soon',
};

/** @param warning milliseconds before the end */
function courseOf(scan: VulnerabilityScan, warning: number): Course<VulnerabilityScan> {
  const { os } = scan;
  if (os === undefined) return always('open', () => 'Its report does not speak of an operating system.');
  if (os.endOfLife) return always('fail', () => `The support of ${nameOs(scan)} has ended.`);
  if (os.family === undefined) return [];
  const end = os.release === undefined ? undefined : endOfSupport(os.family, os.release);
  const tracked = osFamilies.get(os.family)?.scanned === true;
  if (end === undefined) {
    return tracked ? [] : always('open', () => `Nothing is known of the support of ${nameOs(scan)}.`);
  }
  const ends: Step<VulnerabilityScan> = {
    from: end - warning,
    grade: 'warn',
    message: () => `The support that everybody has of ${nameOs(scan)} ends on ${iso(end).slice(0, 10)}.`,
  };
  // What the scanner tracks it would call ended: it may know of a longer support.
  if (tracked) return [ends];
  return [ends, { from: end + 1, grade: 'fail', message: () => `The support of ${nameOs(scan)} has ended.` }];
}

const control: BaseControl = {
  id: 'RD-5.H.2.1',
  title: 'The base OS is within vendor support',
  requirement: '§5, Container hardening: manage the vulnerabilities of the base image',
  severity: 'high',
  scope: 'container',
  rationale:
    'After the end of its support nobody looks for vulnerabilities in an operating system any more. A scan then finds fewer and fewer, and the image looks better the older it gets.',
  rule:
    'For each container of each workload the vulnerability report is sought as RD-2.4.1 seeks it, and what it says of the operating system is read. ' +
    'Fail: the scanner says that its support has ended, or the table that Plumbline ships says so of a system that the scanner does not follow. ' +
    'Warn (SupportEnds): by that table it ends within images.osEolWarning, or has ended and the scanner does not say so. ' +
    'Pass: every container has a current report of an operating system that the scanner follows and does not call ended, or in which there is none. ' +
    'Unknown (NoEvidence): the report does not speak of an operating system, or of one that neither the scanner nor the table knows. Unknown: a container has no current report, as RD-2.4.1. NotApplicable (NoWorkloads): nothing runs.',
  notes: [
    'Trivy Operator writes that the support has ended (eosl) and never that it has not. Its silence counts only for families whose ends Trivy knows.',
    'The table has the ends of the support that everybody has. Paid support is longer: where the scanner knows of it, it does not call the system ended, and the table only warns.',
    'Wolfi and Chainguard are renewed continually, and have no end.',
    'The verdict changes by time alone, at the moment at which the warning begins.',
  ],
  remediation: 'Build the image on a supported release of its base.',
  evidence: ['workloads', 'vulnerabilityreports'],
  alsoReads: ['scannersettings'],
  parameters: [
    'images.osEolWarning',
    'vulnerabilities.reportMaxAge',
    'vulnerabilities.rescanGrace',
    'vulnerabilities.scannerNamespace',
    'platform.maxClockSkew',
  ],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SA-22', 'SI-2'],
    nist800190: ['4.1.1'],
    srg: ['SRG-APP-000456-CTR-001125'],
  },
  evaluate,
};
export default control;
