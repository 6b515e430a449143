import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { osFamilies } from '../domain/os-families.ts';
import type { VulnerabilityScan } from '../domain/scan-report.ts';
import type { Verdict } from '../domain/verdict.ts';
import { judgeOperatingSystems } from './shared/judge-os.ts';
import type { Course } from './shared/vulnerability-course.ts';
import { always } from './shared/vulnerability-course.ts';

const evaluate = (input: EvaluationInput): Verdict =>
  judgeOperatingSystems(input, {
    courseOf,
    reason: 'OsNotIdentified',
    says: (_grade, some) => `${some} whose operating system is not fully identified.`,
    passes: (total) => `The operating system in the image of ${total} is known, or known to be none.`,
  });

function courseOf({ os, vulnerabilities }: VulnerabilityScan): Course<VulnerabilityScan> {
  if (os === undefined) return always('warn', () => 'Its report does not speak of an operating system.');
  const { family, release } = os;
  if (family === undefined) {
    // Packages of a distribution without the file that names it.
    return vulnerabilities.some(({ packageClass }) => packageClass === 'os')
      ? always('warn', () => 'It has packages of an operating system that the scanner could not name.')
      : [];
  }
  if (!osFamilies.has(family))
    return always('warn', () => `Nothing is known of an operating system "${family}".`);
  return release === undefined
    ? always('warn', () => `Its operating system is ${family}, of no known release.`)
    : [];
}

const control: BaseControl = {
  id: 'RD-5.H.1.2',
  title: 'The base operating system of each image is identified',
  requirement: '§5, Container hardening: define a base image that your organization issues',
  severity: 'low',
  scope: 'container',
  rationale:
    'Whoever does not know what an image is built on cannot say whether it is still supported, nor whether the scanner knows its vulnerabilities.',
  rule:
    'For each container of each workload the vulnerability report is sought as RD-2.4.1 seeks it, and what it says of the operating system is read. ' +
    'Pass: family and release are named; or the scanner looked for an operating system and found none, and no package of one is listed. ' +
    'Warn (OsNotIdentified): the family is named without a release, or is not one that is known; packages of an operating system are listed and none is named; or the report does not speak of one. ' +
    'Unknown: a container has no current report, as RD-2.4.1. NotApplicable (NoWorkloads): nothing runs.',
  notes: [
    'Trivy Operator leaves the operating system of a report empty where it found none, as in an image from scratch or of a single static program. That is an answer, and passes.',
    'Distroless, Wolfi and Chainguard images name a family.',
    'The known families are those that Trivy names.',
    'What an SBOM says of the operating system is not read: the same scanner has found it.',
  ],
  remediation: 'Build on a standard base image, and keep its /etc/os-release.',
  evidence: ['workloads', 'vulnerabilityreports'],
  alsoReads: ['scannersettings'],
  parameters: [
    'vulnerabilities.reportMaxAge',
    'vulnerabilities.rescanGrace',
    'vulnerabilities.scannerNamespace',
    'platform.maxClockSkew',
  ],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: { nist80053: ['CM-8'], nist800190: ['4.1.2'] },
  evaluate,
};
export default control;
