import control from '../../src/controls/RD-5.H.1.2.ts';
import { read } from '../../src/domain/snapshot.ts';
import { vulnerability } from '../support/builders.ts';
import type { ScanCases } from '../support/scan-cases.ts';
import { at, describeScanControl, report, withSidecar } from '../support/scan-cases.ts';

const none = { endOfLife: false };

const cases: ScanCases = {
  'a family with a release passes': [
    at([report()]),
    {
      status: 'Pass',
      message: /^The operating system in the image of 1 container is known, or known to be none\.$/,
    },
  ],
  'an image without an operating system passes': [at([report({ os: none })]), { status: 'Pass' }],
  'its languages are no operating system': [
    at([report({ os: none, vulnerabilities: [vulnerability({ packageClass: 'language' })] })]),
    { status: 'Pass' },
  ],
  'packages of an operating system that nobody named warn': [
    at([report({ os: none, vulnerabilities: [vulnerability()] })]),
    {
      status: 'Warn',
      reason: 'OsNotIdentified',
      findings: ['It has packages of an operating system that the scanner could not name.'],
    },
  ],
  'a family without a release warns': [
    at([report({ os: { ...none, family: 'debian' } })]),
    {
      status: 'Warn',
      reason: 'OsNotIdentified',
      findings: ['Its operating system is debian, of no known release.'],
    },
  ],
  'a family that nobody knows warns': [
    at([report({ os: { ...none, family: 'beos', release: '5' } })]),
    {
      status: 'Warn',
      reason: 'OsNotIdentified',
      findings: ['Nothing is known of an operating system "beos".'],
    },
  ],
  'a report that does not speak of one warns': [
    at([report({ os: undefined as never })]),
    {
      status: 'Warn',
      reason: 'OsNotIdentified',
      message: /^1 of 1 container runs an image whose operating system is not fully identified\.$/,
      findings: ['Its report does not speak of an operating system.'],
    },
  ],
  'a missing report is worse than a warning': [
    at([report({ os: { ...none, family: 'debian' } })], { workloads: read([withSidecar]) }),
    { status: 'Unknown', reason: 'NoEvidence', findings: ['There is no report of it.'] },
  ],
};

describeScanControl(control, cases);
