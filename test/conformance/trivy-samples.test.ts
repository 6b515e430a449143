import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SeverityCounts } from '../../src/domain/scan-report.ts';
import type { TrivyReports } from '../../src/evidence/trivy/read-document.ts';
import { readTrivyFile } from '../../src/evidence/trivy/read-file.ts';
import { requireFixtures } from '../support/fixtures.ts';

const zero: SeverityCounts = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 };

/** What a person reads in the file; `{}` for a kind that is known, and of which nothing is read. */
interface Reading {
  readonly vulnerabilities?: object;
  readonly secrets?: object;
  readonly configAudits?: object;
  readonly sboms?: object;
  readonly notes?: number;
}

const alpine = {
  registry: 'docker.io',
  repository: 'library/alpine',
  tag: '3.10.2',
  digest: 'sha256:72c42ed48c3a2db31b7dafe17d275b634664a708d901ec9fd57b1529280f01fb',
};

const stripe = { target: '/app/config/secret.yaml', ruleId: 'stripe-access-token', severity: 'high' };
const commandLineSecrets = {
  namespace: undefined,
  owner: undefined,
  container: undefined,
  image: alpine,
  updatedAt: undefined,
  counts: { ...zero, critical: 3, high: 1 },
  secrets: [
    { ...stripe, severity: 'critical' },
    { target: '/etc/apt/s3auth.conf', ruleId: 'aws-access-key-id', severity: 'critical' },
    { target: '/etc/apt/s3auth.conf', ruleId: 'aws-secret-access-key', severity: 'critical' },
    { target: '/app/config/secret.yaml', ruleId: 'stripe-publishable-token', severity: 'high' },
  ],
};
const commandLineVulnerabilities = { owner: undefined, image: alpine, counts: { ...zero, unknown: 2 } };

const documentation: Readonly<Record<string, Reading>> = {
  'vulnerability-report-0-vulnerabilityreport.yaml': {
    vulnerabilities: {
      name: 'replicaset-nginx-6d4cf56db6-nginx',
      namespace: 'default',
      owner: { kind: 'ReplicaSet', name: 'nginx-6d4cf56db6', uid: 'aa345200-cf24-443a-8f11-ddb438ff8659' },
      container: 'nginx',
      image: { registry: 'index.docker.io', repository: 'library/nginx', tag: '1.16' },
      scanner: 'Trivy',
      updatedAt: undefined,
      counts: { ...zero, critical: 2 },
    },
  },
  'ttl_scans-0-vulnerabilityreport.yaml': {
    vulnerabilities: {
      namespace: 'flux-system',
      owner: { kind: 'ReplicaSet', name: 'source-controller-b5d5cfdf4' },
      container: 'manager',
      image: { registry: 'ghcr.io', repository: 'fluxcd/source-controller', tag: 'v1.4.1' },
      updatedAt: Date.parse('2021-12-08T12:03:48Z'),
      counts: zero,
    },
  },
  'exposedsecret-report-0-exposedsecretreport.yaml': {
    secrets: {
      namespace: 'default',
      owner: { kind: 'ReplicaSet', name: 'app-67b77f5965', uid: '04a744fe-1126-42d5-bb8b-0917bdb51a28' },
      container: 'app',
      image: { registry: 'index.docker.io', repository: 'myimagewithsecret', tag: 'v1.2.3' },
      updatedAt: Date.parse('2022-06-29T14:29:37Z'),
      counts: { ...zero, high: 2 },
      secrets: [stripe, stripe],
    },
  },
  'configaudit-report-0-configauditreport.yaml': {
    configAudits: {
      name: 'replicaset-nginx-6d4cf56db6',
      namespace: 'default',
      owner: { kind: 'ReplicaSet', name: 'nginx-6d4cf56db6', uid: 'aa345200-cf24-443a-8f11-ddb438ff8659' },
      updatedAt: Date.parse('2021-05-20T12:38:10Z'),
      failed: 11,
      failedChecks: ['notReadOnlyRootFilesystem', 'privilegeEscalationAllowed'],
    },
  },
  'clustercompliance-report-0-clustercompliancereport.yaml': {},
  'clustercompliance-report-1-clustercompliancereport.yaml': {},
  'clustercompliance-report-2-clustercompliancereport.yaml': {},
  'clustervulnerability-report-0-clustervulnerabilityreport.yaml': {},
  'compliance-2-clustercompliancereport.yaml': {},
  'design_compliance_report-1-clustercompliancereport.yaml': {},
  'infraassessment-report-0-infraassessmentreport.yaml': {},
  'rbacassessment-report-0-rbacassessmentreport.yaml': {},
  'sbom-report-0-sbomreport.yaml': {
    sboms: {
      name: 'pod-kube-apiserver-kind-control-plane-kube-apiserver',
      namespace: 'kube-system',
      owner: {
        kind: 'Pod',
        name: 'kube-apiserver-kind-control-plane',
        uid: '732b4aa7-91f8-40a3-8b21-9627a98a910b',
      },
      container: 'kube-apiserver',
      image: { registry: 'k8s.gcr.io', repository: 'kube-apiserver', tag: 'v1.21.1' },
      composition: {
        osPackages: 3,
        languagePackages: 0,
        otherPackages: 0,
        unlisted: 0,
        named: ['base-files', 'netbase', 'tzdata'].map((name) => ({ entry: name, name })),
        markers: [{ name: 'base-files', version: '10.3+deb10u9' }],
        os: { family: 'debian', release: '10.9' },
      },
    },
  },
};

const commandLine: Readonly<Record<string, Reading>> = {
  'vulnerability_report.json': { vulnerabilities: commandLineVulnerabilities, notes: 1 },
  'exposedsecret_report.json': { secrets: commandLineSecrets, notes: 1 },
  'full_report.json': { vulnerabilities: commandLineVulnerabilities, secrets: commandLineSecrets },
  'alpine_sbom.json': {},
  'sbom.json': {},
};

const complianceSpecs = [
  'eks-cis-1.4',
  'k8s-cis-1.23',
  'k8s-nsa-1.0',
  'k8s-pss-baseline-0.1',
  'k8s-pss-restricted-0.1',
  'rke2-cis-1.24',
];

const folders: Readonly<Record<string, Readonly<Record<string, Reading>>>> = {
  docs: documentation,
  'trivy-cli-input': commandLine,
  'compliance-specs': Object.fromEntries(complianceSpecs.map((name) => [`${name}.yaml`, {}])),
};

describe('every sample of Trivy Operator', () => {
  let root: string;

  before(function () {
    root = requireFixtures(this, 'trivy-operator-samples');
  });

  for (const [folder, readings] of Object.entries(folders)) {
    it(`${folder}: each file is one that is read here`, () => {
      expect(readdirSync(join(root, folder)).sort()).to.deep.equal(Object.keys(readings).sort());
    });

    for (const [name, reading] of Object.entries(readings)) {
      const what = Object.keys(reading).filter((key) => key !== 'notes');
      it(`${folder}/${name}: ${what.join(' and ') || 'known, and left alone'}`, () => {
        const { reports, errors } = readTrivyFile(name, readFileSync(join(root, folder, name), 'utf8'));
        expect(errors).to.deep.equal([]);
        expectOne(reports, 'vulnerabilities', reading.vulnerabilities);
        expectOne(reports, 'secrets', reading.secrets);
        expectOne(reports, 'configAudits', reading.configAudits);
        expectOne(reports, 'sboms', reading.sboms);
        expect(reports.notes).to.have.length(reading.notes ?? 0);
        // The samples mask what they found with asterisks; not even those are kept.
        expect(JSON.stringify(reports)).not.to.include('*****');
      });
    }
  }

  it('are twenty-four files', () => {
    const counts = Object.values(folders).map((readings) => Object.keys(readings).length);
    expect(counts).to.deep.equal([13, 5, 6]);
  });
});

/** Exactly one entry with these fields (undefined: not there), or none. */
function expectOne(
  reports: TrivyReports,
  key: 'vulnerabilities' | 'secrets' | 'configAudits' | 'sboms',
  fields?: object,
): void {
  const entries: readonly object[] = reports[key];
  expect(entries, key).to.have.length(fields === undefined ? 0 : 1);
  const entry = (entries[0] ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields ?? {})) expect(entry[name], name).to.deep.equal(value);
}
