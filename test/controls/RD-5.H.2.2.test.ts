import control from '../../src/controls/RD-5.H.2.2.ts';
import { read } from '../../src/domain/snapshot.ts';
import { now, scannerSettings, vulnerability } from '../support/builders.ts';
import type { ScanCases } from '../support/scan-cases.ts';
import { at, day, describeScanControl, report } from '../support/scan-cases.ts';

const lists = (...overrides: Parameters<typeof vulnerability>[0][]) =>
  report({ vulnerabilities: overrides.map((each) => vulnerability(each)) });
const unclassified = { packageClass: undefined as never };
const untold = ' The report does not say whether this is a package of the operating system.';

const cases: ScanCases = {
  'a current report that lists nothing passes': [
    at([report()]),
    {
      status: 'Pass',
      message: /^No vulnerability in the operating systems' packages is waiting for its fix\.$/,
    },
  ],
  'an overdue one in a package of the operating system fails': [
    at([lists({})]),
    {
      status: 'Fail',
      message:
        /^1 vulnerability in the operating systems' packages with a fix is overdue \(1 critical\), in 1 container\.$/,
    },
  ],
  'one that is not yet due warns': [
    at([lists({ publishedAt: now - day })]),
    { status: 'Warn', reason: 'FixAvailable', validUntil: now + 6 * day + 1 },
  ],
  'an overdue one in a package of a language is not judged here': [
    at([lists({ packageClass: 'language' })]),
    { status: 'Pass' },
  ],
  'one that is known to be exploited fails at any age, and not in a package of a language': [
    at(
      [
        lists(
          { severity: 'medium', publishedAt: now },
          { id: 'CVE-2025-2', severity: 'medium', publishedAt: now, packageClass: 'language' },
        ),
      ],
      { exploited: read([{ namespace: 'trivy-system', name: 'kev', ids: ['CVE-2025-1000', 'CVE-2025-2'] }]) },
      { 'vulnerabilities.knownExploited': 'kev' },
    ),
    {
      status: 'Fail',
      message: /^1 vulnerability in the operating systems' packages with a fix is known to be exploited/,
    },
  ],
  'whose package it is has to be known': [
    at([lists(unclassified)]),
    {
      status: 'Unknown',
      reason: 'PartialEvidence',
      message: /^1 vulnerability cannot be judged\.$/,
      findings: [
        `CVE-2025-1000 (critical) in openssl is fixed in 3.0.2, and public since 2025-09-23T00:00:00Z, for longer than vulnerabilities.criticalFixDue.${untold}`,
      ],
    },
  ],
  'also where it would only warn': [
    at([lists({ ...unclassified, publishedAt: now - day })]),
    { status: 'Unknown', reason: 'PartialEvidence' },
  ],
  'but not where it would not even warn': [
    at([lists({ ...unclassified, severity: 'medium', publishedAt: now - day })]),
    { status: 'Pass', validUntil: now - 3_600_000 + 7 * day + 1 },
  ],
  'one that is known to be overdue fails beside it': [
    at([lists({}, { ...unclassified, id: 'CVE-2025-2' })]),
    { status: 'Fail', message: /^1 vulnerability / },
  ],
  'an operating system that the scanner has no data of does not pass': [
    at([report({ os: { family: 'cleanstart', endOfLife: false } })]),
    { status: 'Unknown', reason: 'PartialEvidence' },
  ],
  'settings that hide what has a fix leave it open': [
    at([report()], {
      scannerSettings: read([scannerSettings({ hidesFixable: ['trivy.severity leaves out HIGH.'] })]),
    }),
    { status: 'Unknown', reason: 'HiddenFindings' },
  ],
};

describeScanControl(control, cases);
