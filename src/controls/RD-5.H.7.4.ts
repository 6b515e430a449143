import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { SecretScan } from '../domain/scan-report.ts';
import type { Verdict } from '../domain/verdict.ts';
import { pass, unknown } from '../domain/verdict.ts';
import { sortFindings } from './shared/findings.ts';
import { hiddenFindings, hidingSettings, judgeFiles, knownSettings } from './shared/hidden-findings.ts';
import type { Coverage } from './shared/scan-coverage.ts';
import {
  absenceHints,
  countContainers,
  coverRunning,
  describeGaps,
  isVerdict,
  judgeGaps,
  untilFirstChange,
} from './shared/scan-verdict.ts';
import { isGrave, secretFindings } from './shared/secret-findings.ts';

const noun = 'report on exposed secrets';

function evaluate(input: EvaluationInput): Verdict {
  const all = coverRunning(input, input.snapshot.secretScans);
  return isVerdict(all) ? all : untilFirstChange(judge(input, all), all);
}

function judge(input: EvaluationInput, all: readonly Coverage<SecretScan>[]): Verdict {
  const { settings } = knownSettings(input);
  const grave = findingsOf(all, true);
  if (grave.containers > 0) {
    const gap = all.some(({ gap }) => gap !== undefined) ? ` ${describeGaps(all, noun)}` : '';
    const message = `${runImages(grave.containers)} with critical or high secrets in it.${gap}`;
    return { status: 'Fail', message, findings: grave.findings };
  }
  const hints = absenceHints(settings, 'secret');
  const gaps = judgeGaps(all, noun, hints);
  if (gaps !== undefined) return gaps;
  // What was found before it was switched off may be all that will ever be found.
  if (settings?.secretScannerEnabled === false) return unknown('NoEvidence', hints.join(' '));
  const { bySettings, inFiles } = hiddenFindings(input, all, {
    hides: 'hidesSecrets',
    says: hidingSettings(noun),
  });
  if (inFiles.length > 0) return judgeFiles(inFiles);
  if (bySettings !== undefined) return unknown(bySettings.reason, bySettings.message);
  const minor = findingsOf(all, false);
  if (minor.containers > 0) {
    const message = `${runImages(minor.containers)} with medium or low secrets in it.`;
    return { status: 'Warn', reason: 'MinorSecrets', message, findings: minor.findings };
  }
  const count = countContainers(all);
  const subject = count === 1 ? 'the image of the container' : `the images of all ${count} containers`;
  return pass(`No secret was found in ${subject}.`);
}

const runImages = (containers: number): string =>
  containers === 1 ? '1 container runs an image' : `${containers} containers run an image`;

/** @param grave critical and high alone, else the others */
function findingsOf(all: readonly Coverage<SecretScan>[], grave: boolean) {
  const concerned = all.filter(({ current }) =>
    current.some(({ counts }) => isGrave(counts) === grave && hasAny(counts)),
  );
  return {
    containers: countContainers(concerned),
    findings: sortFindings(concerned.flatMap((each) => secretFindings(each, grave))),
  };
}

const hasAny = ({ critical, high, medium, low, unknown: other }: SecretScan['counts']): boolean =>
  critical + high + medium + low + other > 0;

const control: BaseControl = {
  id: 'RD-5.H.7.4',
  title: 'No secrets baked into images',
  requirement: '§5, Container hardening: do not hard-code configuration or secrets',
  severity: 'critical',
  scope: 'container',
  rationale:
    'Whoever can pull an image can read every file in every one of its layers, also what a later layer deletes. A key in it is known to all of them, and outlives the container.',
  rule:
    'For each container of each workload the report on exposed secrets is sought, as RD-2.4.1 seeks the vulnerability report, and with the same demands on its age and image. ' +
    'Fail: one lists a critical or high secret. Warn (MinorSecrets): the worst is medium, low or without a severity. Pass: every container has a current report, and none lists a secret. ' +
    "Unknown (NoEvidence): a container has no report, or the scanner for secrets is switched off. Unknown (StaleEvidence): the report is too old, undated, or of another image. Unknown (HiddenFindings): the scanner's settings leave findings out, or a file of the command line may. Unknown (NoEvidence, PartialEvidence): these settings are not known, or not all of them. Unknown (EvaluationError): a report is dated in the future, or an image reference cannot be read. Unknown (Forbidden): the reports cannot be read. " +
    'NotApplicable (NoWorkloads): nothing runs.',
  notes: [
    'A finding says in which file of the image, by which rule and how grave. The text that the scanner quotes is never read, not even masked.',
    'A secret that a current report shows is Fail, whatever is missing elsewhere. What a stale report shows is Unknown.',
    'OPERATOR_EXPOSED_SECRET_SCANNER_ENABLED=false means Unknown, also while older reports without findings are still there.',
    'Settings that hide findings: trivy.severity without CRITICAL or HIGH, trivy.ignoreFile, trivy.ignorePolicy.',
    'A file of the Trivy command line counts only where it lists a secret: one without any looks the same whether secrets were looked for or not. Where it lists none that is critical or high, and nothing else that is, --severity may have left these out: Unknown (HiddenFindings).',
    'Deleting the file in a later layer hides it from the container and not from whoever pulls the image.',
  ],
  remediation:
    'Rebuild the image without the file (deleting it in a later layer is not enough), give the container the secret at run time, and replace the key: it counts as known.',
  evidence: ['workloads', 'exposedsecretreports'],
  alsoReads: ['scannersettings'],
  parameters: [
    'vulnerabilities.reportMaxAge',
    'vulnerabilities.rescanGrace',
    'vulnerabilities.scannerNamespace',
    'platform.maxClockSkew',
  ],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['IA-5(7)', 'SC-28'],
    nist800190: ['4.1.4'],
    nsaCisa: ['Building secure container images', 'Secrets'],
  },
  evaluate,
};
export default control;
