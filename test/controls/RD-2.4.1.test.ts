import { expect } from 'chai';
import control from '../../src/controls/RD-2.4.1.ts';
import type { EvaluationInput } from '../../src/domain/control.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import type { VulnerabilityScan } from '../../src/domain/scan-report.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import type { Workload } from '../../src/domain/workload.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import {
  container,
  input,
  now,
  pod,
  podSpec,
  scan,
  scannerSettings,
  template,
  workload,
} from '../support/builders.ts';
import { itShowsEveryVerdict } from '../support/covered-controls.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const digest = (hex: string) => `sha256:${hex.repeat(64)}`;
const image = { registry: 'registry.example', repository: 'app', tag: '1.0.0' };

/** Deployment app -> ReplicaSet rs-2 -> a pod, as a live cluster has it. */
const running = (overrides: Partial<Workload> = {}, imageId = ''): Workload =>
  workload({
    uid: 'deployment',
    controllers: [
      { kind: 'Deployment', name: 'app', uid: 'deployment' },
      { kind: 'ReplicaSet', name: 'app-22222', uid: 'rs-2' },
    ],
    pods: [
      pod({
        name: 'app-22222-a',
        uid: 'pod-a',
        owner: { kind: 'ReplicaSet', name: 'app-22222', uid: 'rs-2' },
        running: { app: { image: 'registry.example/app:1.0.0', imageId } },
      }),
    ],
    ...overrides,
  });

/** Two pods of one container: the old image in the first, that of the template in the second. */
function inRollout(old: string, digests: readonly [string, string]): Workload {
  const specOf = (image: string) => podSpec({ containers: [container({ image })] });
  const current = 'registry.example/app:1.0.0';
  const pods = [old, current].map((image, index) => {
    const hex = digests[index] ?? '';
    const imageId = hex === '' ? '' : `registry.example/app@${digest(hex)}`;
    return pod({ name: `app-${index + 1}`, spec: specOf(image), running: { app: { image, imageId } } });
  });
  return workload({ pods, template: template({ spec: specOf(current) }) });
}

const own = { owner: { kind: 'ReplicaSet', name: 'app-22222', uid: 'rs-2' }, container: 'app' };
const report = (overrides: Partial<VulnerabilityScan> = {}) => scan({ ...own, ...overrides });

const at = (
  workloads: readonly Workload[],
  scans: readonly VulnerabilityScan[],
  rest: SnapshotOverrides = {},
  parameters: Partial<Parameters> = {},
): EvaluationInput =>
  input({ workloads: read(workloads), vulnerabilityScans: read(scans), ...rest }, parameters);

const inFiles: SnapshotOverrides = { cluster: { live: false } };
const ofTemplate = (overrides: Partial<Workload> = {}, ofImage = 'registry.example/app:1.0.0') =>
  workload({
    template: template({ spec: podSpec({ containers: [container({ image: ofImage })] }) }),
    ...overrides,
  });

interface Expected {
  readonly status: Verdict['status'];
  readonly reason?: string;
  readonly message?: RegExp;
  /** Of each finding: container, then a piece of its message. */
  readonly findings?: readonly (readonly [string, string])[];
  readonly validUntil?: number;
}

const settings = scannerSettings();

const cases: Record<string, [EvaluationInput, Expected]> = {
  'a report of the ReplicaSet that runs passes, until it grows old': [
    at([running()], [report()]),
    {
      status: 'Pass',
      message: /^The container has a current vulnerability report\.$/,
      findings: [],
      validUntil: now - hour + 7 * day + 1,
    },
  ],
  'vulnerabilities in it do not matter here': [
    at([running()], [report({ counts: { critical: 9, high: 9, medium: 0, low: 0, unknown: 0 } })]),
    { status: 'Pass' },
  ],
  'the first of several reports to grow old sets the time': [
    at(
      [running(), running({ name: 'b', controllers: [{ kind: 'ReplicaSet', name: 'b', uid: 'rs-b' }] })],
      [
        report(),
        report({ owner: { kind: 'ReplicaSet', name: 'b', uid: 'rs-b' }, updatedAt: now - 2 * hour }),
      ],
    ),
    { status: 'Pass', message: /^All 2 containers/, validUntil: now - 2 * hour + 7 * day + 1 },
  ],
  'no report is Unknown, and says which container': [
    at([running()], []),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message: /^1 of 1 container has no current vulnerability report\.$/,
      findings: [['app', 'There is no report of it.']],
    },
  ],
  'a report at its very maximum age passes': [
    at([running()], [report({ updatedAt: now - 7 * day })]),
    { status: 'Pass', validUntil: now + 1 },
  ],
  'a report that is a moment older is stale': [
    at([running()], [report({ updatedAt: now - 7 * day - 1 })]),
    { status: 'Unknown', reason: 'StaleEvidence', findings: [['app', 'older than']] },
  ],
  'the maximum age is a parameter': [
    at(
      [running()],
      [report({ updatedAt: now - 20 * day })],
      {},
      { 'vulnerabilities.reportMaxAge': 31 * day },
    ),
    { status: 'Pass' },
  ],
  'a report without a date is stale': [
    at([running()], [{ ...scan(own), updatedAt: undefined } as unknown as VulnerabilityScan]),
    { status: 'Unknown', reason: 'StaleEvidence', findings: [['app', 'does not say when']] },
  ],
  'a report from the near future passes: clocks differ': [
    at([running()], [report({ updatedAt: now + 5 * minute })]),
    { status: 'Pass' },
  ],
  'a report from further in the future is of no use until then': [
    at([running()], [report({ updatedAt: now + hour })]),
    {
      status: 'Unknown',
      reason: 'EvaluationError',
      findings: [['app', 'Clock skew']],
      validUntil: now + hour - 5 * minute,
    },
  ],
  'a report of another image is stale': [
    at([running()], [report({ image: { ...image, tag: '0.9.0' } })]),
    {
      status: 'Unknown',
      reason: 'StaleEvidence',
      findings: [['app', 'of another image, registry.example/app:0.9.0.']],
    },
  ],
  'the same digest under another name is the same image': [
    at(
      [running({}, `registry.example/app@${digest('a')}`)],
      [report({ image: { registry: 'mirror.example', repository: 'copy', tag: 'x', digest: digest('a') } })],
    ),
    { status: 'Pass' },
  ],
  'the same tag over another digest is another image': [
    at(
      [running({}, `registry.example/app@${digest('a')}`)],
      [report({ image: { ...image, digest: digest('b') } })],
    ),
    { status: 'Unknown', reason: 'StaleEvidence' },
  ],
  'the hash of a configuration is no digest: the name decides': [
    at([running({}, digest('c'))], [report({ image: { ...image, digest: digest('a') } })]),
    { status: 'Pass' },
  ],
  'index.docker.io/library/nginx:latest is nginx': [
    at(
      [ofTemplate({}, 'nginx')],
      [
        scan({
          owner: { kind: 'Deployment', name: 'app' },
          image: { registry: 'index.docker.io', repository: 'library/nginx', tag: 'latest' },
        }),
      ],
      inFiles,
    ),
    { status: 'Pass' },
  ],
  'a tag that is pinned to a digest is compared by the digest': [
    at(
      [ofTemplate({}, `registry.example/app:1.0.0@${digest('a')}`)],
      [
        scan({
          owner: { kind: 'Deployment', name: 'app' },
          image: { ...image, digest: digest('b') },
        }),
      ],
    ),
    { status: 'Unknown', reason: 'StaleEvidence' },
  ],
  'a report of an old revision belongs to nothing that runs': [
    at([running()], [report({ owner: { kind: 'ReplicaSet', name: 'app-11111', uid: 'rs-1' } })]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'in a rollout the old revision still runs, and its report counts': [
    at(
      [
        running({
          pods: [
            ...running().pods,
            pod({
              name: 'app-11111-a',
              uid: 'pod-1',
              owner: { kind: 'ReplicaSet', name: 'app-11111', uid: 'rs-1' },
              spec: podSpec({ containers: [container({ image: 'registry.example/app:0.9.0' })] }),
            }),
          ],
        }),
      ],
      [
        report(),
        report({
          owner: { kind: 'ReplicaSet', name: 'app-11111', uid: 'rs-1' },
          image: { ...image, tag: '0.9.0' },
        }),
      ],
    ),
    { status: 'Pass', message: /^The container has/ },
  ],
  'an object of the same name that was made anew is another one': [
    at([running()], [report({ owner: { kind: 'ReplicaSet', name: 'app-22222', uid: 'gone' } })]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'labels name the owner where no uid does': [
    at([running()], [report({ owner: { kind: 'ReplicaSet', name: 'app-22222' } })]),
    { status: 'Pass' },
  ],
  'a report of another container does not count': [
    at([running()], [report({ container: 'sidecar' })]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'a static pod is its own owner': [
    at(
      [workload({ kind: 'Pod', name: 'etcd', pods: [pod({ name: 'etcd', uid: 'pod-e', mirror: true })] })],
      [scan({ owner: { kind: 'Pod', name: 'etcd', uid: 'pod-e' }, container: 'app' })],
    ),
    { status: 'Pass' },
  ],
  'one report of a pod stands for its siblings with the same image': [
    at(
      [
        workload({
          kind: 'StrimziPodSet',
          name: 'kafka',
          pods: [pod({ name: 'kafka-0', uid: 'k-0' }), pod({ name: 'kafka-1', uid: 'k-1' })],
        }),
      ],
      [scan({ owner: { kind: 'Pod', name: 'kafka-1', uid: 'k-1' }, container: 'app' })],
    ),
    { status: 'Pass' },
  ],
  'the CronJob has the report of its running Job': [
    at(
      [
        workload({
          kind: 'CronJob',
          uid: 'cron',
          controllers: [{ kind: 'CronJob', name: 'app', uid: 'cron' }],
          pods: [pod({ uid: 'p', owner: { kind: 'Job', name: 'app-1', uid: 'job' } })],
        }),
      ],
      [scan({ owner: { kind: 'CronJob', name: 'app', uid: 'cron' }, container: 'app' })],
    ),
    { status: 'Pass' },
  ],
  'a CronJob without a running Job counts by its template': [
    at([ofTemplate({ kind: 'CronJob' })], []),
    { status: 'Unknown', reason: 'NoEvidence', findings: [['app', 'no report']] },
  ],
  'init and ephemeral containers count': [
    at(
      [
        workload({
          pods: [
            pod({
              spec: podSpec({
                containers: [
                  container({ kind: 'initContainer', name: 'setup' }),
                  container(),
                  container({ kind: 'ephemeralContainer', name: 'debugger' }),
                ],
              }),
            }),
          ],
        }),
      ],
      [scan({ owner: { kind: 'Deployment', name: 'app' }, container: 'app' })],
    ),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message: /^2 of 3 containers have/,
      findings: [
        ['debugger', 'no report'],
        ['setup', 'no report'],
      ],
    },
  ],
  'a finished Job does not count': [
    at([ofTemplate({ kind: 'Job', completed: true })], []),
    { status: 'NotApplicable', reason: 'NoWorkloads' },
  ],
  'what is scaled to none does not count': [
    at([ofTemplate({ replicas: 0 })], []),
    { status: 'NotApplicable', reason: 'NoWorkloads' },
  ],
  'a namespace without workloads is not concerned, whatever the source says': [
    at([], [], { vulnerabilityScans: unread('Forbidden', 'Not allowed.') }),
    { status: 'NotApplicable', reason: 'NoWorkloads' },
  ],
  'a workload that has no pods yet counts by its template': [
    at([ofTemplate({ replicas: 2, blocked: 'denied' })], []),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'an image that a mutator is to fill in cannot be judged': [
    at([ofTemplate({}, '')], [scan({ owner: { kind: 'Deployment', name: 'app' } })], inFiles),
    { status: 'Unknown', reason: 'EvaluationError', findings: [['app', 'image reference is empty']] },
  ],
  'reports that cannot be read are Forbidden': [
    at([running()], [], { vulnerabilityScans: unread('Forbidden', 'vulnerabilityreports: not allowed.') }),
    { status: 'Unknown', reason: 'Forbidden', message: /^vulnerabilityreports: not allowed\.$/ },
  ],
  'without the API there is no evidence': [
    at([running()], [], { vulnerabilityScans: unread('NoEvidence', 'The API is not installed.') }),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'without the workloads nothing is known': [
    at([], [], { workloads: unread('PartialEvidence', 'Jobs could not be read.') }),
    { status: 'Unknown', reason: 'PartialEvidence' },
  ],
  'a scanner that hides findings proves nothing': [
    at([running()], [report()], {
      scannerSettings: read([{ ...settings, hidesVulnerabilities: ['trivy.severity leaves out HIGH.'] }]),
    }),
    { status: 'Unknown', reason: 'HiddenFindings', message: /trivy\.severity leaves out HIGH\.$/ },
  ],
  'a scanner that is switched off is named where a report is missing': [
    at([running()], [], { scannerSettings: read([{ ...settings, vulnerabilityScannerEnabled: false }]) }),
    { status: 'Unknown', reason: 'NoEvidence', message: /OPERATOR_VULNERABILITY_SCANNER_ENABLED switches/ },
  ],
  'a namespace that the scanner leaves out is named too': [
    at([running()], [], { scannerSettings: read([{ ...settings, leavesOut: 'EXCLUDE leaves it out.' }]) }),
    { status: 'Unknown', reason: 'NoEvidence', message: /EXCLUDE leaves it out\.$/ },
  ],
  'a profile that counts the reports of another scanner alone is not answered by these': [
    at([running()], [report()], {}, { 'vulnerabilities.sources': ['harbor'] }),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message:
        /^vulnerabilities\.sources does not name trivy, whose reports alone this version reads; harbor is not read\.$/,
    },
  ],
  'nor is one that counts none': [
    at([running()], [report()], {}, { 'vulnerabilities.sources': [] }),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message: /^vulnerabilities\.sources does not name trivy, whose reports alone this version reads\.$/,
    },
  ],
  'one that counts several is answered by any': [
    at([running()], [report()], {}, { 'vulnerabilities.sources': ['harbor', 'trivy'] }),
    { status: 'Pass' },
  ],
  'and is told which of them are not read, where a report is missing': [
    at([running()], [], {}, { 'vulnerabilities.sources': ['trivy', 'harbor', 'kubescape'] }),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message:
        /vulnerabilities\.sources also names harbor and kubescape, which this version does not read\.$/,
    },
  ],
  'where nothing runs it does not matter who would count': [
    at([], [], {}, { 'vulnerabilities.sources': ['harbor'] }),
    { status: 'NotApplicable', reason: 'NoWorkloads' },
  ],
  'a deleted report stands until its rescan is due': [
    at([running()], [report({ deletedAt: now - hour })]),
    { status: 'Pass', validUntil: now + 1 },
  ],
  'a deleted report does not stand for ever': [
    at([running()], [report({ deletedAt: now - hour - 1 })]),
    { status: 'Unknown', reason: 'NoEvidence', findings: [['app', 'was deleted and not renewed']] },
  ],
  'a report whose time to live is over stands as long': [
    at([running()], [report({ expiresAt: now - hour })]),
    { status: 'Pass', validUntil: now + 1 },
  ],
  'and then no longer: nobody renews it': [
    at([running()], [report({ expiresAt: now - hour - 1 })]),
    { status: 'Unknown', reason: 'StaleEvidence', findings: [['app', 'time to live ended at']] },
  ],
  'the rescan takes the place of what was deleted': [
    at([running()], [report({ deletedAt: now - minute }), report()]),
    { status: 'Pass', validUntil: now - hour + 7 * day + 1 },
  ],
  'a deleted report of another image is forgotten in time': [
    at([running()], [report({ image: { ...image, tag: '2' }, deletedAt: now - minute })]),
    { status: 'Unknown', reason: 'StaleEvidence', validUntil: now + 59 * minute + 1 },
  ],
  'two scanners may be demanded': [
    at([running()], [report(), scan()], {}, { 'vulnerabilities.minScanners': 2 }),
    { status: 'Unknown', reason: 'NoEvidence', findings: [['app', 'Only 1 of 2 scanners']] },
  ],
  'two scanners are two': [
    at([running()], [report(), scan({ scanner: 'Grype' })], {}, { 'vulnerabilities.minScanners': 2 }),
    { status: 'Pass' },
  ],
  'a second scanner whose report is stale is told as that': [
    at(
      [running()],
      [report(), scan({ scanner: 'Grype', updatedAt: now - 9 * day })],
      {},
      {
        'vulnerabilities.minScanners': 2,
      },
    ),
    { status: 'Unknown', reason: 'StaleEvidence' },
  ],
  'a report of an image alone counts for whoever runs it': [at([running()], [scan()]), { status: 'Pass' }],
  'a report of an image alone does not count for another': [
    at([running()], [scan({ image: { ...image, tag: '2' } })]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'in files a report of any ReplicaSet of the Deployment counts': [
    at(
      [ofTemplate()],
      [report({ owner: { kind: 'ReplicaSet', name: 'app-5f4d8c7b9c', uid: 'x' } })],
      inFiles,
    ),
    { status: 'Pass' },
  ],
  'in files a ReplicaSet of another image says nothing': [
    at(
      [ofTemplate()],
      [report({ owner: { kind: 'ReplicaSet', name: 'app-5f4d8c7b9c' }, image: { ...image, tag: '2' } })],
      inFiles,
    ),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'in files a ReplicaSet of another Deployment says nothing': [
    at([ofTemplate()], [report({ owner: { kind: 'ReplicaSet', name: 'app-db-5f4d8c7b9c' } })], inFiles),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'in a cluster the name of a ReplicaSet is not guessed': [
    at([ofTemplate()], [report({ owner: { kind: 'ReplicaSet', name: 'app-5f4d8c7b9c' } })]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'no report weighs more than an old one': [
    at(
      [running(), workload({ name: 'b', pods: [pod({ name: 'b-0' })] })],
      [report({ updatedAt: now - 9 * day })],
    ),
    {
      status: 'Unknown',
      reason: 'NoEvidence',
      message: /^2 of 2 containers/,
      findings: [
        ['app', 'older than'],
        ['app', 'no report'],
      ],
    },
  ],
};

describe('RD-2.4.1', () => {
  for (const [sentence, [given, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      const verdict = control.evaluate(given);
      expect(verdict.status).to.equal(expected.status);
      expect(control.verdicts).to.include(verdict.status);
      expect(verdict.reason).to.equal(expected.reason);
      if (expected.message !== undefined) expect(verdict.message).to.match(expected.message);
      if (expected.validUntil !== undefined) expect(verdict.validUntil).to.equal(expected.validUntil);
      if (expected.findings === undefined) return;
      expect(verdict.findings.map(({ subject }) => subject.container)).to.deep.equal(
        expected.findings.map(([name]) => name),
      );
      for (const [index, [, piece]] of expected.findings.entries()) {
        expect(verdict.findings[index]?.message).to.include(piece);
      }
    });
  }

  it('names a pod, the image and the report in a finding', () => {
    const [given] = cases['a report of another image is stale'] ?? [];
    expect(given && control.evaluate(given).findings).to.deep.equal([
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-22222-a',
        observed: 'registry.example/app:1.0.0',
        message: 'Its report is of another image, registry.example/app:0.9.0.',
        ref: 'report',
      },
    ]);
  });

  const shown: Record<string, { given: Workload; examples: readonly (string | undefined)[] }> = {
    'names no pod where the template tells what runs': {
      given: running({ template: template({ spec: podSpec({ containers: [container()] }) }) }),
      examples: [undefined],
    },
    'names the pod of a container that the template does not have': {
      given: running({
        template: template({ spec: podSpec({ containers: [container({ name: 'other' })] }) }),
      }),
      examples: ['app-22222-a'],
    },
    'names a pod of each image in a rollout': {
      given: inRollout('registry.example/app:0.9.0', ['', '']),
      examples: ['app-1', 'app-2'],
    },
    'names a pod of each image where one tag is two': {
      given: inRollout('registry.example/app:1.0.0', ['a', 'b']),
      examples: ['app-1', 'app-2'],
    },
  };
  for (const [sentence, { given, examples }] of Object.entries(shown)) {
    it(sentence, () => {
      const { findings } = control.evaluate(at([given], []));
      expect(findings.map(({ example }) => example)).to.have.same.members(examples);
    });
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

  it('looks at each report once, however many containers there are', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => {
      const owner = { kind: 'ReplicaSet', name: `w-${index}-rs`, uid: `rs-${index}` };
      return workload({
        name: `w-${index}`,
        pods: [pod({ name: `w-${index}-a`, uid: `p-${index}`, owner })],
      });
    });
    let reads = 0;
    const scans = many.map((_, index) => {
      const owned = report({ owner: { kind: 'ReplicaSet', name: `w-${index}-rs`, uid: `rs-${index}` } });
      return Object.defineProperty({ ...owned }, 'container', {
        get: () => (reads++, 'app'),
        enumerable: true,
      });
    });
    expect(control.evaluate(at(many, scans)).status).to.equal('Pass');
    expect(reads).to.be.lessThan(10 * many.length);
  });
});
