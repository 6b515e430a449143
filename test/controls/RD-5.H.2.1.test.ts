import control from '../../src/controls/RD-5.H.2.1.ts';
import { read } from '../../src/domain/snapshot.ts';
import type { OperatingSystem } from '../../src/domain/vulnerability.ts';
import type { ScanCases } from '../support/scan-cases.ts';
import { at, day, describeScanControl, report, withSidecar } from '../support/scan-cases.ts';
import { now } from '../support/builders.ts';

/** It is the first of January 2026. */
const of = (family: string, release: string, endOfLife = false) =>
  report({ os: { family, release, endOfLife }, updatedAt: now });
const says = (os: OperatingSystem | undefined) => report({ os: os as never });

const cases: ScanCases = {
  'a supported release passes': [
    at([of('debian', '12.9')]),
    {
      status: 'Pass',
      message: /^The images of 1 container have an operating system that is supported, or none\.$/,
    },
  ],
  'one that the scanner calls ended fails': [
    at([of('debian', '9.13', true)]),
    {
      status: 'Fail',
      message: /^1 of 1 container runs an image whose operating system is no longer supported\.$/,
      findings: ['The support of debian 9.13 has ended.'],
    },
  ],
  'an end that is near warns': [
    at([of('alpine', '3.20.6')], {}, { 'images.osEolWarning': 91 * day }),
    {
      status: 'Warn',
      reason: 'SupportEnds',
      findings: ['The support that everybody has of alpine 3.20.6 ends on 2026-04-01.'],
    },
  ],
  'the warning begins by time alone, ninety days before': [
    at([of('alpine', '3.20.6')]),
    { status: 'Pass', validUntil: Date.parse('2026-04-01T23:59:59Z') - 90 * day },
  ],
  'an end that has passed only warns while the scanner does not say so': [
    at([of('ubuntu', '20.04')]),
    { status: 'Warn', reason: 'SupportEnds' },
  ],
  'a release that the table does not have passes by the word of the scanner': [
    at([of('wolfi', '20230201')]),
    { status: 'Pass' },
  ],
  'a family that the scanner does not follow fails by the table': [
    at([of('fedora', '40')]),
    { status: 'Fail', findings: ['The support of fedora 40 has ended.'] },
  ],
  'one that the table does not have either is Unknown': [
    at([of('beos', '5')]),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message:
        /^1 of 1 container runs an image of whose operating system it is not known whether it is supported\.$/,
      findings: ['Nothing is known of the support of beos 5.'],
    },
  ],
  'an image without an operating system passes': [at([says({ endOfLife: false })]), { status: 'Pass' }],
  'a report that does not speak of one is Unknown': [
    at([says(undefined)]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'an end that is seen fails, whatever report is missing': [
    at([of('debian', '9.13', true)], { workloads: read([withSidecar]) }),
    { status: 'Fail', message: /1 of 2 containers has no current vulnerability report\.$/ },
  ],
  'of two reports of one image the worse counts, whichever comes first': [
    at([
      { ...of('debian', '12.9'), name: 'a' },
      { ...of('debian', '9.13', true), name: 'b' },
    ]),
    { status: 'Fail', findings: ['The support of debian 9.13 has ended.'] },
  ],
  'a missing report is worse than a warning': [
    at([of('ubuntu', '20.04')], { workloads: read([withSidecar]) }),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
};

describeScanControl(control, cases);
