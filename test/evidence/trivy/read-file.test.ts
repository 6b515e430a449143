import { expect } from 'chai';
import { readTrivyFile } from '../../../src/evidence/trivy/read-file.ts';

const report = (kind: string, name: string) => ({
  apiVersion: 'aquasecurity.github.io/v1alpha1',
  kind,
  metadata: { name, namespace: 'shop' },
  report: { artifact: { repository: 'app' }, summary: {} },
});
const untyped = ({ metadata, report: body }: ReturnType<typeof report>) => ({ metadata, report: body });

const commandLine = (Results: object[], rest: object = {}) => ({
  SchemaVersion: 2,
  ArtifactName: 'nginx:1.27',
  ArtifactType: 'container_image',
  CreatedAt: '2025-12-31T10:00:00.123456789+01:00',
  Results,
  ...rest,
});
const packages = { Target: 'nginx', Class: 'os-pkgs', Type: 'debian' };
const read = (document: object) => readTrivyFile('scan.json', JSON.stringify(document));

describe('readTrivyFile', () => {
  it('reads several documents of YAML', () => {
    const text = [
      report('VulnerabilityReport', 'a'),
      report('ExposedSecretReport', 'b'),
      report('SbomReport', 'c'),
    ]
      .map((each) => JSON.stringify(each))
      .join('\n---\n');
    const { reports, errors } = readTrivyFile('f.yaml', text);
    expect(errors).to.deep.equal([]);
    expect(reports.vulnerabilities.map(({ name, namespace }) => [name, namespace])).to.deep.equal([
      ['a', 'shop'],
    ]);
    expect(reports.secrets.map(({ name }) => name)).to.deep.equal(['b']);
  });

  it('reads a List as kubectl writes it, and the typed list of the API server', () => {
    const items = [report('VulnerabilityReport', 'a'), report('ConfigAuditReport', 'b')];
    expect(read({ kind: 'List', apiVersion: 'v1', items }).reports.configAudits).to.have.length(1);
    const typed = { kind: 'VulnerabilityReportList', apiVersion: 'aquasecurity.github.io/v1alpha1' };
    const list = { ...typed, items: [untyped(report('VulnerabilityReport', 'a'))] };
    expect(read(list).reports.vulnerabilities).to.have.length(1);
  });

  const wrong: Record<string, [string, number, RegExp]> = {
    'another kind': ['kind: Pod\napiVersion: v1', 1, /^not a report of Trivy: it is a Pod$/],
    'an object without a kind': ['{"a": 1}', 1, /has no kind/],
    'a report of the wrong shape': [
      `kind: VulnerabilityReport\napiVersion: aquasecurity.github.io/v1alpha1\nmetadata: {}\nreport: []`,
      1,
      /^report: expected an object, found a list$/,
    ],
    'text that is not YAML': ['kind: @x', 1, /not valid YAML/],
  };
  for (const [sentence, [text, line, message]] of Object.entries(wrong)) {
    it(`names file and line of ${sentence}, and reads the rest`, () => {
      const good = JSON.stringify(report('VulnerabilityReport', 'a'));
      const { reports, errors } = readTrivyFile('f.yaml', `${text}\n---\n${good}`);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.include({ file: 'f.yaml', line });
      expect(errors[0]?.message).to.match(message);
      expect(reports.vulnerabilities).to.have.length(1);
    });
  }

  it('reads the command line: an image, its date, its counts', () => {
    const results = [
      { ...packages, Vulnerabilities: [{ Severity: 'HIGH' }, { Severity: 'LOW' }] },
      { Target: 'package-lock.json', Class: 'lang-pkgs', Vulnerabilities: [{ Severity: 'HIGH' }] },
    ];
    expect(read(commandLine(results)).reports.vulnerabilities).to.deep.equal([
      {
        name: 'scan.json',
        scanner: 'Trivy',
        updatedAt: Date.parse('2025-12-31T09:00:00.123Z'),
        image: { registry: 'docker.io', repository: 'library/nginx', tag: '1.27' },
        counts: { critical: 0, high: 2, medium: 0, low: 1, unknown: 0 },
        os: { endOfLife: false },
        vulnerabilities: [],
        unlisted: 0,
        file: { unseen: ['critical'], suppressed: 0 },
      },
    ]);
  });

  const traits: Record<string, [results: object[], unseen: string[], suppressed: number]> = {
    'nothing found shows nothing': [[packages], ['critical', 'high'], 0],
    'a finding shows its own severity alone': [
      [{ ...packages, Vulnerabilities: [{ Severity: 'CRITICAL' }, { Severity: 'MEDIUM' }] }],
      ['high'],
      0,
    ],
    'one of another kind shows it too': [
      [
        { ...packages, Vulnerabilities: [{ Severity: 'CRITICAL' }] },
        { Class: 'config', Misconfigurations: [{ ID: 'DS-0002', Severity: 'HIGH' }] },
      ],
      [],
      0,
    ],
    'what was left out may be listed': [
      [{ ...packages, ExperimentalModifiedFindings: [{ Status: 'ignored' }, { Status: 'not_affected' }] }],
      ['critical', 'high'],
      2,
    ],
  };
  for (const [sentence, [results, unseen, suppressed]] of Object.entries(traits)) {
    it(`reads of the command line which severities it shows: ${sentence}`, () => {
      const [scan] = read(commandLine(results)).reports.vulnerabilities;
      expect(scan?.file).to.deep.equal({ unseen, suppressed });
    });
  }

  it('reads the ConfigMaps of the scanner, and no others', () => {
    const map = (name: string, data: object = {}) => ({
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'trivy-system' }, data },
    });
    const items = [map('trivy-operator'), map('trivy-operator-trivy-config')];
    const list = read({ kind: 'List', apiVersion: 'v1', items });
    expect(list.errors).to.deep.equal([]);
    expect(list.reports.settings).to.deep.equal(items);
    expect(read(map('kube-root-ca.crt')).errors[0]?.message).to.equal(
      'not a report of Trivy: it is a ConfigMap',
    );
    const wrong = read(map('trivy-operator', { 'trivy.severity': 1 }));
    expect(wrong.reports.settings).to.deep.equal([]);
    expect(wrong.errors).to.have.length(1);
  });

  const found = {
    VulnerabilityID: 'CVE-2025-1',
    PkgName: 'openssl',
    PkgIdentifier: { PURL: 'pkg:deb/debian/openssl@3.0.1' },
    InstalledVersion: '3.0.1',
    FixedVersion: '3.0.2',
    Severity: 'HIGH',
    PublishedDate: '2025-06-16T16:15:18.123Z',
    CVSS: {
      nvd: { V3Score: 9.8 },
      redhat: { V3Score: 7.1 },
      ghsa: { V3Score: 7.5 },
      bitnami: { V2Score: 9 },
    },
  };

  it('reads the operating system and the vulnerabilities of the command line', () => {
    const os = { Metadata: { OS: { Family: 'debian', Name: '9.13', EOSL: true } } };
    const file = commandLine([{ ...packages, Vulnerabilities: [found] }], os);
    const [scan] = read(file).reports.vulnerabilities;
    expect(scan?.os).to.deep.equal({ family: 'debian', release: '9.13', endOfLife: true });
    expect(scan?.unfixedMayBeHidden).to.equal(true);
    expect(scan?.vulnerabilities).to.deep.equal([
      {
        id: 'CVE-2025-1',
        package: 'openssl',
        installedVersion: '3.0.1',
        fixedVersion: '3.0.2',
        severity: 'high',
        // The highest of the vendors', though the NVD's is higher still.
        score: 7.5,
        publishedAt: Date.parse('2025-06-16T16:15:18.123Z'),
        packageClass: 'os',
      },
    ]);
  });

  it('takes one without a fix for proof that these were not left out', () => {
    const vulnerabilities = [{ ...found, FixedVersion: '', Severity: 'LOW' }];
    const [scan] = read(commandLine([{ ...packages, Vulnerabilities: vulnerabilities }])).reports
      .vulnerabilities;
    expect(scan).not.to.have.property('unfixedMayBeHidden');
  });

  const metadata = { RepoTags: ['nginx:1.27'], OS: { Family: 'debian', Name: '12.9' } };
  const resource = (overrides: object = {}) => ({
    Namespace: 'shop',
    Kind: 'Deployment',
    Name: 'web',
    Metadata: [metadata],
    Results: [
      { ...packages, Vulnerabilities: [found] },
      { Class: 'config', Misconfigurations: [] },
    ],
    ...overrides,
  });
  const cluster = (key: string, ...resources: object[]) => ({ ClusterName: 'kind', [key]: resources });
  const noDate = 'It does not say when the images were scanned, so that none of its scans is current.';

  it('reads a scan of a cluster: whose image, and nothing of when', () => {
    const { reports, errors } = read(
      cluster('Resources', resource(), resource({ Results: [{ Class: 'config' }] })),
    );
    expect(errors).to.deep.equal([]);
    expect(reports.notes).to.deep.equal([noDate]);
    expect(reports.vulnerabilities).to.have.length(1);
    const { vulnerabilities, ...scan } = reports.vulnerabilities[0] ?? { vulnerabilities: [] };
    expect(vulnerabilities).to.have.length(1);
    expect(scan).to.deep.equal({
      name: 'scan.json',
      namespace: 'shop',
      owner: { kind: 'Deployment', name: 'web' },
      scanner: 'Trivy',
      image: { registry: 'docker.io', repository: 'library/nginx', tag: '1.27' },
      counts: { critical: 0, high: 1, medium: 0, low: 0, unknown: 0 },
      os: { family: 'debian', release: '12.9', endOfLife: false },
      unlisted: 0,
      unfixedMayBeHidden: true,
      file: { unseen: ['critical'], suppressed: 0 },
    });
  });

  const joined: Record<string, object> = {
    'several images under one workload': cluster('Findings', resource({ Metadata: [metadata, metadata] })),
    'what an older version joined under the metadata of one image': cluster(
      'Findings',
      resource({ Metadata: metadata }),
    ),
  };
  for (const [sentence, text] of Object.entries(joined)) {
    it(`does not guess which image is meant: ${sentence}`, () => {
      const { reports } = read(text);
      expect(reports.vulnerabilities).to.deep.equal([]);
      expect(reports.notes).to.deep.equal([
        noDate,
        'It does not say which image it found what in: Deployment web. `--report all` lists each image by itself.',
      ]);
    });
  }

  it('reads what a newer version joined of one image, and an older one of each', () => {
    expect(read(cluster('Findings', resource())).reports.vulnerabilities).to.have.length(1);
    expect(
      read(cluster('Resources', resource({ Metadata: metadata }))).reports.vulnerabilities,
    ).to.have.length(1);
  });

  const proofs: Record<string, [object[], number, number, number]> = {
    'packages without the package list were looked at': [[packages], 1, 0, 1],
    'packages listed without vulnerabilities prove nothing': [[{ ...packages, Packages: [] }], 0, 0, 2],
    'an empty list of vulnerabilities is one': [
      [{ ...packages, Packages: [], Vulnerabilities: [] }],
      1,
      0,
      1,
    ],
    'no result proves nothing': [[], 0, 0, 2],
    'a configuration result proves nothing': [[{ Class: 'config' }], 0, 0, 2],
    'secrets that were found are a scan for secrets': [
      [{ Target: '/a', Class: 'secret', Secrets: [{ RuleID: 'x', Severity: 'LOW' }] }],
      0,
      1,
      1,
    ],
  };
  for (const [sentence, [results, vulnerabilities, secrets, notes]] of Object.entries(proofs)) {
    it(sentence, () => {
      const { reports } = read(commandLine(results));
      expect(reports.vulnerabilities).to.have.length(vulnerabilities);
      expect(reports.secrets).to.have.length(secrets);
      expect(reports.notes).to.have.length(notes);
    });
  }

  const digest = (hex: string) => `sha256:${hex.repeat(64)}`;
  const images: Record<string, [object, object[]]> = {
    'a tag and its digest are one image': [
      { Metadata: { RepoTags: ['nginx:1.27'], RepoDigests: [`nginx@${digest('a')}`] } },
      [{ registry: 'docker.io', repository: 'library/nginx', tag: '1.27', digest: digest('a') }],
    ],
    'an image of two names is two': [
      { Metadata: { RepoTags: ['nginx:1.27', 'r.example:5000/n:2'] } },
      [
        { registry: 'docker.io', repository: 'library/nginx', tag: '1.27' },
        { registry: 'r.example:5000', repository: 'n', tag: '2' },
      ],
    ],
    'an image asked for by its digest has no tag': [
      { ArtifactName: `nginx@${digest('a')}`, Metadata: { RepoDigests: [`nginx@${digest('a')}`] } },
      [{ registry: 'docker.io', repository: 'library/nginx', digest: digest('a') }],
    ],
    'no tag means latest': [
      { ArtifactName: 'nginx' },
      [{ registry: 'docker.io', repository: 'library/nginx', tag: 'latest' }],
    ],
    'an archive has the names that stand in it': [
      { ArtifactName: '/tmp/Image.tar', Metadata: { RepoTags: ['nginx:1.27'] } },
      [{ registry: 'docker.io', repository: 'library/nginx', tag: '1.27' }],
    ],
    'an archive without names is no image': [{ ArtifactName: '/tmp/Image.tar' }, []],
    'a folder is no image': [{ ArtifactName: 'app', ArtifactType: 'filesystem' }, []],
  };
  for (const [sentence, [rest, expected]] of Object.entries(images)) {
    it(sentence, () => {
      const { reports, errors } = read(commandLine([{ ...packages, Vulnerabilities: [] }], rest));
      expect(errors).to.deep.equal([]);
      expect(reports.vulnerabilities.map(({ image }) => image)).to.deep.equal(expected);
      if (expected.length === 0) expect(reports.notes).to.have.length(1);
    });
  }
});
