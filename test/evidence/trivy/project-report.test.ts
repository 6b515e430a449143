import { expect } from 'chai';
import {
  projectConfigAuditReport,
  projectExposedSecretReport,
  projectVulnerabilityReport,
} from '../../../src/evidence/trivy/project-report.ts';
import { ShapeError } from '../../../src/evidence/fields.ts';

const labels = {
  'trivy-operator.resource.kind': 'ReplicaSet',
  'trivy-operator.resource.name': 'app-5f4d8c7b9c',
  'trivy-operator.resource.namespace': 'shop',
  'trivy-operator.container.name': 'app',
};

function report(overrides: { metadata?: object; report?: object } = {}) {
  return {
    apiVersion: 'aquasecurity.github.io/v1alpha1',
    kind: 'VulnerabilityReport',
    metadata: { name: 'replicaset-app-5f4d8c7b9c-app', namespace: 'shop', labels, ...overrides.metadata },
    report: {
      artifact: { repository: 'library/nginx', tag: '1.27', digest: 'sha256:aa' },
      registry: { server: 'index.docker.io' },
      scanner: { name: 'Trivy ', vendor: 'Aqua Security', version: '0.72.0' },
      summary: { criticalCount: 1, highCount: 2, mediumCount: 3, lowCount: 4, unknownCount: 5 },
      updateTimestamp: '2025-12-31T00:00:00Z',
      vulnerabilities: [],
      ...overrides.report,
    },
  };
}

const owned = (owner: object) => ({ ownerReferences: [{ kind: 'Node', name: 'not-it', uid: '0' }, owner] });

describe('projectVulnerabilityReport', () => {
  it('keeps owner, container, image, scanner, date and counts', () => {
    const owner = { kind: 'ReplicaSet', name: 'app-5f4d8c7b9c', uid: 'rs-1', controller: true };
    expect(projectVulnerabilityReport(report({ metadata: owned(owner) }))).to.deep.equal({
      name: 'replicaset-app-5f4d8c7b9c-app',
      namespace: 'shop',
      owner: { kind: 'ReplicaSet', name: 'app-5f4d8c7b9c', uid: 'rs-1' },
      container: 'app',
      image: { registry: 'index.docker.io', repository: 'library/nginx', tag: '1.27', digest: 'sha256:aa' },
      scanner: 'Trivy',
      updatedAt: Date.parse('2025-12-31T00:00:00Z'),
      counts: { critical: 1, high: 2, medium: 3, low: 4, unknown: 5 },
      vulnerabilities: [],
      // The summary counts three that would decide, and the list has none.
      unlisted: 3,
    });
  });

  const heads: Record<string, [object, object]> = {
    'without an owner reference the labels name the owner': [
      {},
      { owner: { kind: 'ReplicaSet', name: 'app-5f4d8c7b9c' } },
    ],
    'a name that is no label value stands in the annotation': [
      {
        labels: {
          'trivy-operator.resource.kind': 'Job',
          'trivy-operator.resource.name-hash': '868458b9d6',
          'trivy-operator.container.name': 'app',
        },
        annotations: { 'trivy-operator.resource.name': 'a-very-long-name' },
      },
      { owner: { kind: 'Job', name: 'a-very-long-name' } },
    ],
    'a hash without the annotation names nobody': [
      {
        labels: { 'trivy-operator.resource.kind': 'Job', 'trivy-operator.resource.name-hash': '868458b9d6' },
      },
      { owner: undefined, container: undefined },
    ],
    'without a namespace the label names it': [{ namespace: undefined }, { namespace: 'shop' }],
    'without either it is the one that kubectl would take': [
      { namespace: undefined, labels: {} },
      { namespace: 'default', owner: undefined },
    ],
    'a time to live that is not over leaves it current': [
      { annotations: { 'trivy-operator.aquasecurity.github.io/report-ttl': '24h0m0s' } },
      { name: 'replicaset-app-5f4d8c7b9c-app' },
    ],
  };
  for (const [sentence, [metadata, expected]] of Object.entries(heads)) {
    it(sentence, () => {
      const scan = projectVulnerabilityReport(report({ metadata })) as unknown as Record<string, unknown>;
      for (const [key, value] of Object.entries(expected)) expect(scan[key]).to.deep.equal(value);
    });
  }

  for (const ttl of ['0s', '0h0m0s']) {
    it(`takes a report with a time to live of ${ttl} for history`, () => {
      const annotations = { 'trivy-operator.aquasecurity.github.io/report-ttl': ttl };
      expect(projectVulnerabilityReport(report({ metadata: { annotations } }))).to.equal(undefined);
    });
  }

  const dates: Record<string, [unknown, number | undefined]> = {
    'an absent date stays absent, whatever the creation was': [undefined, undefined],
    'null is absent': [null, undefined],
    'Go writes the year 1 for never': ['0001-01-01T00:00:00Z', undefined],
    'text that is no date is none': ['yesterday', undefined],
    'a date without a time is none': ['2025-12-31', undefined],
    'an offset counts': ['2025-12-31T02:00:00+02:00', Date.parse('2025-12-31T00:00:00Z')],
  };
  for (const [sentence, [updateTimestamp, expected]] of Object.entries(dates)) {
    it(sentence, () => {
      const metadata = { creationTimestamp: '2025-12-31T12:00:00Z' };
      const scan = projectVulnerabilityReport(report({ metadata, report: { updateTimestamp } }));
      expect(scan?.updatedAt).to.equal(expected);
    });
  }

  it('believes the list where the summary says less', () => {
    const vulnerabilities = [{ severity: 'CRITICAL' }, { severity: 'critical' }, { severity: 'ODD' }, {}];
    const scan = projectVulnerabilityReport(
      report({ report: { summary: { highCount: 7 }, vulnerabilities } }),
    );
    expect(scan?.counts).to.deep.equal({ critical: 2, high: 7, medium: 0, low: 0, unknown: 2 });
  });

  const malformed: Record<string, [object, string]> = {
    'no report at all': [{ ...report(), report: undefined }, 'report: expected an object, found nothing'],
    'a list of text': [
      report({ report: { vulnerabilities: ['CVE-2020-1'] } }),
      'report.vulnerabilities[0]: expected an object, found a string',
    ],
    'a count that is text': [
      report({ report: { summary: { highCount: '3' } } }),
      'report.summary.highCount: expected an integer, found a string',
    ],
  };
  for (const [sentence, [object, message]] of Object.entries(malformed)) {
    it(`names the path of ${sentence}`, () => {
      const read = () => projectVulnerabilityReport(object as Record<string, unknown>);
      expect(read).to.throw(ShapeError, message);
    });
  }

  it('keeps as much of a report of ten thousand low vulnerabilities as of an empty one', () => {
    const vulnerabilities = Array.from({ length: 10_000 }, () => ({
      severity: 'LOW',
      title: 'x'.repeat(100),
    }));
    const size = (object: object) => JSON.stringify(projectVulnerabilityReport(object as never)).length;
    expect(size(report({ report: { vulnerabilities } })) - size(report())).to.be.lessThan(20);
  });

  const entry = (overrides: object = {}) => ({
    vulnerabilityID: 'CVE-2025-1',
    resource: 'openssl',
    installedVersion: '3.0.1',
    fixedVersion: '3.0.2',
    publishedDate: '2025-06-16T16:15:18Z',
    lastModifiedDate: '2025-08-27T14:15:42Z',
    severity: 'CRITICAL',
    score: 9.1,
    title: 'a title that nobody reads',
    links: ['https://example.com'],
    target: '',
    packagePURL: 'pkg:deb/debian/openssl@3.0.1',
    ...overrides,
  });
  const listed = (...vulnerabilities: object[]) =>
    projectVulnerabilityReport(report({ report: { summary: {}, vulnerabilities } }))?.vulnerabilities ?? [];

  it('keeps of a vulnerability what is judged', () => {
    expect(listed(entry())).to.deep.equal([
      {
        id: 'CVE-2025-1',
        package: 'openssl',
        installedVersion: '3.0.1',
        fixedVersion: '3.0.2',
        severity: 'critical',
        score: 9.1,
        publishedAt: Date.parse('2025-06-16T16:15:18Z'),
        packageClass: 'os',
      },
    ]);
  });

  const kept: Record<string, [object, boolean]> = {
    'a critical one without a fix': [{ fixedVersion: '' }, true],
    'a high one without a fix': [{ fixedVersion: '', severity: 'HIGH' }, false],
    'a medium one with a fix': [{ severity: 'MEDIUM' }, true],
    'one without a severity and with a fix': [{ severity: 'UNKNOWN' }, true],
    'a low one that a score may raise': [{ severity: 'LOW', score: 4 }, true],
    'a low one that none may raise': [{ severity: 'LOW', score: 3.9 }, false],
    'a low one without a score': [{ severity: 'LOW', score: undefined }, false],
  };
  for (const [sentence, [overrides, expected]] of Object.entries(kept)) {
    it(`${expected ? 'keeps' : 'leaves behind'} ${sentence}`, () => {
      expect(listed(entry(overrides))).to.have.length(expected ? 1 : 0);
    });
  }

  it('keeps one that is listed for several files once, worst first, in one order', () => {
    const others = [entry({ severity: 'HIGH' }), entry({ resource: 'libssl3' }), entry({ target: '/a' })];
    const packages = (list: readonly object[]) =>
      listed(...list).map((each) => `${each.severity} ${each.package}`);
    const expected = ['critical libssl3', 'critical openssl', 'high openssl'];
    expect(packages([entry(), ...others])).to.deep.equal(expected);
    expect(packages([...others.toReversed(), entry()])).to.deep.equal(expected);
  });

  it('holds one list for all reports of an image, and one object for all images that have the vulnerability', () => {
    const ofImage = (digest: string) =>
      projectVulnerabilityReport(
        report({ report: { artifact: { repository: 'a', digest }, vulnerabilities: [entry()] } }),
      )?.vulnerabilities;
    const [first, again, other] = [ofImage('sha256:b1'), ofImage('sha256:b1'), ofImage('sha256:b2')];
    expect(again).to.equal(first);
    expect(other).not.to.equal(first);
    expect(other?.[0]).to.equal(first?.[0]);
  });

  it('makes foreign text fit for a report', () => {
    const [found] = listed(entry({ resource: `a\n\u001b[31m${'x'.repeat(500)}` }));
    expect(found?.package).to.match(/^a \[31mx+…$/);
    expect(found?.package).to.have.length(128);
  });

  const systems: Record<string, [unknown, object | undefined]> = {
    'a family with its release': [
      { family: 'Debian', name: '12.9' },
      { family: 'debian', release: '12.9', endOfLife: false },
    ],
    'one whose support has ended': [
      { family: 'alpine', name: '3.10', eosl: true },
      { family: 'alpine', release: '3.10', endOfLife: true },
    ],
    'none that was found': [{}, { endOfLife: false }],
    'none, said in so many words': [{ family: 'none', name: '' }, { endOfLife: false }],
    'none that the report speaks of': [undefined, undefined],
  };
  for (const [sentence, [os, expected]] of Object.entries(systems)) {
    it(`reads an operating system: ${sentence}`, () => {
      expect(projectVulnerabilityReport(report({ report: { os } }))?.os).to.deep.equal(expected);
    });
  }

  const ends: Record<string, [creationTimestamp: string | undefined, expiresAt: string]> = {
    'its creation, which an update keeps': ['2025-12-30T12:00:00Z', '2025-12-31T12:00:00Z'],
    'its update, where a backup has brought it back': ['2026-06-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    'its update, where nobody has written its creation': [undefined, '2026-01-01T00:00:00Z'],
  };
  for (const [sentence, [creationTimestamp, expected]] of Object.entries(ends)) {
    it(`says when the scanner stops to trust it, counted from ${sentence}`, () => {
      const annotations = { 'trivy-operator.aquasecurity.github.io/report-ttl': '24h0m0s' };
      const scan = projectVulnerabilityReport(report({ metadata: { annotations, creationTimestamp } }));
      expect(scan?.expiresAt).to.equal(Date.parse(expected));
    });
  }
});

describe('projectExposedSecretReport', () => {
  const secret = (severity: string, target: string) => ({
    target,
    severity,
    ruleID: 'aws-access-key-id',
    category: 'AWS',
    title: 'AWS Access Key ID',
    match: 'AccessKeyId = AKIA',
  });

  it('keeps place, rule and severity, worst first, and never the match', () => {
    const secrets = [secret('LOW', '/b'), secret('CRITICAL', '/z'), secret('HIGH', '/a')];
    const scan = projectExposedSecretReport(report({ report: { summary: {}, secrets } }));
    expect(scan?.secrets).to.deep.equal([
      { target: '/z', ruleId: 'aws-access-key-id', severity: 'critical' },
      { target: '/a', ruleId: 'aws-access-key-id', severity: 'high' },
      { target: '/b', ruleId: 'aws-access-key-id', severity: 'low' },
    ]);
    expect(scan?.counts).to.deep.equal({ critical: 1, high: 1, medium: 0, low: 1, unknown: 0 });
    expect(JSON.stringify(scan)).not.to.include('AKIA');
  });

  it('keeps the worst fifty, and counts all', () => {
    const secrets = Array.from({ length: 500 }, (_, index) =>
      secret(index === 499 ? 'HIGH' : 'LOW', `/${index}`),
    );
    const scan = projectExposedSecretReport(report({ report: { summary: {}, secrets } }));
    expect(scan?.secrets).to.have.length(50);
    expect(scan?.secrets[0]?.target).to.equal('/499');
    expect(scan?.counts.low).to.equal(499);
  });

  it('leaves history alone', () => {
    const annotations = { 'trivy-operator.aquasecurity.github.io/report-ttl': '0s' };
    expect(projectExposedSecretReport(report({ metadata: { annotations } }))).to.equal(undefined);
  });
});

describe('projectConfigAuditReport', () => {
  it('counts the failed checks and falls back to the date of creation', () => {
    const metadata = { creationTimestamp: '2025-12-30T00:00:00Z' };
    const audit = projectConfigAuditReport(report({ metadata, report: { updateTimestamp: undefined } }));
    expect(audit).to.deep.equal({
      name: 'replicaset-app-5f4d8c7b9c-app',
      namespace: 'shop',
      owner: { kind: 'ReplicaSet', name: 'app-5f4d8c7b9c' },
      updatedAt: Date.parse('2025-12-30T00:00:00Z'),
      failed: 15,
      failedChecks: [],
    });
  });

  it('names the checks that fail in one spelling, each once', () => {
    const check = (checkID: string, success: boolean) => ({ checkID, success, severity: 'HIGH' });
    const checks = [
      check('KSV-0017', false),
      check('AVD-KSV-0017', false),
      check('KSV001', false),
      check('avd-ksv-0014', true),
      check('', false),
    ];
    expect(projectConfigAuditReport(report({ report: { checks } }))?.failedChecks).to.deep.equal([
      'KSV-0001',
      'KSV-0017',
    ]);
  });

  it('prefers the date of the update', () => {
    const audit = projectConfigAuditReport(
      report({ metadata: { creationTimestamp: '2025-12-30T00:00:00Z' } }),
    );
    expect(audit?.updatedAt).to.equal(Date.parse('2025-12-31T00:00:00Z'));
  });
});
