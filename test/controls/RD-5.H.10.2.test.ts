import control from '../../src/controls/RD-5.H.10.2.ts';
import { read } from '../../src/domain/snapshot.ts';
import { now, scannerSettings, vulnerability } from '../support/builders.ts';
import type { ScanCases } from '../support/scan-cases.ts';
import { at, day, describeScanControl, report } from '../support/scan-cases.ts';

const unfixed = (overrides: Parameters<typeof vulnerability>[0] = {}) =>
  report({ vulnerabilities: [vulnerability({ fixedVersion: undefined as never, ...overrides })] });
const production = { namespace: { name: 'shop', labels: { 'plumbline.dev/environment': 'production' } } };
const unlabelled = { namespace: { name: 'shop' } };
const young = { publishedAt: now - 90 * day };

const cases: ScanCases = {
  'a current report without any passes': [
    at([report()]),
    { status: 'Pass', message: /^No critical vulnerability is without a fix\.$/ },
  ],
  'one outside production warns at any age': [
    at([unfixed()]),
    {
      status: 'Warn',
      reason: 'NotAccepted',
      message: /^1 vulnerability without a fix, critical, in 1 container: nobody has accepted it\.$/,
      findings: ['CVE-2025-1000 (critical) in openssl has no fix, and is public since 2025-09-23T00:00:00Z.'],
      validUntil: now - 3_600_000 + 7 * day + 1,
    },
  ],
  'one in production fails after ninety days': [
    at([unfixed()], production),
    {
      status: 'Fail',
      message:
        /^1 vulnerability without a fix, .* in 1 container of a production namespace: nobody has accepted it\.$/,
      findings: [
        'CVE-2025-1000 (critical) in openssl has no fix, and is public since 2025-09-23T00:00:00Z. Nobody has accepted it.',
      ],
    },
  ],
  'it warns before, and changes on the day': [
    at([unfixed(young)], production),
    { status: 'Warn', reason: 'NotAccepted', validUntil: now + 1 },
  ],
  'what production is the profile says': [
    at(
      [unfixed()],
      { namespace: { name: 'shop', labels: { stage: 'live' } } },
      { 'platform.productionNamespaces': 'stage in (live, canary)' },
    ),
    { status: 'Fail' },
  ],
  'without the labels of the namespace nobody knows whether an old one fails': [
    at([unfixed()], unlabelled),
    { status: 'Unknown', reason: 'NoEvidence', message: /^1 vulnerability cannot be judged\.$/ },
  ],
  'a young one warns whatever they are': [
    at([unfixed(young)], unlabelled),
    { status: 'Warn', reason: 'NotAccepted' },
  ],
  'one without a date warns': [
    at([unfixed({ publishedAt: undefined as never })], production),
    { status: 'Warn', reason: 'NotAccepted' },
  ],
  'one that is not critical is not judged': [
    at([unfixed({ severity: 'high' })], production),
    { status: 'Pass' },
  ],
  'one with a fix is not judged here': [
    at([report({ vulnerabilities: [vulnerability()] })], production),
    { status: 'Pass' },
  ],
  'a date of publication in the future cannot be used': [
    at([unfixed({ publishedAt: now + day })]),
    { status: 'Unknown', reason: 'EvaluationError', validUntil: now + day - 300_000 },
  ],
  'hiding what has no fix leaves it open': [
    at([report()], {
      scannerSettings: read([scannerSettings({ hidesVulnerabilities: ['trivy.ignoreUnfixed is set.'] })]),
    }),
    { status: 'Unknown', reason: 'HiddenFindings', message: /trivy\.ignoreUnfixed is set\.$/ },
  ],
  'so does a file that may have been made without them': [
    at([report({ unfixedMayBeHidden: true })]),
    {
      status: 'Unknown',
      reason: 'HiddenFindings',
      findings: ['Its file lists none without a fix, and does not say whether those were left out.'],
    },
  ],
  'a report that counts more than it lists does not pass': [
    at([report({ unlisted: 1 })]),
    { status: 'Unknown', reason: 'PartialEvidence' },
  ],
  'nor one of an operating system that the scanner has no data of': [
    at([report({ os: { family: 'fedora', endOfLife: false } })]),
    { status: 'Unknown', reason: 'PartialEvidence' },
  ],
};

describeScanControl(control, cases);
