import { expect } from 'chai';
import control from '../../src/controls/RD-5.H.9.2.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import { container, now, pod, podSpec, runtimeFinding, workload } from '../support/builders.ts';
import { at, commonSbomCases, describeSbomControl, named, sbomOf } from '../support/sbom-cases.ts';

const ofApp = {
  subject: { kind: 'Deployment', name: 'app', container: 'app' },
  example: 'app-0',
  observed: 'registry.example/app:1.0.0',
};

function running(until?: string, allowPrivilegeEscalation?: boolean): Workload {
  const security = allowPrivilegeEscalation === undefined ? {} : { allowPrivilegeEscalation };
  const said = until === undefined ? {} : { setuidFreeUntil: until };
  const settings = { references: [], tracing: [], ...said };
  return workload({ pods: [pod({ spec: podSpec({ containers: [container({ security })], settings }) })] });
}

const given = (one: Workload, ...packages: string[]) =>
  at([sbomOf(named(...packages))], { workloads: read([one]) });
const event = (overrides: object = {}) => runtimeFinding({ rule: 'Non sudo setuid', ...overrides });
const withEvents = (one: Workload, ...events: ReturnType<typeof event>[]) =>
  at([sbomOf()], { workloads: read([one]), runtime: read(events) });

const manual = { status: 'Manual', reason: 'NotAttested' } as const;

describeSbomControl(control, {
  ...commonSbomCases,
  'passes an attestation that has not ended, whatever is installed': {
    given: given(running('2026-01-01', undefined), 'passwd', 'sudo'),
    status: 'Pass',
    message: 'Every workload attests that its images have no setuid file.',
  },
  'passes it without an SBOM': {
    given: at([], { workloads: read([running('2026-06-30')]) }),
    status: 'Pass',
  },
  'passes it where there are no SBOMs at all': {
    given: at([], {
      workloads: read([running('2026-06-30')]),
      sboms: unread('NoEvidence', 'Not installed.'),
    }),
    status: 'Pass',
  },
  'takes the attestation of the controller': {
    given: given({ ...running(), settings: { setuidFreeUntil: '2026-06-30T12:00:00Z' } }),
    status: 'Pass',
  },
  'takes that of the pods before that of their controller': {
    given: given({ ...running('2025-06-30'), settings: { setuidFreeUntil: '2026-06-30' } }),
    ...manual,
  },
  'asks a person where no such package is there, and nobody attests': {
    given: given(running()),
    ...manual,
    message:
      'To be answered by a person: were setuid and setgid flags removed? 1 of 1 container has no package that is known to ship such files, and no attestation.',
  },
  'does not take an attestation that has ended': { given: given(running('2025-12-31')), ...manual },
  'does not take one without a day': { given: given(running('true')), ...manual },
  'does not take a day that does not exist': { given: given(running('2026-02-30')), ...manual },
  'fails a package with setuid files where privileges can be gained': {
    given: given(running(), 'pam: libpam-modules-bin', 'util-linux: mount'),
    status: 'Fail',
    message: '1 of 1 container has packages with setuid files, and may gain privileges by them.',
    findings: [
      { ...ofApp, message: 'It has libpam-modules-bin and mount, with setuid or setgid files.', ref: 'sbom' },
    ],
  },
  'warns of it where they cannot': {
    given: given(running(undefined, false), 'passwd'),
    status: 'Warn',
    reason: 'SetuidPackages',
    message: '1 of 1 container has packages with setuid files, and cannot gain privileges by them.',
    findings: [{ ...ofApp, message: 'It has passwd, with setuid or setgid files.', ref: 'sbom' }],
  },
  'asks the template where no pod lives': {
    given: given(workload({ template: { labels: {}, claims: [], spec: podSpec() } }), 'passwd'),
    status: 'Fail',
  },
  'fails what Falco saw, attested or not': {
    given: withEvents(running('2026-06-30'), event()),
    status: 'Fail',
    message: 'Falco saw setuid bits set or used (1 rule).',
    findings: [
      {
        subject: ofApp.subject,
        example: 'app-0',
        message: 'Falco saw it, last at 2025-12-31T23:00:00Z.',
        ref: 'Non sudo setuid',
      },
    ],
  },
  'forgets it after the window': {
    given: withEvents(running('2026-06-30'), event({ lastSeen: '2025-12-30T23:00:00Z' })),
    status: 'Pass',
  },
  'does not count another rule': {
    given: withEvents(running('2026-06-30'), event({ rule: 'Terminal shell in container' })),
    status: 'Pass',
  },
  'does not pass while no Falco event can be read': {
    given: at([], {
      workloads: read([running('2026-06-30')]),
      runtime: unread('NoEvidence', 'No Falco event has reached Plumbline yet.'),
    }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: 'No Falco event has reached Plumbline yet.',
  },
  'is Unknown where the SBOMs are not there and nobody attests': {
    given: at([], { sboms: unread('Forbidden', 'Not allowed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'Not allowed.',
    findings: [],
  },
  'tells apart who attests and who does not, where the SBOMs are not there': {
    given: at([], {
      workloads: read([running('2026-06-30'), { ...running(), name: 'other' }]),
      sboms: unread('Forbidden', 'Not allowed.'),
    }),
    status: 'Unknown',
    reason: 'Forbidden',
    findings: [
      { ...ofApp, subject: { kind: 'Deployment', name: 'other', container: 'app' }, message: 'Not allowed.' },
    ],
  },
});

describe('RD-5.H.9.2 by time', () => {
  it('ends with the attestation', () => {
    const { validUntil } = control.evaluate(given(running('2026-01-01')));
    expect(validUntil).to.equal(now + 86_400_000);
  });
});
