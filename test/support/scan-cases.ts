import { expect } from 'chai';
import type { BaseControl, EvaluationInput } from '../../src/domain/control.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import type { VulnerabilityScan } from '../../src/domain/scan-report.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import type { SnapshotOverrides } from './builders.ts';
import { container, input, now, pod, podSpec, scan, workload } from './builders.ts';
import { itShowsEveryVerdict } from './covered-controls.ts';

/** What tests of controls that read vulnerability reports share. */

export const day = 24 * 3_600_000;

export const ofApp = { owner: { kind: 'Deployment', name: 'app' }, container: 'app' };

/** A Deployment `app` of two pods with one container, and the report that speaks of it. */
export const report = (overrides: Partial<VulnerabilityScan> = {}): VulnerabilityScan =>
  scan({ ...ofApp, ...overrides });

const running = workload({ pods: [pod({ name: 'app-0' }), pod({ name: 'app-1' })] });

/** The same with a second container of another image. */
export const withSidecar = workload({
  pods: [
    pod({
      spec: podSpec({
        containers: [container(), container({ name: 'sidecar', image: 'registry.example/proxy:2' })],
      }),
    }),
  ],
});

export const sidecarReport = (overrides: Partial<VulnerabilityScan> = {}): VulnerabilityScan =>
  report({
    name: 'sidecar-report',
    container: 'sidecar',
    image: { registry: 'registry.example', repository: 'proxy', tag: '2' },
    ...overrides,
  });

export const at = (
  scans: readonly VulnerabilityScan[],
  rest: SnapshotOverrides = {},
  parameters: Partial<Parameters> = {},
): EvaluationInput =>
  input({ workloads: read([running]), vulnerabilityScans: read(scans), ...rest }, parameters);

export interface Expected {
  readonly status: Verdict['status'];
  readonly reason?: string;
  readonly message?: RegExp;
  /** The messages of the findings, in full. */
  readonly findings?: readonly string[];
  readonly validUntil?: number;
}

export type ScanCases = Readonly<Record<string, readonly [EvaluationInput, Expected]>>;

/** The cases that every control on vulnerability reports shares. */
export const commonScanCases: ScanCases = {
  'no report is Unknown, and says which container': [
    at([]),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message: /^1 of 1 container has no current vulnerability report\.$/,
      findings: ['There is no report of it.'],
    },
  ],
  'a report that is too old is Unknown': [
    at([report({ updatedAt: now - 8 * day })]),
    { status: 'Unknown', reason: 'StaleEvidence' },
  ],
  'so is one whose time to live is long over': [
    at([report({ expiresAt: now - 3_600_001 })]),
    {
      status: 'Unknown',
      reason: 'StaleEvidence',
      findings: [
        "Its report's time to live ended at 2025-12-31T22:59:59.999Z, and the scanner has not renewed it.",
      ],
    },
  ],
  'a report of another image is Unknown': [
    at([report({ image: { registry: '', repository: 'other' } })]),
    { status: 'Unknown', reason: 'StaleEvidence' },
  ],
  'a report from the future is of no use': [
    at([report({ updatedAt: now + day })]),
    { status: 'Unknown', reason: 'EvaluationError' },
  ],
  'reports that cannot be read are Forbidden': [
    at([], { vulnerabilityScans: unread('Forbidden', 'Not allowed.') }),
    { status: 'Unknown', reason: 'Forbidden', message: /^Not allowed\.$/ },
  ],
  'without the workloads nothing is known': [
    at([], { workloads: unread('PartialEvidence', 'Jobs could not be read.') }),
    { status: 'Unknown', reason: 'PartialEvidence' },
  ],
  'a namespace in which nothing runs is not concerned': [
    at([report()], { workloads: read([workload({ kind: 'Job', completed: true })]) }),
    { status: 'NotApplicable', reason: 'NoWorkloads' },
  ],
};

/** One test for each case; that all verdicts are shown; and that each holds until the moment that it names. */
export function describeScanControl(control: BaseControl, own: ScanCases): void {
  const cases: ScanCases = { ...commonScanCases, ...own };
  describe(`${control.id}: ${control.title}`, () => {
    for (const [sentence, [given, expected]] of Object.entries(cases)) {
      it(sentence, () => expectVerdict(control.evaluate(given), expected));
    }

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
}

function expectVerdict(verdict: Verdict, expected: Expected): void {
  const { status, reason, message, findings, validUntil } = expected;
  expect({ status: verdict.status, reason: verdict.reason }, verdict.message).to.deep.equal({
    status,
    reason,
  });
  expect(verdict.message).to.match(/^[A-Z0-9].*\.$/s);
  if (message !== undefined) expect(verdict.message).to.match(message);
  if (validUntil !== undefined) expect(verdict.validUntil).to.equal(validUntil);
  if (findings !== undefined) expect(verdict.findings.map((each) => each.message)).to.deep.equal(findings);
}
