import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import { pass, unknown } from '../domain/verdict.ts';
import {
  fileNotes,
  hiddenFindings,
  hidingSettings,
  judgeFiles,
  knownSettings,
} from './shared/hidden-findings.ts';
import type { Coverage } from './shared/scan-coverage.ts';
import type { VulnerabilityScan } from '../domain/scan-report.ts';
import {
  absenceHints,
  countContainers,
  coverRunning,
  isVerdict,
  judgeGaps,
  untilFirstChange,
} from './shared/scan-verdict.ts';

const noun = 'vulnerability report';

function evaluate(input: EvaluationInput): Verdict {
  const { snapshot, parameters } = input;
  const all = coverRunning(input, snapshot.vulnerabilityScans, parameters['vulnerabilities.minScanners']);
  if (isVerdict(all)) return all;
  const sources = parameters['vulnerabilities.sources'];
  if (!sources.includes('trivy')) return unknown('NoEvidence', describeOthers(sources));
  return untilFirstChange(judge(input, all), all);
}

const describeOthers = (sources: readonly string[]): string => {
  const others =
    sources.length === 0 ? '' : `; ${listOf(sources)} ${sources.length === 1 ? 'is' : 'are'} not read`;
  return `vulnerabilities.sources does not name trivy, whose reports alone this version reads${others}.`;
};

const listOf = (names: readonly string[]): string => names.join(' and ');

/** Why a report may be missing that somebody made. */
function unreadSources(sources: readonly string[]): readonly string[] {
  const others = sources.filter((source) => source !== 'trivy');
  if (others.length === 0) return [];
  return [`vulnerabilities.sources also names ${listOf(others)}, which this version does not read.`];
}

function judge(input: EvaluationInput, all: readonly Coverage<VulnerabilityScan>[]): Verdict {
  const { 'vulnerabilities.sources': sources, 'vulnerabilities.minScanners': scanners } = input.parameters;
  const hints = absenceHints(knownSettings(input).settings, 'vulnerability');
  const gaps = judgeGaps(all, noun, [...hints, ...unreadSources(sources)]);
  if (gaps !== undefined) return gaps;
  const { bySettings, inFiles } = hiddenFindings(input, all, {
    hides: 'hidesVulnerabilities',
    says: hidingSettings(noun),
    scanners,
  });
  if (inFiles.length > 0) return judgeFiles(inFiles);
  if (bySettings !== undefined) return unknown(bySettings.reason, bySettings.message);
  const count = countContainers(all);
  return pass(
    count === 1 ? `The container has a current ${noun}.` : `All ${count} containers have a current ${noun}.`,
  );
}

const control: BaseControl = {
  id: 'RD-2.4.1',
  title: 'Every running image has a current vulnerability report',
  requirement: '§2: vulnerability scanning',
  severity: 'high',
  scope: 'container',
  rationale:
    'An image that nobody scanned, or scanned long ago, has vulnerabilities that nobody knows of. A list of none that comes from no scan looks the same as a list of none that comes from one.',
  rule:
    "For each container of each workload a report is sought: by the uid of the report's owner (the pod, its ReplicaSet, Job or other controller, the workload) and the container's name, else by the owner's kind and name, else, for a report that names no owner, by the image. " +
    'Pass: each has a report of the image that runs (the same digest where both are known, else the same name and tag), not older than vulnerabilities.reportMaxAge, of vulnerabilities.minScanners different scanners. ' +
    'Unknown (NoEvidence): one has none, or the report API is not installed. Unknown (StaleEvidence): the report is older, undated, of another image, or its time to live ended longer than vulnerabilities.rescanGrace ago. ' +
    "Unknown (HiddenFindings): the scanner's settings leave findings out, or a file of the command line may. Unknown (NoEvidence, PartialEvidence): these settings are not known, or not all of them. Unknown (EvaluationError): a report is dated in the future, or an image reference cannot be read. Unknown (Forbidden): the reports cannot be read. " +
    'NotApplicable (NoWorkloads): nothing runs.',
  notes: [
    'How many vulnerabilities a report lists does not matter here: this asks whether anybody looked.',
    'Init containers, sidecars and ephemeral containers count; finished Jobs and workloads that are scaled to zero do not. A CronJob counts by its template, also while it is suspended.',
    'Trivy Operator deletes a report when its time is up and scans again later. The last result of a deleted report stands for vulnerabilities.rescanGrace, and so does a report whose time to live (the annotation report-ttl, counted from its creation) has ended: a scanner that no longer deletes it is gone. Its reports live 24 hours unless set otherwise; where they live longer than vulnerabilities.reportMaxAge, raise that.',
    'Settings that hide findings: trivy.severity without CRITICAL or HIGH, trivy.ignoreFile, trivy.ignorePolicy (with its variants for a namespace), trivy.ignoreUnfixed. They are read from the ConfigMaps trivy-operator, trivy-operator-trivy-config and trivy-operator-config in vulnerabilities.scannerNamespace, in a scan from those in its input. Where one of them is missing, or must not be read, what is hidden is not known, and what would pass is Unknown.',
    'The ConfigMap trivy-operator-policies-config is not read: it holds checks of configurations, and hides no vulnerability.',
    'A report dated further in the future than platform.maxClockSkew is not used.',
    'Reports of an older ReplicaSet do not count for the present one. In a scan of manifests, where the ReplicaSet has no name yet, a report of any ReplicaSet of the Deployment counts if container and image are equal.',
    'vulnerabilities.sources says whose reports count; any of those it names is enough. This version reads those of trivy: Trivy Operator, and the Trivy command line in a scan. A profile that names harbor or kubescape alone is Unknown (NoEvidence). The other controls on vulnerabilities are judged by the reports of trivy whatever it says.',
    'index.docker.io and docker.io are one registry; library/ and the tag latest are what a bare name means.',
    'A scan by the Trivy command line names no workload and holds for every container that runs the image. Its file must show that vulnerabilities were looked for: one that lists packages without a vulnerability does not, since a scan for something else writes the same.',
    ...fileNotes,
  ],
  remediation:
    'Install or repair Trivy Operator, give it the credentials to pull the image, and look at its log for scan jobs that fail; to force a new scan, delete the stale report.',
  evidence: ['workloads', 'vulnerabilityreports'],
  alsoReads: ['scannersettings'],
  parameters: [
    'vulnerabilities.sources',
    'vulnerabilities.minScanners',
    'vulnerabilities.reportMaxAge',
    'vulnerabilities.rescanGrace',
    'vulnerabilities.scannerNamespace',
    'platform.maxClockSkew',
  ],
  verdicts: ['Pass', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['RA-5', 'RA-5(2)', 'SI-2'],
    nist800190: ['4.1.1', '4.4.1'],
    nsaCisa: ['Building secure container images', 'Upgrading and application security practices'],
    stig: ['V-242443 (supporting)'],
    srg: ['SRG-APP-000516-CTR-001335 (V-233275)'],
    kubescape: ['C-0085 (needs scan data)'],
    other: [
      'DoD Enterprise DevSecOps Reference Design: CNCF Kubernetes v2.1, table 7: two different scanners, vulnerabilities.minScanners: 2 (secondary)',
    ],
  },
  evaluate,
};
export default control;
