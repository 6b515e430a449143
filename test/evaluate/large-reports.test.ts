import { expect } from 'chai';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import type { VulnerabilityScan } from '../../src/domain/scan-report.ts';
import { read } from '../../src/domain/snapshot.ts';
import { evaluateNamespace } from '../../src/evaluate/evaluate-namespace.ts';
import { projectVulnerabilityReport } from '../../src/evidence/trivy/project-report.ts';
import { container, now, pod, podSpec, snapshot, workload } from '../support/builders.ts';
import { profileOf } from '../support/judging.ts';

/** As Trivy Operator writes one, with all of its fields. */
const entry = (index: number, severity = index % 2 === 0 ? 'CRITICAL' : 'HIGH') => ({
  vulnerabilityID: `CVE-2025-${10_000 + index}`,
  resource: `package-${index % 300}`,
  installedVersion: '1.2.3-4+deb12u1',
  fixedVersion: '1.2.3-5+deb12u2',
  publishedDate: '2025-06-16T16:15:18Z',
  lastModifiedDate: '2025-08-27T14:15:42Z',
  severity,
  score: 9.1,
  title: `a heap overflow in the parser of package-${index % 300} ${'x'.repeat(60)}`,
  primaryLink: `https://avd.aquasec.com/nvd/cve-2025-${10_000 + index}`,
  links: [],
  target: '',
  packagePURL: `pkg:deb/debian/package-${index % 300}@1.2.3-4%2Bdeb12u1?arch=amd64&distro=debian-12.9`,
});

const report = (name: string, vulnerabilities: readonly object[]) => ({
  metadata: {
    name: `replicaset-${name}-app`,
    namespace: 'shop',
    labels: {
      'trivy-operator.resource.kind': 'Deployment',
      'trivy-operator.resource.name': name,
      'trivy-operator.container.name': 'app',
    },
  },
  report: {
    artifact: { repository: name, tag: '1.0.0', digest: `sha256:${name}` },
    registry: { server: 'registry.example' },
    os: { family: 'debian', name: '12.9' },
    scanner: { name: 'Trivy', vendor: 'Aqua Security', version: '0.72.0' },
    summary: { criticalCount: 0, highCount: 0, mediumCount: 0, lowCount: 0, unknownCount: 0 },
    updateTimestamp: '2025-12-31T23:00:00Z',
    vulnerabilities,
  },
});

const project = (object: object): VulnerabilityScan => {
  const scan = projectVulnerabilityReport(JSON.parse(JSON.stringify(object)) as Record<string, unknown>);
  if (scan === undefined) throw new Error('it is history');
  return scan;
};

const deployment = (name: string) =>
  workload({
    name,
    pods: [
      pod({
        name: `${name}-0`,
        spec: podSpec({ containers: [container({ image: `registry.example/${name}:1.0.0` })] }),
      }),
    ],
  });

function evaluate(names: readonly string[], scans: readonly VulnerabilityScan[]) {
  return evaluateNamespace({
    snapshot: snapshot({ workloads: read(names.map(deployment)), vulnerabilityScans: read(scans) }),
    profile: profileOf(catalogue),
    now,
    onError: (control, error) => {
      throw new Error(`${control} threw`, { cause: error });
    },
  });
}

const overdue = ({ status }: ReturnType<typeof evaluate>) =>
  status.controls.find(({ id }) => id === 'RD-5.H.10.1');
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const limit = 200 * 1024;

describe('reports as large as they come', () => {
  it('one of 1.4 MB, near what etcd holds, leaves a report within its bound that counts all of it', () => {
    const all = Array.from({ length: 2_600 }, (_, index) => entry(index));
    const object = report('app', all);
    expect(bytes(object)).to.be.within(1_350_000, 1_500_000);
    const scan = project(object);
    expect(scan.vulnerabilities).to.have.length(all.length);
    expect(bytes(scan), 'what is kept is a fraction').to.be.below(bytes(object) / 2);
    const evaluation = evaluate(['app'], [scan]);
    expect(bytes(evaluation.status)).to.be.below(limit);
    const control = overdue(evaluation);
    expect([control?.status, control?.findingsTotal]).to.deep.equal(['Fail', all.length]);
    expect(control?.findings?.length).to.be.within(3, all.length - 1);
    const truncated = evaluation.status.conditions.find(({ type }) => type === 'Truncated');
    expect(truncated?.status).to.equal('True');
  });

  it('one of 1.4 MB of what nobody judges leaves next to nothing', () => {
    const low = Array.from({ length: 2_600 }, (_, index) => ({ ...entry(index, 'LOW'), score: 2 }));
    const object = report('app', low);
    expect(bytes(object)).to.be.above(1_350_000);
    expect(bytes(project(object))).to.be.below(1_000);
    expect(overdue(evaluate(['app'], [project(object)]))?.status).to.equal('Pass');
  });

  it('twenty thousand findings in a namespace do too, in the same bytes whatever their order', () => {
    const names = Array.from({ length: 20 }, (_, index) => `app-${index}`);
    const scans = names.map((name, of) =>
      project(
        report(
          name,
          Array.from({ length: 1_000 }, (_, index) => entry(of * 1_000 + index)),
        ),
      ),
    );
    const evaluation = evaluate(names, scans);
    expect(overdue(evaluation)?.findingsTotal).to.equal(20_000);
    expect(bytes(evaluation.status)).to.be.below(limit);
    // Each other failing control keeps its first three.
    for (const { id, status, findings = [], findingsTotal = 0 } of evaluation.status.controls)
      if (status === 'Fail') expect(findings.length, id).to.be.at.least(Math.min(3, findingsTotal));
    const again = evaluate(names.toReversed(), scans.toReversed());
    expect(JSON.stringify(again.status)).to.equal(JSON.stringify(evaluation.status));
  });

  it('the same twenty thousand in two hundred containers of one image are held once', () => {
    const names = Array.from({ length: 200 }, (_, index) => `copy-${index}`);
    const hundred = Array.from({ length: 100 }, (_, index) => entry(index));
    const scans = names.map((name) => {
      const object = report(name, hundred);
      const artifact = { ...object.report.artifact, digest: 'sha256:same' };
      return project({ ...object, report: { ...object.report, artifact } });
    });
    expect(new Set(scans.map(({ vulnerabilities }) => vulnerabilities)).size).to.equal(1);
    const evaluation = evaluate(names, scans);
    expect(overdue(evaluation)?.findingsTotal).to.equal(100);
    expect(evaluation.status.workloads).to.include({ total: 200, failing: 200 });
    expect(bytes(evaluation.status)).to.be.below(limit);
  });
});
