import { expect } from 'chai';
import control from '../../src/controls/RD-5.H.7.4.ts';
import type { EvaluationInput } from '../../src/domain/control.ts';
import type { SecretScan, SeverityCounts } from '../../src/domain/scan-report.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import {
  container,
  input,
  now,
  pod,
  podSpec,
  scannerSettings,
  secretScan,
  workload,
} from '../support/builders.ts';
import { itShowsEveryVerdict } from '../support/covered-controls.ts';

const day = 24 * 3_600_000;
const counts = (some: Partial<SeverityCounts>): SeverityCounts => ({
  critical: 0,
  high: 0,
  medium: 0,
  low: 0,
  unknown: 0,
  ...some,
});
const secret = (severity: string, target = '/app/key.pem') => ({ target, ruleId: 'private-key', severity });
const owner = { kind: 'Deployment', name: 'app' };
const report = (overrides: Partial<SecretScan> = {}) => secretScan({ owner, container: 'app', ...overrides });

const running = workload({ pods: [pod({ name: 'app-0' }), pod({ name: 'app-1' })] });
const two = workload({
  pods: [pod({ spec: podSpec({ containers: [container(), container({ name: 'sidecar' })] }) })],
});
const at = (scans: readonly SecretScan[], rest: SnapshotOverrides = {}): EvaluationInput =>
  input({ workloads: read([running]), secretScans: read(scans), ...rest });

const settings = scannerSettings({
  hidesVulnerabilities: ['trivy.ignoreUnfixed leaves out what has no fix yet.'],
});

interface Expected {
  readonly status: Verdict['status'];
  readonly reason?: string;
  readonly message?: RegExp;
  readonly findings?: readonly string[];
  readonly validUntil?: number;
}

const cases: Record<string, [EvaluationInput, Expected]> = {
  'a current report without secrets passes, until it grows old': [
    at([report()]),
    {
      status: 'Pass',
      message: /^No secret was found in the image of the container\.$/,
      findings: [],
      validUntil: now - 3_600_000 + 7 * day + 1,
    },
  ],
  'a high secret fails': [
    at([report({ counts: counts({ high: 1 }), secrets: [secret('high')] })]),
    {
      status: 'Fail',
      message: /^1 container runs an image with critical or high secrets in it\.$/,
      findings: ['A secret lies in /app/key.pem (rule private-key, severity high).'],
    },
  ],
  'several of one rule in one file are one finding; lesser ones are not listed beside them': [
    at([
      report({
        counts: counts({ critical: 2, low: 1 }),
        secrets: [secret('critical'), secret('critical'), secret('low')],
      }),
    ]),
    { status: 'Fail', findings: ['2 secrets lie in /app/key.pem (rule private-key, severity critical).'] },
  ],
  'two reports that list the same secret do not make it two': [
    at(['a', 'b'].map((name) => report({ name, counts: counts({ high: 1 }), secrets: [secret('high')] }))),
    { status: 'Fail', findings: ['A secret lies in /app/key.pem (rule private-key, severity high).'] },
  ],
  'what the report counts and does not list is told': [
    at([report({ counts: counts({ high: 60 }), secrets: [secret('high')] })]),
    {
      status: 'Fail',
      findings: [
        'A secret lies in /app/key.pem (rule private-key, severity high).',
        'The report counts 59 more, which are not listed.',
      ],
    },
  ],
  'medium and low secrets warn': [
    at([report({ counts: counts({ medium: 1, low: 1 }), secrets: [secret('medium'), secret('low', '/b')] })]),
    {
      status: 'Warn',
      reason: 'MinorSecrets',
      findings: [
        'A secret lies in /app/key.pem (rule private-key, severity medium).',
        'A secret lies in /b (rule private-key, severity low).',
      ],
    },
  ],
  'a secret without a severity warns': [
    at([report({ counts: counts({ unknown: 1 }), secrets: [secret('unknown')] })]),
    { status: 'Warn', reason: 'MinorSecrets' },
  ],
  'no report is Unknown, and says which container': [
    at([], { workloads: read([two]) }),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message: /^2 of 2 containers have no current report on exposed secrets\.$/,
      findings: ['There is no report of it.', 'There is no report of it.'],
    },
  ],
  'a missing report is worse than a low secret': [
    at([report({ counts: counts({ low: 1 }), secrets: [secret('low')] })], { workloads: read([two]) }),
    { status: 'Unknown', reason: 'NoEvidence', findings: ['There is no report of it.'] },
  ],
  'a secret that is seen fails, whatever is missing elsewhere': [
    at([report({ counts: counts({ high: 1 }), secrets: [secret('high')] })], { workloads: read([two]) }),
    { status: 'Fail', message: /1 of 2 containers has no current report on exposed secrets\.$/ },
  ],
  'what a stale report shows is Unknown': [
    at([
      report({ updatedAt: now - 8 * day, counts: counts({ critical: 1 }), secrets: [secret('critical')] }),
    ]),
    { status: 'Unknown', reason: 'StaleEvidence' },
  ],
  'so is what a report of another image shows': [
    at([report({ image: { registry: '', repository: 'other' }, counts: counts({ critical: 1 }) })]),
    { status: 'Unknown', reason: 'StaleEvidence' },
  ],
  'a report from the future is of no use': [
    at([report({ updatedAt: now + day })]),
    { status: 'Unknown', reason: 'EvaluationError' },
  ],
  'a deleted report stands for a while': [
    at([report({ deletedAt: now, counts: counts({ high: 1 }), secrets: [secret('high')] })]),
    { status: 'Fail', validUntil: now + 3_600_001 },
  ],
  'a clean rescan clears what the deleted report had': [
    at([report({ deletedAt: now, counts: counts({ high: 1 }), secrets: [secret('high')] }), report()]),
    { status: 'Pass' },
  ],
  'a scanner that is switched off proves nothing with its old reports': [
    at([report()], { scannerSettings: read([{ ...settings, secretScannerEnabled: false }]) }),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message: /^OPERATOR_EXPOSED_SECRET_SCANNER_ENABLED switches the scanner off\.$/,
    },
  ],
  'but what they show still fails': [
    at([report({ counts: counts({ high: 1 }), secrets: [secret('high')] })], {
      scannerSettings: read([{ ...settings, secretScannerEnabled: false }]),
    }),
    { status: 'Fail' },
  ],
  'settings that hide secrets leave it open': [
    at([report()], {
      scannerSettings: read([{ ...settings, hidesSecrets: ['trivy.ignoreFile names findings.'] }]),
    }),
    { status: 'Unknown', reason: 'HiddenFindings', message: /trivy\.ignoreFile names findings\.$/ },
  ],
  'settings that hide vulnerabilities alone do not matter here': [
    at([report()], { scannerSettings: read([settings]) }),
    { status: 'Pass' },
  ],
  'reports that cannot be read are Forbidden': [
    at([], { secretScans: unread('Forbidden', 'Not allowed.') }),
    { status: 'Unknown', reason: 'Forbidden', message: /^Not allowed\.$/ },
  ],
  'without the API there is no evidence': [
    at([], { secretScans: unread('NoEvidence', 'Not installed.') }),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'without the workloads nothing is known': [
    at([], { workloads: unread('PartialEvidence', 'Jobs could not be read.') }),
    { status: 'Unknown', reason: 'PartialEvidence' },
  ],
  'a namespace in which nothing runs is not concerned': [
    at([], { workloads: read([workload({ kind: 'Job', completed: true })]) }),
    { status: 'NotApplicable', reason: 'NoWorkloads' },
  ],
  'a scan by the command line counts by the image': [
    at([secretScan({ counts: counts({ critical: 1 }), secrets: [secret('critical')] })]),
    { status: 'Fail' },
  ],
};

describe('RD-5.H.7.4', () => {
  for (const [sentence, [given, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      const verdict = control.evaluate(given);
      expect(verdict.status).to.equal(expected.status);
      expect(verdict.reason).to.equal(expected.reason);
      if (expected.message !== undefined) expect(verdict.message).to.match(expected.message);
      if (expected.validUntil !== undefined) expect(verdict.validUntil).to.equal(expected.validUntil);
      if (expected.findings !== undefined) {
        expect(verdict.findings.map(({ message }) => message)).to.deep.equal(expected.findings);
      }
    });
  }

  it('names container, example, place, severity and report, and nothing of the secret', () => {
    const [given] = cases['a high secret fails'] ?? [];
    expect(given && control.evaluate(given).findings).to.deep.equal([
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-0',
        observed: '/app/key.pem',
        message: 'A secret lies in /app/key.pem (rule private-key, severity high).',
        severity: 'high',
        ref: 'report',
      },
    ]);
  });

  it('changes at the moment that it names, and not before', () => {
    for (const [sentence, [given]] of Object.entries(cases)) {
      const verdict = control.evaluate(given);
      const { validUntil } = verdict;
      if (validUntil === undefined) continue;
      expect(control.evaluate({ ...given, now: validUntil - 1 }), sentence).to.deep.equal(verdict);
      expect(control.evaluate({ ...given, now: validUntil }), sentence).not.to.deep.equal(verdict);
    }
  });

  itShowsEveryVerdict(control, () => Object.values(cases).map(([given]) => control.evaluate(given).status));
});
