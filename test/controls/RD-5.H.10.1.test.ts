import { expect } from 'chai';
import control from '../../src/controls/RD-5.H.10.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { now, pod, scan, scannerSettings, vulnerability, workload } from '../support/builders.ts';
import type { ScanCases } from '../support/scan-cases.ts';
import { at, day, describeScanControl, report, sidecarReport, withSidecar } from '../support/scan-cases.ts';

const lists = (...overrides: Parameters<typeof vulnerability>[0][]) =>
  report({ vulnerabilities: overrides.map((each) => vulnerability(each)) });
const publishedFor = (days: number) => now - days * day;
const overdueMessage =
  'CVE-2025-1000 (critical) in openssl is fixed in 3.0.2, and public since 2025-09-23T00:00:00Z, for longer than vulnerabilities.criticalFixDue.';

const asked = { 'vulnerabilities.knownExploited': 'kev' };
/** @param ids of the list in `trivy-system` */
const listed = (...ids: string[]) => ({
  exploited: read([
    { namespace: 'other', name: 'kev', ids: ['CVE-2025-1000'] },
    { namespace: 'trivy-system', name: 'kev', ids },
  ]),
});
const young = { severity: 'medium', publishedAt: publishedFor(1) } as const;

const exploitedCases: ScanCases = {
  'one that is known to be exploited fails at any age and severity': [
    at([lists(young, { ...young, id: 'CVE-2025-2' })], listed('CVE-2025-1000'), asked),
    {
      status: 'Fail',
      message: /^1 vulnerability with a fix is known to be exploited \(1 medium\), in 1 container\.$/,
      findings: ['CVE-2025-1000 (medium) in openssl is fixed in 3.0.2, and known to be exploited.'],
    },
  ],
  'so does one without a date, and one of low severity': [
    at(
      [lists({ publishedAt: undefined as never, severity: 'low', score: 5 })],
      listed('CVE-2025-1000'),
      asked,
    ),
    { status: 'Fail' },
  ],
  'beside one that is overdue it is counted': [
    at([lists({}, { ...young, id: 'CVE-2025-2' })], listed('CVE-2025-2'), asked),
    {
      status: 'Fail',
      message:
        /^2 vulnerabilities with a fix are overdue, or known to be exploited \(1\) \(1 critical, 1 medium\)/,
    },
  ],
  'one without a fix is not judged for that': [
    at([lists({ fixedVersion: undefined as never })], listed('CVE-2025-1000'), asked),
    { status: 'Pass' },
  ],
  'a list in another namespace may be named': [
    at([lists(young)], listed('CVE-2025-2'), { 'vulnerabilities.knownExploited': 'other/kev' }),
    { status: 'Fail' },
  ],
  'a list that no profile names says nothing': [
    at([lists(young)], listed('CVE-2025-1000')),
    { status: 'Pass' },
  ],
  'a list without the vulnerability says nothing of it': [
    at([lists(young)], listed('CVE-2025-2'), asked),
    { status: 'Pass' },
  ],
  'without the list that a profile names nothing passes': [
    at([report()], {}, asked),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message: /^ConfigMap trivy-system\/kev, which vulnerabilities\.knownExploited names, is not there\.$/,
    },
  ],
  'nor by a list that is empty': [
    at([report()], listed(), asked),
    { status: 'Unknown', reason: 'NoEvidence', message: /names no vulnerability\.$/ },
  ],
  'nor while it cannot be read': [
    at([report()], { exploited: unread('Forbidden', 'It may not be listed.') }, asked),
    { status: 'Unknown', reason: 'Forbidden', message: /^It may not be listed\.$/ },
  ],
  'what is overdue fails without it': [
    at([lists({})], { exploited: unread('Forbidden', 'It may not be listed.') }, asked),
    { status: 'Fail', message: /^1 vulnerability with a fix is overdue/ },
  ],
};

const cases: ScanCases = {
  ...exploitedCases,
  'a current report that lists nothing passes, until it grows old': [
    at([report()]),
    {
      status: 'Pass',
      message: /^No vulnerability is waiting for its fix\.$/,
      validUntil: now - 3_600_000 + 7 * day + 1,
    },
  ],
  'a critical one with a fix, public for longer than a week, fails': [
    at([lists({})]),
    {
      status: 'Fail',
      message: /^1 vulnerability with a fix is overdue \(1 critical\), in 1 container\.$/,
      findings: [overdueMessage],
    },
  ],
  'exactly a week is not longer: it warns, and fails a moment later': [
    at([lists({ publishedAt: publishedFor(7) })]),
    { status: 'Warn', reason: 'FixAvailable', validUntil: now + 1 },
  ],
  'a critical one that is not yet due warns, and says by when': [
    at([lists({ publishedAt: publishedFor(2) })]),
    {
      status: 'Warn',
      reason: 'FixAvailable',
      message: /^1 vulnerability with a fix should be mended \(1 critical\), in 1 container; none fails\.$/,
      findings: [
        'CVE-2025-1000 (critical) in openssl is fixed in 3.0.2, by 2026-01-06T00:00:00Z at the latest.',
      ],
      validUntil: now + 5 * day + 1,
    },
  ],
  'a high one fails after thirty days': [
    at([lists({ severity: 'high', publishedAt: publishedFor(31) })]),
    { status: 'Fail', message: /\(1 high\)/ },
  ],
  'a high one warns before': [
    at([lists({ severity: 'high', publishedAt: publishedFor(29) })]),
    { status: 'Warn', reason: 'FixAvailable', validUntil: now + day + 1 },
  ],
  'a medium one warns after ninety days': [
    at([lists({ severity: 'medium', publishedAt: publishedFor(91) })]),
    { status: 'Warn', reason: 'FixAvailable' },
  ],
  'and is nothing before': [
    at([lists({ severity: 'medium', publishedAt: publishedFor(89) })]),
    { status: 'Pass', validUntil: now + day + 1 },
  ],
  'a low one is nothing at any age': [at([lists({ severity: 'low', score: 5 })]), { status: 'Pass' }],
  'one without a severity warns': [
    at([lists({ severity: 'unknown' })]),
    {
      status: 'Warn',
      reason: 'AgeUnknown',
      findings: ['CVE-2025-1000 (unknown) in openssl is fixed in 3.0.2; how grave it is is not known.'],
    },
  ],
  'one without a date warns, since its age is not known': [
    at([lists({ publishedAt: undefined as never })]),
    { status: 'Warn', reason: 'AgeUnknown' },
  ],
  'one without a fix is not judged here': [
    at([lists({ fixedVersion: undefined as never })]),
    { status: 'Pass' },
  ],
  'a date of publication in the future cannot be used, until it is near': [
    at([lists({ publishedAt: now + day })]),
    {
      status: 'Unknown',
      reason: 'EvaluationError',
      message: /^1 vulnerability cannot be judged\.$/,
      findings: [
        'CVE-2025-1000 (critical) in openssl is dated 2026-01-02T00:00:00Z, which is in the future: clock skew.',
      ],
      validUntil: now + day - 300_000,
    },
  ],
  'beside one that fails it does not matter': [
    at([lists({}, { id: 'CVE-2025-2', publishedAt: now + day })]),
    { status: 'Fail', findings: [overdueMessage] },
  ],
  'what fails is listed alone; what warns beside it is not': [
    at([lists({}, { id: 'CVE-2025-2', severity: 'high', publishedAt: publishedFor(2) })]),
    { status: 'Fail', findings: [overdueMessage], validUntil: now - 3_600_000 + 7 * day + 1 },
  ],
  'one more that becomes overdue is told at once': [
    at([lists({}, { id: 'CVE-2025-2', publishedAt: publishedFor(5) })]),
    { status: 'Fail', findings: [overdueMessage], validUntil: now + 2 * day + 1 },
  ],
  'an overdue one that is seen fails, whatever report is missing': [
    at([lists({})], { workloads: read([withSidecar]) }),
    { status: 'Fail', message: /1 of 2 containers has no current vulnerability report\.$/ },
  ],
  'a missing report is worse than a warning': [
    at([lists({ publishedAt: publishedFor(2) })], { workloads: read([withSidecar]) }),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      findings: ['There is no report of it.'],
      validUntil: now + 5 * day + 1,
    },
  ],
  'what a stale report shows is Unknown': [
    at([{ ...lists({}), updatedAt: now - 8 * day }]),
    { status: 'Unknown', reason: 'StaleEvidence' },
  ],
  'two containers with one vulnerability are one finding that names both': [
    at([lists({}), sidecarReport({ vulnerabilities: [vulnerability()] })], {
      workloads: read([withSidecar]),
    }),
    {
      status: 'Fail',
      message: /^1 vulnerability with a fix is overdue \(1 critical\), in 2 containers\.$/,
      findings: [`${overdueMessage} Also in Deployment app (sidecar).`],
    },
  ],
  'one that one image has newer counts by the image that is graded worst': [
    at(
      [
        lists({ publishedAt: publishedFor(2) }),
        sidecarReport({ vulnerabilities: [vulnerability({ installedVersion: '2.9' })] }),
      ],
      { workloads: read([withSidecar]) },
    ),
    { status: 'Fail', message: /, in 1 container\.$/, findings: [overdueMessage] },
  ],
  'of two versions in two images the lesser stands for both': [
    at(
      [
        lists({}),
        sidecarReport({
          vulnerabilities: [vulnerability({ installedVersion: '2.9', fixedVersion: '2.9.1' })],
        }),
      ],
      { workloads: read([withSidecar]) },
    ),
    {
      status: 'Fail',
      findings: [`${overdueMessage.replace('3.0.2', '2.9.1')} Also in Deployment app (sidecar).`],
    },
  ],
  'a report that counts more than it lists does not pass': [
    at([report({ unlisted: 3 })]),
    {
      status: 'Unknown',
      reason: 'PartialEvidence',
      message: /^The reports of 1 container do not tell everything\.$/,
      findings: ['Its report counts 3 critical or high more than it lists.'],
    },
  ],
  'nor one of an operating system that the scanner has no data of': [
    at([report({ os: { family: 'fedora', release: '41', endOfLife: false } })]),
    {
      status: 'Unknown',
      reason: 'PartialEvidence',
      findings: ['The scanner knows no vulnerabilities of the packages of fedora.'],
    },
  ],
  'settings that hide what has a fix leave it open': [
    at([report()], {
      scannerSettings: read([scannerSettings({ hidesFixable: ['trivy.ignoreFile names findings.'] })]),
    }),
    { status: 'Unknown', reason: 'HiddenFindings', message: /trivy\.ignoreFile names findings\.$/ },
  ],
  'what they leave fails all the same': [
    at([lists({})], {
      scannerSettings: read([scannerSettings({ hidesFixable: ['trivy.ignoreFile names findings.'] })]),
    }),
    { status: 'Fail' },
  ],
  'hiding what has no fix does not matter here': [
    at([report()], {
      scannerSettings: read([scannerSettings({ hidesVulnerabilities: ['trivy.ignoreUnfixed is set.'] })]),
    }),
    { status: 'Pass' },
  ],
  'what is left out and decides nothing is told': [
    at([report()], {
      scannerSettings: read([scannerSettings({ narrows: ['trivy.severity leaves out LOW.'] })]),
    }),
    {
      status: 'Pass',
      message: /^No vulnerability is waiting for its fix\. trivy\.severity leaves out LOW\.$/,
    },
  ],
  'settings may say why a report is missing': [
    at([], { scannerSettings: read([scannerSettings({ skips: ['scanJob.excludeImages skips images.'] })]) }),
    { status: 'Unknown', reason: 'NoEvidence', message: /scanJob\.excludeImages skips images\.$/ },
  ],
  'by score, a high one may be critical': [
    at(
      [lists({ severity: 'high', score: 9.8, publishedAt: publishedFor(10) })],
      {},
      { 'vulnerabilities.judgeByScore': true },
    ),
    { status: 'Fail' },
  ],
  'without, the score does not matter': [
    at([lists({ severity: 'high', score: 9.8, publishedAt: publishedFor(10) })]),
    { status: 'Warn', reason: 'FixAvailable' },
  ],
  'by score, a critical one may be medium': [
    at([lists({ score: 5 })], {}, { 'vulnerabilities.judgeByScore': true }),
    { status: 'Warn', reason: 'FixAvailable' },
  ],
  'by score, one without a score counts by its severity': [
    at([lists({})], {}, { 'vulnerabilities.judgeByScore': true }),
    { status: 'Fail' },
  ],
  'by score, a low one may be high': [
    at(
      [lists({ severity: 'low', score: 6 })],
      {},
      { 'vulnerabilities.judgeByScore': true, 'vulnerabilities.highScore': 6 },
    ),
    { status: 'Fail' },
  ],
  'a deleted report stands until the rescan': [
    at([{ ...lists({}), deletedAt: now }]),
    { status: 'Fail', validUntil: now + 3_600_001 },
  ],
  'a report whose time to live is over stands as long': [
    at([{ ...lists({}), expiresAt: now }]),
    { status: 'Fail', validUntil: now + 3_600_001 },
  ],
  'a clean rescan clears what the deleted report had': [
    at([{ ...lists({}), deletedAt: now }, report({ name: 'rescan' })]),
    { status: 'Pass' },
  ],
  'a scan by the command line counts by the image': [
    at([scan({ vulnerabilities: [vulnerability()] })]),
    { status: 'Fail' },
  ],
};

describeScanControl(control, cases);

describe('RD-5.H.10.1', () => {
  it('names container, example, package, severity and id, and the other subjects beside', () => {
    const given = at([
      report({ vulnerabilities: [vulnerability()] }),
      sidecarReport({ vulnerabilities: [vulnerability()] }),
    ]);
    const { snapshot } = given;
    const both = { ...given, snapshot: { ...snapshot, workloads: read([withSidecar]) } };
    expect(control.evaluate(both).findings).to.deep.equal([
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-0',
        observed: 'openssl 3.0.1',
        message: `${overdueMessage} Also in Deployment app (sidecar).`,
        severity: 'critical',
        ref: 'CVE-2025-1000',
        also: [{ kind: 'Deployment', name: 'app', container: 'sidecar' }],
      },
    ]);
  });

  it('names three of many others, and counts the rest', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const vulnerabilities = [vulnerability()];
    const given = at(
      names.map((name) => report({ name, owner: { kind: 'Deployment', name }, vulnerabilities })),
      { workloads: read(names.map((name) => workload({ name, pods: [pod({ name: `${name}-0` })] }))) },
    );
    const [finding] = control.evaluate(given).findings;
    expect(finding?.message).to.match(
      / Also in Deployment b \(app\), Deployment c \(app\), Deployment d \(app\) and 2 more containers\.$/,
    );
    expect(finding?.also).to.have.length(5);
  });
});
