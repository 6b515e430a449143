import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Composition } from '../domain/sbom.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { SbomCoverage } from './shared/cover-sboms.ts';
import {
  countSubjects,
  coverSboms,
  judgeSbomGaps,
  sbomFinding,
  sbomNotes,
  sbomRule,
  someContainers,
} from './shared/cover-sboms.ts';
import { sortFindings } from './shared/findings.ts';
import { isVerdict } from './shared/scan-verdict.ts';

function evaluate(input: EvaluationInput): Verdict {
  const all = coverSboms(input);
  if (isVerdict(all)) return all;
  const open = judgeSbomGaps(all, input);
  if (open !== undefined) return open;
  const budget = input.parameters['images.packageBudget'];
  const above = (countOf: (composition: Composition) => number) =>
    all.filter(({ found }) => found.some(({ composition }) => countOf(composition) > budget));
  const warning = above(({ osPackages }) => osPackages);
  const unclear = above(({ osPackages, otherPackages }) => osPackages + otherPackages);
  const some = (found: readonly SbomCoverage[]) =>
    someContainers(countSubjects(found), all, 'runs an image', 'run an image');
  if (unclear.length > warning.length) {
    const findings = unclear.map((each) =>
      findingOf(each, 'Its SBOM does not tell whose packages they are:'),
    );
    const message = `${some(unclear)} of which it is not known whether it is within budget.`;
    return unknown('PartialEvidence', message, sortFindings(findings));
  }
  if (warning.length === 0) {
    const message = `No image has more than ${budget} packages of the operating system.`;
    return { status: 'Pass', message, findings: [] };
  }
  return {
    status: 'Warn',
    reason: 'OverBudget',
    message: `${some(warning)} of more than ${budget} packages of the operating system.`,
    findings: sortFindings(warning.map((each) => findingOf(each, 'It has'))),
  };
}

/** By the SBOM that lists most. */
function findingOf(coverage: SbomCoverage, beginning: string) {
  const [most] = coverage.found.toSorted((a, b) => b.composition.osPackages - a.composition.osPackages);
  const { osPackages = 0, languagePackages = 0, otherPackages = 0 } = most?.composition ?? {};
  const others = otherPackages === 0 ? '' : `, ${otherPackages} of nobody knows what`;
  const message = `${beginning} ${osPackages} of the operating system and ${languagePackages} of languages${others}.`;
  return sbomFinding(coverage, message, most?.report);
}

const control: BaseControl = {
  id: 'RD-5.H.8.2',
  title: 'Package count is within budget',
  requirement: '§5: remove all packages that are not required, since they just add to the attack surface',
  severity: 'low',
  scope: 'container',
  rationale:
    'Every package can have a vulnerability, and must be renewed when it does. An image with a tenth of the packages has about a tenth of the alarms.',
  rule: `The packages of the operating system in the SBOM of each image that runs are counted. Pass: no image has more than images.packageBudget. Warn (OverBudget): one has. ${sbomRule} Unknown (PartialEvidence) also where it hangs on packages of which the SBOM does not tell whether they are the system's.`,
  notes: [
    ...sbomNotes,
    'Packages of programming languages are told beside the count and not judged: an application needs what it needs.',
    'How the count was in the image before is not told: one report holds the present state alone.',
  ],
  remediation: 'Choose a slimmer base image, and install without recommended packages.',
  evidence: ['workloads', 'sbomreports'],
  alsoReads: ['scannersettings'],
  parameters: ['images.packageBudget', 'vulnerabilities.scannerNamespace'],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: { nist80053: ['CM-7', 'CM-8'], nist800190: ['4.1.2'] },
  evaluate,
};
export default control;
